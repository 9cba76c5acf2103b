"""Events that are in the log and change nothing: parked, said twice, or foreseen to become either.

The numbers of the vouchers and masters they would have made stay given, so that each has the same in every replay.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledgerflow_core.events.event import (
    Event,
    MasterCreated,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import EventId, VoucherId, to_bytes, to_text
from ledgerflow_core.sync.log import Outcome, Verdict
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import LAST_RESERVED_NO, get_meta, set_meta

_SELECT = "SELECT position, event_id, gseq, outcome, reason, voucher_no, master_no, resolved_at_position "


class WithoutEffect(NamedTuple):
    """An event without effect. `gseq` is None while the server has not decided."""

    position: int
    event_id: EventId
    gseq: int | None
    outcome: Outcome
    reason: str
    voucher_no: int | None
    master_no: int | None
    resolved_at: int | None


class Numbers(NamedTuple):
    """The local numbers of what an event would have made."""

    voucher: int | None = None
    master: int | None = None


def positions(connection: Connection) -> frozenset[int]:
    """Return where the events without effect stand."""
    return frozenset(row[0] for row in connection.execute("SELECT position FROM without_effect"))


def every(connection: Connection) -> Iterator[WithoutEffect]:
    """Yield all of them in the order of the file."""
    yield from map(_made, connection.execute(_SELECT + "FROM without_effect ORDER BY position"))


def foreseen(connection: Connection) -> dict[int, WithoutEffect]:
    """Return those the server has not decided yet, by position."""
    rows = connection.execute(_SELECT + "FROM without_effect WHERE gseq IS NULL ORDER BY position")
    return {row[0]: _made(row) for row in rows}


def waiting(connection: Connection) -> list[WithoutEffect]:
    """Return the parked ones nobody has decided about, in the order the server took them."""
    rows = connection.execute(
        _SELECT
        + """FROM without_effect
            WHERE gseq IS NOT NULL AND outcome = 'parked' AND resolved_at_position IS NULL ORDER BY gseq"""
    )
    return list(map(_made, rows))


def about(connection: Connection, voucher: VoucherId) -> list[int]:
    """Return the positions of those about a voucher, oldest first."""
    rows = connection.execute(
        "SELECT position FROM without_effect WHERE voucher_id = ? ORDER BY position", (to_bytes(voucher),)
    )
    return [row[0] for row in rows]


def at(connection: Connection, position: int) -> WithoutEffect | None:
    """Return what became of the event at a position, None where it has effect."""
    row = connection.execute(_SELECT + "FROM without_effect WHERE position = ?", (position,)).fetchone()
    return _made(row) if row else None


def has_twin(connection: Connection, event_id: EventId, position: int) -> bool:
    """Whether the same event is without effect at another place, in favour of the one at `position`."""
    found = connection.execute(
        "SELECT 1 FROM without_effect WHERE event_id = ? AND position <> ? AND outcome = 'duplicate'",
        (to_bytes(event_id), position),
    )
    return found.fetchone() is not None


def add(
    connection: Connection, position: int, event_id: EventId, event: Event | None, verdict: Verdict,
    gseq: int | None, numbers: Numbers,
) -> None:  # fmt: skip
    """Keep that an event has no effect, in the place of what was foreseen of it."""
    voucher, master = _subject(event)
    connection.execute(
        "INSERT OR REPLACE INTO without_effect VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            position,
            to_bytes(event_id),
            gseq,
            verdict.outcome,
            verdict.reason,
            voucher,
            numbers.voucher,
            master,
            numbers.master,
        ),
    )
    reserved = int(get_meta(connection, LAST_RESERVED_NO) or 0)
    if numbers.master is not None and numbers.master > reserved:
        set_meta(connection, LAST_RESERVED_NO, str(numbers.master))


def twins(connection: Connection) -> frozenset[EventId]:
    """Return the events that are without effect where they stand because they count at another place, or did not."""
    rows = connection.execute("SELECT event_id FROM without_effect WHERE outcome = 'duplicate' AND gseq IS NOT NULL")
    return frozenset(EventId(to_text(row[0])) for row in rows)


def resolve(connection: Connection, event_id: EventId, at: int | None) -> None:
    """Say by which event a parked one was decided about; None takes that back."""
    connection.execute(
        "UPDATE without_effect SET resolved_at_position = ? WHERE event_id = ? AND outcome = 'parked'",
        (at, to_bytes(event_id)),
    )


def conflicts(connection: Connection, events: list[EventId]) -> dict[EventId, bool]:
    """Return for those of these events that were parked whether they still wait."""
    found: dict[EventId, bool] = {}
    for event_id in events:
        row = connection.execute(
            """SELECT resolved_at_position IS NULL FROM without_effect
               WHERE event_id = ? AND outcome = 'parked' AND gseq IS NOT NULL""",
            (to_bytes(event_id),),
        ).fetchone()
        if row is not None:
            found[event_id] = bool(row[0])
    return found


def reserved_masters(connection: Connection) -> dict[str, int]:
    """Return the local numbers of masters that were never there, by id."""
    rows = connection.execute("SELECT master_id, master_no FROM without_effect WHERE master_no IS NOT NULL")
    return {to_text(found): no for found, no in rows}


def _made(row: tuple[int, bytes, int | None, str, str, int | None, int | None, int | None]) -> WithoutEffect:
    position, event_id, gseq, outcome, reason, voucher_no, master_no, resolved = row
    known = EventId(to_text(event_id))
    return WithoutEffect(position, known, gseq, Outcome(outcome), reason, voucher_no, master_no, resolved)


def _subject(event: Event | None) -> tuple[bytes | None, bytes | None]:
    """Return the id of the voucher an event is about, and that of the master it makes."""
    match None if event is None else event.body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return to_bytes(voucher.id), None
        case VoucherCancelled(voucher=voucher_id):
            return to_bytes(voucher_id), None
        case MasterCreated(master=master):
            return None, to_bytes(master.id)
        case _:
            return None, None
