"""Names as they refer to each other: one spelling for each ledger, the reserved names, and Tally's word for none."""

import re

from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUPS
from ledgerflow_core.masters.voucher_type import predefined_voucher_types

_LINE_ENDS = re.compile(r"\s*[\r\n\t]\s*")
# Spellings remembered between vouchers; a file with more distinct names than this has no such habit.
_SPELLINGS_MAX = 100_000
_NONE = frozenset({"", "primary", "not applicable"})

# Tally's own second names of predefined groups, as its lists and older releases show them.
_GROUP_ALIASES = {
    "Retained Earnings": "reserves",
    "Bank OCC A/c": "bank-od",
    "Expenses (Direct)": "direct-expenses",
    "Expenses (Indirect)": "indirect-expenses",
    "Income (Direct)": "direct-incomes",
    "Income (Indirect)": "indirect-incomes",
    "Direct Income": "direct-incomes",
    "Indirect Income": "indirect-incomes",
    "Misc. Expenses (Asset)": "misc-expenses-asset",
    "Branch/Divisions": "branches",
    "Duties and Taxes": "duties-and-taxes",
    "Reserves and Surplus": "reserves",
    "Loans and Advances (Asset)": "loans-and-advances",
    "Cash in Hand": "cash-in-hand",
    "Stock in Hand": "stock-in-hand",
}
_RESERVED_GROUP = {folded(group.name): group.reserved for group in PREDEFINED_GROUPS} | {
    folded(alias): reserved for alias, reserved in _GROUP_ALIASES.items()
}
_VOUCHER_TYPE = {folded(found.name): found.name for found in predefined_voucher_types()}

PROFIT_AND_LOSS = "Profit & Loss A/c"
PRIMARY_COST_CATEGORY = "Primary Cost Category"


def one_line(name: str) -> str:
    """Return a name without the line ends some files have inside it; other blanks stay as they are."""
    return _LINE_ENDS.sub(" ", name).strip() if not name.isprintable() else name.strip()


def is_none(name: str) -> bool:
    """Whether a reference names nothing: empty, ``Primary`` or ``Not Applicable``."""
    return name.strip().casefold() in _NONE


def reserved_group(name: str) -> str:
    """Return the reserved code of a predefined group by one of Tally's names for it; empty for any other."""
    return _RESERVED_GROUP.get(folded(name), "")


def predefined_voucher_type(name: str) -> str:
    """Return the proper name of a predefined voucher type; empty for any other."""
    return _VOUCHER_TYPE.get(folded(name), "")


class LedgerNames:
    """The ledgers of a file by every way of writing them: Tally takes a name in any case, and an alias for it."""

    def __init__(self) -> None:
        self._name_by_folded: dict[str, str] = {}
        self._name_by_given: dict[str, str] = {}

    def put(self, name: str, aliases: list[str]) -> None:
        """Note a ledger. A name wins over another ledger's alias."""
        self._name_by_folded[folded(name)] = name
        self._name_by_given.clear()
        for alias in aliases:
            self._name_by_folded.setdefault(folded(alias), name)

    def canonical(self, given: str) -> str:
        """Return the name as its master writes it, or as given where the file has no such master."""
        found = self._name_by_given.get(given)
        if found is None:
            if len(self._name_by_given) >= _SPELLINGS_MAX:
                self._name_by_given.clear()
            name = one_line(given)
            found = self._name_by_given[given] = self._name_by_folded.get(folded(name), name)
        return found
