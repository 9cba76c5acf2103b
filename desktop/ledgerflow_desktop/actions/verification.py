"""Prove a company's books: the action behind `ledgerflow verify` and the check in the window."""

from pathlib import Path

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import verification
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.replay import Progress
from ledgerflow_desktop.storage.verification import VerificationReport


def verify(
    path: Path,
    machine: Machine,
    *,
    passphrase: str = "",
    recovery_code: str = "",
    progress: Progress | None = None,
) -> VerificationReport:
    """Check the company at `path`, changing nothing; a file too damaged to open is a finding, too.

    `WrongPassphrase`, `NotACompany`, `FileTooNew` and `UpgradeNeeded` are raised: they say nothing about the books.
    """
    try:
        book = companies.open_company(path, machine, passphrase=passphrase, recovery_code=recovery_code, read_only=True)
    except Damaged as error:
        return VerificationReport(error.problems)
    with book:
        return verify_book(book, progress)


def verify_book(book: Book, progress: Progress | None = None) -> VerificationReport:
    """Check a book that is open."""
    return verification.verify_book(book, progress)
