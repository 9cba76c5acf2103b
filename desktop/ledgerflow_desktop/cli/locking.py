"""`ledgerflow lock` and `ledgerflow unlock`."""

import argparse

from ledgerflow_core.calendar import parse_date
from ledgerflow_desktop.actions import periods
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Move the period lock."""
    if arguments.command == "lock":
        locked = parse_date(arguments.until)
        with terminal.open_book(arguments.book) as book:
            periods.lock(book, locked)
        print(f"Locked up to {locked}")
        return 0
    until = parse_date(arguments.until) if arguments.until else None
    with terminal.open_book(arguments.book) as book:
        periods.unlock(book, until, arguments.reason)
    print(f"Locked up to {until}" if until else "Unlocked")
    return 0
