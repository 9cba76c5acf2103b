"""Comparative columns: the same figure of other periods beside the report's own.

A comparative column has the key of the figure it repeats, an ``@`` and its period: ``closing@2025-04`` for
a whole calendar month, ``closing@2024-04-01..2025-03-31`` for any other run of days. Trial balance, group
summary and balance sheet repeat `closing`, the profit and loss repeats `amount`, the cash flow `net`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from ledgerflow_core.calendar import FinancialYear, Period, first_of_next_month
from ledgerflow_core.reports.report_table import Column, ColumnKind


class Comparison(StrEnum):
    """Which periods stand beside the report's own."""

    PREVIOUS_PERIOD = "previous-period"
    PREVIOUS_YEAR = "previous-year"
    MONTH = "month"
    QUARTER = "quarter"


def compared_periods(comparison: Comparison, period: Period, year: FinancialYear) -> tuple[Period, ...]:
    """Return the periods to set beside one; months and quarters in order of time, the ends cut to the period.

    Quarters are those of the company's financial year.
    """
    match comparison:
        case Comparison.PREVIOUS_PERIOD:
            return (period.before(),)
        case Comparison.PREVIOUS_YEAR:
            return (period.year_before(),)
        case Comparison.MONTH:
            return tuple(period.months())
        case Comparison.QUARTER:
            return tuple(_quarters(period, year))


def period_key(period: Period) -> str:
    """Return how a period is written in a column's key."""
    if period.first.day == 1 and period.last + timedelta(1) == first_of_next_month(period.first):
        return f"{period.first:%Y-%m}"
    return f"{period.first.isoformat()}..{period.last.isoformat()}"


def comparative_columns(key: str, title: str, beside: Sequence[Period]) -> tuple[Column, ...]:
    """Return one signed column for each period, named after the figure it repeats."""
    return tuple(Column(f"{key}@{period_key(p)}", f"{title} {period_key(p)}", ColumnKind.BALANCE, p) for p in beside)


def _quarters(period: Period, year: FinancialYear) -> list[Period]:
    first, found = year.year_of(period.first).first, []
    while first <= period.last:
        starts = [_months_after(first, months) for months in (0, 3, 6, 9)]
        starts.append(year.year_of(starts[3]).last + timedelta(1))
        for start, after in pairwise(starts):
            last = after - timedelta(1)
            if last >= period.first and start <= period.last:
                found.append(Period(max(start, period.first), min(last, period.last)))
        first = starts[4]
    return found


def _months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    begin = date(day.year + years, month + 1, 1)
    return begin.replace(day=min(day.day, (first_of_next_month(begin) - timedelta(1)).day))
