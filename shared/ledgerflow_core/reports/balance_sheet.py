"""Balance sheet: what is owned and owed at the end of a day, with the result that belongs to the owners.

The line "Profit & Loss A/c" is the balance of the reserved account and the results of all years up to the
day: brought forward from before the period, the result of the period itself, and what was transferred
on the account in the period. No closing entries are needed for that.
"""

from dataclasses import dataclass

from ledgerflow_core.calendar import Period
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.masters.group import PREDEFINED_GROUPS, Nature
from ledgerflow_core.reports.account_figures import difference_in_openings, result_accounts, results
from ledgerflow_core.reports.account_tree import (
    WHOLE,
    AccountTree,
    Amounts,
    Outline,
    added,
    in_columns,
    profit_and_loss_line,
)
from ledgerflow_core.reports.comparative import comparative_columns
from ledgerflow_core.reports.figures import NO_MOVEMENT, Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_core.reports.two_sided import Layout, both_totals, facing, two_sided_columns

_CODE_AND_TITLE = ("balance-sheet", "Balance Sheet")
_LIABILITIES = [g.id for g in PREDEFINED_GROUPS if g.parent is None and g.nature is Nature.LIABILITY]
_ASSETS = [g.id for g in PREDEFINED_GROUPS if g.parent is None and g.nature is Nature.ASSET]


def balance_sheet(
    figures: Figures,
    period: Period,
    *,
    outline: Outline = WHOLE,
    beside: tuple[Period, ...] = (),
    layout: Layout = Layout.VERTICAL,
) -> ReportTable:
    """Return the balance sheet at the end of a period, whose own result is shown apart.

    Vertical: one signed column `closing`, assets are debits, the totals of both parts cancel out; `beside`
    adds columns at the ends of other periods. Horizontal: liabilities face assets, amounts positive on their
    side; `beside` stays empty. Where the masters' opening balances do not add up to zero the difference is
    a line of its own on the side that lacks it (note ``opening-balances-differ``).
    """
    assert layout is Layout.VERTICAL or not beside, "a two-sided sheet has no room for comparative columns"
    columns = (Column("closing", "Closing", ColumnKind.BALANCE), *comparative_columns("closing", "Closing", beside))
    width = len(columns)
    sides = _sides(figures, (period, *beside), outline, level=0 if layout is Layout.HORIZONTAL else 1)
    difference = difference_in_openings(figures.chart)
    notes = (("opening-balances-differ", difference),) if difference else ()

    if layout is Layout.HORIZONTAL:
        return headed(
            figures.company,
            period,
            report=_CODE_AND_TITLE,
            columns=two_sided_columns(("liabilities", "Liabilities"), ("assets", "Assets")),
            rows=facing(sides.liabilities, sides.assets, left_is_debit=False),
            totals=both_totals(sides.assets_total[0]),
            notes=notes,
        )
    rows = [
        Row(RowKind.HEADING, "Liabilities", (None,) * width),
        *sides.liabilities,
        Row(RowKind.TOTAL, "Total liabilities", sides.liabilities_total),
        Row(RowKind.HEADING, "Assets", (None,) * width),
        *sides.assets,
        Row(RowKind.TOTAL, "Total assets", sides.assets_total),
    ]
    return headed(figures.company, period, report=_CODE_AND_TITLE, columns=columns, rows=rows, notes=notes)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both parts of the sheet, amounts signed, each with its own total."""

    liabilities: list[Row]
    liabilities_total: Amounts
    assets: list[Row]
    assets_total: Amounts


def _sides(figures: Figures, periods: tuple[Period, ...], outline: Outline, *, level: int) -> _Sides:
    chart, width = figures.chart, len(periods)
    tree = AccountTree(chart, in_columns([figures.balances(each.last) for each in periods]), width=width)
    liabilities, liability_sums = tree.rows(_LIABILITIES, outline, level=level), [tree.total(_LIABILITIES)]
    assets, asset_sums = tree.rows(_ASSETS, outline, level=level), [tree.total(_ASSETS)]

    accumulated = _profit_and_loss(figures, periods)
    is_loss = accumulated.total[0] > 0
    (assets if is_loss else liabilities).extend(_profit_and_loss_rows(figures, accumulated, outline, level))
    (asset_sums if is_loss else liability_sums).append(accumulated.total)

    if difference := difference_in_openings(chart):
        row = Row(RowKind.RESULT, "Difference in opening balances", (difference,) * width, level)
        (assets if difference > 0 else liabilities).append(row)
        (asset_sums if difference > 0 else liability_sums).append((difference,) * width)
    return _Sides(liabilities, added(liability_sums, width), assets, added(asset_sums, width))


@dataclass(frozen=True, slots=True)
class _ProfitAndLoss:
    """The parts of the line "Profit & Loss A/c", signed, one amount for each period."""

    brought_forward: Amounts
    of_the_period: Amounts
    transferred: Amounts

    @property
    def total(self) -> Amounts:
        return added((self.brought_forward, self.of_the_period, self.transferred), len(self.of_the_period))


def _profit_and_loss(figures: Figures, periods: tuple[Period, ...]) -> _ProfitAndLoss:
    accounts = result_accounts(figures.chart)
    parts: list[tuple[int, int, int]] = []
    for period in periods:
        balances = figures.balances(period.last)
        total = sum(amount for account, amount in balances.items() if account in accounts or account == PROFIT_AND_LOSS)
        of_the_period = sum(results(figures, period).values())
        transferred = figures.movements(period).get(PROFIT_AND_LOSS, NO_MOVEMENT).net
        parts.append((total - of_the_period - transferred, of_the_period, transferred))
    brought_forward, of_the_periods, transfers = zip(*parts, strict=True)
    return _ProfitAndLoss(brought_forward, of_the_periods, transfers)


def _profit_and_loss_rows(figures: Figures, parts: _ProfitAndLoss, outline: Outline, level: int) -> list[Row]:
    head = profit_and_loss_line(figures.chart, parts.total, level=level)
    below = [
        Row(RowKind.RESULT, label, cells, level + 1, path=(head.label,))
        for label, cells in (
            ("Brought forward", parts.brought_forward),
            ("Current period", parts.of_the_period),
            ("Transferred", parts.transferred),
        )
        if any(cells) or outline.zero_rows
    ]
    if not below and not outline.zero_rows:
        return []
    return [head, *below] if outline.depth != 0 else [head]
