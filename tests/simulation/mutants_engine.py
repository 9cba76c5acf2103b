"""Bugs put into the engine: what each of its functions would be without one of its checks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, event_hash, version_hash
from ledgerflow_core.events.event import decode_event
from ledgerflow_core.sync import replica
from ledgerflow_core.sync.admission import ReadEvent
from ledgerflow_core.sync.batch import BatchHeader, SealedBatch
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.log import ACCEPTED, LogBatch, Verdict
from ledgerflow_core.sync.messages import HelloAnswer, LogEnd, signed_of
from ledgerflow_core.sync.receipts import Checkpoint, Receipt
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.replica import Engine, Standing
from ledgerflow_core.sync.replica_messages import Answered, Append, Pull, Pulled, Push, Rehome, Rest, Wanted
from ledgerflow_core.sync.statements import Signed
from ledgerflow_core.vouchers.validation import PostingRules

_compare, _go_on, _pause, _reason, _against_version, _with_failures_counted = (
    replica._compare, replica._go_on, replica._pause, Decider._reason, Decider._against_version,
    replica._with_failures_counted,
)  # fmt: skip

# --- what the server decides -------------------------------------------------------------------------


def never_a_duplicate(self: Decider, event_id: str, version: str) -> None:
    """No event is known already."""


def duplicate_as_accepted(self: Decider, event_id: str, version: str) -> Verdict | None:
    """What the log has already is said to be accepted once more."""
    return ACCEPTED if event_id in self.facts.events else None


def any_base(self: Decider, voucher: Any, base: str) -> str:
    """The last writer wins."""
    reason = _against_version(self, voucher, base)
    return "" if reason == "stale-base" else reason


def any_base_of_master(self: Decider, master: Any, base: str) -> str:
    """The last writer of a master wins."""
    return "" if self.facts.master_version(master) is not None else "unknown-master"


def unlocked_rules(chart: Any, begin: Any, locked: Any, strict: bool) -> PostingRules:
    """The lock of a period is not looked at."""
    return PostingRules(chart, begin, None, strict)


def unlocked_version(self: Decider, voucher: Any, base: str) -> str:
    """What is in a locked period is altered and cancelled."""
    reason = _against_version(self, voucher, base)
    return "" if reason == "period-locked" else reason


def any_number(self: Decider, voucher: Any) -> str:
    """A number may be given twice."""
    return "voucher-exists" if voucher.id in self.facts.vouchers else self._against_voucher(voucher)


def any_total(self: Decider, before: Any, after: Any) -> str:
    """A month of an account may come to any amount."""
    return ""


def refused_for_business(self: Decider, event: Any) -> str:
    """What cannot take effect is refused, and its replica cannot go on."""
    if _reason(self, event):
        raise Refused("event-undecodable")
    return ""


# --- what a server checks before -----------------------------------------------------------------------


def known_without_fork(batch: SealedBatch, events: Sequence[ReadEvent], end: Head, at_last: bytes | None) -> int:
    """Another event at a known place is passed over."""
    if batch.header.first > end.seq + 1:
        raise Refused("chain-gap")
    return min(len(events), end.seq - batch.header.first + 1)


def known_without_gap(batch: SealedBatch, events: Sequence[ReadEvent], end: Head, at_last: bytes | None) -> int:
    """Events may be missing before a batch."""
    return max(0, min(len(events), end.seq - batch.header.first + 1))


def known_without_overlap(batch: SealedBatch, events: Sequence[ReadEvent], end: Head, at_last: bytes | None) -> int:
    """A batch is new or it is not: some of it being known does not occur to this one."""
    if batch.header.first > end.seq + 1:
        raise Refused("chain-gap")
    return len(events) if batch.header.last <= end.seq else 0


def open_without_digest(signed: Signed, body: bytes) -> SealedBatch:
    """Neither the digest of a body nor the signature over it is checked."""
    try:
        header = msgspec.json.decode(signed.statement, type=BatchHeader)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused("batch-malformed") from None
    if body.count(b"\n") != header.last - header.first:
        raise Refused("digest-differs")
    return SealedBatch(header, signed, body)


def events_without_chain(batch: SealedBatch) -> list[ReadEvent]:
    """Whatever can be read at all is taken, wherever it belongs."""
    read = []
    for raw in batch.events():
        try:
            event = decode_event(raw)
        except Damaged:
            raise Refused("event-undecodable") from None
        read.append(ReadEvent(event.id, raw, event_hash(raw), version_hash(raw).hex(), event))
    return read


def always(*_: object) -> bool:
    """Whatever it is, it is good."""
    return True


# --- what a replica checks -------------------------------------------------------------------------------


def read_unsigned(statement: type[Checkpoint] | type[Receipt]) -> Callable[[object, Signed], Any]:
    """Return a reader that believes any signature."""

    def read(_: object, signed: Signed) -> Any:
        try:
            return msgspec.json.decode(signed.statement, type=statement)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Damaged("statement") from None

    return read


def append_without_root(
    engine: Engine, standing: Standing, pieces: Sequence[LogBatch], end: LogEnd
) -> tuple[Engine, Wanted]:
    """A piece of the log is not compared with the root its checkpoint names."""
    signed = signed_of(end.checkpoint, "checkpoint")
    replica.read_checkpoint(engine.server_key, signed)
    if not pieces:
        return replica._go_on(replace(engine, log_size=end.size), standing)
    if pieces[0].gseq != standing.log.size + 1:
        raise Damaged("log", reason="missing")
    for piece in pieces:
        replica.leaves_in(piece)
    return replace(engine, log_size=max(engine.log_size, end.size), pauses=0), Append(pieces, signed)


def compare_without_heads(engine: Engine, standing: Standing, answer: HelloAnswer) -> tuple[Engine, Wanted]:
    """The server's end of the own chain is believed to be a place in it."""
    engine, wanted = _compare(engine, standing, answer)
    if isinstance(wanted, Rehome):
        engine = replace(engine, acknowledged=answer.seq, log_size=answer.size, pauses=0)
        return replica._go_on(engine, standing)
    return engine, wanted


