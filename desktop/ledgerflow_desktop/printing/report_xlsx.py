"""Any report as a worksheet: real numbers and dates, sums as formulas, groups that fold, a head that stays.

A worksheet stores binary fractions; this is the one place where an amount becomes one. An amount of up to
fifteen digits reads back as the same decimal. Larger ones, from ten trillion rupees on, may be off by one
minor unit in a spreadsheet, which shows fifteen digits in any case; CSV and PDF have all digits.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from ledgerflow_core.money.amount import decimal_text
from ledgerflow_core.reports.report_table import Cell, ColumnKind, ReportTable, Row, RowKind
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.number_formats import number_format
from ledgerflow_desktop.printing.report_text import display_width
from ledgerflow_desktop.printing.report_words import (
    FIGURE_KINDS,
    column_order,
    column_title,
    figure,
    heading_facts,
    is_result,
    is_strong,
    notes,
    right_side_from,
    title_text,
    total_row,
    words,
)
from ledgerflow_desktop.printing.totals import children_by_row, runs, summed_rows

_ROWS_IN_MEMORY_MAX = 5_000
_OUTLINE_LEVELS_MAX = 7  # what the file format allows
_SUM_ARGUMENTS_MAX = 255
_CELL_LETTERS_MAX = 32_767
_LABEL_WIDTH_MAX = 60
_NAME_FORBIDDEN = str.maketrans("[]:*?/\\", "       ")
_WIDTH_SAMPLE = 2_000


def report_xlsx(table: ReportTable, out: BinaryIO) -> None:
    """Write a report as a workbook of one sheet. Text is always a string, never a formula or a link."""
    book = Workbook(
        out,
        {
            "constant_memory": len(table.rows) > _ROWS_IN_MEMORY_MAX,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": title_text(table), "author": visible(table.company), "comments": ""})
    _Sheet(table, book).write()
    book.close()


def sheet_name(title: str) -> str:
    """Return a title as a sheet may be named: at most 31 characters, none of ``[]:*?/\\``, no quote at an end."""
    name = " ".join(visible(title).translate(_NAME_FORBIDDEN).split())[:31].strip("' ")
    return "Report" if not name or name.lower() == "history" else name


@dataclass(frozen=True, slots=True)
class _Look:
    """Properties of a cell under XlsxWriter's names; empty ones are left to the program that opens it."""

    bold: bool = False
    top: int = 0
    bottom: int = 0
    indent: int = 0
    num_format: str = ""
    align: str = ""
    font_size: int = 0
    font_color: str = ""
    bg_color: str = ""
    text_wrap: bool = False


_FACT = _Look(font_color="#555555")


