"""Days so far off that reports could not reach them enter no book."""

from datetime import date
from pathlib import Path

import pytest

from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.actions import companies, periods


def refused(error: InvalidInput) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in error.problems]


def test_books_begin_on_a_day_that_reports_reach() -> None:
    for day in ("1899-12-31", "2200-01-01"):
        problems = companies.problems_in(companies.NewCompany(name="Lotus", books_begin=day))
        assert [(problem.code, problem.place) for problem in problems] == [("day-out-of-range", "books_begin")]
    assert companies.problems_in(companies.NewCompany(name="Lotus", books_begin="1900-01-01")) == []


def test_a_lock_goes_no_further_than_the_days_of_books(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        with pytest.raises(InvalidInput) as locked:
            periods.lock(book, date(9999, 12, 31))
        assert refused(locked.value) == [("day-out-of-range", "until")]
        periods.lock(book, date(2026, 4, 30))
        with pytest.raises(InvalidInput) as unlocked:
            periods.unlock(book, date(1, 1, 1), "audit")
        assert refused(unlocked.value) == [("day-out-of-range", "until")]
        assert book.locked_until == date(2026, 4, 30)
