"""Encrypt a company's book again with a new key."""

from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import rekeying
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.snapshot import Progress


def rekey(book: Book, passphrase: str, *, progress: Progress | None = None) -> Outcome[str]:
    """Give the open book a new random key, this passphrase and a new recovery code, which is shown once.

    Every earlier passphrase, code and remembered key stops working; backups made before keep theirs.
    """
    return Outcome(rekeying.rekey(book, passphrase, progress=progress), Changed.COMPANY)
