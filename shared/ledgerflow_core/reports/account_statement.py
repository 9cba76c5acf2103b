"""Account statement: one account line by line with a running balance, or month by month."""

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.reports.account_figures import opening_balances
from ledgerflow_core.reports.figures import NO_MOVEMENT, Figures, StatementEntry
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Cell, Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_core.reports.window import EVERYTHING, Window, read_window

_CODE_AND_TITLE = ("account", "Account Statement")
_DEBIT_CREDIT_BALANCE = (
    Column("debit", "Debit", ColumnKind.AMOUNT),
    Column("credit", "Credit", ColumnKind.AMOUNT),
    Column("balance", "Balance", ColumnKind.BALANCE),
)
_LINE_COLUMNS = (
    Column("date", "Date", ColumnKind.DATE),
    Column("type", "Voucher type", ColumnKind.TEXT),
    Column("number", "Number", ColumnKind.TEXT),
    *_DEBIT_CREDIT_BALANCE,
    Column("narration", "Narration", ColumnKind.TEXT),
)


def account_statement(
    figures: Figures, period: Period, account: AccountId, *, window: Window = EVERYTHING
) -> ReportTable:
    """Return the entries of an account, each named after the account against it.

    The first row is the opening balance, or what is brought forward to a window that begins further on;
    the last, if the window reaches the end, is the closing balance. Totals are those of the whole period.
    An account of income or expense opens at zero with the financial year. A window leaves the note
    ``entries-in-period`` with their number.
    """
    moved = figures.movements(period).get(account, NO_MOVEMENT)
    opening = opening_balances(figures, period.first).get(account, 0)
    balance = opening
    if window.offset:
        balance += figures.net_before(account, period, offset=window.offset)
    first = "Brought forward" if window.offset else "Opening balance"
    rows = [Row(RowKind.OPENING, first, _balance_alone(balance))]

    entries = read_window(window, lambda offset, limit: figures.entries(account, period, offset=offset, limit=limit))
    for entry in entries:
        balance += entry.amount
        rows.append(_row(figures, entry, balance))
    if window.offset + len(entries) >= moved.entries:
        rows.append(Row(RowKind.RESULT, "Closing balance", _balance_alone(balance)))

    return headed(
        figures.company,
        period,
        report=_CODE_AND_TITLE,
        columns=_LINE_COLUMNS,
        rows=rows,
        totals=(None, None, None, moved.debit, -moved.credit, opening + moved.net, None),
        subject=figures.chart.accounts[account].name,
        notes=() if window == EVERYTHING else (("entries-in-period", moved.entries),),
    )


def account_by_month(figures: Figures, period: Period, account: AccountId) -> ReportTable:
    """Return what moved on an account in each calendar month and its balance at the end of it."""
    balance = opening_balances(figures, period.first).get(account, 0)
    rows = [Row(RowKind.OPENING, "Opening balance", (None, None, balance))]
    debit = credit = 0
    for month in period.months():
        moved = figures.movements(month).get(account, NO_MOVEMENT)
        balance += moved.net
        debit, credit = debit + moved.debit, credit - moved.credit
        cells = (moved.debit, -moved.credit, balance)
        rows.append(Row(RowKind.MONTH, f"{month.first:%Y-%m}", cells, drill=month.first.replace(day=1).isoformat()))
    return headed(
        figures.company,
        period,
        report=_CODE_AND_TITLE,
        columns=_DEBIT_CREDIT_BALANCE,
        rows=rows,
        totals=(debit, credit, balance),
        subject=figures.chart.accounts[account].name,
    )


def _balance_alone(balance: int) -> tuple[Cell, ...]:
    return (None, None, None, None, None, balance, None)


def _row(figures: Figures, entry: StatementEntry, balance: int) -> Row:
    chart = figures.chart
    against = chart.accounts[entry.against].name if entry.against else ""
    debit = entry.amount if entry.amount > 0 else None
    credit = -entry.amount if entry.amount < 0 else None
    cells: tuple[Cell, ...] = (
        entry.date,
        chart.voucher_types[entry.type].name,
        entry.number,
        debit,
        credit,
        balance,
        entry.narration,
    )
    label = f"{against} and others" if entry.several else against
    return Row(RowKind.VOUCHER, label, cells, drill=entry.voucher)
