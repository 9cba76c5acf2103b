"""Dates of bookkeeping: leap years, periods, financial years, and the ends of the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledgerflow_core.calendar import (
    FinancialYear,
    Period,
    day_number,
    day_of,
    first_of_month,
    first_of_next_month,
    month_number,
    one_year_earlier,
    parse_date,
)
from ledgerflow_core.errors import InvalidInput

APRIL, JANUARY = FinancialYear(4, 1), FinancialYear(1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "", "2026", "2026-4-1", "20260401", "2026-04-01T00:00", "01-04-2026", "2026-02-29", "2026-13-01", "2026-00-10",
        "2026-04-31", "0000-01-01", "2026-W14-3", "2026-091", "-026-04-01", "２０２６-04-01", "2026-04-0१",
        "2026/04/01", " 2026-04-01", "2026-04-01\n", "10000-01-01",
    ],
)  # fmt: skip
def test_only_an_iso_day_is_a_date(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_date(text)
    assert refused.value.problems[0].code == "bad-date"


def test_an_iso_day_is_read_leap_days_included() -> None:
    assert parse_date("2028-02-29") == date(2028, 2, 29)
    assert parse_date("0001-01-01") == date.min
    assert parse_date("9999-12-31") == date.max


@given(st.dates())
def test_a_day_number_leads_back_to_its_day(day: date) -> None:
    assert day_of(day_number(day)) == day
    assert first_of_month(month_number(day)) == day.replace(day=1)


def test_days_are_counted_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(1969, 12, 31)) == -1
    assert day_number(date(2026, 4, 1)) == 20_544  # 56 years of 365 days, 14 leap days, 90 days of 2026


def test_both_ends_of_a_period_are_inside() -> None:
    period = Period(date(2026, 4, 1), date(2026, 4, 30))
    assert date(2026, 4, 1) in period
    assert date(2026, 4, 30) in period
    assert date(2026, 3, 31) not in period
    assert date(2026, 5, 1) not in period
    with pytest.raises(InvalidInput) as refused:
        Period(date(2026, 4, 2), date(2026, 4, 1))
    assert refused.value.problems[0].code == "period-ends-before-it-begins"


def test_the_months_of_a_period_are_cut_to_it() -> None:
    assert Period(date(2027, 12, 15), date(2028, 3, 1)).months() == [
        Period(date(2027, 12, 15), date(2027, 12, 31)),
        Period(date(2028, 1, 1), date(2028, 1, 31)),
        Period(date(2028, 2, 1), date(2028, 2, 29)),
        Period(date(2028, 3, 1), date(2028, 3, 1)),
    ]


@pytest.mark.parametrize(
    ("first", "last", "before_first", "before_last"),
    [
        (date(2026, 5, 1), date(2026, 5, 31), date(2026, 4, 1), date(2026, 4, 30)),
        (date(2028, 3, 1), date(2028, 3, 31), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 1, 1), date(2026, 3, 31), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2027, 3, 31), date(2025, 4, 1), date(2026, 3, 31)),
        (date(2026, 5, 4), date(2026, 5, 10), date(2026, 4, 27), date(2026, 5, 3)),
        (date(2026, 5, 4), date(2026, 5, 4), date(2026, 5, 3), date(2026, 5, 3)),
    ],
)
def test_before_whole_months_lie_whole_months_and_before_days_as_many_days(
    first: date, last: date, before_first: date, before_last: date
) -> None:
    assert Period(first, last).before() == Period(before_first, before_last)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 1_500))
def test_the_period_before_ends_the_day_before(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days))
    assert period.before().last == first - timedelta(1)


def test_a_year_before_keeps_the_last_of_february() -> None:
    assert Period(date(2028, 2, 1), date(2028, 2, 29)).year_before() == Period(date(2027, 2, 1), date(2027, 2, 28))
    assert Period(date(2029, 2, 1), date(2029, 2, 28)).year_before() == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert one_year_earlier(date(2028, 3, 1)) == date(2027, 3, 1)
    assert first_of_next_month(date(2026, 12, 31)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("rhythm", "day", "first", "last", "label"),
    [
        (APRIL, date(2026, 3, 31), date(2025, 4, 1), date(2026, 3, 31), "25-26"),
        (APRIL, date(2026, 4, 1), date(2026, 4, 1), date(2027, 3, 31), "26-27"),
        (APRIL, date(2000, 1, 1), date(1999, 4, 1), date(2000, 3, 31), "99-00"),
        (JANUARY, date(2026, 7, 1), date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (FinancialYear(3, 1), date(2028, 2, 29), date(2027, 3, 1), date(2028, 2, 29), "27-28"),
        (FinancialYear(7, 16), date(2026, 7, 15), date(2025, 7, 16), date(2026, 7, 15), "25-26"),
    ],
)
def test_a_financial_year_begins_on_its_day_every_year(
    rhythm: FinancialYear, day: date, first: date, last: date, label: str
) -> None:
    assert rhythm.year_of(day) == Period(first, last)
    assert rhythm.label(day) == label


@pytest.mark.parametrize(("month", "day"), [(2, 29), (2, 30), (0, 1), (13, 1), (4, 31), (4, 0), (10**15, 1)])
def test_no_year_begins_on_a_day_that_some_years_lack(month: int, day: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        FinancialYear(month, day)
    assert refused.value.problems[0].code == "bad-year-start"


@example(date.min, APRIL)
@example(date.min, JANUARY)
@example(date.max, APRIL)
@example(date.max, JANUARY)
@given(st.dates(), st.sampled_from((APRIL, JANUARY, FinancialYear(2, 28), FinancialYear(12, 31))))
def test_every_day_the_calendar_has_lies_in_its_financial_year(day: date, rhythm: FinancialYear) -> None:
    year = rhythm.year_of(day)
    assert day in year
    assert rhythm.label(day)
    if year.first > date.min and year.last < date.max:
        assert rhythm.year_of(year.first) == rhythm.year_of(year.last) == year
        assert rhythm.year_of(year.last + timedelta(1)).first == year.last + timedelta(1)
