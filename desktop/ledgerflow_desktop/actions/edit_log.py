"""Show and export the edit log; nothing here can change it."""

from collections.abc import Iterator

from ledgerflow_core.identifiers import VoucherId
from ledgerflow_desktop.storage import edit_log
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.edit_log import COLUMNS, EditLogFilter, EditLogLine, EditLogPage


def page(book: Book, asked: EditLogFilter | None = None, *, before: int | None = None, limit: int = 100) -> EditLogPage:
    """Return the newest lines, or those before position `before`: what a screen shows and scrolls on."""
    with book.reading():
        return edit_log.read_edit_log(book, asked, before=before, limit=limit)


def lines(book: Book, asked: EditLogFilter | None = None) -> Iterator[EditLogLine]:
    """Yield every line asked for, newest first, in bounded memory."""
    before: int | None = None
    while True:
        read = page(book, asked, before=before, limit=500)
        yield from read.lines
        if read.older is None:
            return
        before = read.older


def rows(book: Book, asked: EditLogFilter | None = None) -> Iterator[tuple[str, ...]]:
    """Yield the log as rows of text for a file, a row for each changed field, a row of column names first."""
    yield COLUMNS
    for line in lines(book, asked):
        yield from line.rows()


def vouchers_numbered(book: Book, number: str) -> list[VoucherId]:
    """Return the vouchers that carry a number, of any type and year."""
    with book.reading():
        return edit_log.vouchers_numbered(book, number)
