"""Reading a long report to its end, part by part."""

import pytest

from ledgerflow_core.reports.window import EVERYTHING, Window, read_window


@pytest.mark.parametrize("count", [0, 1, 9_999, 10_000, 10_001, 20_000])
def test_without_a_limit_every_line_is_read_once_and_in_order(count: int) -> None:
    asked = []

    def read(offset: int, limit: int) -> range:
        asked.append(limit)
        return range(count)[offset : offset + limit]

    assert read_window(EVERYTHING, read) == list(range(count))
    assert read_window(Window(offset=3), read) == list(range(count))[3:]
    assert max(asked) <= 10_000


def test_with_a_limit_the_books_are_asked_once_and_for_no_more() -> None:
    asked = []

    def read(offset: int, limit: int) -> range:
        asked.append((offset, limit))
        return range(offset, offset + limit)

    assert read_window(Window(offset=5, limit=2), read) == [5, 6]
    assert asked == [(5, 2)]
