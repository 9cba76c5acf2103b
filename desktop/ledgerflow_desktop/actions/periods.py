"""Lock the books up to a day, and unlock them for a reason that stays on record."""

from datetime import date

from ledgerflow_core.calendar import problems_in_day
from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.text_rules import REASON_LENGTH_MAX, problems_in_text
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage.book import Book


def lock(book: Book, until: date) -> Outcome[date]:
    """Let nothing dated up to and including `until` change; refuses to move a lock back (`lock-moves-back`)."""
    _require(problems_in_day(until, "until"))
    if book.locked_until is not None and until <= book.locked_until:
        raise refuse("lock-moves-back", locked_until=book.locked_until.isoformat())
    with book.writing() as unit:
        unit.lock(until)
    return Outcome(until, Changed.LOCKS)


def unlock(book: Book, until: date | None, reason: str) -> Outcome[date | None]:
    """Move the lock back to `until`, or off with None; refuses without a reason or without a lock."""
    if not reason.strip():
        raise refuse("reason-missing", "reason")
    _require(problems_in_text(reason, "reason", length_max=REASON_LENGTH_MAX) + problems_in_day(until, "until"))
    if book.locked_until is None or (until is not None and until >= book.locked_until):
        raise refuse("nothing-to-unlock")
    with book.writing() as unit:
        unit.lock(until, reason)
    return Outcome(until, Changed.LOCKS)


def _require(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(problems)
