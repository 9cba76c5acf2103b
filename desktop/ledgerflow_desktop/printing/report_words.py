"""A report's heading and figures in words: the same on paper, in a terminal and at the top of a worksheet."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ledgerflow_core.calendar import Period, first_of_next_month
from ledgerflow_core.money.amount import decimal_text, divide_half_even, grouped_text
from ledgerflow_core.reports.report_table import Cell, Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_desktop.phrases.notes import note_text
from ledgerflow_desktop.phrases.visible import visible

_MONTHS = "January February March April May June July August September October November December".split()

_STRONG_ROWS = frozenset({RowKind.GROUP, RowKind.HEADING, RowKind.TOTAL})
FIGURE_KINDS = frozenset({ColumnKind.AMOUNT, ColumnKind.BALANCE, ColumnKind.COUNT, ColumnKind.RATIO})


class Figure(NamedTuple):
    """A figure as people read it: the digits, and Dr or Cr where the column is signed."""

    digits: str
    side: str = ""


def is_result(row: Row) -> bool:
    """Whether a row is a computed line that closes what stands above it, and not one of a list of such lines."""
    return row.kind is RowKind.RESULT and row.level == 0


def is_strong(row: Row) -> bool:
    """Whether a row is set apart: a sum of what stands below it, a result, a heading."""
    return row.kind in _STRONG_ROWS or is_result(row)


def long_date(day: date) -> str:
    """Return ``1 April 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Return ``01-Apr-2026``: of one width, and read alike in Mumbai, Dubai and New York."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1][:3]}-{day.year:04d}"


def period_text(period: Period) -> str:
    """Return the period with both its days, or the one day."""
    if period.first == period.last:
        return long_date(period.first)
    return f"{long_date(period.first)} to {long_date(period.last)}"


def title_text(table: ReportTable) -> str:
    """Return the title and what it is about."""
    return visible(f"{table.title}: {table.subject}" if table.subject else table.title)


def heading_facts(table: ReportTable) -> list[str]:
    """Return the lines that say when and in what: a balance sheet is as at a day, others for a period."""
    when = f"As at {long_date(table.period.last)}" if table.report == "balance-sheet" else period_text(table.period)
    facts = [when]
    if table.as_known is not None:
        facts.append(f"As the books stood on {long_date(table.as_known)}")
    facts.append(currency_text(table))
    return facts


def currency_text(table: ReportTable) -> str:
    """Return which currency the amounts are in."""
    code, symbol = table.currency.code, table.currency.symbol
    return f"Amounts in {code}" if symbol == code else f"Amounts in {code} ({symbol})"


def column_title(column: Column) -> str:
    """Return a column's heading; a comparative one names its own period below, in words instead of its key."""
    title = visible(column.title)
    if column.period is None:
        return title
    figure_name, _, key = title.rpartition(" ")
    return f"{figure_name if key[:1].isdigit() else title}\n{_short_period(column.period)}"


def _short_period(period: Period) -> str:
    if period.months() == [period] and period.last + timedelta(1) == first_of_next_month(period.first):
        return f"{_MONTHS[period.first.month - 1][:3]} {period.first.year}"
    return f"{short_date(period.first)} to {short_date(period.last)}"


def right_side_from(table: ReportTable) -> int:
    """Return the first column of the right-hand side of a two-sided report; past the last where there is none."""
    for at, column in enumerate(table.columns):
        if column.key.endswith("_particulars"):
            return at
    return len(table.columns)


def column_order(table: ReportTable) -> list[int | None]:
    """Return the columns from left to right; None is the label. A leading date comes before it, as in a journal."""
    order: list[int | None] = [None, *range(len(table.columns))]
    if table.columns and table.columns[0].kind is ColumnKind.DATE:
        order[0], order[1] = 0, None
    return order


def figure(cell: Cell, kind: ColumnKind, table: ReportTable, *, in_total: bool = False) -> Figure:
    """Return a figure cell for people.

    Ratios have two decimals here, four in files. Nothing is blank; nil is blank in a column of one side, a
    dash in a signed one, and 0.00 in a total. An amount against its column's side keeps its minus: dropping
    it would misstate the books.
    """
    if not isinstance(cell, int):
        return Figure("" if cell is None else visible(str(cell)))
    exponent, indian = table.currency.exponent, table.indian_grouping
    if kind is ColumnKind.RATIO:
        return Figure(decimal_text(divide_half_even(cell, 100), 2))
    if kind is ColumnKind.COUNT:
        return Figure(("-" if cell < 0 else "") + grouped_text(cell, 0, indian=indian))
    if cell == 0 and not in_total:
        return Figure("–" if kind is ColumnKind.BALANCE else "")
    digits = grouped_text(cell, exponent, indian=indian)
    if kind is ColumnKind.BALANCE:
        return Figure(digits, "" if cell == 0 else "Dr" if cell > 0 else "Cr")
    return Figure(f"-{digits}" if cell < 0 else digits)


def words(cell: Cell) -> str:
    """Return a cell that is no figure."""
    if cell is None:
        return ""
    return short_date(cell) if isinstance(cell, date) else str(cell)


def total_row(table: ReportTable) -> Row | None:
    """Return the totals as a row, or None where no column has one."""
    if all(cell is None for cell in table.totals):
        return None
    return Row(RowKind.TOTAL, "Total", table.totals)


def notes(table: ReportTable) -> Iterator[str]:
    """Yield the notes a reader must know, in plain words."""
    for code, value in table.notes:
        yield note_text(code, value, table.currency, indian=table.indian_grouping)
