"""Amounts: whole minor units as `int`, read from and written to decimal text without any rounding."""

import re

from ledgerflow_core.errors import Problem, refuse

# Every amount, total and balance on the wire stays below 2**53 so that any JSON reader keeps it exact.
MINOR_MAX = 2**53 - 1

_DECIMAL = re.compile(r"([+-]?)([0-9]{1,20})(?:\.([0-9]{1,12}))?", re.ASCII)


def problems_in_minor(minor: int, place: str) -> list[Problem]:
    """Check that a whole number is within the range of amounts (`amount-too-large`)."""
    if -MINOR_MAX <= minor <= MINOR_MAX:
        return []
    return [Problem("amount-too-large", place, {"given": str(minor)})]


def parse_minor(text: str, exponent: int) -> int:
    """Return the minor units of plain decimal text such as ``-1234.50``.

    Refuses more decimals than the currency has unless they are zeros (`too-many-decimals`), anything
    that is not a decimal (`bad-amount`) and |amount| > 2**53 - 1 (`amount-too-large`). No rounding, ever.
    """
    if match := _DECIMAL.fullmatch(text):
        sign, whole, decimals = match.groups()
        decimals = decimals or ""
        if len(decimals) > exponent:
            if decimals[exponent:].strip("0"):
                raise refuse("too-many-decimals", given=text, decimals=exponent)
            decimals = decimals[:exponent]
        minor = int(whole + decimals.ljust(exponent, "0"))
        if minor > MINOR_MAX:
            raise refuse("amount-too-large", given=text)
        return -minor if sign == "-" else minor
    raise refuse("bad-amount", given=text[:60])


def decimal_text(minor: int, exponent: int) -> str:
    """Return plain decimal text with a leading minus and no grouping: the machine form, ``-1234.50``."""
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor))
    if exponent == 0:
        return sign + digits
    digits = digits.zfill(exponent + 1)
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


def grouped_text(minor: int, exponent: int, *, indian: bool) -> str:
    """Return the amount as people read it, unsigned: ``12,34,567.00`` (Indian) or ``1,234,567.00``."""
    whole, _, decimals = decimal_text(abs(minor), exponent).partition(".")
    head, tail = whole[:-3], whole[-3:]
    size = 2 if indian else 3
    groups = [tail]
    while head:
        groups.insert(0, head[-size:])
        head = head[:-size]
    return ",".join(groups) + (f".{decimals}" if decimals else "")


def signed_text(minor: int, exponent: int, *, indian: bool) -> str:
    """Return the amount grouped, with Dr or Cr; a zero has neither."""
    if minor == 0:
        return grouped_text(0, exponent, indian=indian)
    return f"{grouped_text(minor, exponent, indian=indian)} {'Dr' if minor > 0 else 'Cr'}"


def divide_half_even(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to the nearest whole number, halves to the even one; exact for any size."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, remainder = divmod(numerator, denominator)
    doubled = 2 * remainder
    if doubled > denominator or (doubled == denominator and quotient % 2):
        quotient += 1
    return quotient


def split_in_proportion(minor: int, weights: list[int]) -> list[int]:
    """Split an amount by non-negative weights so that the parts add up to it exactly.

    What rounding leaves goes, one minor unit each, to the largest remainders, earlier parts first.
    """
    total = sum(weights)
    assert total > 0 and min(weights) >= 0, "weights must be non-negative and not all zero"
    size, sign = abs(minor), -1 if minor < 0 else 1
    parts = [size * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(size * weights[at] % total), at))
    for at in order[: size - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]
