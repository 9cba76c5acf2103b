"""Dates of bookkeeping: financial years, periods with both ends inside, and locks."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ledgerflow_core.errors import Problem, refuse

# Day numbers in storage count from here; the ordinal of 1970-01-01.
_EPOCH = date(1970, 1, 1).toordinal()
# `date.fromisoformat` takes week dates (2026-W14-3) and other forms as well.
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Days outside are slips of the pen; inside, no year, comparison or due date reaches the ends of the calendar.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def problems_in_day(day: date | None, place: str) -> list[Problem]:
    """Check that a day, where one is given, is one that books and reports have (`day-out-of-range`)."""
    if day is None or FIRST_DAY <= day <= LAST_DAY:
        return []
    return [Problem("day-out-of-range", place, {"given": day.isoformat()})]


def day_number(day: date) -> int:
    """Return whole days since 1970-01-01, the form in which storage keeps dates."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(number + _EPOCH)


@dataclass(frozen=True, slots=True)
class Period:
    """A run of days, both ends inside."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise refuse("period-ends-before-it-begins", first=self.first.isoformat(), last=self.last.isoformat())

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def months(self) -> list["Period"]:
        """Return the calendar months this period touches, the first and last cut to it."""
        found, begin = [], self.first
        while begin <= self.last:
            nxt = first_of_next_month(begin)
            found.append(Period(begin, min(nxt - timedelta(1), self.last)))
            begin = nxt
        return found

    def before(self) -> "Period":
        """Return the period of the same length just before: whole months stay whole months."""
        if self.first.day == 1 and (self.last + timedelta(1)).day == 1:
            months = len(self.months())
            year, month = divmod(self.first.year * 12 + self.first.month - 1 - months, 12)
            return Period(date(year, month + 1, 1), self.first - timedelta(1))
        return Period(self.first - (self.last - self.first) - timedelta(1), self.first - timedelta(1))

    def year_before(self) -> "Period":
        """Return the same period one year earlier; 29 February becomes the 28th."""
        return Period(one_year_earlier(self.first), one_year_earlier(self.last))


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after `day`'s."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def one_year_earlier(day: date) -> date:
    """Return the same day of the year before; the last of February stays the last of February."""
    if (day.month, day.day) in ((2, 29), (2, 28)):
        return date(day.year - 1, 3, 1) - timedelta(1)
    return day.replace(year=day.year - 1)


@dataclass(frozen=True, slots=True)
class FinancialYear:
    """The rhythm of a company's years: the month and day on which each begins (India 1 April, UAE by choice)."""

    start_month: int
    start_day: int

    def __post_init__(self) -> None:
        try:
            date(2001, self.start_month, self.start_day)  # not a leap year: 29 February is no yearly start
        except (ValueError, OverflowError):
            raise refuse("bad-year-start", month=self.start_month, day=self.start_day) from None

    def year_of(self, day: date) -> Period:
        """Return the financial year that `day` falls in, cut off where the calendar begins (year 1) and ends (9999)."""
        return _year_of(self.start_month, self.start_day, day)

    def label(self, day: date) -> str:
        """Return the short name used in voucher numbers: ``26-27``, or ``2026`` for a calendar year."""
        year = self.year_of(day)
        if year.first.year == year.last.year:
            return str(year.first.year)
        return f"{year.first.year % 100:02d}-{year.last.year % 100:02d}"


def parse_date(text: str) -> date:
    """Return the date of ISO text ``YYYY-MM-DD``; refuse anything else (`bad-date`)."""
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise refuse("bad-date", given=text[:40])


def month_number(day: date) -> int:
    """Return year * 12 + month - 1: the key of month totals, rising with time."""
    return day.year * 12 + day.month - 1


def first_of_month(number: int) -> date:
    """Return the first day of a month number."""
    return date(number // 12, number % 12 + 1, 1)


# A log names the same few hundred days over and over.
@lru_cache(maxsize=4096)
def _year_of(start_month: int, start_day: int, day: date) -> Period:
    first = date(day.year, start_month, start_day)
    if day < first:
        if day.year == date.min.year:
            return Period(date.min, first - timedelta(1))
        first = first.replace(year=day.year - 1)
    if first.year == date.max.year:
        return Period(first, date.max)
    return Period(first, first.replace(year=first.year + 1) - timedelta(1))
