"""`ledgerflow verify`: prove the books, or name what is wrong."""

import argparse
import sys

from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.phrases.problems import say_with_place


def run(arguments: argparse.Namespace) -> int:
    """Check everything; 0 when all is right, 1 with a line for each finding."""
    with terminal.open_book(arguments.book, read_only=True) as book, terminal.progress("Verifying") as progress:
        report = verify_book(book, progress)
        currency = book.company.base_currency
    for finding in report.findings:
        print(f"{say_with_place(finding, currency=currency)} [{finding.code}]", file=sys.stderr)
    if report.findings:
        return 1
    print(
        f"All right: {report.events:,} events, {report.vouchers:,} vouchers; chain, signature, pages and totals agree."
    )
    return 0
