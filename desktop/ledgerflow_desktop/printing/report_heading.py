"""What stands above and below the rows on every page of a report: whose books, which report, when, page x of y."""

from ledgerflow_core.reports.report_table import ColumnKind, ReportTable
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.pen import HAIRLINE, Pen
from ledgerflow_desktop.printing.report_layout import GAP, Column, Layout
from ledgerflow_desktop.printing.report_words import currency_text, heading_facts, title_text
from ledgerflow_desktop.printing.typesetting import Style, wrapped

_COMPANY = Style(15, bold=True)
_TITLE = Style(11, bold=True)
_FACT = Style(8.5, grey=0.3)
_RUNNING = Style(8, bold=True)
_RUNNING_FACT = Style(8, grey=0.3)
_FOOT = Style(7.5, grey=0.35)
_NAME_SHARE = 0.64  # of the width, for company and title; the facts have the rest
_HEAD_SHADE = 0.94
_ROOM_BELOW = 8.0


class PageHeads:
    """The heads of one report's pages; their heights are known before anything is drawn."""

    def __init__(self, table: ReportTable, layout: Layout) -> None:
        self._sheet = layout.sheet
        self._currency = currency_text(table)
        self._column_style = Style(layout.size - 0.5, bold=True)
        width = layout.sheet.text_width
        company, title, facts = visible(table.company), title_text(table), heading_facts(table)
        self._first = [
            *((line, _COMPANY) for line in wrapped(company, _COMPANY, width * _NAME_SHARE)),
            *((line, _TITLE) for line in wrapped(title, _TITLE, width * _NAME_SHARE)),
        ]
        self._first_facts = [(line, _FACT) for line in facts]
        running = f"{company}  ·  {title}"
        self._next = [(line, _RUNNING) for line in wrapped(running, _RUNNING, width * _NAME_SHARE)]
        self._next_facts = [(facts[0], _RUNNING_FACT)]
        self._head_lines = max(len(self._title_lines(c)) for band in layout.bands for c in band)

    def height(self, *, is_first: bool) -> float:
        """Return what the head takes from the top of the text frame, the table head included."""
        left, right = (self._first, self._first_facts) if is_first else (self._next, self._next_facts)
        return max(_stacked(left), _stacked(right)) + _ROOM_BELOW + self._table_head_height

    @property
    def _table_head_height(self) -> float:
        return self._head_lines * self._column_style.line_height + 6.0

    def draw(self, pen: Pen, band: tuple[Column, ...], *, is_first: bool) -> float:
        """Draw the head; return where the rows begin."""
        left, right = (self._first, self._first_facts) if is_first else (self._next, self._next_facts)
        y = self._sheet.top
        for line, style in left:
            pen.write(line, self._sheet.left, y - style.size, style)
            y -= style.line_height
        # The facts end where the names end, so that both stand on the rule.
        y = self._sheet.top - max(_stacked(left), _stacked(right)) + _stacked(right)
        for line, style in right:
            pen.write_to(line, self._sheet.right, y - style.size, style)
            y -= style.line_height
        top = self._sheet.top - self.height(is_first=is_first) + self._table_head_height
        self._draw_table_head(pen, band, top)
        return top - self._table_head_height

    def draw_foot(self, pen: Pen, number: int, pages: int) -> None:
        """Draw the currency and the page number."""
        baseline = self._sheet.margin
        pen.rule(baseline + 11, self._sheet.left, self._sheet.right, weight=HAIRLINE, grey=0.7)
        pen.write(self._currency, self._sheet.left, baseline, _FOOT)
        pen.write_to(f"Page {number} of {pages}", self._sheet.right, baseline, _FOOT)

    def _draw_table_head(self, pen: Pen, band: tuple[Column, ...], top: float) -> None:
        style, bottom = self._column_style, top - self._table_head_height
        pen.shade(bottom, top, self._sheet.left, self._sheet.right, grey=_HEAD_SHADE)
        pen.rule(top, self._sheet.left, self._sheet.right)
        pen.rule(bottom, self._sheet.left, self._sheet.right)
        for column in band:
            lines = self._title_lines(column)
            y = bottom + 4.5 + (len(lines) - 1) * style.line_height
            for line in lines:
                if column.kind in (ColumnKind.TEXT, ColumnKind.DATE):
                    pen.write(line, column.left + GAP * style.size, y, style)
                else:
                    pen.write_to(line, column.right - GAP * style.size - column.side_width, y, style)
                y -= style.line_height

    def _title_lines(self, column: Column) -> tuple[str, ...]:
        width = column.right - column.left - 2 * GAP * self._column_style.size
        return wrapped(column.title, self._column_style, width)


def _stacked(lines: list[tuple[str, Style]]) -> float:
    return sum(style.line_height for _, style in lines)
