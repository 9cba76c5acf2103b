"""Amounts in words, as written on cheques and receipts: Indian (lakh, crore) and international (million)."""

from ledgerflow_core.money.currency import Currency

_ONES = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen "
    "Seventeen Eighteen Nineteen"
).split()
_TENS = ". . Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split()
_SHORT_SCALE = ("", "Thousand", "Million", "Billion", "Trillion", "Quadrillion")


def _below_hundred(number: int) -> list[str]:
    if number < 20:
        return [_ONES[number]]
    return [_TENS[number // 10]] + ([_ONES[number % 10]] if number % 10 else [])


def _below_thousand(number: int) -> list[str]:
    words = [_ONES[number // 100], "Hundred"] if number >= 100 else []
    return words + (_below_hundred(number % 100) if number % 100 or not words else [])


def _international(number: int) -> list[str]:
    if number < 1000:
        return _below_thousand(number)
    words: list[str] = []
    for power in range(len(_SHORT_SCALE) - 1, -1, -1):
        part = number // 1000**power % 1000
        if part:
            words += _below_thousand(part) + ([_SHORT_SCALE[power]] if power else [])
    return words


def _indian(number: int) -> list[str]:
    words: list[str] = []
    if crores := number // 10_000_000:
        words += [*_indian(crores), "Crore"]
    for size, name in ((100_000, "Lakh"), (1_000, "Thousand")):
        if part := number // size % 100:
            words += [*_below_hundred(part), name]
    rest = number % 1000
    return words + (_below_thousand(rest) if rest or not words else [])


def number_in_words(number: int, *, indian: bool) -> str:
    """Return a non-negative whole number in English words."""
    return " ".join(_indian(number) if indian else _international(number))


def amount_in_words(minor: int, currency: Currency, *, indian: bool) -> str:
    """Return e.g. ``Rupees Twelve Lakh Three and Fifty Paise Only``; the sign is left out, as on paper."""
    scale = 10**currency.exponent
    whole, part = divmod(abs(minor), scale)
    unit, units, minor_unit, minor_units = currency.unit_names
    said = f"{unit if whole == 1 else units} {number_in_words(whole, indian=indian)}"
    if part:
        if minor_unit:
            said += f" and {number_in_words(part, indian=indian)} {minor_unit if part == 1 else minor_units}"
        else:
            said += f" and {part}/{scale}"
    return f"{said} Only"
