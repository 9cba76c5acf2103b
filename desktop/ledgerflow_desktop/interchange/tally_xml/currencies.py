"""Which currency a symbol means: Tally writes ``$`` where the books want USD.

A file's own CURRENCY masters come first (a base currency may have any symbol, ``I₹`` among them); a file of
vouchers alone is read with the symbols and names below.
"""

import re

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.tally_xml.node import Node

_ISO = re.compile(r"[A-Z]{3}", re.ASCII)
_CODE_BY_NAME = {
    "₹": "INR", "rs": "INR", "rs.": "INR", "re": "INR", "re.": "INR", "inr": "INR", "indian rupee": "INR",
    "indian rupees": "INR", "rupee": "INR", "rupees": "INR", "$": "USD", "us$": "USD", "us dollar": "USD",
    "us dollars": "USD", "dollar": "USD", "dollars": "USD", "€": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "pound": "GBP", "pounds": "GBP", "pound sterling": "GBP", "british pound": "GBP",
    "¥": "JPY", "yen": "JPY", "japanese yen": "JPY", "dh": "AED", "dhs": "AED", "dhs.": "AED", "dirham": "AED",
    "dirhams": "AED", "uae dirham": "AED", "uae dirhams": "AED", "s$": "SGD", "singapore dollar": "SGD",
    "a$": "AUD", "australian dollar": "AUD", "c$": "CAD", "canadian dollar": "CAD", "sr": "SAR",
    "saudi riyal": "SAR", "kuwaiti dinar": "KWD", "omani rial": "OMR", "bahraini dinar": "BHD",
    "qatari riyal": "QAR", "swiss franc": "CHF", "chinese yuan": "CNY", "hong kong dollar": "HKD",
}  # fmt: skip
_SYMBOL_BY_CODE = {
    "INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "SGD": "S$", "AUD": "A$", "CAD": "C$"
}  # fmt: skip
# In every company Tally makes, the base currency is the object 29; only its GUID says so.
_GUID_OF_BASE = "-0000001d"


def symbol_of(code: str) -> str:
    """Return the sign under which the writer names a currency: its own, or its code."""
    return _SYMBOL_BY_CODE.get(code, code)


def code_of(*names: str) -> str:
    """Return the ISO code the first telling name means (symbol, formal name or code); empty if none does."""
    for name in names:
        if _ISO.fullmatch(name):
            return name
        if code := _CODE_BY_NAME.get(name.casefold()):
            return code
    return ""


class Currencies:
    """The currencies of one file: a code for each symbol, and which is the base."""

    def __init__(self) -> None:
        self.base = ""
        self._base_symbol = ""
        self._code_by_symbol: dict[str, str] = {}
        self._likely_base = ""

    def state_base(self, *names: str) -> None:
        """Note what the company itself says its currency is; it settles the question."""
        self._base_symbol = names[0]
        self.base = code_of(*names) or self.base

    def put(self, node: Node) -> tuple[str, str]:
        """Note a CURRENCY master; return (its symbol, its code or nothing if no ISO code can be told)."""
        symbol = node.attributes.get("NAME", "").strip() or node.fields.get("ORIGINALNAME", "")
        fields = node.fields
        code = code_of(
            fields.get("ISOCURRENCYCODE", ""),
            fields.get("EXPANDEDSYMBOL", ""),
            fields.get("MAILINGNAME", ""),
            symbol,
        )
        if symbol:
            self._code_by_symbol[symbol] = code
        if fields.get("GUID", "").endswith(_GUID_OF_BASE):
            self._likely_base = symbol
        return symbol, code

    def settle(self) -> None:
        """Decide the base once every CURRENCY master was seen: stated, told by its GUID, or the only one."""
        if not self._base_symbol:
            only = list(self._code_by_symbol) if len(self._code_by_symbol) == 1 else []
            self._base_symbol = self._likely_base or (only[0] if only else "")
        if self._base_symbol:
            self.base = self._code_by_symbol.get(self._base_symbol) or self.base or code_of(self._base_symbol)

    def is_base(self, symbol: str, code: str) -> bool:
        """Whether a CURRENCY master is that of the books themselves."""
        return symbol == self._base_symbol or (bool(code) and code == self.base)

    def foreign_code(self, symbol: str) -> str:
        """Return the code of a foreign currency's symbol; empty for no symbol or the base's.

        A file that does not say its base is of rupees. Refuses a symbol nothing is known of
        (`unknown-currency`).
        """
        if not symbol or symbol == self._base_symbol:
            return ""
        code = self._code_by_symbol.get(symbol) or code_of(symbol)
        if not code:
            raise refuse("unknown-currency", given=symbol[:20])
        return "" if code == (self.base or "INR") else code

    def take_as_base(self, code: str) -> bool:
        """Take the currency an exchange ends in (``$ 10 @ ... = AED 36.70``) as the base, if none is known yet."""
        if not self.base and not self._base_symbol:
            self.base = code
        return self.base == code
