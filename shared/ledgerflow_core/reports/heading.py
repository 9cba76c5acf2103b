"""What stands at the head of every report: whose books, in which currency, over which days."""

from ledgerflow_core.calendar import Period
from ledgerflow_core.masters.company import Company
from ledgerflow_core.reports.report_table import Cell, Column, ReportTable, Row


def headed(
    company: Company,
    period: Period,
    *,
    report: tuple[str, str],
    columns: tuple[Column, ...],
    rows: list[Row],
    totals: tuple[Cell, ...] | None = None,
    subject: str = "",
    notes: tuple[tuple[str, int], ...] = (),
) -> ReportTable:
    """Return the finished report of a company; `report` is its code and title, no `totals` means no total line."""
    return ReportTable(
        report=report[0],
        title=report[1],
        company=company.name,
        currency=company.base_currency,
        period=period,
        columns=columns,
        rows=tuple(rows),
        totals=(None,) * len(columns) if totals is None else totals,
        subject=subject,
        notes=notes,
        indian_grouping=company.groups_digits_indian,
    )
