"""Cash flow: where cash and bank money came from and where it went.

Counted are vouchers that touch a cash, bank or bank overdraft account; every other entry of such a voucher
is a flow of the account it stands on: its credits are inflow, its debits outflow. Net is inflow less
outflow, and all of it together is the change of cash and bank. A contra between them is no flow.
"""

from datetime import date, timedelta

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.reports.account_tree import (
    WHOLE,
    AccountTree,
    Outline,
    added,
    in_columns,
    profit_and_loss_line,
)
from ledgerflow_core.reports.comparative import comparative_columns
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Cell, Column, ColumnKind, ReportTable, Row, RowKind

_CODE_AND_TITLE = ("cash-flow", "Cash Flow")
_FLOWS = (
    Column("inflow", "Inflow", ColumnKind.AMOUNT),
    Column("outflow", "Outflow", ColumnKind.AMOUNT),
    Column("net", "Net", ColumnKind.BALANCE),
)
_DAY = timedelta(1)


def cash_flow(
    figures: Figures, period: Period, *, outline: Outline = WHOLE, beside: tuple[Period, ...] = ()
) -> ReportTable:
    """Return inflow, outflow and net of each account over against cash, under its groups.

    A net inflow is a debit: it increases cash. The first and last rows are the balances of cash and bank;
    `beside` adds the net flow of other periods, such as the months of this one.
    """
    periods, columns = (period, *beside), _FLOWS + comparative_columns("net", "Net", beside)
    inflow, outflow = _inflow_and_outflow(figures, period)
    nets = [_net(*_inflow_and_outflow(figures, each)) for each in periods]
    amounts = in_columns([inflow, outflow, *nets])
    tree = AccountTree(figures.chart, amounts, width=len(columns))
    primary = figures.chart.subgroups(None)
    rows, sums = tree.rows(primary, outline), [tree.total(primary)]
    appropriated = amounts.get(PROFIT_AND_LOSS, (0,) * len(columns))
    if any(appropriated) or outline.zero_rows:
        rows.append(profit_and_loss_line(figures.chart, appropriated))
        sums.append(appropriated)

    def balance_row(kind: RowKind, label: str, days: list[date]) -> Row:
        cells: tuple[Cell, ...] = (None, None, *(_cash_and_bank(figures, day) for day in days))
        return Row(kind, label, cells)

    opening = balance_row(RowKind.OPENING, "Opening cash and bank", [each.first - _DAY for each in periods])
    closing = balance_row(RowKind.RESULT, "Closing cash and bank", [each.last for each in periods])
    return headed(
        figures.company,
        period,
        report=_CODE_AND_TITLE,
        columns=columns,
        rows=[opening, *rows, closing],
        totals=added(sums, len(columns)),
    )


def cash_flow_by_month(figures: Figures, period: Period) -> ReportTable:
    """Return inflow, outflow and net of each calendar month, and cash and bank at the end of it."""
    by_month: dict[date, tuple[int, int]] = {}
    for flow in figures.cash_counter_movements(period):
        inflow, outflow = by_month.get(flow.month, (0, 0))
        by_month[flow.month] = (inflow - flow.movement.credit, outflow + flow.movement.debit)
    rows = [
        Row(RowKind.OPENING, "Opening cash and bank", (None, None, None, _cash_and_bank(figures, period.first - _DAY)))
    ]
    for month in period.months():
        first = month.first.replace(day=1)
        inflow, outflow = by_month.get(first, (0, 0))
        cells = (inflow, outflow, inflow - outflow, _cash_and_bank(figures, month.last))
        rows.append(Row(RowKind.MONTH, f"{first:%Y-%m}", cells, drill=first.isoformat()))
    inflows, outflows = (sum(both[side] for both in by_month.values()) for side in (0, 1))
    return headed(
        figures.company,
        period,
        report=_CODE_AND_TITLE,
        columns=(*_FLOWS, Column("balance", "Cash and bank", ColumnKind.BALANCE)),
        rows=rows,
        totals=(inflows, outflows, inflows - outflows, _cash_and_bank(figures, period.last)),
    )


def _inflow_and_outflow(figures: Figures, period: Period) -> tuple[dict[AccountId, int], dict[AccountId, int]]:
    inflow: dict[AccountId, int] = {}
    outflow: dict[AccountId, int] = {}
    for flow in figures.cash_counter_movements(period):
        inflow[flow.account] = inflow.get(flow.account, 0) - flow.movement.credit
        outflow[flow.account] = outflow.get(flow.account, 0) + flow.movement.debit
    return inflow, outflow


def _net(inflow: dict[AccountId, int], outflow: dict[AccountId, int]) -> dict[AccountId, int]:
    return {account: inflow.get(account, 0) - outflow.get(account, 0) for account in inflow.keys() | outflow.keys()}


def _cash_and_bank(figures: Figures, day: date) -> int:
    return sum(amount for account, amount in figures.balances(day).items() if figures.chart.is_cash_or_bank(account))
