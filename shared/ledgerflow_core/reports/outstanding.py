"""Receivables and payables: open bills of customers or suppliers, by age.

Receivables are the accounts under Sundry Debtors, payables those under Sundry Creditors; the totals are the
balances of those groups. Amounts are signed as everywhere: a receivable is a debit, a payable a credit.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.reports.account_tree import Amounts, added
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.open_bills import LineKind, OpenBill, open_bills
from ledgerflow_core.reports.report_table import Cell, Column, ColumnKind, ReportTable, Row, RowKind

USUAL_AGEING = (30, 60, 90)
_BEFORE_AMOUNTS = (
    Column("bill_kind", "Kind", ColumnKind.TEXT),
    Column("date", "Date", ColumnKind.DATE),
    Column("due", "Due", ColumnKind.DATE),
    Column("overdue_days", "Overdue by days", ColumnKind.COUNT),
)


class Side(StrEnum):
    """Whose open bills: customers' or suppliers'. The values are the reports' codes."""

    RECEIVABLES = "receivables"
    PAYABLES = "payables"


# The predefined group whose accounts a side is about.
GROUP_OF_SIDE = {Side.RECEIVABLES: "sundry-debtors", Side.PAYABLES: "sundry-creditors"}


def outstanding(
    figures: Figures,
    period: Period,
    side: Side,
    *,
    ageing: Sequence[int] = USUAL_AGEING,
    party: AccountId | None = None,
    depth: int | None = None,
    zero_rows: bool = False,
) -> ReportTable:
    """Return what is open at the end of the period: a row for each party, its bills below it.

    `ageing` are rising day limits; a bill stands in one column by the days since it fell due, advances and
    on account stand under `unallocated`, so the columns of age add up to `pending`. `depth` 0 shows parties
    alone, `zero_rows` settled bills too.
    """
    chart, day = figures.chart, period.last
    accounts = [account for account in chart.accounts.values() if chart.is_under(account.id, GROUP_OF_SIDE[side])]
    if party is not None:
        accounts = [account for account in accounts if account.id == party]
    accounts.sort(key=lambda account: (account.name.casefold(), account.id))

    amount_columns = _amount_columns(ageing)
    rows: list[Row] = []
    sums: list[Amounts] = []
    for account, bills in zip(accounts, open_bills(figures, accounts, day).values(), strict=True):
        path = tuple(chart.path_of(account.id))
        of_party = [(bill, _amounts(bill, day, ageing)) for bill in bills if bill.pending or zero_rows]
        if of_party or (zero_rows and not account.retired):
            total = added((amounts for _, amounts in of_party), len(amount_columns))
            sums.append(total)
            rows.append(Row(RowKind.ACCOUNT, account.name, (None,) * 4 + total, 0, account.id, path))
            if depth != 0:
                rows.extend(_bill_row(account, bill, amounts, day, path) for bill, amounts in of_party)
    return headed(
        figures.company,
        period,
        report=(side.value, side.value.capitalize()),
        columns=_BEFORE_AMOUNTS + amount_columns,
        rows=rows,
        totals=(None,) * 4 + added(sums, len(amount_columns)),
        subject=chart.accounts[party].name if party is not None else "",
    )


def _amount_columns(ageing: Sequence[int]) -> tuple[Column, ...]:
    limits = [0, *ageing]
    aged = [("not_due", "Not due")]
    aged += [(f"overdue_{low + 1}_{high}", f"{low + 1} to {high} days") for low, high in pairwise(limits)]
    aged += [(f"overdue_over_{limits[-1]}", f"Over {limits[-1]} days"), ("unallocated", "Advance and on account")]
    named = [("opening", "Opening amount"), ("pending", "Pending"), *aged]
    return tuple(Column(key, title, ColumnKind.BALANCE) for key, title in named)


def _overdue_days(bill: OpenBill, day: date) -> int:
    return max((day - bill.due).days, 0) if bill.due is not None else 0


def _amounts(bill: OpenBill, day: date, ageing: Sequence[int]) -> Amounts:
    """Return original and pending amount, then pending once more in the one column of its age."""
    columns = [0] * (len(ageing) + 3)
    if bill.kind is not LineKind.BILL:
        at = len(columns) - 1
    elif overdue := _overdue_days(bill, day):
        at = 1 + sum(1 for limit in ageing if overdue > limit)
    else:
        at = 0
    columns[at] = bill.pending
    return (bill.original, bill.pending, *columns)


def _bill_row(account: Account, bill: OpenBill, amounts: Amounts, day: date, path: tuple[str, ...]) -> Row:
    overdue = _overdue_days(bill, day) if bill.pending and bill.due is not None else None
    cells: tuple[Cell, ...] = (bill.kind.value, bill.dated, bill.due, overdue, *amounts)
    # A bill without a voucher in these books opens the account it stands on.
    return Row(RowKind.BILL, bill.name, cells, 1, bill.opened_by or account.id, (*path, account.name))
