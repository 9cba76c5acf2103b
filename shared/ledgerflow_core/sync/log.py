"""The server's log of one company: sealed batches in the order they were taken, with a recorded verdict for each event.

`gseq` counts the events of the log from 1 without a hole. A verdict is decided once, when the event is taken,
and never again: every replica folds the log with the verdicts it carries, so the same log gives the same books.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import EventId, ReplicaId
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.merkle import leaf_hash


class Outcome(StrEnum):
    """What became of an event in the log."""

    ACCEPTED = "accepted"
    PARKED = "parked"
    DUPLICATE = "duplicate"


# Why an event may be parked: it is in the log, changes nothing, and waits for a person.
PARKED_REASONS = (
    "already-resolved",
    "amount-too-large",
    "company-exists",
    "invalid",
    "master-exists",
    "not-allowed-change",
    "not-permitted",
    "number-duplicate",
    "period-locked",
    "revoked-signer",
    "stale-base",
    "unbalanced",
    "unknown-event",
    "unknown-master",
    "unknown-voucher",
    "unsupported-version",
    "voucher-exists",
)


class Verdict(NamedTuple):
    """What was decided of one event: `reason` where it was parked, `of` (a gseq) where the log has it already."""

    outcome: Outcome
    reason: str = ""
    of: int = 0


ACCEPTED = Verdict(Outcome.ACCEPTED)


class VerdictRun(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`count` events in a row of one verdict: verdicts as they travel and are stored."""

    count: int
    outcome: Outcome
    reason: str = ""
    of: int = 0


_RUNS = msgspec.json.Decoder(tuple[VerdictRun, ...])
_ENCODE = msgspec.json.Encoder().encode


def pack_verdicts(verdicts: Sequence[Verdict]) -> bytes:
    """Return verdicts as JSON runs."""
    runs: list[VerdictRun] = []
    last, count = ACCEPTED, 0
    for verdict in verdicts:
        if verdict == last:
            count += 1
            continue
        if count:
            runs.append(VerdictRun(count, *last))
        last, count = verdict, 1
    if count:
        runs.append(VerdictRun(count, *last))
    return _ENCODE(runs)


def unpack_verdicts(raw: bytes, count: int) -> tuple[Verdict, ...]:
    """Return the `count` verdicts of `pack_verdicts`; `Damaged` when they are not as many, or not well formed."""
    try:
        runs = _RUNS.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged("verdicts", reason="not readable") from None
    if any(run.count < 1 for run in runs) or sum(run.count for run in runs) != count:
        raise Damaged("verdicts", reason="not one for each event")
    return tuple(Verdict(run.outcome, run.reason, run.of) for run in runs for _ in range(run.count))


def entry_bytes(
    gseq: int, event_hash: bytes, event_id: EventId, replica: ReplicaId, seq: int, verdict: Verdict, at: str
) -> bytes:
    """Return the bytes an entry of the log is hashed as: lines of text, so that anyone can make them again.

    The event itself stands in it by its hash, so that an entry can be proven without showing the event.
    """
    return (
        f"ledgerflow/entry/v1\n{gseq}\n{event_hash.hex()}\n{event_id}\n{replica}\n{seq}\n"
        f"{verdict.outcome}\n{verdict.reason}\n{verdict.of}\n{at}\n"
    ).encode()


class LogBatch(NamedTuple):
    """A batch with its place in the log.

    The log took the events behind the first `known`, which it had before, as `gseq` .. `gseq` + len(verdicts) - 1;
    `at` is the server's time then, UTC with milliseconds. The time is in the entries: it cannot be changed later.
    """

    gseq: int
    known: int
    at: str
    verdicts: tuple[Verdict, ...]
    batch: SealedBatch

    @property
    def last(self) -> int:
        """The gseq of its last event."""
        return self.gseq + len(self.verdicts) - 1

    def entries(self) -> Iterator[tuple[int, int, bytes, Verdict]]:
        """Yield (gseq, seq, event bytes, verdict) of the events it brought."""
        first = self.batch.header.first + self.known
        raws = self.batch.events()[self.known :]
        for at, (raw, verdict) in enumerate(zip(raws, self.verdicts, strict=True)):
            yield self.gseq + at, first + at, raw, verdict


def leaves_of(
    gseq: int,
    events: Sequence[tuple[EventId, bytes]],
    verdicts: Sequence[Verdict],
    origin: tuple[ReplicaId, int],
    at: str,
) -> list[bytes]:
    """Return the leaf hashes of new entries from `gseq` on.

    `events` are (id, chain hash) pairs; `origin` the replica and the sequence number of the first of them.
    """
    replica, first = origin
    return [
        leaf_hash(entry_bytes(gseq + n, hashed, event_id, replica, first + n, verdict, at))
        for n, ((event_id, hashed), verdict) in enumerate(zip(events, verdicts, strict=True))
    ]
