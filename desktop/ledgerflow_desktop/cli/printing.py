"""`ledgerflow print`: vouchers as PDF, one after another in one file."""

import argparse
import sys

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.identifiers import VoucherId, to_bytes
from ledgerflow_desktop.actions import edit_log, vouchers
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.voucher_pdf import vouchers_pdf
from ledgerflow_desktop.storage.book import Book


def run(arguments: argparse.Namespace) -> int:
    """Print every voucher that carries one of the numbers, or has one of the ids."""
    if arguments.output == "-" and sys.stdout.isatty():
        raise InvalidInput([Problem("output-missing", "--output", {"format": "pdf"})])
    with terminal.open_book(arguments.book, read_only=True) as book:
        ids = {given: ids_of(book, given) for given in arguments.vouchers}
        problems = [
            Problem("unknown-voucher", given, {"given": given[:60]}) for given, found in ids.items() if not found
        ]
        if problems:
            raise InvalidInput(problems)
        wanted = [vouchers.load(book, voucher).voucher for found in ids.values() for voucher in found]
        printed = [(voucher, book.chart.voucher_types[voucher.type]) for voucher in wanted]
        with terminal.output(arguments.output) as out:
            vouchers_pdf(printed, book.company, book.chart, out, paper=Paper(arguments.paper))
    return 0


def ids_of(book: Book, given: str) -> list[VoucherId]:
    """Return the vouchers of a number, which several types and years may have, or the one of an id."""
    try:
        to_bytes(given.lower())
    except InvalidInput:
        return edit_log.vouchers_numbered(book, given)
    return [VoucherId(given.lower())] if book.voucher(VoucherId(given.lower())) is not None else []
