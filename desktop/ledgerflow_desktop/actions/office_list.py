"""The offices of a company: who takes part in it, and the end of one whose book is gone."""

from collections import Counter
from dataclasses import dataclass

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.events.event import ReplicaClosed
from ledgerflow_core.text_rules import REASON_LENGTH_MAX, problems_in_text
from ledgerflow_desktop.actions import closing
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import offices
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.offices import Office


@dataclass(frozen=True, slots=True)
class Listed:
    """An office, and whether it is that of this book or takes part no more.

    `handle` names it alone: its tag, or the end of its id where another office has the same tag.
    """

    office: Office
    is_own: bool
    is_closed: bool
    handle: str


def listed(book: Book) -> list[Listed]:
    """Return every office that ever took part, in the order the file has them; the server's own replica is none."""
    with book.reading():
        gone = closing.ended(book, closing.parked_in(book))
        found = [one for one in offices.offices(book.connection).values() if not one.is_server]
    count = Counter(one.handle for one in found)
    return [
        Listed(
            office=one,
            is_own=one.replica == book.replica,
            is_closed=one.replica in gone,
            handle=one.handle if count[one.handle] == 1 else one.end_of_id,
        )
        for one in found
    ]


def close(book: Book, given: str, reason: str) -> Outcome[Office]:
    """Record that an office takes part no more, by its tag or the end of its id: nothing of it is taken from then on.

    For a book that is lost, or that a restored backup left behind. What it had not sent is lost with it. Refuses
    `reason-missing`, `unknown-office`, `own-office` and `office-closed`.
    """
    if not reason.strip():
        raise refuse("reason-missing", "reason")
    problems = problems_in_text(reason, "reason", length_max=REASON_LENGTH_MAX)
    if problems:
        raise InvalidInput(problems)
    name = given.strip().casefold()
    found = [one for one in listed(book) if name in (one.handle.casefold(), one.office.end_of_id)]
    if len(found) != 1:
        raise refuse("unknown-office", given=given[:60])
    (one,) = found
    if one.is_own:
        raise refuse("own-office")
    if one.is_closed:
        raise refuse("office-closed", name=one.office.name)
    with book.writing() as unit:
        unit.record([ReplicaClosed(replica=one.office.replica, reason=reason)])
    return Outcome(one.office, Changed.NOTHING)
