"""Any report as CSV (RFC 4180) for other programs: amounts as plain decimal text, debit positive.

The first four columns say what a row is: `kind`, `level` (0 at the top), `path` (the groups above, joined by
" > ") and `label`; then one column a report column under its key. The total line has kind `total`. Text that
a spreadsheet would run begins with an apostrophe (`cell_safety`); figures are written as they are.
"""

import csv
import io
from typing import BinaryIO

from ledgerflow_core.reports.report_table import ReportTable, Row, machine_cell
from ledgerflow_desktop.phrases.cell_safety import disarmed
from ledgerflow_desktop.printing.report_words import total_row

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD = ("kind", "level", "path", "label")


def report_csv(table: ReportTable, out: BinaryIO, *, with_byte_order_mark: bool) -> None:
    """Write a report as UTF-8 CSV with CR LF; the mark makes spreadsheets on Windows read it as UTF-8."""
    if with_byte_order_mark:
        out.write(_BYTE_ORDER_MARK)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_HEAD, *(disarmed(column.key) for column in table.columns)])
    for row in table.rows:
        writer.writerow(_record(row, table))
    total = total_row(table)
    if total is not None:
        writer.writerow(_record(total, table))
    text.flush()
    text.detach()


def _record(row: Row, table: ReportTable) -> list[str | int]:
    record: list[str | int] = [row.kind.value, row.level, disarmed(" > ".join(row.path)), disarmed(row.label)]
    for column, cell in zip(table.columns, row.cells, strict=True):
        written = machine_cell(cell, column.kind, table.currency.exponent)
        if written is None:
            record.append("")
        else:
            record.append(disarmed(cell) if isinstance(cell, str) else written)
    return record
