"""Profit and loss: the trading account down to gross profit, then everything else down to net profit."""

from dataclasses import replace

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import GroupId
from ledgerflow_core.masters.group import PREDEFINED_GROUPS, Nature
from ledgerflow_core.reports.account_figures import results
from ledgerflow_core.reports.account_tree import WHOLE, AccountTree, Amounts, Outline, added, in_columns
from ledgerflow_core.reports.comparative import comparative_columns
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_core.reports.two_sided import Layout, both_totals, facing, two_sided_columns

_AMOUNT = Column("amount", "Amount", ColumnKind.BALANCE)
_CODE_AND_TITLE = ("profit-and-loss", "Profit & Loss")


def primary_groups(nature: Nature, *, affects_gross: bool) -> list[GroupId]:
    """Return the primary groups of a nature that do, or do not, stand above the gross profit."""
    return [
        group.id
        for group in PREDEFINED_GROUPS
        if group.parent is None and group.nature is nature and group.affects_gross is affects_gross
    ]


_TRADING_INCOMES = primary_groups(Nature.INCOME, affects_gross=True)
_TRADING_EXPENSES = primary_groups(Nature.EXPENSE, affects_gross=True)
_OTHER_INCOMES = primary_groups(Nature.INCOME, affects_gross=False)
_OTHER_EXPENSES = primary_groups(Nature.EXPENSE, affects_gross=False)


def profit_and_loss(
    figures: Figures,
    period: Period,
    *,
    outline: Outline = WHOLE,
    beside: tuple[Period, ...] = (),
    layout: Layout = Layout.VERTICAL,
) -> ReportTable:
    """Return income, expense and result of a period.

    Vertical: one signed column `amount`, a profit is a credit; `beside` adds columns of other periods.
    Horizontal: expenses face incomes, amounts positive on their side, gross profit carried over; `beside`
    stays empty.
    """
    assert layout is Layout.VERTICAL or not beside, "a two-sided account has no room for comparative columns"
    columns = (_AMOUNT, *comparative_columns("amount", "Amount", beside))
    amounts = in_columns([results(figures, each) for each in (period, *beside)])
    tree = AccountTree(figures.chart, amounts, width=len(columns))
    gross = tree.total(_TRADING_INCOMES + _TRADING_EXPENSES)
    net = added([gross, tree.total(_OTHER_INCOMES + _OTHER_EXPENSES)], len(columns))
    if layout is Layout.HORIZONTAL:
        return _horizontal(figures, period, tree, outline, gross[0], net[0])
    rows = [
        *tree.rows(_TRADING_INCOMES, outline),
        *tree.rows(_TRADING_EXPENSES, outline),
        _result("Gross", gross),
        *tree.rows(_OTHER_INCOMES, outline),
        *tree.rows(_OTHER_EXPENSES, outline),
        _result("Net", net),
    ]
    return headed(figures.company, period, report=_CODE_AND_TITLE, columns=columns, rows=rows)


def _result(which: str, cells: Amounts, said: str = "") -> Row:
    return Row(RowKind.RESULT, f"{which} {'profit' if cells[0] <= 0 else 'loss'}{said}", cells)


def _horizontal(
    figures: Figures, period: Period, tree: AccountTree, outline: Outline, gross: int, net: int
) -> ReportTable:
    # A result closes its part on the lighter side, so it stands there with its sign turned round; the gross
    # result then opens the lower part on the side where it belongs.
    carried_over = replace(_result("Gross", (gross,), " c/o"), cells=(-gross,))
    brought_forward = _result("Gross", (gross,), " b/f")
    closing = replace(_result("Net", (net,)), cells=(-net,))

    left, right = tree.rows(_TRADING_EXPENSES, outline), tree.rows(_TRADING_INCOMES, outline)
    (left if gross <= 0 else right).append(carried_over)
    rows = facing(left, right, left_is_debit=True)
    trading_total = tree.total(_TRADING_EXPENSES)[0] + max(-gross, 0)
    rows.append(Row(RowKind.TOTAL, "Total", both_totals(trading_total)))

    left, right = tree.rows(_OTHER_EXPENSES, outline), tree.rows(_OTHER_INCOMES, outline)
    (left if gross > 0 else right).insert(0, brought_forward)
    (left if net <= 0 else right).append(closing)
    rows += facing(left, right, left_is_debit=True)
    return headed(
        figures.company,
        period,
        report=_CODE_AND_TITLE,
        columns=two_sided_columns(("debit", "Amount"), ("credit", "Particulars")),
        rows=rows,
        totals=both_totals(tree.total(_OTHER_EXPENSES)[0] + max(gross, 0) + max(-net, 0)),
    )
