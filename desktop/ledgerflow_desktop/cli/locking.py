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
            if closing.takes_part(book) and not arguments.now:
                _ask(book, locked, arguments.book)
                return 0
            periods.lock(book, locked)
        print(f"Locked up to {locked}")
        return 0
    until = parse_date(arguments.until) if arguments.until else None
    with terminal.open_book(arguments.book) as book:
        periods.unlock(book, until, arguments.reason)
    print(f"Locked up to {until}" if until else "Unlocked")
    return 0


def _ask(book: Book, until: date, named: str) -> None:
    """Ask every office to send what it has, and say how that stands; the server, which knows all of them, locks."""
    close = closing.of_book(book, until)
    if close is None:
        close = closing.request(book, until).value
        print(f"Asked to close up to {until}{': ' if close.outstanding else ''}{_names(close)}.")
        print("Sync, and let the others sync: the server locks once every office has answered. --now locks at once.")
    elif book.locked_until is not None and until <= book.locked_until:
        print(f"Locked up to {book.locked_until} already: every office has answered.")
    elif close.outstanding:
        facts = {"until": close.until.isoformat(), "names": _names(close), "book": shlex.quote(named)}
        raise refuse("close-outstanding", **facts)
    else:
        print(f"Every office known here has answered. Sync: the server locks up to {close.until} by itself.")


def _names(close: Close) -> str:
    """Return who has not answered; of many the first ones, so that what to do about it stays in sight."""
    shown = [visible(office.name) for office in close.outstanding[:_NAMED]]
    more = len(close.outstanding) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