def shares_always(engine: Engine, standing: Standing, answer: HelloAnswer) -> tuple[Engine, Wanted]:
    """The roots are not compared, so a log that is another one is not noticed."""
    return _compare(engine, standing, msgspec.structs.replace(answer, consistent=True))


def shares_by_name(engine: Engine, standing: Standing, answer: HelloAnswer) -> tuple[Engine, Wanted]:
    """Only the incarnation's name says whether the logs are of one kind."""
    consistent = answer.consistent or answer.incarnation == standing.incarnation
    return _compare(engine, standing, msgspec.structs.replace(answer, consistent=consistent))


def pause_for_ever(engine: Engine, chance: int) -> tuple[Engine, Wanted]:
    """No timer is armed after trouble: only the user's next posting wakes it."""
    engine, _ = _pause(engine, chance)
    return engine, Rest(1 << 40)


def go_on_without_pulling(engine: Engine, standing: Standing) -> tuple[Engine, Wanted]:
    """Idle is shown once the own events are sent, whatever the server has besides."""
    if engine.acknowledged < standing.head.seq:
        return engine, Push(engine.acknowledged + 1, engine.events_most)
    if standing.log.size < engine.log_size and engine.hellos % 2 == 0 and not standing.log.size:
        return engine, Pull(standing.log.size)
    return replace(engine, status=replica.Status.UP_TO_DATE), Rest(replica.REST_MS)


def failures_forgotten(engine: Engine, heard: Any) -> Engine:
    """How often the server failed is not counted."""
    return engine


def failures_ended_by_anything(engine: Engine, heard: Any) -> Engine:
    """Whatever gets through ends the count, so what fails beside it is never noticed."""
    counted = _with_failures_counted(engine, heard)
    got_through = isinstance(heard, Answered | Pulled)
    return replace(counted, failures={}) if got_through else counted


def push_all_first(engine: Engine, standing: Standing) -> tuple[Engine, Wanted]:
    """Nothing is pulled while there is anything to push."""
    return _go_on(replace(engine, pushed_last=False), standing)


def pull_all_first(engine: Engine, standing: Standing) -> tuple[Engine, Wanted]:
    """Nothing is pushed while there is anything to pull."""
    return _go_on(replace(engine, pushed_last=True), standing)
