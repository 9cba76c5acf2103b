"""Cells as text: what a model answers, a delegate draws and the clipboard takes."""

from dataclasses import dataclass

from ledgerflow_core.reports.report_table import ColumnKind, ReportTable, Row, RowKind, machine_cell
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.report_words import (
    FIGURE_KINDS,
    Figure,
    column_order,
    column_title,
    figure,
    words,
)

_SILENT_STATE = "regular"
# Columns of codes, which are words in lower case.
_CODE_COLUMNS = frozenset({"state", "bill_kind"})
_STRONG_ROWS = frozenset({RowKind.GROUP, RowKind.HEADING, RowKind.RESULT, RowKind.TOTAL})


@dataclass(frozen=True, slots=True)
class Place:
    """A column on screen. `at` is its place among the report's cells, None for the label."""

    at: int | None
    title: str
    is_figure: bool
    is_signed: bool


class Cells:
    """The columns of a report from the leading edge on, and its cells as people read them."""

    def __init__(self, table: ReportTable) -> None:
        self.table = table
        self.places = [self._place(at) for at in column_order(table)]

    def _place(self, at: int | None) -> Place:
        if at is None:
            return Place(None, visible(self.table.label_title), False, False)
        column = self.table.columns[at]
        return Place(at, column_title(column), column.kind in FIGURE_KINDS, column.kind is ColumnKind.BALANCE)

    def figure(self, row: Row, column: int) -> Figure:
        """Return the text of a cell, Dr or Cr apart from the digits."""
        place = self.places[column]
        if place.at is None:
            return Figure(visible(row.label))
        if place.at >= len(row.cells):
            return Figure("")
        cell, kind = row.cells[place.at], self.table.columns[place.at].kind
        if place.is_figure:
            return figure(cell, kind, self.table, in_total=row.kind is RowKind.TOTAL)
        if self.table.columns[place.at].key in _CODE_COLUMNS:
            return Figure("" if cell == _SILENT_STATE else str(cell or "").replace("-", " ").capitalize())
        return Figure(visible(words(cell)))

    def text(self, row: Row, column: int) -> str:
        """Return the text of a cell in one piece."""
        return " ".join(part for part in self.figure(row, column) if part)

    def is_strong(self, row: Row) -> bool:
        """Whether a row is set apart."""
        return row.kind in _STRONG_ROWS and not (row.kind is RowKind.RESULT and row.level)

    def tsv(self, rows: list[Row]) -> str:
        """Return rows with their head for a spreadsheet: amounts as plain numbers, debit positive."""
        lines = ["\t".join(place.title.replace("\n", " ") for place in self.places)]
        exponent = self.table.currency.exponent
        for row in rows:
            parts = []
            for place in self.places:
                if place.at is None:
                    parts.append("  " * row.level + visible(row.label))
                else:
                    said = machine_cell(row.cells[place.at], self.table.columns[place.at].kind, exponent)
                    parts.append("" if said is None else visible(str(said)))
            lines.append("\t".join(part.replace("\t", " ") for part in parts))
        return "\n".join(lines)
