"""Where a report's columns stand: sheet, size of type and widths, chosen so that no figure is ever clipped.

Figures take the width of their widest value and never wrap. Names share what is left and wrap. A report too
wide for an upright sheet is set on its side, then smaller, and at last cut into bands of columns that follow
each other page by page with the names repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledgerflow_core.reports.report_table import ColumnKind, ReportTable, Row
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.paper import Paper, Sheet, landscape, portrait
from ledgerflow_desktop.printing.report_words import (
    column_order,
    column_title,
    figure,
    right_side_from,
    words,
)
from ledgerflow_desktop.printing.typesetting import Style, line_width

# Tried in this order; a table for which none has room is cut into bands at the last.
_SIZES = ((portrait, 8.5), (portrait, 7.5), (landscape, 8.5), (landscape, 7.5), (landscape, 6.5))
_LABEL_SHARE = 17.0  # in units of the size of type: about 32 letters
_LABEL_SHARE_MIN = 9.0
_TEXT_SHARE_MIN = 7.0
_TEXT_SHARE_MAX = 24.0
_WORD_SHARE = 12.0  # a voucher number up to this long stays whole
_SAMPLE_ROWS_MAX = 2000
_SAMPLE_LETTERS_MAX = 200
_WIDEST_DATE = "00-Mmm-0000"
GAP = 0.5  # clear on both sides of a column, in units of the size


@dataclass(frozen=True, slots=True)
class Column:
    """A column on paper. `at` is its place among the report's cells, None for the label."""

    at: int | None
    kind: ColumnKind
    title: str
    left: float
    right: float
    side_width: float  # what Dr or Cr takes at the right of a signed figure, the gap before it included


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet, a size of type, and one or more bands of columns; each band is a page of its own."""

    sheet: Sheet
    size: float
    bands: tuple[tuple[Column, ...], ...]


@dataclass(frozen=True, slots=True)
class _Wish:
    at: int | None
    kind: ColumnKind
    title: str
    least: float
    most: float
    side_width: float = 0.0
    is_name: bool = False


def report_layout(table: ReportTable, paper: Paper) -> Layout:
    """Choose sheet, size and columns."""
    for turned, size in _SIZES:
        sheet, wishes = turned(paper), _wishes(table, size)
        if sum(wish.least for wish in wishes) <= sheet.text_width:
            return Layout(sheet, size, (_placed(wishes, sheet),))
    sheet, size = landscape(paper), _SIZES[-1][1]
    wishes = _wishes(table, size)
    return Layout(sheet, size, tuple(_placed(band, sheet) for band in _bands(wishes, sheet.text_width)))


def _wishes(table: ReportTable, size: float) -> list[_Wish]:
    return [_wish(table, at, size) for at in column_order(table)]


def _wish(table: ReportTable, at: int | None, size: float) -> _Wish:
    regular, bold, room = Style(size), Style(size, bold=True), 2 * GAP * size
    if at is None:
        labels = [(row.label, row.level) for row in _sample(table)]
        return _name_wish(None, table.label_title, labels, size)
    column, title = table.columns[at], column_title(table.columns[at])
    heading = max((line_width(word, bold) for word in title.split()), default=0.0) + room
    if column.kind is ColumnKind.TEXT and at == right_side_from(table):
        labels = [(words(row.cells[at]), row.beside.level if row.beside else 0) for row in _sample(table)]
        return _name_wish(at, title, labels, size)
    if column.kind is ColumnKind.TEXT:
        widest = max((_width(words(row.cells[at]), bold) for row in _sample(table)), default=0.0) + room
        longest_word = max(
            (_width(word, bold) for row in _sample(table) for word in words(row.cells[at]).split()), default=0.0
        )
        least = max(heading, min(longest_word + room, _WORD_SHARE * size), min(widest, _TEXT_SHARE_MIN * size))
        return _Wish(at, column.kind, title, least, max(least, min(widest, _TEXT_SHARE_MAX * size)))
    if column.kind is ColumnKind.DATE:
        wide = max(heading, line_width(_WIDEST_DATE, regular) + room)
        return _Wish(at, column.kind, title, wide, wide)
    side = line_width(" Dr", bold) if column.kind is ColumnKind.BALANCE else 0.0
    digits = max((line_width(text, bold) for text in _widest_figures(table, at)), default=0.0)
    wide = max(heading, digits + side + room)
    return _Wish(at, column.kind, title, wide, wide, side)


def _name_wish(at: int | None, title: str, labels: Sequence[tuple[str, int]], size: float) -> _Wish:
    bold = Style(size, bold=True)
    widest = max((_width(label, bold) + level * size for label, level in labels), default=0.0) + 2 * GAP * size
    share = _LABEL_SHARE * size
    least = min(max(widest, _LABEL_SHARE_MIN * size), share)
    return _Wish(at, ColumnKind.TEXT, title, least, max(widest, share), is_name=True)


def _sample(table: ReportTable) -> Sequence[Row]:
    """Return enough rows to choose a width by; a longer name further down wraps."""
    return table.rows[:: 1 + len(table.rows) // _SAMPLE_ROWS_MAX]


def _width(text: str, style: Style) -> float:
    return line_width(visible(text[:_SAMPLE_LETTERS_MAX]), style)


def _widest_figures(table: ReportTable, at: int) -> list[str]:
    """Return figures of a column none of the others is wider than: all digits are of one width."""
    kind, cells = table.columns[at].kind, [row.cells[at] for row in table.rows]
    numbers = [cell for cell in (*cells, table.totals[at]) if isinstance(cell, int)]
    others = {str(cell) for cell in cells if cell is not None and not isinstance(cell, int)}
    extremes = [max(numbers), min(numbers)] if numbers else []
    return [*(figure(cell, kind, table, in_total=True).digits for cell in extremes), *others]


def _placed(wishes: Sequence[_Wish], sheet: Sheet) -> tuple[Column, ...]:
    """Share the width out: everybody the least they need, then what is left in proportion to what they want."""
    spare = sheet.text_width - sum(wish.least for wish in wishes)
    wanted = sum(wish.most - wish.least for wish in wishes)
    part = min(1.0, spare / wanted) if wanted else 0.0
    rest = spare - part * wanted
    names = sum(wish.is_name for wish in wishes)
    columns, x = [], sheet.left
    for wish in wishes:
        wide = wish.least + part * (wish.most - wish.least) + (rest / names if wish.is_name else 0.0)
        columns.append(Column(wish.at, wish.kind, wish.title, x, x + wide, wish.side_width))
        x += wide
    return tuple(columns)


def _bands(wishes: Sequence[_Wish], width: float) -> list[list[_Wish]]:
    label = next(wish for wish in wishes if wish.at is None)
    bands: list[list[_Wish]] = [[label]]
    for wish in wishes:
        if wish.at is None:
            continue
        if len(bands[-1]) > 1 and sum(w.least for w in bands[-1]) + wish.least > width:
            bands.append([label])
        bands[-1].append(wish)
    return bands
