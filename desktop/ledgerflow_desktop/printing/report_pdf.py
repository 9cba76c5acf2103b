"""Any report on paper: A4 or Letter, upright or on its side, with the table head repeated on every page.

Two passes over the rows: the first finds where pages begin (a page says "1 of 9"), the second draws. Time
grows with the number of rows alone; what is kept between the passes is two numbers a page. A row taller
than a page runs on to the next, so text is never clipped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from ledgerflow_core.reports.report_table import ReportTable, Row, RowKind
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.pen import HAIRLINE, Pen
from ledgerflow_desktop.printing.report_heading import PageHeads
from ledgerflow_desktop.printing.report_layout import GAP, Column, Layout, report_layout
from ledgerflow_desktop.printing.report_words import (
    FIGURE_KINDS,
    figure,
    is_result,
    is_strong,
    notes,
    right_side_from,
    title_text,
    total_row,
    words,
)
from ledgerflow_desktop.printing.typesetting import Style, wrapped

_ROW_ROOM = 3.0  # points above and below the lines of a row together
_INDENT = 1.0  # of one level, in units of the size of type
_INDENT_LEVELS_MAX = 8  # deeper rows stay at this indent, so that a deep tree leaves room for its names
_FIRST_LINES_MIN = 3  # of a row taller than a page, before it runs on to the next
_NOTES_ROOM = 10.0


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one cell draws: lines of words, or one figure with its side."""

    column: Column
    style: Style
    indent: float
    lines: tuple[str, ...]
    side: str = ""


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a page begins: a row, and the line of it when the row runs on from the page before."""

    row: int
    line: int = 0


def report_pdf(table: ReportTable, out: BinaryIO, *, paper: Paper) -> None:
    """Write a report as PDF. The same table gives the same bytes."""
    layout = report_layout(table, paper)
    pen = Pen(out, title=f"{title_text(table)} - {visible(table.company)}", author=visible(table.company))
    _ReportPages(table, layout, pen).draw()
    pen.save()


class _ReportPages:
    def __init__(self, table: ReportTable, layout: Layout, pen: Pen) -> None:
        self.table, self.layout, self.pen = table, layout, pen
        self.heads = PageHeads(table, layout)
        self.regular, self.bold = Style(layout.size), Style(layout.size, bold=True)
        self.line_height = self.regular.line_height
        self.right_side = right_side_from(table)
        total = total_row(table)
        self.rows: Sequence[Row] = table.rows if total is None else (*table.rows, total)
        self.total_at = len(table.rows)
        columns = (column for band in layout.bands for column in band)
        self.wrapping_columns = [column for column in columns if column.kind not in FIGURE_KINDS]
        width = layout.sheet.text_width - GAP * layout.size
        self.notes = [line for note in notes(table) for line in wrapped(note, self.regular, width)]

    def draw(self) -> None:
        """Draw every page."""
        starts, room_left = self._page_starts()
        notes_height = (len(self.notes) + 1) * self.line_height + _NOTES_ROOM if self.notes else 0.0
        notes_apart = notes_height > room_left
        pages, number = len(starts) * len(self.layout.bands) + notes_apart, 0
        for page, (start, end) in enumerate(pairwise([*starts, _Start(len(self.rows))])):
            for band in self.layout.bands:
                number += 1
                self.pen.begin_page(self.layout.sheet)
                y = self.heads.draw(self.pen, band, is_first=page == 0)
                y = self._draw_rows(band, start, end, y)
                if number == len(starts) * len(self.layout.bands) and not notes_apart:
                    self._draw_notes(y)
                self._end_page(number, pages)
        if notes_apart:
            self.pen.begin_page(self.layout.sheet)
            self._draw_notes(self.heads.draw(self.pen, self.layout.bands[0], is_first=False))
            self._end_page(pages, pages)

    def _end_page(self, number: int, pages: int) -> None:
        self.heads.draw_foot(self.pen, number, pages)
        self.pen.end_page()

    def _page_starts(self) -> tuple[list[_Start], float]:
        """Return where pages begin and the room that is left below the last row."""
        sheet = self.layout.sheet
        body = sheet.top - self.heads.height(is_first=False) - sheet.bottom
        starts, left = [_Start(0)], sheet.top - self.heads.height(is_first=True) - sheet.bottom
        counts = _lookahead(self._line_count(row) for row in self.rows)
        for at, (lines, lines_next) in enumerate(counts):
            need = lines * self.line_height + _ROW_ROOM
            if need > body:
                left = self._run_on(starts, at, lines, left, body)
                continue
            kept = need + (lines_next * self.line_height + _ROW_ROOM if self._leads(at) else 0.0)
            if min(kept, body) > left:
                starts.append(_Start(at))
                left = body
            left -= need
        return starts, left

    def _run_on(self, starts: list[_Start], at: int, lines: int, left: float, body: float) -> float:
        """Spread a row taller than a page over pages; return the room left below it."""
        done = 0
        while True:
            fitting = max(0, int((left - _ROW_ROOM) / self.line_height))
            if done + fitting >= lines:
                return left - (lines - done) * self.line_height - _ROW_ROOM
            if fitting >= _FIRST_LINES_MIN:
                done += fitting
            starts.append(_Start(at, done))
            left = body

    def _leads(self, at: int) -> bool:
        """Whether a row is left hanging when the one after it stands on another page."""
        row = self.rows[at]
        if row.kind not in (RowKind.GROUP, RowKind.HEADING) or at + 1 == len(self.rows):
            return at + 2 == len(self.rows) == self.total_at + 1  # the last row keeps the total company
        return self.rows[at + 1].level > row.level

    def _line_count(self, row: Row) -> int:
        cells = (self._cell(row, column) for column in self.wrapping_columns)
        return max(len(cell.lines) for cell in cells)

    def _cell(self, row: Row, column: Column) -> _Cell:
        shown = row
        if column.at is not None and column.at >= self.right_side and row.beside is not None:
            shown = row.beside
        style = self.bold if is_strong(shown) else self.regular
        indent = 0.0
        if column.at is None or column.at == self.right_side:
            indent = min(shown.level, _INDENT_LEVELS_MAX) * _INDENT * style.size
        width = column.right - column.left - 2 * GAP * style.size - indent
        if column.at is None:
            return _Cell(column, style, indent, wrapped(row.label, style, width))
        cell = row.cells[column.at]
        if column.kind in FIGURE_KINDS:
            said = figure(cell, column.kind, self.table, in_total=row.kind is RowKind.TOTAL)
            return _Cell(column, style, 0.0, (said.digits,), said.side)
        return _Cell(column, style, indent, wrapped(words(cell), style, width))

    def _draw_rows(self, band: Sequence[Column], start: _Start, end: _Start, y: float) -> float:
        last = end.row if end.line else end.row - 1
        for at in range(start.row, last + 1):
            row, first_line = self.rows[at], start.line if at == start.row else 0
            cells = [self._cell(row, column) for column in band]
            if at == end.row:
                until = end.line
            elif len(self.layout.bands) == 1:
                until = max(len(cell.lines) for cell in cells)
            else:
                until = self._line_count(row)
            bottom = y - (until - first_line) * self.line_height - _ROW_ROOM
            self._draw_cells(cells, y, slice(first_line, until))
            self._draw_row_rules(row, y, bottom, is_table_total=at == self.total_at)
            y = bottom
        return y

    def _draw_cells(self, cells: Sequence[_Cell], top: float, part: slice) -> None:
        baseline = top - _ROW_ROOM / 2 - self.layout.size
        gap = GAP * self.layout.size
        for cell in cells:
            column, y = cell.column, baseline
            for line in cell.lines[part]:
                if not line:
                    pass
                elif column.kind in FIGURE_KINDS:
                    right = column.right - gap - column.side_width
                    self.pen.write_to(line, right, y, cell.style)
                    if cell.side:
                        self.pen.write(f" {cell.side}", right, y, cell.style)
                else:
                    self.pen.write(line, column.left + gap + cell.indent, y, cell.style)
                y -= self.line_height

    def _draw_row_rules(self, row: Row, top: float, bottom: float, *, is_table_total: bool) -> None:
        left, right = self.layout.sheet.left, self.layout.sheet.right
        if is_table_total or row.kind is RowKind.TOTAL:
            self.pen.rule(top, left, right)
            self.pen.rule(bottom, left, right)
            self.pen.rule(bottom - 1.8, left, right, weight=HAIRLINE)
        elif is_result(row):
            self.pen.rule(top, left, right, weight=HAIRLINE)
            self.pen.rule(bottom, left, right, weight=HAIRLINE)
        else:
            self.pen.rule(bottom, left, right, weight=HAIRLINE / 2, grey=0.82)

    def _draw_notes(self, y: float) -> None:
        if not self.notes:
            return
        x = self.layout.sheet.left + GAP * self.layout.size
        y -= _NOTES_ROOM + self.layout.size
        self.pen.write("Notes", x, y, self.bold)
        for line in self.notes:
            y -= self.line_height
            self.pen.write(line, x, y, self.regular)


def _lookahead(counts: Iterator[int]) -> Iterator[tuple[int, int]]:
    """Yield each count with the one after it; the last with 0."""
    held = next(counts, None)
    while held is not None:
        following = next(counts, None)
        yield held, following or 0
        held = following
