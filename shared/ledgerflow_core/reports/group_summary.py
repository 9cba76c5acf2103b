"""Group summary: what lies directly under a group, with opening, debit, credit and closing."""

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import GroupId
from ledgerflow_core.reports.account_figures import account_figures, with_closings_of
from ledgerflow_core.reports.account_tree import AccountTree, Outline
from ledgerflow_core.reports.comparative import comparative_columns
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_core.reports.trial_balance import OPENING_TO_CLOSING

CHILDREN = Outline(depth=0)


def group_summary(
    figures: Figures,
    period: Period,
    group: GroupId,
    *,
    outline: Outline = CHILDREN,
    beside: tuple[Period, ...] = (),
) -> ReportTable:
    """Return the sub-groups and accounts under a group; a greater depth opens the sub-groups too.

    `beside` adds the closing balances of other periods. The totals are the group's line in the trial balance.
    """
    columns = OPENING_TO_CLOSING + comparative_columns("closing", "Closing", beside)
    amounts = with_closings_of(figures, account_figures(figures, period), beside)
    tree = AccountTree(figures.chart, amounts, width=len(columns))
    return headed(
        figures.company,
        period,
        report=("group-summary", "Group Summary"),
        columns=columns,
        rows=tree.rows_under(group, outline),
        totals=tree.subtotal(group),
        subject=figures.chart.groups[group].name,
    )
