"""Opening a book and putting it at the head of the list: the last step of every way in."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.storage.book import Book


def open_and_remember(
    desk: Desk,
    owner: QObject,
    path: Path,
    opening: Callable[[], Book],
    failed: Callable[[LedgerFlowError], None],
    *,
    with_key_store: bool = False,
    in_list: bool = True,
    afterwards: Callable[[], None] | None = None,
) -> None:
    """Open a book off the GUI thread; the window then shows its gateway."""

    def open_book() -> Book:
        book = opening()
        if with_key_store:
            try:
                companies.remember_on_this_machine(book)
            except BaseException:
                book.close()
                raise
        return book

    def done() -> None:
        if in_list and desk.company is not None:
            desk.keep_preferences(desk.preferences.with_recent(path, desk.company.name, desk.machine.timestamp()))

    desk.open(owner, open_book, done, failed, afterwards)
