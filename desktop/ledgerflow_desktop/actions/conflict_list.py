"""What waits for a decision, as a list says it: who, what, how much and what it would move."""

from dataclasses import dataclass
from datetime import date

from ledgerflow_core.events.event import EventTooNew, ReplicaOpened, decode_event
from ledgerflow_core.identifiers import EventId, ReplicaId
from ledgerflow_desktop.actions import conflicts
from ledgerflow_desktop.actions.conflicts import Sides
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book


@dataclass(frozen=True, slots=True)
class Office:
    """Who opened the chain an event stands in, and the tag of its number series."""

    user_name: str
    tag: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One line. `at` is when the server took it (UTC); amounts in minor units.

    `kind` is what the log calls the event; `amount` the total of the voucher it is about, None where it is about none;
    `effect` what would move from account to account if it were applied.
    """

    id: EventId
    at: str
    office: Office
    kind: str
    subject: str
    day: date | None
    party: str
    amount: int | None
    reason: str
    effect: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A conflict with everything to decide it by. `others_at` is when its author wrote it (UTC, by that machine)."""

    listed: Listed
    sides: Sides
    written_at: str


def listed(book: Book) -> list[Listed]:
    """Return what waits, in the order the server took it."""
    with book.reading():
        offices = _offices(book)
        return [_listed(book, conflicts.sides(book, parked), offices) for parked in conflicts.open_conflicts(book)]


def opened(book: Book, conflict: EventId) -> Opened:
    """Return a conflict with both of its sides; refuses `unknown-conflict` once it is decided."""
    with book.reading():
        sides = conflicts.sides(book, conflicts.find(book, conflict))
        return Opened(_listed(book, sides, _offices(book)), sides, sides.conflict.event.at)


def _listed(book: Book, sides: Sides, offices: dict[ReplicaId, Office]) -> Listed:
    parked = sides.conflict
    voucher = sides.parked or sides.stands
    party = None if voucher is None else book.chart.masters.get(voucher.party or "")
    return Listed(
        id=parked.id,
        at=parked.at,
        office=offices.get(parked.event.replica, Office("", "")),
        kind=conflicts.kind_of(parked.event.body),
        subject=sides.subject,
        day=None if voucher is None else voucher.date,
        party="" if party is None else party.name,
        amount=None if voucher is None else voucher.debit_total,
        reason=parked.reason,
        effect=sum(max(0, line.difference) for line in sides.effects),
    )


def _offices(book: Book) -> dict[ReplicaId, Office]:
    """Return who opened each chain of the file; the first events of a chain say it."""
    found: dict[ReplicaId, Office] = {}
    for row in log_store.replicas(book.connection):
        for raw in log_store.first_of(book.connection, row.no)[:2]:
            try:
                body = decode_event(raw).body
            except EventTooNew:
                continue
            if isinstance(body, ReplicaOpened):
                found[row.id] = Office(body.user_name, body.tag)
    return found
