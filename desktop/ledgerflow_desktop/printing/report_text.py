"""Any report as a plain table for a terminal or a text file, aligned by what each character takes on screen."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from ledgerflow_core.reports.report_table import ColumnKind, ReportTable, Row, RowKind
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.report_words import (
    FIGURE_KINDS,
    column_order,
    column_title,
    figure,
    heading_facts,
    notes,
    right_side_from,
    title_text,
    total_row,
    words,
)

_BETWEEN = "  "
_INDENT = "  "
_TEXT_WIDTH_MIN = 8  # a column of words is not cut further than this; the line is longer than the screen then
_ELLIPSIS = "…"


def report_text(table: ReportTable, *, width: int | None) -> Iterator[str]:
    """Yield the lines of a report.

    `width` is that of the terminal: columns of words are cut to fit, with an ellipsis. None, for a file or
    a pipe, cuts nothing. Figures are never cut.
    """
    order = column_order(table)
    heads = [_head(table, at) for at in order]
    total = total_row(table)
    widths = [display_width(head) for head in heads]
    for row in (*table.rows, *([total] if total else [])):
        for place, text in enumerate(_texts(row, table, order)):
            widths[place] = max(widths[place], display_width(text))
    if width is not None:
        _fit(widths, [_is_words(table, at) for at in order], width)

    yield visible(table.company)
    yield title_text(table)
    yield ", ".join(heading_facts(table))
    yield ""
    yield _line(heads, widths, table, order)
    rule = _BETWEEN.join("-" * wide for wide in widths)
    yield rule
    for row in table.rows:
        if row.kind is RowKind.TOTAL:
            yield rule
        yield _line(_texts(row, table, order), widths, table, order)
    if total is not None:
        yield rule
        yield _line(_texts(total, table, order), widths, table, order)
    for at, note in enumerate(notes(table)):
        yield from ([""] if at == 0 else [])
        yield f"Note: {note}"


@lru_cache(maxsize=8192)
def display_width(text: str) -> int:
    """Return how many columns of a terminal a visible line takes: wide East Asian two, marks and joiners none."""
    if text.isascii():
        return len(text)
    return sum(_letter_width(character) for character in text)


def _letter_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return `text` if it takes no more than `width`, else its beginning and an ellipsis."""
    if display_width(text) <= width:
        return text
    used, end = 0, 0
    for end, character in enumerate(text):  # noqa: B007
        used += _letter_width(character)
        if used > width - 1:
            break
    return text[:end] + _ELLIPSIS


def _is_words(table: ReportTable, at: int | None) -> bool:
    return at is None or table.columns[at].kind is ColumnKind.TEXT


def _head(table: ReportTable, at: int | None) -> str:
    return visible(table.label_title if at is None else column_title(table.columns[at]))


def _texts(row: Row, table: ReportTable, order: list[int | None]) -> list[str]:
    return [_text(row, table, at) for at in order]


def _text(row: Row, table: ReportTable, at: int | None) -> str:
    if at is None:
        return _INDENT * row.level + visible(row.label)
    column, cell = table.columns[at], row.cells[at]
    if column.kind in FIGURE_KINDS:
        said = figure(cell, column.kind, table, in_total=row.kind is RowKind.TOTAL)
        if column.kind is ColumnKind.BALANCE and said.digits:
            return f"{said.digits} {said.side or '  '}"
        return said.digits
    text = visible(words(cell))
    return _INDENT * row.beside.level + text if row.beside is not None and at == right_side_from(table) else text


def _fit(widths: list[int], are_words: list[bool], width: int) -> None:
    """Narrow the widest column of words, one step at a time, until the line fits or none can give."""
    while sum(widths) + len(_BETWEEN) * (len(widths) - 1) > width:
        givers = [at for at, is_words in enumerate(are_words) if is_words and widths[at] > _TEXT_WIDTH_MIN]
        if not givers:
            return
        widest = max(givers, key=lambda at: widths[at])
        widths[widest] -= 1


def _line(texts: list[str], widths: list[int], table: ReportTable, order: list[int | None]) -> str:
    parts = []
    for text, wide, at in zip(texts, widths, order, strict=True):
        is_figure = at is not None and table.columns[at].kind in FIGURE_KINDS
        shown = text if is_figure else cut(text, wide)
        room = " " * (wide - display_width(shown))
        parts.append(room + shown if is_figure else shown + room)
    return _BETWEEN.join(parts).rstrip()
