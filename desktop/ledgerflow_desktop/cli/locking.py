"""`ledgerflow lock` and `ledgerflow unlock`."""

import argparse
import shlex
from datetime import date

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import refuse
from ledgerflow_desktop.actions import closing, periods
from ledgerflow_desktop.actions.closing import Close
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.storage.book import Book

_NAMED = 4


def run(arguments: argparse.Namespace) -> int:
    """Move the period lock."""
    if arguments.command == "lock":
        locked = parse_date(arguments.until)
        with terminal.open_book(arguments.book) as book:
            if not arguments.now and closing.takes_part(book) and _waits(book, locked, arguments.book):
                return 0
            periods.lock(book, locked)
        print(f"Locked up to {locked}")
        return 0
    until = parse_date(arguments.until) if arguments.until else None
    with terminal.open_book(arguments.book) as book:
        periods.unlock(book, until, arguments.reason)
    print(f"Locked up to {until}" if until else "Unlocked")
    return 0


def _waits(book: Book, until: date, named: str) -> bool:
    """Whether there is nothing to lock yet, or any more: asks the other offices, and says who has not answered."""
    close = closing.of_book(book, until)
    if close is not None and book.locked_until is not None and until <= book.locked_until:
        # Whoever answers last has the server lock by itself.
        print(f"Locked up to {book.locked_until} already: every office has answered.")
        return True
    if close is not None:
        if close.outstanding:
            facts = {"until": close.until.isoformat(), "names": _names(close), "book": shlex.quote(named)}
            raise refuse("close-outstanding", tag=close.outstanding[0].handle, **facts)
        return False
    close = closing.request(book, until).value
    if not close.outstanding:
        return False
    print(f"Asked to close up to {until}: {_names(close)}.")
    print("Sync, and lock again when they have synced; --now locks without them.")
    return True


def _names(close: Close) -> str:
    """Return who has not answered; of many the first ones, so that what to do about it stays in sight."""
    shown = [visible(office.name) for office in close.outstanding[:_NAMED]]
    more = len(close.outstanding) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
