"""`ledgerflow keys` and `ledgerflow rekey`: the ways to unlock a company."""

import argparse

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.actions import companies, signing_key
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.storage.book import Book


def run(arguments: argparse.Namespace) -> int:
    """List the slots, change them, or encrypt the book again."""
    if arguments.command == "rekey":
        return _rekey(arguments)
    deeds = ("add_passphrase", "change_passphrase", "new_recovery_code", "remember", "remove", "signing_key")
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
        elif arguments.signing_key:
            _place_signing_key(book, arguments.signing_key)
        for slot in companies.slots(book):
            print(f"{slot.id}  {slot.kind:<10}  made {slot.made[:10]}")
        if signing_key.is_in_key_store(book):
            print("The signing key is in the key store of this computer.")
    return 0


def _place_signing_key(book: Book, place: str) -> None:
    if place == "new":
        signing_key.go_on_anew(book)
        print("The book has a new identity and signing key. What was not sent is kept and goes with the next sync.")
    elif place == "book":
        signing_key.into_book(book)
        print("The signing key is in keys.json, wrapped by the key of the book.")
    elif not signing_key.into_key_store(book).value:
        raise refuse("no-key-store")


def _rekey(arguments: argparse.Namespace) -> int:
    from ledgerflow_desktop.actions import rekeying

    passphrase = terminal.new_passphrase("LEDGERFLOW_NEW_PASSPHRASE")
    with terminal.open_book(arguments.book) as book, terminal.progress("Encrypting again") as progress:
        code = rekeying.rekey(book, passphrase, progress=progress).value
    print("The book has a new key. Earlier passphrases and codes open it no more; backups made before keep theirs.")
    terminal.print_recovery_code(code)
    return 0
