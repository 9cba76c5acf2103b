"""Which kept totals answer a question: every day counted once, and no more days than the edges have."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.calendar import day_number, day_of, month_number
from ledgerflow_core.posting.stretches import day_of_line, stretches

days = st.dates(date(1999, 1, 1), date(2031, 12, 31))


@given(days, st.integers(0, 1500))
def test_every_day_is_covered_exactly_once_and_at_most_two_months_by_days(first: date, length: int) -> None:
    last = first + timedelta(length)
    covered: list[date] = []
    by_days = 0
    for whole_months, low, high in stretches(day_number(first), day_number(last)):
        if whole_months:
            months = range(low, high + 1)
            inside = [d for n in range(length + 1) if month_number(d := first + timedelta(n)) in months]
            covered += inside
            assert inside[0].day == 1 and (inside[-1] + timedelta(1)).day == 1
        else:
            covered += [day_of(number) for number in range(low, high + 1)]
            by_days += high - low + 1
    assert covered == [first + timedelta(n) for n in range(length + 1)]
    assert by_days <= 60


def test_a_line_is_found_on_its_day() -> None:
    lines = [(10, 3), (12, 2), (13, 1)]
    found = [day_of_line(lines, offset, 10, 20) for offset in range(8)]
    assert found == [(10, 0), (10, 1), (10, 2), (12, 0), (12, 1), (13, 0), (21, 0), (21, 0)]
