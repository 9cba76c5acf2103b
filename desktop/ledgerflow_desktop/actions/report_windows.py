"""What a screen asks of reports with a line for each voucher: their size, a window of lines, a voucher by number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.chosen_masters import chosen_account
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import ReportTable, Row, RowKind
from ledgerflow_desktop.actions import reports
from ledgerflow_desktop.storage import finding
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.finding import FoundVoucher

_FOUND_MAX = 20
# What a window says of itself, and a screen that shows all lines does not.
_WINDOW_NOTE = "entries-in-period"


@dataclass(frozen=True, slots=True)
class LongReport:
    """A report that is read in windows: how many lines it has, and the table without them.

    The table of an account statement has its opening balance as the only row; totals are of the period.
    """

    lines: int
    head: ReportTable


def is_long(code: str, options: ReportOptions) -> bool:
    """Whether a report has a line for each voucher, so that a screen reads it in windows."""
    return code == "day-book" or (code == "account" and not options.monthly)


def open_long(book: Book, code: str, options: ReportOptions) -> LongReport:
    """Return the size and head of a long report; costs the same for any number of lines."""
    with book.reading():
        table = reports.run(book, code, replace(options, offset=0, limit=1))
        rows = tuple(row for row in table.rows if row.kind is RowKind.OPENING)
        head = replace(table, rows=rows, notes=tuple(note for note in table.notes if note[0] != _WINDOW_NOTE))
        figures = reports.figures_of(book)
        if code == "day-book":
            return LongReport(figures.count_vouchers(table.period), head)
        moved = figures.movements(table.period).get(chosen_account(book.chart, options.account or ""))
        return LongReport(moved.entries if moved else 0, head)


def lines(book: Book, code: str, options: ReportOptions, *, offset: int, limit: int) -> Sequence[Row]:
    """Return a window of a long report's lines, each with its running balance where it has one."""
    table = reports.run(book, code, replace(options, offset=offset, limit=limit))
    return [row for row in table.rows if row.kind is RowKind.VOUCHER]


def vouchers_numbered(book: Book, beginning: str) -> list[FoundVoucher]:
    """Return a few vouchers whose number begins so."""
    with book.reading():
        return finding.vouchers_numbered(book, beginning, limit=_FOUND_MAX)


def latest_vouchers(book: Book, count: int) -> Sequence[Row]:
    """Return the last lines of the day book, the latest first."""
    with book.reading():
        figures = reports.figures_of(book)
        stretch = figures.first_and_last_day()
        if stretch is None:
            return []
        period = Period(*stretch)
        total = figures.count_vouchers(period)
        options = ReportOptions(first=period.first, last=period.last)
        return lines(book, "day-book", options, offset=max(0, total - count), limit=count)[::-1]
