"""What the server does with a pushed batch, without its database: check the events, then their place, then decide.

Three pure steps, so that the first needs no lock: `read_events` (bytes to events, chain and form checked),
`known_events` (where the batch stands against the replica's chain in the log), `take` (a verdict, a place and a
leaf for each new event).
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ledgerflow_core.errors import Damaged, InvalidInput
from ledgerflow_core.events.chain import Head, event_hash, genesis, version_hash
from ledgerflow_core.events.event import Event, EventTooNew, decode_foreign_event
from ledgerflow_core.identifiers import EventId, to_bytes
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.deciding import Decider, Decision
from ledgerflow_core.sync.facts import KnownEvent
from ledgerflow_core.sync.log import Outcome, Verdict, leaves_of
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.refusals import Refused


class _Envelope(msgspec.Struct):
    """What every version of an event begins with, in this order; then comes ``"at":``."""

    v: int
    id: EventId
    replica: str
    seq: int
    prev: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ENCODE = msgspec.json.Encoder().encode
_UNSUPPORTED = Verdict(Outcome.PARKED, "unsupported-version")


class ReadEvent(NamedTuple):
    """An event of a batch: its bytes and hashes; `event` is None where a later version of the program wrote it."""

    id: EventId
    raw: bytes
    hash: bytes
    version: str
    event: Event | None


class Taken(NamedTuple):
    """New events with their places: decisions in order, their leaves, and the log's tree with them."""

    decisions: list[Decision]
    leaves: list[bytes]
    frontier: Frontier


def read_events(batch: SealedBatch) -> list[ReadEvent]:
    """Return the events of a batch, each checked to be well formed and to follow the one before.

    Refuses `event-undecodable` and `chain-wrong`, placed ``event <seq>``.
    """
    header = batch.header
    if header.first == 1 and header.prev != genesis(header.replica).hash.hex():
        raise Refused("chain-wrong", "event 1", reason="does not begin the chain")
    prev, read = header.prev, []
    for seq, raw in enumerate(batch.events(), start=header.first):
        try:
            event = decode_foreign_event(raw)
            envelope: Event | _Envelope = event
            shown: Event | None = event
        except EventTooNew:
            envelope, shown = _envelope_of(raw, seq), None
        except Damaged as error:
            raise Refused("event-undecodable", f"event {seq}", **error.facts) from None
        if envelope.seq != seq or envelope.replica != header.replica or envelope.prev != prev:
            raise Refused("chain-wrong", f"event {seq}")
        hashed = event_hash(raw)
        prev = hashed.hex()
        read.append(ReadEvent(envelope.id, raw, hashed, version_hash(raw).hex(), shown))
    if prev != header.head:
        raise Refused("chain-wrong", f"event {header.last}", reason="head differs")
    return read


def _envelope_of(raw: bytes, seq: int) -> _Envelope:
    try:
        envelope = _ENVELOPE.decode(raw)
        to_bytes(envelope.id)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidInput):
        raise Refused("event-undecodable", f"event {seq}") from None
    if not raw.startswith(_ENCODE(envelope)[:-1] + b',"at":'):
        raise Refused("event-undecodable", f"event {seq}", reason="does not begin as every event does")
    return envelope


def known_events(batch: SealedBatch, events: Sequence[ReadEvent], end: Head, hash_at_last: bytes | None) -> int:
    """Return how many leading events of a batch the log has already; all, some or none.

    `end` is the end of the replica's chain in the log (its genesis where the log has none of it); `hash_at_last`
    the chain's hash there at the batch's last event, needed only where that lies before the end. Refuses
    `chain-gap` and `replica-forked`: equal hashes at one place mean equal events up to it.
    """
    header = batch.header
    if header.first > end.seq + 1:
        raise Refused("chain-gap", expected=end.seq + 1)
    if header.last < end.seq:
        known, theirs = len(events), hash_at_last
    else:
        known, theirs = end.seq - header.first + 1, end.hash
    # The hash before the first is as the batch says it, and need not even be one.
    ours = header.prev if known == 0 else events[known - 1].hash.hex()
    if theirs is None or ours != theirs.hex():
        raise Refused("replica-forked", sequence=end.seq, head=end.hash.hex())
    return known


def take(
    batch: SealedBatch, events: Sequence[ReadEvent], known: int, log: Frontier, decider: Decider, at: str,
    recorded: Sequence[Verdict] | None = None,
) -> Taken:  # fmt: skip
    """Give each new event its place behind `log`, a verdict and a leaf; `at` is the server's time.

    `recorded` are the verdicts where they were given before and only come back (after a restore).
    """
    new = events[known:]
    verdicts = recorded if recorded is not None else [None] * len(new)
    decisions = [
        _decision(read, log.size + n, decider, verdict)
        for n, (read, verdict) in enumerate(zip(new, verdicts, strict=True), start=1)
    ]
    leaves = leaves_of(
        log.size + 1,
        [(read.id, read.hash) for read in new],
        [decision.verdict for decision in decisions],
        (batch.header.replica, batch.header.first + known),
        at,
    )
    return Taken(decisions, leaves, log.extend(leaves))


def _decision(read: ReadEvent, gseq: int, decider: Decider, recorded: Verdict | None) -> Decision:
    if read.event is None:
        verdict = recorded or decider.duplicate(read.id, read.version) or _UNSUPPORTED
        if verdict.outcome is not Outcome.DUPLICATE:
            decider.facts.events[read.id] = KnownEvent(gseq, read.version)
            # Whoever has the later version of the program may decide about it in the same batch.
            decider.facts.open_conflicts[read.id] = verdict.outcome is Outcome.PARKED
        return Decision(verdict)
    if recorded is not None:
        return decider.follow(read.event, read.version, gseq, recorded)
    return decider.decide(read.event, read.version, gseq)
