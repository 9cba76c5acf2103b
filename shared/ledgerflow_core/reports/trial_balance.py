"""Trial balance: every account with what it opened with, what moved and what it closes with."""

from ledgerflow_core.calendar import Period
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.reports.account_figures import account_figures, difference_in_openings, with_closings_of
from ledgerflow_core.reports.account_tree import WHOLE, AccountTree, Outline, added, profit_and_loss_line
from ledgerflow_core.reports.comparative import comparative_columns
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind

OPENING_TO_CLOSING = (
    Column("opening", "Opening", ColumnKind.BALANCE),
    Column("debit", "Debit", ColumnKind.AMOUNT),
    Column("credit", "Credit", ColumnKind.AMOUNT),
    Column("closing", "Closing", ColumnKind.BALANCE),
)


def trial_balance(
    figures: Figures, period: Period, *, outline: Outline = WHOLE, beside: tuple[Period, ...] = ()
) -> ReportTable:
    """Return the trial balance of a period; `beside` adds the closing balances of other periods.

    Opening and closing are signed, debit and credit are not. Debits equal credits; openings and closings
    add up to zero, by a line of their own where the opening balances of the masters do not (note
    ``opening-balances-differ``).
    """
    chart, columns = figures.chart, OPENING_TO_CLOSING + comparative_columns("closing", "Closing", beside)
    amounts = with_closings_of(figures, account_figures(figures, period), beside)
    tree = AccountTree(chart, amounts, width=len(columns))
    primary = chart.subgroups(None)
    rows = tree.rows(primary, outline)
    sums = [tree.total(primary)]

    brought_forward = amounts.get(PROFIT_AND_LOSS, (0,) * len(columns))
    if any(brought_forward) or outline.zero_rows:
        rows.append(profit_and_loss_line(chart, brought_forward))
        sums.append(brought_forward)

    notes: tuple[tuple[str, int], ...] = ()
    if difference := difference_in_openings(chart):
        cells = (difference, 0, 0, difference, *(difference for _ in beside))
        rows.append(Row(RowKind.RESULT, "Difference in opening balances", cells))
        sums.append(cells)
        notes = (("opening-balances-differ", difference),)

    return headed(
        figures.company,
        period,
        report=("trial-balance", "Trial Balance"),
        columns=columns,
        rows=rows,
        totals=added(sums, len(columns)),
        notes=notes,
    )
