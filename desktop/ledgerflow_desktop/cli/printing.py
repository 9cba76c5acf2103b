"""`ledgerflow print`: vouchers as PDF, one after another in one file."""

import argparse
import sys

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.cli.voucher_choice import ids_of
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.voucher_pdf import vouchers_pdf


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
