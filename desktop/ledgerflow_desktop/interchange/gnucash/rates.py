"""Exchange rates of a GnuCash book, from its price table: base units for one unit, nearest in time."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from ledgerflow_desktop.interchange.gnucash.book import Price
from ledgerflow_desktop.interchange.rate_text import rate_text
from ledgerflow_desktop.interchange.records import CurrencyRecord


class BaseRates:
    """The rates of every currency against the base, also where the table has the price of the base in it."""

    def __init__(self, base: str, prices: Iterable[Price]) -> None:
        by_code: dict[str, dict[date, Fraction]] = {}
        for price in prices:
            if price.value <= 0 or not (price.commodity.is_currency and price.currency.is_currency):
                continue
            if price.currency.code == base != price.commodity.code:
                # A quoted price is nearer to the truth than the inverse of one.
                by_code.setdefault(price.commodity.code, {})[price.date] = price.value
            elif price.commodity.code == base != price.currency.code:
                by_code.setdefault(price.currency.code, {}).setdefault(price.date, 1 / price.value)
        self._by_code = {code: sorted(rates.items()) for code, rates in by_code.items()}

    def nearest(self, code: str, day: date) -> Fraction | None:
        """Return the rate of the day nearest to `day`, the earlier of two equally near; None where there is none."""
        rates = self._by_code.get(code)
        if not rates:
            return None
        at = bisect_left(rates, day, key=lambda rate: rate[0])
        around = rates[max(at - 1, 0) : at + 1]
        return min(around, key=lambda rate: abs(rate[0] - day))[1]

    def records(self, codes: Iterable[str]) -> Iterator[CurrencyRecord]:
        """Yield each currency with its rates in order of their dates."""
        for code in sorted(codes):
            dated = [(day.isoformat(), rate_text(rate)) for day, rate in self._by_code.get(code, [])]
            yield CurrencyRecord(code=code, rates=[(day, text) for day, text in dated if text])
