"""`ledgerflow lock` and `ledgerflow unlock`."""

import argparse

from ledgerflow_core.calendar import parse_date
from ledgerflow_desktop.actions import periods
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Move the period lock."""
    until = parse_date(arguments.until) if arguments.until else None
    with terminal.open_book(arguments.book) as book:
        if arguments.command == "lock":
            assert until is not None, "the parser asks for it"
            periods.lock(book, until)
            print(f"Locked up to {until}")
        else:
            periods.unlock(book, until, arguments.reason)
            print(f"Locked up to {until}" if until else "Unlocked")
    return 0
