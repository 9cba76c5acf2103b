"""`ledgerflow enrol`: let a book take part at a server."""

import argparse
import platform
from pathlib import Path

from ledgerflow_desktop.actions import enrolling, joining
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Enrol the book, and say as whom and what comes next."""
    if arguments.new:
        return _join(arguments)
    with terminal.open_book(arguments.book) as book:
        made = enrolling.enrol_book(book, arguments.url, arguments.code, platform.node()).value
        kept = enrolling.require_enrolment(book)
        print(f"Enrolled {book.company.name} at {kept.server_url} for {made.user.name} ({made.user.role}).")
        print("The signing key stays in keys.json, wrapped by the key of the book.")
    print(f"Next: ledgerflow sync {arguments.book}")
    return 0


def _join(arguments: argparse.Namespace) -> int:
    """Make the book from what the server has; its recovery code is shown this once."""
    passphrase = terminal.new_passphrase()
    made = joining.join(
        Path(arguments.book), arguments.url, arguments.code, passphrase, platform.node(), terminal.machine()
    ).value
    user = made.enrolled.user
    print(f"Made {made.folder} for {user.name} ({user.role}); its numbers carry {made.enrolled.tag or 'no tag'}.")
    print("The signing key stays in keys.json, wrapped by the key of the book.")
    terminal.print_recovery_code(made.recovery_code)
    print(f"Next: ledgerflow sync {arguments.book}")
    return 0
