"""Which rows a figure is the sum of, so that a worksheet can say so in a formula.

A report does not tell how a total came about, and a formula that disagrees with the books would be worse
than none: a formula is written only where the rows it names add up to the figure stated.
"""

from collections.abc import Iterator, Sequence

from ledgerflow_core.reports.report_table import Cell, Row, RowKind

# Computed lines repeat what stands above them, headings and totals are no part of a sum.
_NOT_SUMMED = frozenset({RowKind.HEADING, RowKind.TOTAL})
_TOP = -1


def children_by_row(rows: Sequence[Row]) -> dict[int, list[int]]:
    """Return, for each row with rows under it, the rows one level below; under -1 those of the top level."""
    children: dict[int, list[int]] = {_TOP: []}
    above: list[int] = []
    for at, row in enumerate(rows):
        while above and rows[above[-1]].level >= row.level:
            above.pop()
        children.setdefault(above[-1] if above else _TOP, []).append(at)
        above.append(at)
    return children


def summed_rows(rows: Sequence[Row], candidates: Sequence[int], column: int, figure: Cell) -> list[int] | None:
    """Return which of the candidates add up to a figure, with or without computed lines; None if neither."""
    if not isinstance(figure, int):
        return None
    rows_with = [
        at for at in candidates if isinstance(rows[at].cells[column], int) and rows[at].kind not in _NOT_SUMMED
    ]
    rows_without = [at for at in rows_with if rows[at].kind is not RowKind.RESULT]
    for chosen in (rows_with, rows_without):
        if chosen and sum(_minor(rows[at].cells[column]) for at in chosen) == figure:
            return chosen
    return None


def runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each unbroken run of rising numbers."""
    begin = end = None
    for at in rows:
        if begin is None or end is None:
            begin = end = at
        elif at == end + 1:
            end = at
        else:
            yield begin, end
            begin = end = at
    if begin is not None and end is not None:
        yield begin, end


def _minor(cell: Cell) -> int:
    assert isinstance(cell, int)
    return cell
