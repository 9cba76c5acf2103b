"""A report as the bytes of a file. Apart from asking where to, because the writers are slow to load."""

from io import BytesIO

from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.report_csv import report_csv
from ledgerflow_desktop.printing.report_pdf import report_pdf
from ledgerflow_desktop.printing.report_xlsx import report_xlsx


def report_bytes(table: ReportTable, suffix: str) -> bytes:
    """Return a report as a file of a kind."""
    out = BytesIO()
    if suffix == "pdf":
        report_pdf(table, out, paper=Paper.A4)
    elif suffix == "csv":
        report_csv(table, out, with_byte_order_mark=True)
    else:
        report_xlsx(table, out)
    return out.getvalue()
