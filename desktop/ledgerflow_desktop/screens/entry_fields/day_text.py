"""Days as bookkeepers type them: `5`, `5-4`, `5-4-26`, `5 apr`, `yesterday`, `+1`, meant from the day they stand on."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.errors import refuse

# The day words in English; a translated screen hands in its own beside them: word -> days from today.
DAY_WORDS: Mapping[str, int] = {"today": 0, "yesterday": -1, "tomorrow": 1}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PARTS = re.compile(r"(\d{1,2})(?:[-/. ]*([a-z]{3,9})|[-/. ](\d{1,2}))?(?:[-/. ]+(\d{2}|\d{4}))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_STEP = re.compile(r"([+-])\s*(\d{1,4})")


def read_day(
    text: str, *, current: date, today: date, year: FinancialYear, words: Mapping[str, int] = DAY_WORDS
) -> date:
    """Return the day a text means, beside the day now in the field (`current`).

    A day alone keeps the month of `current`; a day and month fall in the financial year of `current`; `+2`
    and `-1` count from `current`, the words from `today` (an unambiguous beginning is enough: `y`, `yest`).
    Two digits of a year are of this century. Refuses `bad-date`.
    """
    typed = re.sub(r"\s*([-/.])\s*", r"\1", " ".join(text.casefold().split()))
    if match := _STEP.fullmatch(typed):
        return _moved(current, int(match[1] + match[2]), text)
    if typed and typed.isalpha() and (meant := {days for word, days in words.items() if word.startswith(typed)}):
        if len(meant) == 1:
            return _moved(today, meant.pop(), text)
        raise refuse("bad-date", given=text[:40])
    if match := _ISO.fullmatch(typed):
        return _made(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _PARTS.fullmatch(typed):
        day, month = int(match[1]), _month(match[2], match[3], text)
        if match[4]:
            if month is None:
                raise refuse("bad-date", given=text[:40])
            return _made(int(match[4]) + (2000 if len(match[4]) == 2 else 0), month, day, text)
        if month is None:
            return _made(current.year, current.month, day, text)
        return _in_year(year, current, month, day, text)
    raise refuse("bad-date", given=text[:40])


def _month(name: str | None, number: str | None, text: str) -> int | None:
    if number:
        return int(number)
    if name is None:
        return None
    if name[:3] in _MONTHS:
        return _MONTHS.index(name[:3]) + 1
    raise refuse("bad-date", given=text[:40])


def _in_year(year: FinancialYear, current: date, month: int, day: int, text: str) -> date:
    period = year.year_of(current)
    for candidate in {period.first.year, period.last.year}:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found in period:
            return found
    raise refuse("bad-date", given=text[:40])


def _made(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise refuse("bad-date", given=text[:40]) from None


def _moved(start: date, days: int, text: str) -> date:
    try:
        return start + timedelta(days)
    except OverflowError:
        raise refuse("bad-date", given=text[:40]) from None
