"""What waits for a decision, as a list says it: who, what, how much and what it would move."""

from dataclasses import dataclass
from datetime import date

from ledgerflow_core.identifiers import EventId
from ledgerflow_desktop.actions import conflict_authors, conflicts
from ledgerflow_desktop.actions.conflict_authors import Offices, Written
from ledgerflow_desktop.actions.conflicts import Sides
from ledgerflow_desktop.storage import offices
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.offices import Office


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
    """A conflict with everything to decide it by: both sides, and who wrote what is parked, what stands, the rival."""

    listed: Listed
    sides: Sides
    parked_by: Written
    stands_by: Written | None
    rival_by: Written | None


def listed(book: Book) -> list[Listed]:
    """Return what waits, in the order the server took it."""
    with book.reading():
        known = offices.offices(book.connection)
        return [_listed(book, conflicts.sides(book, parked), known) for parked in conflicts.open_conflicts(book)]


def opened(book: Book, conflict: EventId) -> Opened:
    """Return a conflict with both of its sides; refuses `unknown-conflict` once it is decided."""
    with book.reading():
        sides, known = conflicts.sides(book, conflicts.find(book, conflict)), offices.offices(book.connection)
        return Opened(
            listed=_listed(book, sides, known),
            sides=sides,
            parked_by=conflict_authors.of_event(book, sides.conflict.event, known),
            stands_by=conflict_authors.of_standing(book, sides, known),
            rival_by=None if sides.rival is None else conflict_authors.of_voucher(book, sides.rival.id, known),
        )


def _listed(book: Book, sides: Sides, known: Offices) -> Listed:
    parked = sides.conflict
    voucher = sides.parked or sides.stands
    party = None if voucher is None else book.chart.masters.get(voucher.party or "")
    return Listed(
        id=parked.id,
        at=parked.at,
        office=conflict_authors.of_event(book, parked.event, known).office,
        kind=conflicts.kind_of(parked.event.body),
        subject=sides.subject,
        day=None if voucher is None else voucher.date,
        party="" if party is None else party.name,
        amount=None if voucher is None else voucher.debit_total,
        reason=parked.reason,
        effect=sum(max(0, line.difference) for line in sides.effects),
    )
