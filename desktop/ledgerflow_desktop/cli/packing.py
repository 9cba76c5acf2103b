"""`ledgerflow pack` and `ledgerflow verify-pack`."""

import argparse
from pathlib import Path

from ledgerflow_desktop.actions.auditing import export_pack
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.interchange import pack_verifier


def run(arguments: argparse.Namespace) -> int:
    """Write an audit pack, or check one."""
    if arguments.command == "verify-pack":
        return pack_verifier.main([arguments.book])
    with terminal.open_book(arguments.book, read_only=True) as book:
        size = export_pack(book, Path(arguments.output))
    print(f"Wrote {size:,} entries to {arguments.output}. The books are in it in the clear: give it to nobody else.")
    print(f"An auditor checks it with Python and one file: python pack_verifier.py {arguments.output}")
    return 0
