"""`ledgerflow export`."""

import argparse

from ledgerflow_desktop.actions.exporting import export
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Write the books in the format asked for."""
    with terminal.open_book(arguments.book, read_only=True) as book, terminal.output(arguments.output) as out:
        export(book, arguments.format, out)
    return 0
