"""`ledgerflow enrol`: let a book take part at a server."""

import argparse
import platform
from pathlib import Path

from ledgerflow_desktop.actions import enrolling, joining, signing_key
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Enrol the book, and say as whom and what comes next."""
    if arguments.new:
        return _join(arguments)
    with terminal.open_book(arguments.book) as book:
        made = enrolling.enrol_book(book, arguments.url, arguments.code, platform.node(), again=arguments.again).value
        kept = enrolling.require_enrolment(book)
        print(f"Enrolled {book.company.name} at {kept.server_url} for {made.user.name} ({made.user.role}).")
        print(_where(in_store=signing_key.is_in_key_store(book)))
    print(f"Next: ledgerflow sync {arguments.book}")
    return 0


def _where(*, in_store: bool) -> str:
    if in_store:
        return "The signing key is in the key store of this computer, wrapped by the key of the book."
    return "No key store here works: the signing key stays in keys.json, wrapped by the key of the book."


def _join(arguments: argparse.Namespace) -> int:
    """Make the book from what the server has; its recovery code is shown this once."""
    passphrase = terminal.new_passphrase()
    made = joining.join(
        Path(arguments.book), arguments.url, arguments.code, passphrase, platform.node(), terminal.machine()
    ).value
    user = made.enrolled.user
    print(f"Made {made.folder} for {user.name} ({user.role}); its numbers carry {made.enrolled.tag or 'no tag'}.")
    print(_where(in_store=made.key_in_store))
    terminal.print_recovery_code(made.recovery_code)
    print(f"Next: ledgerflow sync {arguments.book}")
    return 0
