"""Exchange rates of other programs, exact fractions there, as the decimal text of these books."""

from fractions import Fraction

from ledgerflow_core.money.amount import divide_half_even

# What `ledgerflow_core.exchange_rate` takes.
_DECIMALS = 12
_RATE_MAX = 10**12


def rate_text(rate: Fraction) -> str:
    """Return a rate as decimal text of at most 12 decimals; empty if it is not positive or too large to be one."""
    scaled = divide_half_even(rate.numerator * 10**_DECIMALS, rate.denominator)
    whole, decimals = divmod(scaled, 10**_DECIMALS)
    if scaled <= 0 or whole >= _RATE_MAX:
        return ""
    return f"{whole}.{decimals:012d}".rstrip("0").rstrip(".")
