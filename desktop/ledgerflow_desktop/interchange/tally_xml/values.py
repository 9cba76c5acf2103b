"""Dates, amounts and quantities as Tally writes them.

Tally's debit is a negative amount; everything returned here is debit positive, as decimal text that has
exactly the digits of the file.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.records import ForeignRecord
from ledgerflow_desktop.interchange.tally_xml.currencies import Currencies

_PLAIN = re.compile(r"(-?)([0-9]{1,20}(?:\.[0-9]{1,12})?)", re.ASCII)
_WRITTEN = re.compile(
    r"(?P<minus>-|\(-\))?\s*(?P<before>[^\d\s,.()+-][^\d\s()+-]*)?\s*(?P<minus_after>-)?\s*"
    r"(?P<digits>[0-9][0-9,]{0,30}(?:\.[0-9]{1,12})?)\s*(?P<after>[^\d\s,.()+-][^\d()+-]*)?",
    re.ASCII,
)
_RATE = re.compile(r"[^\d]{0,12}([0-9][0-9,]{0,20}(?:\.[0-9]{1,12})?)\s*(?:/.*)?", re.ASCII)
_QUANTITY = re.compile(r"(-?)\s*([0-9][0-9,]{0,20}(?:\.[0-9]{1,6})?)\s*([^\d=]*)(?:=.*)?", re.ASCII)
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[- ]([A-Za-z]{3})[A-Za-z]*[- ]([0-9]{4}|[0-9]{2})", re.ASCII)
_PERIOD = re.compile(r"([0-9]{1,5})\s*(day|week|month|year)s?", re.ASCII | re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AMOUNT_LENGTH_MAX = 160


class Amount(NamedTuple):
    """An amount in the base currency, and in the foreign one it was entered in."""

    base: str
    foreign: ForeignRecord | None = None


def read_amount(text: str, currencies: Currencies) -> Amount:
    """Return an amount, debit positive; blank is ``0``.

    Understands ``-1,23,456.50``, ``5000.00 Dr`` and ``-$ 100.00 @ ₹ 83.20/$  = -₹ 8320.00``. Refuses
    anything else (`bad-amount`) and a symbol no currency has (`unknown-currency`).
    """
    if match := _PLAIN.fullmatch(text):
        return Amount(_negated(*match.groups()))
    if not text:
        return Amount("0")
    if len(text) > _AMOUNT_LENGTH_MAX:
        raise refuse("bad-amount", given=text[:60])
    entered, equals, base_text = text.rpartition("=")
    if not equals:
        amount, code = _number(text, text, currencies)
        if code:
            raise refuse("bad-amount", given=text[:60])
        return Amount(amount)
    entered, at, rate_text = entered.partition("@")
    base, base_code = _number(base_text.strip(), text, currencies)
    if base_code and not currencies.take_as_base(base_code):
        raise refuse("bad-amount", given=text[:60])
    foreign, code = _number(entered.strip(), text, currencies)
    if not code:
        return Amount(base)
    rate = _rate(rate_text.strip(), text) if at else _derived_rate(foreign, base, text)
    return Amount(base, ForeignRecord(currency=code, amount=foreign, rate=rate))


def _number(text: str, whole: str, currencies: Currencies) -> tuple[str, str]:
    """Return (decimal text, debit positive; code of its foreign currency or nothing)."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise refuse("bad-amount", given=whole[:60])
    digits = match["digits"].replace(",", "")
    symbol, after = match["before"] or "", (match["after"] or "").strip()
    minus = "-" if bool(match["minus"]) != bool(match["minus_after"]) else ""
    if after.endswith(("Dr", "Cr")):
        minus = "-" if after.endswith("Dr") else ""
        after = after[:-2].strip()
    if symbol and after:
        raise refuse("bad-amount", given=whole[:60])
    return _negated(minus, digits), currencies.foreign_code(symbol or after)


def _negated(minus: str, digits: str) -> str:
    if minus:
        return digits
    return digits if not digits.strip("0.") else f"-{digits}"


def _rate(text: str, whole: str) -> str:
    match = _RATE.fullmatch(text)
    if match is None:
        raise refuse("bad-amount", given=whole[:60])
    return match[1].replace(",", "")


def _derived_rate(foreign: str, base: str, whole: str) -> str:
    divisor = Decimal(foreign)
    if not divisor:
        raise refuse("bad-amount", given=whole[:60])
    rate = abs(Decimal(base) / divisor)
    return f"{rate:.6f}".rstrip("0").rstrip(".")


def read_rate(text: str) -> str | None:
    """Return the digits of a rate such as ``83.20/$`` or ``80.00/Nos``; None if it has none."""
    match = _RATE.fullmatch(text.rpartition("=")[2].strip())
    return match[1].replace(",", "") if match else None


class Quantity(NamedTuple):
    """A quantity in its main unit. `exact` is whether the text says no more than that."""

    digits: str
    unit: str
    exact: bool


def read_quantity(text: str) -> Quantity | None:
    """Return the quantity of ``10.5 Kgs = 1 Bag`` (10.5, Kgs); None for what has no single number."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    minus, digits, unit = match.groups()
    digits = digits.replace(",", "")
    return Quantity(f"-{digits}" if minus else digits, unit.strip(), "=" not in text)


@lru_cache(maxsize=8192)
def read_date(text: str) -> str:
    """Return an ISO date of ``20240401``, ``2024-04-01``, ``1-Apr-2024`` or ``1-Apr-24``; others are `bad-date`."""
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
        if match := _NAMED_MONTH.fullmatch(text):
            day, month, year = match.groups()
            century = 2000 if len(year) == 2 else 0
            return date(century + int(year), _MONTHS.index(month.lower()) + 1, int(day)).isoformat()
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise refuse("bad-date", given=text[:40])


@lru_cache(maxsize=8192)
def read_due(text: str, begin: str) -> str:
    """Return the due date of a credit period: ``30 Days`` counts from `begin` (ISO), a date is itself (`bad-date`)."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return read_date(text)
    count, unit = int(match[1]), match[2].lower()
    first = date.fromisoformat(begin)
    try:
        if unit in ("day", "week"):
            return (first + timedelta(count * (7 if unit == "week" else 1))).isoformat()
        months = first.year * 12 + first.month - 1 + count * (12 if unit == "year" else 1)
        month_start = date(months // 12, months % 12 + 1, 1)
        next_month = (month_start + timedelta(31)).replace(day=1)
        return min(month_start + timedelta(first.day - 1), next_month - timedelta(1)).isoformat()
    except (OverflowError, ValueError):
        raise refuse("bad-date", given=text[:40]) from None


def read_days(text: str) -> int | None:
    """Return the days of a ledger's credit period (``30 Days``, ``2 Weeks``, ``45``); None if it says none."""
    if match := _PERIOD.fullmatch(text):
        return int(match[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2].lower()]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None
