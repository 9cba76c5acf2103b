"""`ledgerflow attach` and `ledgerflow attachments`: the files of a voucher."""

import argparse
from pathlib import Path

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_desktop.actions import attachments
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.cli.voucher_choice import one_id
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.storage.book import Book


def run(arguments: argparse.Namespace) -> int:
    """Attach files, take one off, save a copy of one, or list them."""
    if bool(arguments.save) != bool(arguments.to):
        raise refuse("save-needs-both", "--save")
    writes = bool(arguments.files or arguments.remove)
    with terminal.open_book(arguments.book, read_only=not writes) as book:
        voucher = one_id(book, arguments.voucher)
        if arguments.files:
            attachments.attach(book, voucher, [Path(file) for file in arguments.files])
        elif arguments.remove:
            attachments.detach(book, voucher, arguments.remove)
        elif arguments.save:
            print(f"Saved {visible(str(attachments.save_copy(book, voucher, arguments.save, Path(arguments.to))))}")
            return 0
        _list(book, voucher)
    return 0


def _list(book: Book, voucher: VoucherId) -> None:
    found = attachments.listed(book, voucher)
    for one in found:
        where = "" if one.is_here else "  not here yet"
        attachment = one.attachment
        print(f"{attachment.size:>12,}  {visible(attachment.media_type)}  {visible(attachment.name)}{where}")
    if not found:
        print("No files are attached.")
