"""Answer a report from an open book, as the books are or as they were known on a day."""

from dataclasses import replace

from ledgerflow_core.reports import catalogue
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_desktop.storage.as_known import AsKnownFigures
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.figures import BookFigures


def figures_of(book: Book) -> BookFigures:
    """Return the book's figures as of today."""
    return BookFigures(book, book.machine.today())


def run(book: Book, code: str, options: ReportOptions) -> ReportTable:
    """Return a report by its code; refuses as `catalogue.run` does."""
    if options.as_known is None:
        with book.reading():
            table = catalogue.run(code, figures_of(book), options)
    else:
        with AsKnownFigures(book, options.as_known) as then:
            table = catalogue.run(code, then, options)
    return replace(table, indian_grouping=book.company.groups_digits_indian)
