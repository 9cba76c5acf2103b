"""Cost centre break-up: what was allocated to each centre, and on which accounts.

Every category splits the same amounts in full, so categories stand beside each other and are never added up.
"""

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId, CostCentreId
from ledgerflow_core.masters.cost_centre import CostCategory, CostCentre
from ledgerflow_core.reports.account_tree import WHOLE, Amounts, Outline, added
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind

_COLUMNS = (
    Column("debit", "Debit", ColumnKind.AMOUNT),
    Column("credit", "Credit", ColumnKind.AMOUNT),
    Column("net", "Net", ColumnKind.BALANCE),
)
_WIDTH = len(_COLUMNS)


def cost_centre_break_up(
    figures: Figures, period: Period, *, centre: CostCentreId | None = None, outline: Outline = WHOLE
) -> ReportTable:
    """Return centres under their category and parents with the accounts allocated to them.

    A centre's figures include those of the centres below it. `centre` shows one alone, with what is below.
    A total stands only where there is one category or one centre. Drill: the centre, or the account.
    """
    chart = figures.chart
    tree = _Centres(figures, period, outline)
    rows: list[Row] = []
    totals: list[Amounts] = []
    if centre is not None:
        rows.extend(
            tree.rows(chart.cost_centres[centre], 0, (chart.cost_categories[chart.cost_centres[centre].category].name,))
        )
        totals.append(tree.subtotal(centre))
    else:
        for category in sorted(chart.cost_categories.values(), key=lambda c: (c.name.casefold(), c.id)):
            shown, total = tree.of_category(category)
            if shown:
                rows.extend(shown)
                totals.append(total)
    return headed(
        figures.company,
        period,
        report=("cost-centres", "Cost Centre Break-up"),
        columns=_COLUMNS,
        rows=[row for row in rows if outline.depth is None or row.level <= outline.depth],
        totals=totals[0] if len(totals) == 1 else None,
        subject=chart.cost_centres[centre].name if centre is not None else "",
    )


class _Centres:
    """The centres as a tree, and what was allocated to each on every account."""

    def __init__(self, figures: Figures, period: Period, outline: Outline) -> None:
        self._chart, self._outline = figures.chart, outline
        self._allocated: dict[CostCentreId, dict[AccountId, Amounts]] = {}
        for found in figures.cost_movements(period):
            moved = found.movement
            amounts = (moved.debit, -moved.credit, moved.net)
            self._allocated.setdefault(found.centre, {})[found.account] = amounts
        self._children: dict[CostCentreId | None, list[CostCentre]] = {}
        for centre in sorted(self._chart.cost_centres.values(), key=lambda c: (c.name.casefold(), c.id)):
            self._children.setdefault(centre.parent, []).append(centre)

    def subtotal(self, centre: CostCentreId) -> Amounts:
        below = [self.subtotal(child.id) for child in self._children.get(centre, ())]
        return added([*below, *self._allocated.get(centre, {}).values()], _WIDTH)

    def of_category(self, category: CostCategory) -> tuple[list[Row], Amounts]:
        tops = [centre for centre in self._children.get(None, ()) if centre.category == category.id]
        total = added((self.subtotal(top.id) for top in tops), _WIDTH)
        below = [row for top in tops for row in self.rows(top, 1, (category.name,))]
        return [Row(RowKind.HEADING, category.name, total), *below] if below else [], total

    def rows(self, centre: CostCentre, level: int, path: tuple[str, ...]) -> list[Row]:
        inside = (*path, centre.name)
        below = [row for child in self._children.get(centre.id, ()) for row in self.rows(child, level + 1, inside)]
        accounts = [
            (self._chart.accounts[account], amounts) for account, amounts in self._allocated.get(centre.id, {}).items()
        ]
        for account, amounts in sorted(accounts, key=lambda found: (found[0].name.casefold(), found[0].id)):
            below.append(Row(RowKind.ACCOUNT, account.name, amounts, level + 1, account.id, inside))
        if not below and (centre.retired or not self._outline.zero_rows):
            return []
        return [Row(RowKind.COST_CENTRE, centre.name, self.subtotal(centre.id), level, centre.id, path), *below]
