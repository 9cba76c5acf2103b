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
        findings = list(report.findings)
        if arguments.against_server:
            from ledgerflow_desktop.actions.server_log import compared_with_server

            findings += compared_with_server(book)
    for finding in findings:
        print(f"{say_with_place(finding, currency=currency)} [{finding.code}]", file=sys.stderr)
    if findings:
        return 1
    waiting = f", {report.waiting:,} waiting for a decision" if report.waiting else ""
    print(
        f"All right: {report.events:,} events, {report.vouchers:,} vouchers{waiting}; "
        "chain, signature, pages and totals agree."
    )
    if report.files_to_come:
        print(f"Attached files of other offices that have not arrived yet: {report.files_to_come:,}.")
    if arguments.against_server:
        print("The server's log is what this book holds of it, byte for byte.")
    return 0
