"""Day book: every voucher of a period in the order of its dates, in the books or not."""

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.figures import DayBookLine, Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_core.reports.window import EVERYTHING, Window, read_window

_COLUMNS = (
    Column("date", "Date", ColumnKind.DATE),
    Column("type", "Voucher type", ColumnKind.TEXT),
    Column("number", "Number", ColumnKind.TEXT),
    Column("amount", "Amount", ColumnKind.AMOUNT),
    Column("state", "State", ColumnKind.TEXT),
    Column("narration", "Narration", ColumnKind.TEXT),
)


def day_book(figures: Figures, period: Period, *, window: Window = EVERYTHING) -> ReportTable:
    """Return the vouchers of a period; `amount` is a voucher's debit total, `state` says whether it counts.

    Optional and cancelled vouchers stand here too, so the amounts have no total.
    """
    lines = read_window(window, lambda offset, limit: figures.vouchers(period, offset=offset, limit=limit))
    return headed(
        figures.company,
        period,
        report=("day-book", "Day Book"),
        columns=_COLUMNS,
        rows=[_row(figures, line) for line in lines],
    )


def _row(figures: Figures, line: DayBookLine) -> Row:
    account = figures.chart.accounts[line.account].name if line.account else ""
    voucher_type = figures.chart.voucher_types[line.type].name
    cells = (line.date, voucher_type, line.number, line.amount, line.state.value, line.narration)
    return Row(RowKind.VOUCHER, account, cells, drill=line.voucher)
