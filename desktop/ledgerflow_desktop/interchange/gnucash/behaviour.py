"""What GnuCash's account types are among the predefined groups."""

from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED, PREDEFINED_GROUPS, Nature

# GnuCash account type -> reserved name of the predefined group whose behaviour it has. A credit card is
# money owed, not a bank account: paying with one is no payment of the day. Trading accounts carry the
# opposite of exchange differences and close to nothing, so they stand in suspense.
RESERVED_BY_TYPE = {
    "BANK": "bank-accounts",
    "CHECKING": "bank-accounts",
    "SAVINGS": "bank-accounts",
    "MONEYMRKT": "bank-accounts",
    "CASH": "cash-in-hand",
    "ASSET": "current-assets",
    "RECEIVABLE": "sundry-debtors",
    "STOCK": "investments",
    "MUTUAL": "investments",
    "CREDIT": "current-liabilities",
    "CREDITLINE": "current-liabilities",
    "LIABILITY": "current-liabilities",
    "PAYABLE": "sundry-creditors",
    "EQUITY": "capital",
    "INCOME": "indirect-incomes",
    "EXPENSE": "indirect-expenses",
    "TRADING": "suspense",
}

# These say only which side of the books an account is on: where it stands in the tree says more.
_GENERAL_TYPES = frozenset({"ASSET", "LIABILITY", "CREDIT", "CREDITLINE", "EQUITY", "INCOME", "EXPENSE"})

# Roots every reader of the neutral records knows; the type must agree.
ROOT_NATURES = {
    "assets": Nature.ASSET,
    "liabilities": Nature.LIABILITY,
    "equity": Nature.LIABILITY,
    "income": Nature.INCOME,
    "expenses": Nature.EXPENSE,
}

_HINTS = {
    "BANK": "bank",
    "CASH": "cash",
    "RECEIVABLE": "customer",
    "PAYABLE": "supplier",
}

_RESERVED_BY_NAME = {folded(group.name): group.reserved for group in PREDEFINED_GROUPS}


def nature_of(reserved: str) -> Nature:
    """Return whether a predefined group holds assets, liabilities, income or expenses."""
    return PREDEFINED_GROUP_BY_RESERVED[reserved].nature


def reserved_by_name(name: str, account_type: str) -> str | None:
    """Return the predefined group of that name (hyphens for blanks too), if the type is of its nature."""
    reserved = _RESERVED_BY_NAME.get(folded(name)) or _RESERVED_BY_NAME.get(folded(name.replace("-", " ")))
    if reserved is not None and nature_of(reserved) is nature_of(RESERVED_BY_TYPE[account_type]):
        return reserved
    return None


def reserved_within(account_type: str, parent: str | None) -> str:
    """Return the behaviour of an account of a type inside a group that behaves as `parent`.

    A general type takes the group's where both are of one nature: an ASSET among fixed assets is one.
    """
    own = RESERVED_BY_TYPE[account_type]
    if parent is not None and account_type in _GENERAL_TYPES and nature_of(parent) is nature_of(own):
        return parent
    return own


def is_general(account_type: str) -> bool:
    """Whether a type says no more than the side of the books."""
    return account_type in _GENERAL_TYPES


def is_cash_or_bank(account_type: str) -> bool:
    """Whether payments and receipts move such accounts."""
    return RESERVED_BY_TYPE[account_type] in ("bank-accounts", "cash-in-hand")


def hint_of(account_type: str) -> str:
    """Return the neutral hint for a type."""
    return _HINTS.get(account_type, account_type.lower())
