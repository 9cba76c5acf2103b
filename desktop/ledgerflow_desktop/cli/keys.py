"""`ledgerflow keys` and `ledgerflow rekey`: the ways to unlock a company."""

import argparse

from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """List the slots, change them, or encrypt the book again."""
    if arguments.command == "rekey":
        return _rekey(arguments)
    deeds = ("add_passphrase", "change_passphrase", "new_recovery_code", "remember", "remove")
    only_listing = not any(getattr(arguments, deed) for deed in deeds)
    with terminal.open_book(arguments.book, read_only=only_listing) as book:
        if arguments.add_passphrase:
            companies.add_passphrase(book, terminal.new_passphrase("LEDGERFLOW_NEW_PASSPHRASE"))
        elif arguments.change_passphrase:
            old = terminal.asked_passphrase("Passphrase to replace: ")
            companies.change_passphrase(book, old, terminal.new_passphrase("LEDGERFLOW_NEW_PASSPHRASE"))
            print("The passphrase is changed.")
        elif arguments.new_recovery_code:
            terminal.print_recovery_code(companies.add_recovery_code(book).value)
            print("Earlier recovery codes go on working until their slots are removed.")
        elif arguments.remember:
            companies.remember_on_this_machine(book)
        elif arguments.remove:
            companies.remove_slot(book, arguments.remove)
        for slot in companies.slots(book):
            print(f"{slot.id}  {slot.kind:<10}  made {slot.made[:10]}")
    return 0


def _rekey(arguments: argparse.Namespace) -> int:
    from ledgerflow_desktop.actions import rekeying

    passphrase = terminal.new_passphrase("LEDGERFLOW_NEW_PASSPHRASE")
    with terminal.open_book(arguments.book) as book, terminal.progress("Encrypting again") as progress:
        code = rekeying.rekey(book, passphrase, progress=progress).value
    print("The book has a new key. Earlier passphrases and codes open it no more; backups made before keep theirs.")
    terminal.print_recovery_code(code)
    return 0
