"""Which kept totals answer a question about a run of days: whole months inside it and the days at its edges.

So a question costs the same in a book of ten thousand vouchers and of a million, on the desktop and on the server.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ledgerflow_core.calendar import day_number, day_of, first_of_month, first_of_next_month, month_number

LONG_AGO = day_number(date(1, 1, 1))


class Stretch(NamedTuple):
    """Months (`whole_months`) or days from `low` to `high`, both inside."""

    whole_months: bool
    low: int
    high: int


def stretches(first: int, last: int) -> Iterator[Stretch]:
    """Split days first..last (numbers) into whole months and the days at the edges, in the order of time."""
    begin, end = day_of(max(first, LONG_AGO)), day_of(last)
    first_whole = begin if begin.day == 1 else first_of_next_month(begin)
    last_is_whole = day_number(first_of_next_month(end)) - 1 == last
    end_month = month_number(end) if last_is_whole else month_number(end) - 1
    if month_number(first_whole) > end_month:
        yield Stretch(False, first, last)
        return
    if first_whole != begin:
        yield Stretch(False, first, day_number(first_whole) - 1)
    yield Stretch(True, month_number(first_whole), end_month)
    if not last_is_whole:
        yield Stretch(False, day_number(first_of_month(end_month + 1)), last)


def day_of_line(lines_by_day: Iterable[tuple[int, int]], offset: int, first: int, last: int) -> tuple[int, int]:
    """Return the day that holds line `offset` (0: the first) of first..last, and how many of its lines come before.

    `lines_by_day` are (day, lines) by day; it is not read where nothing is skipped. Past the end: the day after `last`.
    """
    if offset == 0:
        return first, 0
    left = offset
    for day, lines in lines_by_day:
        if left < lines:
            return day, left
        left -= lines
    return last + 1, 0
