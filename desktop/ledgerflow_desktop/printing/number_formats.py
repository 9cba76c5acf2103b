"""Number formats of a worksheet: decimals of the currency, lakh or western groups, Dr and Cr, nil as a dash.

Spreadsheets know groups of three alone, so lakh groups are written as literal commas, chosen by the size of
the number. An unsigned column adapts by conditions when a figure is edited; a signed one cannot (a format
takes two conditions and the sign needs them), there an edited figure keeps the groups it was written with.
"""

_CRORE = "##\\,##\\,##\\,##0"
_LAKH = "##\\,##\\,##0"
_PLAIN = "#,##0"
_NIL = '"–"'


def number_format(minor: int, exponent: int, *, indian: bool, is_signed: bool) -> str:
    """Return the format of one amount given in minor units."""
    decimals = "." + "0" * exponent if exponent else ""
    if not is_signed and minor >= 0 and indian and minor < 10 ** (9 + exponent):
        return f"[>=10000000]{_CRORE}{decimals};[>=100000]{_LAKH}{decimals};{_PLAIN}{decimals}"
    digits = _grouping(abs(minor) // 10**exponent, indian=indian) + decimals
    if is_signed:
        return f'{digits}" Dr";{digits}" Cr";{_NIL}'
    return f"{digits};-{digits};{_NIL}"


def _grouping(whole: int, *, indian: bool) -> str:
    if not indian or whole < 100_000:
        return _PLAIN
    pairs = (len(str(whole)) - 2) // 2
    return "##\\," * pairs + "##0"
