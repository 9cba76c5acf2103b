"""Dated exchange rates, conversion to the base currency, and the gain or loss that settling realises.

A rate is decimal text (``83.2150``): base units for one unit of the foreign currency, the way banks in
India and the UAE quote. It is kept as text in events and as a scaled whole number in arithmetic.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from ledgerflow_core.errors import refuse
from ledgerflow_core.money.amount import MINOR_MAX, divide_half_even
from ledgerflow_core.money.currency import Currency

_RATE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)
_SCALE = 10**12


def rate_scaled(text: str) -> int:
    """Return a rate times 10**12; refuse what is not a positive decimal of at most 12 decimals (`bad-rate`)."""
    if _RATE.fullmatch(text):
        whole, _, decimals = text.partition(".")
        scaled = int(whole + decimals.ljust(12, "0"))
        if scaled > 0:
            return scaled
    raise refuse("bad-rate", given=text[:40])


def to_base(foreign_minor: int, rate: str, *, foreign: Currency, base: Currency) -> int:
    """Return the base-currency minor units of a foreign amount, rounded half to even (sign kept)."""
    scaled = rate_scaled(rate)
    numerator = abs(foreign_minor) * scaled * 10**base.exponent
    result = divide_half_even(numerator, _SCALE * 10**foreign.exponent)
    if result > MINOR_MAX:
        raise refuse("amount-too-large", given=str(result))
    return -result if foreign_minor < 0 else result


def realised_gain(*, settled_foreign: int, carried_foreign: int, carried_base: int, settled_base: int) -> int:
    """Return the entry of the exchange account when part of a foreign balance is settled: a gain is negative.

    `carried_*` is the open balance as it stands in the books (debit positive), `settled_*` the entry that
    reduces it, at the settlement's own rate (opposite sign). What the settled part was carried at leaves
    the account; the difference is realised, and its opposite belongs in the settled account so that a
    foreign balance of zero is a base balance of zero.
    """
    assert carried_foreign != 0 and settled_foreign * carried_foreign < 0, "a settlement reduces the balance"
    assert abs(settled_foreign) <= abs(carried_foreign), "a settlement is not larger than the balance"
    released = -divide_half_even(carried_base * -settled_foreign, carried_foreign)
    return settled_base - released


@dataclass(frozen=True, slots=True)
class DatedRates:
    """The rates of one currency in order of their dates; each holds until the next."""

    rates: tuple[tuple[date, str], ...]

    def on(self, day: date) -> str | None:
        """Return the rate in force on `day`, or None before the first."""
        at = bisect_right(self.rates, day, key=lambda rate: rate[0])
        return self.rates[at - 1][1] if at else None
