"""Quantities: exact decimals held as scaled whole numbers, with their unit as written."""

import re

from ledgerflow_core.errors import refuse

QUANTITY_DECIMALS_MAX = 6
_QUANTITY = re.compile(r"([+-]?)([0-9]{1,15})(?:\.([0-9]{1,6}))?", re.ASCII)


def parse_quantity(text: str) -> int:
    """Return a quantity in millionths of its unit; refuse more than six decimals or no number (`bad-quantity`)."""
    if match := _QUANTITY.fullmatch(text):
        sign, whole, decimals = match.groups()
        scaled = int(whole + (decimals or "").ljust(QUANTITY_DECIMALS_MAX, "0"))
        return -scaled if sign == "-" else scaled
    raise refuse("bad-quantity", given=text[:40])


def quantity_text(scaled: int) -> str:
    """Return decimal text without trailing zeros: ``12.5``."""
    whole, decimals = divmod(abs(scaled), 10**QUANTITY_DECIMALS_MAX)
    text = f"{whole}.{decimals:0{QUANTITY_DECIMALS_MAX}d}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text
