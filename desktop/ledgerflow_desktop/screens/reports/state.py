"""A report as it is looked at, without Qt: what is chosen for it, which rows are open, what Enter leads to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ledgerflow_core.calendar import FinancialYear, Period, first_of_next_month
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.reports.catalogue import REPORTS
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import ReportTable, Row, RowKind
from ledgerflow_core.reports.two_sided import Layout
from ledgerflow_desktop.printing.report_words import right_side_from
from ledgerflow_desktop.screens.destinations import Destination, OpenVoucher, ShowReport


@dataclass(frozen=True, slots=True)
class Choice:
    """Which report, and what is chosen for it."""

    code: str
    options: ReportOptions

    def takes(self, option: str) -> bool:
        """Whether the report knows an option, as things stand."""
        if option not in REPORTS[self.code].options:
            return False
        beside_months = ("compare", "flat", "depth", "zero_rows")
        return not (self.options.monthly and option in beside_months)

    def over(self, period: Period) -> "Choice":
        """Return the same report of another period."""
        return replace(self, options=replace(self.options, first=period.first, last=period.last))

    def compared(self, comparison: Comparison | None) -> "Choice":
        """Return the report with other periods beside its own; the same again takes them away."""
        chosen = None if comparison is self.options.compare else comparison
        layout = Layout.VERTICAL if chosen is not None else self.options.layout
        return replace(self, options=replace(self.options, compare=chosen, layout=layout))

    def by_month(self) -> "Choice":
        """Return the report month by month, or back."""
        if self.options.monthly:
            return replace(self, options=replace(self.options, monthly=False))
        cleared = replace(self.options, monthly=True, compare=None, flat=False, depth=None, zero_rows=False)
        return replace(self, options=cleared)

    def toggled(self, option: str) -> "Choice":
        """Return the report with `zero_rows`, `flat` or the two-sided `layout` the other way."""
        options = self.options
        if option == "zero_rows":
            return replace(self, options=replace(options, zero_rows=not options.zero_rows))
        if option == "flat":
            return replace(self, options=replace(options, flat=not options.flat))
        other = Layout.VERTICAL if options.layout is Layout.HORIZONTAL else Layout.HORIZONTAL
        return replace(self, options=replace(options, layout=other, compare=None))


def usual_period(code: str, period: Period, today: date) -> Period:
    """Return the period a report opens with: what is owed is asked as of today, not of the end of the year."""
    if code in ("receivables", "payables") and today in period:
        return Period(period.first, today)
    return period


def presets(today: date, year: FinancialYear) -> list[tuple[str, Period]]:
    """Return the periods people ask for, by a stable name, the shortest first."""
    this_year = year.year_of(today)
    month = Period(today.replace(day=1), date.fromordinal(first_of_next_month(today).toordinal() - 1))
    months = this_year.months()
    at = next(index for index, each in enumerate(months) if today in each)
    quarter = months[at - at % 3 : at - at % 3 + 3]
    return [
        ("today", Period(today, today)),
        ("this-month", month),
        ("last-month", month.before()),
        ("this-quarter", Period(quarter[0].first, quarter[-1].last)),
        ("this-year", this_year),
        ("last-year", this_year.year_before()),
        ("year-to-date", Period(this_year.first, today)),
    ]


def opens(row: Row, choice: Choice, period: Period) -> Destination | None:
    """Return what Enter on a row leads to, for the same days; None where there is nothing below."""
    if row.drill is None:
        return None
    days = ReportOptions(first=period.first, last=period.last)
    match row.kind:
        case RowKind.GROUP:
            return ShowReport("group-summary", replace(days, group=row.drill), row.label)
        case RowKind.ACCOUNT:
            return ShowReport("account", replace(days, account=row.drill), row.label)
        case RowKind.COST_CENTRE:
            return ShowReport("cost-centres", replace(days, centre=row.drill), row.label)
        case RowKind.VOUCHER | RowKind.BILL:
            return OpenVoucher(VoucherId(row.drill))
        case RowKind.MONTH:
            month = _month_within(date.fromisoformat(row.drill), period)
            options = replace(choice.options, first=month.first, last=month.last, monthly=False)
            return ShowReport(choice.code, options, row.label)
        case _:
            return None


def row_under(table: ReportTable, row: Row, column: int | None) -> Row:
    """Return the row that is meant by a cell: in a two-sided report the right-hand one has its own."""
    if row.beside is not None and column is not None and column >= right_side_from(table):
        return row.beside
    return row


def same_line(row: Row) -> tuple[object, ...]:
    """Return what tells a row from all others of a report, also after its figures changed."""
    return (row.kind, row.drill, row.label, row.path)


class OpenRows:
    """Which rows of a tree are to be seen: groups open and close, a filter keeps matches and what they are under."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._closed: set[int] = set()
        self._filter = ""
        self.shown: list[int] = list(range(len(rows)))

    def has_below(self, at: int) -> bool:
        """Whether row `at` of the report has rows under it."""
        return at + 1 < len(self._rows) and self._rows[at + 1].level > self._rows[at].level

    def is_closed(self, at: int) -> bool:
        """Whether the rows under row `at` are put away."""
        return at in self._closed

    def toggle(self, at: int) -> None:
        """Open or close a row."""
        if self.has_below(at):
            self._closed ^= {at}
            self._work_out()

    def toggle_all(self) -> None:
        """Close every group, or open all when any is closed."""
        self._closed = set() if self._closed else {at for at in range(len(self._rows)) if self.has_below(at)}
        self._work_out()

    def closed_lines(self) -> set[tuple[object, ...]]:
        """Return what is closed, to close it again when the report is drawn anew."""
        return {same_line(self._rows[at]) for at in self._closed}

    def close_lines(self, lines: set[tuple[object, ...]]) -> None:
        """Close these rows, where they are still there."""
        self._closed = {at for at, row in enumerate(self._rows) if self.has_below(at) and same_line(row) in lines}
        self._work_out()

    def filter(self, text: str) -> None:
        """Keep the rows whose words hold the text; everything for an empty one."""
        self._filter = text.strip().casefold()
        self._work_out()

    def _work_out(self) -> None:
        if self._filter:
            self.shown = self._matching()
            return
        shown: list[int] = []
        hidden_below: int | None = None
        for at, row in enumerate(self._rows):
            if hidden_below is not None and row.level > hidden_below:
                continue
            hidden_below = row.level if at in self._closed else None
            shown.append(at)
        self.shown = shown

    def _matching(self) -> list[int]:
        keep: set[int] = set()
        above: list[int] = []
        for at, row in enumerate(self._rows):
            del above[row.level :]
            above += [at] * (row.level + 1 - len(above))
            if holds(row, self._filter):
                keep.update(above)
        return sorted(keep)


def holds(row: Row, text: str) -> bool:
    """Whether a row's words hold a folded text."""
    return text in row.label.casefold() or any(isinstance(c, str) and text in c.casefold() for c in row.cells)


def _month_within(first: date, period: Period) -> Period:
    last = date.fromordinal(first_of_next_month(first).toordinal() - 1)
    return Period(max(first, period.first), min(last, period.last))