class _Sheet:
    def __init__(self, table: ReportTable, book: Workbook) -> None:
        self.table, self.book = table, book
        self.sheet: Worksheet = book.add_worksheet(sheet_name(table.title))
        self.order = column_order(table)
        self.right_side = right_side_from(table)
        self.children = children_by_row(table.rows)
        self.facts = heading_facts(table)
        self.head_at = 2 + len(self.facts) + 1
        self.first_row = self.head_at + 1
        self._formats: dict[_Look, Format] = {}

    def write(self) -> None:
        self._set_up()
        self._write_text(0, 0, self.table.company, _Look(bold=True, font_size=14))
        self._write_text(1, 0, title_text(self.table), _Look(bold=True, font_size=12))
        for line, fact in enumerate(self.facts):
            self._write_text(2 + line, 0, fact, _FACT)
        for place, at in enumerate(self.order):
            title = self.table.label_title if at is None else column_title(self.table.columns[at])
            is_figure = at is not None and self.table.columns[at].kind in FIGURE_KINDS
            align = "right" if is_figure else "left"
            look = _Look(bold=True, top=1, bottom=1, align=align, bg_color="#EFEFEF", text_wrap=True)
            self._write_text(self.head_at, place, title, look)
        for number, row in enumerate(self.table.rows):
            self._write_row(self.first_row + number, row, self.children.get(number, []), outline=row.level)
        after = self.first_row + len(self.table.rows)
        total = total_row(self.table)
        if total is not None:
            self._write_row(after, total, self.children[-1], outline=0)
            after += 1
        for line, note in enumerate(notes(self.table)):
            self._write_text(after + 1 + line, 0, note, _FACT)

    def _set_up(self) -> None:
        sheet = self.sheet
        sheet.freeze_panes(self.first_row, 1)
        sheet.outline_settings(True, False, True, False)  # a group's row stands above what folds under it
        sheet.repeat_rows(self.head_at)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if len(self.order) > 6:
            sheet.set_landscape()
        sheet.set_footer("&L&A&RPage &P of &N")
        for place, at in enumerate(self.order):
            sheet.set_column(place, place, self._width(at))

    def _width(self, at: int | None) -> float:
        rows = self.table.rows[:: 1 + len(self.table.rows) // _WIDTH_SAMPLE]
        if at is None:
            widest = max((display_width(visible(row.label)) + 2 * row.level for row in rows), default=0)
            return float(min(max(widest, 24), _LABEL_WIDTH_MAX) + 2)
        column = self.table.columns[at]
        head = max(display_width(line) for line in column_title(column).split("\n"))
        if column.kind in FIGURE_KINDS:
            cells = (*(row.cells[at] for row in self.table.rows), self.table.totals[at])
            numbers = [abs(cell) for cell in cells if isinstance(cell, int)]
            side = 4 if column.kind is ColumnKind.BALANCE else 0
            digits = figure(max(numbers, default=0), column.kind, self.table, in_total=True).digits
            return float(max(head, len(digits) + side) + 3)
        widest = max((display_width(visible(words(row.cells[at]))) for row in rows), default=0)
        return float(min(max(head, widest), _LABEL_WIDTH_MAX) + 2)

    def _write_row(self, to: int, row: Row, summed: list[int], *, outline: int) -> None:
        self.sheet.set_row(to, None, None, {"level": min(outline, _OUTLINE_LEVELS_MAX)})
        for place, at in enumerate(self.order):
            shown = row
            if at is not None and at >= self.right_side and row.beside is not None:
                shown = row.beside
            look = _look(shown)
            if at is None:
                self._write_text(to, place, row.label, replace(look, indent=min(row.level, 15)))
                continue
            kind, cell = self.table.columns[at].kind, row.cells[at]
            if kind in FIGURE_KINDS and isinstance(cell, int):
                self._write_figure(to, place, at, cell, look, summed)
            elif isinstance(cell, date):
                day = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
                self.sheet.write_datetime(
                    to, place, day, self._format(replace(look, num_format="dd-mmm-yyyy", align="left"))
                )
            elif cell is None:
                self.sheet.write_blank(to, place, None, self._format(look))
            else:
                indent = min(shown.level, 15) if at == self.right_side else 0
                self._write_text(to, place, str(cell), replace(look, indent=indent))

    def _write_figure(self, to: int, place: int, at: int, cell: int, look: _Look, summed: list[int]) -> None:
        kind = self.table.columns[at].kind
        exponent = {ColumnKind.COUNT: 0, ColumnKind.RATIO: 4}.get(kind, self.table.currency.exponent)
        number = number_format(cell, exponent, indian=self.table.indian_grouping, is_signed=kind is ColumnKind.BALANCE)
        value = float(Decimal(decimal_text(cell, exponent)))
        formula = self._formula(place, at, cell, summed)
        if formula is None:
            self.sheet.write_number(to, place, value, self._format(replace(look, num_format=number)))
        else:
            self.sheet.write_formula(to, place, formula, self._format(replace(look, num_format=number)), value)

    def _formula(self, place: int, at: int, cell: Cell, summed: list[int]) -> str | None:
        chosen = summed_rows(self.table.rows, summed, at, cell)
        if chosen is None:
            return None
        name, first = xl_col_to_name(place), self.first_row + 1
        parts = [
            f"{name}{begin + first}" if begin == end else f"{name}{begin + first}:{name}{end + first}"
            for begin, end in runs(chosen)
        ]
        return f"=SUM({','.join(parts)})" if len(parts) <= _SUM_ARGUMENTS_MAX else None

    def _write_text(self, to: int, place: int, text: str, look: _Look) -> None:
        text = "\n".join(visible(line) for line in text.split("\n"))
        self.sheet.write_string(to, place, text[:_CELL_LETTERS_MAX], self._format(look))

    def _format(self, look: _Look) -> Format:
        """Return the format of a look; a workbook holds each once."""
        if look not in self._formats:
            said = {name: value for name, value in asdict(look).items() if value}
            self._formats[look] = self.book.add_format({"font_size": 10, "valign": "top", **said})
        return self._formats[look]


def _look(row: Row) -> _Look:
    bold = is_strong(row)
    if row.kind is RowKind.TOTAL:
        return _Look(bold=bold, top=1, bottom=6)
    return _Look(bold=bold, top=1, bottom=1) if is_result(row) else _Look(bold=bold)
