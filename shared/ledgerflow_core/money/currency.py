"""Currencies: an ISO 4217 code and how many decimals its minor unit has."""

from dataclasses import dataclass

from ledgerflow_core.errors import refuse

# ISO 4217, list of 2025-01-01: the currencies whose minor unit is not 1/100.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip

# Names of the unit and of its hundredth (or thousandth) for amounts in words.
_NAMES = {
    "INR": ("Rupee", "Rupees", "Paisa", "Paise", "₹"), "AED": ("Dirham", "Dirhams", "Fils", "Fils", "AED"),
    "USD": ("Dollar", "Dollars", "Cent", "Cents", "$"), "EUR": ("Euro", "Euros", "Cent", "Cents", "€"),
    "GBP": ("Pound", "Pounds", "Penny", "Pence", "£"), "SGD": ("Dollar", "Dollars", "Cent", "Cents", "S$"),
    "SAR": ("Riyal", "Riyals", "Halala", "Halalas", "SAR"), "KWD": ("Dinar", "Dinars", "Fils", "Fils", "KWD"),
    "BHD": ("Dinar", "Dinars", "Fils", "Fils", "BHD"), "OMR": ("Rial", "Rials", "Baisa", "Baisas", "OMR"),
    "JPY": ("Yen", "Yen", "", "", "¥"), "AUD": ("Dollar", "Dollars", "Cent", "Cents", "A$"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency. `exponent` is the number of decimals of its minor unit (INR 2, JPY 0, KWD 3)."""

    code: str
    exponent: int

    @property
    def symbol(self) -> str:
        """The sign people write before an amount; the code where there is none of its own."""
        return _NAMES[self.code][4] if self.code in _NAMES else self.code

    @property
    def unit_names(self) -> tuple[str, str, str, str]:
        """Unit singular and plural, minor unit singular and plural, in English."""
        return _NAMES[self.code][:4] if self.code in _NAMES else (self.code, self.code, "", "")


def currency(code: str) -> Currency:
    """Return the currency of an ISO 4217 code; refuse what is not three capital letters (`bad-currency`)."""
    if len(code) != 3 or not code.isascii() or not code.isupper() or not code.isalpha():
        raise refuse("bad-currency", given=code[:20])
    return Currency(code, _EXPONENTS.get(code, 2))
