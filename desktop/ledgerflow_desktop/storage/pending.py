"""Own events the server has not taken yet: which of them a change from elsewhere touches, and what becomes of them.

They took effect when they were saved. When something comes that they may not go with, they are taken back, and
decided again on the books as they then are, by the rules the server will decide by.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import (
    ConflictResolved,
    Event,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import KnownEvent
from ledgerflow_core.sync.log import Outcome, Verdict
from ledgerflow_desktop.storage import log_store, without_effect
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_fold import REGISTER_BODIES, LogFold
from ledgerflow_desktop.storage.without_effect import Numbers

# What an event changes or stands on: ("voucher", id), ("number", type, number), ("conflict", id) ...
Register = tuple[str, ...]
_LOCK: Register = ("lock",)
_MASTERS: Register = ("masters",)


class OutOfOrder(Exception):
    """An own event counts after all that did not before: what it stands on may have come behind it in this file."""


class OwnEvent(NamedTuple):
    """An event of this replica, its version hash (hex), and where it stands in the file and in its chain."""

    position: int
    seq: int
    event: Event
    version: str


class Undone(NamedTuple):
    """An own event that has no effect now, with the local numbers it keeps."""

    own: OwnEvent
    numbers: Numbers


def own_events(connection: Connection, replica_no: int, *, after_seq: int) -> Iterator[OwnEvent]:
    """Yield the events of a chain behind a number, in order."""
    for run in log_store.chain_runs(connection, replica_no, after_seq=after_seq):
        for at, raw in enumerate(run.events):
            seq = run.first_seq + at
            if seq > after_seq:
                yield OwnEvent(run.first + at, seq, decode_event(raw), version_hash(raw).hex())


def registers_of(event: Event) -> set[Register]:
    """Return what an event changes."""
    match event.body:
        case VoucherPosted(voucher=voucher):
            return {("voucher", voucher.id), ("number", voucher.type, voucher.number)}
        case VoucherAltered(voucher=voucher):
            return {("voucher", voucher.id)}
        case VoucherCancelled(voucher=voucher_id):
            return {("voucher", voucher_id)}
        case ConflictResolved(event=parked):
            return {("conflict", parked)}
        case PeriodLocked() | PeriodUnlocked():
            return {_LOCK}
        case body:
            return {_MASTERS} if isinstance(body, REGISTER_BODIES) else {("event", event.id)}


def touched(pending: Iterable[OwnEvent], changed: set[Register]) -> list[OwnEvent]:
    """Return the pending events that a change of some registers may concern, and those that stand on these.

    What anything is checked against concerns everything: masters and the company all of it, a lock every voucher.
    """
    changed, found = set(changed), []
    for own in pending:
        registers = registers_of(own.event)
        if _MASTERS in changed or _LOCK in changed or registers & changed:
            found.append(own)
            changed |= registers
    return found


def take_back(connection: Connection, fold: LogFold, touched: Sequence[OwnEvent], *, last: int) -> dict[int, Undone]:
    """Undo these own events, the newest first; return them by position. `last` ends the log without what came now."""
    undone: dict[int, Undone] = {}
    foreseen = without_effect.foreseen(connection)
    registers_change = False
    for own in reversed(touched):
        known = foreseen.get(own.position)
        if known is not None:
            undone[own.position] = Undone(own, Numbers(known.voucher_no, known.master_no))
            continue
        undone[own.position] = Undone(own, fold.take_back(own.event, own.position))
        registers_change = registers_change or isinstance(own.event.body, REGISTER_BODIES)
    if registers_change:
        fold.fold_registers(without_effect.positions(connection) | undone.keys(), last=last)
    return undone


def decide_again(
    connection: Connection, fold: LogFold, undone: Collection[Undone], known: dict[EventId, KnownEvent]
) -> None:
    """Give each of these own events effect, or foresee why it will have none. `known` are events the log has."""
    fold.write()
    waiting = sorted(undone, key=lambda one: one.own.position)
    facts = fold.facts([one.own.event for one in waiting])
    facts.events |= known
    decider = Decider(facts)
    for own, numbers in waiting:
        verdict = decider.decide(own.event, own.version, 0).verdict
        settle(connection, fold, Undone(own, numbers), verdict, None)


def settle(connection: Connection, fold: LogFold, undone: Undone, verdict: Verdict, gseq: int | None) -> None:
    """Let an event of one's own become what a verdict says; `gseq` is None where it is only foreseen."""
    (position, _, event, version), numbers = undone
    if verdict.outcome is Outcome.ACCEPTED:
        if without_effect.at(connection, position) is not None:
            raise OutOfOrder(f"log position {position}")
        fold.apply(event, version, position, numbers)
    else:
        without_effect.add(connection, position, event.id, event, verdict, gseq, numbers)
