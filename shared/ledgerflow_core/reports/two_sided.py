"""The two-sided (horizontal) arrangement: two lists of rows face each other, each with its own amounts."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import zip_longest

from ledgerflow_core.reports.report_table import Cell, Column, ColumnKind, Row, RowKind


class Layout(StrEnum):
    """How a final account is arranged."""

    VERTICAL = "vertical"
    HORIZONTAL = "horizontal"


_BLANK = Row(RowKind.HEADING, "", (None,))


def two_sided_columns(left: tuple[str, str], right: tuple[str, str]) -> tuple[Column, ...]:
    """Return the three columns of a two-sided report from (key, title) of its sides."""
    return (
        Column(left[0], left[1], ColumnKind.AMOUNT),
        Column(f"{right[0]}_particulars", right[1], ColumnKind.TEXT),
        Column(right[0], "Amount", ColumnKind.AMOUNT),
    )


def facing(left: Sequence[Row], right: Sequence[Row], *, left_is_debit: bool) -> list[Row]:
    """Return rows that carry both sides; each has one signed amount, shown positive on the side it belongs to."""
    sign = 1 if left_is_debit else -1
    rows = []
    for one, other in zip_longest(left, right, fillvalue=_BLANK):
        label = other.label if other is not _BLANK else None
        cells = (_on_side(one, sign), label, _on_side(other, -sign))
        beside = replace(other, cells=()) if other is not _BLANK else None
        rows.append(replace(one, cells=cells, beside=beside))
    return rows


def _on_side(row: Row, sign: int) -> Cell:
    (amount,) = row.cells
    return sign * amount if isinstance(amount, int) else None


def both_totals(total: int) -> tuple[Cell, ...]:
    """Return the total line of a two-sided report: the same amount on both sides."""
    return (total, None, total)
