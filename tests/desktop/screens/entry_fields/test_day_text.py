"""Days as bookkeepers type them, in an Indian year (April to March) and in a calendar year."""

from datetime import date

import pytest

from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.screens.entry_fields.day_text import read_day

CURRENT, TODAY = date(2026, 11, 20), date(2026, 11, 21)
APRIL, JANUARY = FinancialYear(4, 1), FinancialYear(1, 1)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("5", date(2026, 11, 5)),
        ("5-4", date(2026, 4, 5)),
        ("5/4", date(2026, 4, 5)),
        ("5.4", date(2026, 4, 5)),
        ("5 4", date(2026, 4, 5)),
        ("5-2", date(2027, 2, 5)),
        ("5-4-25", date(2025, 4, 5)),
        ("5-4-2025", date(2025, 4, 5)),
        ("5 apr", date(2026, 4, 5)),
        ("5apr", date(2026, 4, 5)),
        ("5-April-27", date(2027, 4, 5)),
        ("29-2-28", date(2028, 2, 29)),
        ("2026-05-04", date(2026, 5, 4)),
        ("today", TODAY),
        ("tod", TODAY),
        ("yesterday", date(2026, 11, 20)),
        ("y", date(2026, 11, 20)),
        ("tomorrow", date(2026, 11, 22)),
        ("+1", date(2026, 11, 21)),
        ("-20", date(2026, 10, 31)),
        ("  5 - 4 ", date(2026, 4, 5)),
    ],
)
def test_short_forms_mean_the_day_a_bookkeeper_means(typed: str, meant: date) -> None:
    assert read_day(typed, current=CURRENT, today=TODAY, year=APRIL) == meant


def test_a_day_and_month_fall_in_the_financial_year_at_hand() -> None:
    assert read_day("5-2", current=CURRENT, today=TODAY, year=JANUARY) == date(2026, 2, 5)


@pytest.mark.parametrize(
    "typed", ["", "31", "31-2", "5-13", "t", "soon", "5-4-26-1", "29-2", "0", "5 xyz", "+99999999"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_day(typed, current=CURRENT, today=TODAY, year=APRIL)
    assert caught.value.problems[0].code == "bad-date"
