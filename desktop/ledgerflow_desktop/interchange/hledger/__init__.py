"""Plain-text journals of hledger, which ledger 3 reads too: all of the books out, a plain subset of journals in."""

from ledgerflow_desktop.interchange.hledger.reader import read
from ledgerflow_desktop.interchange.hledger.writer import write

__all__ = ["read", "write"]
