"""Account groups: a tree under fifteen primary groups; behaviour hangs on the reserved name, never on the label."""

from enum import StrEnum

import msgspec

from ledgerflow_core.identifiers import GroupId, MasterId, named


class Nature(StrEnum):
    """What a primary group is in the accounts. Assets and expenses are debit-natured, the others credit."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag="group",
            tag_field="kind"):  # fmt: skip
    """A group of accounts. `reserved` is set on the predefined ones alone and never changes."""

    id: GroupId
    name: str
    parent: GroupId | None = None
    reserved: str | None = None
    retired: bool = False


class PredefinedGroup(msgspec.Struct, frozen=True):
    """One of the 28 groups every company is born with; `affects_gross` says where it stands in the P&L."""

    reserved: str
    name: str
    parent: str | None
    nature: Nature
    affects_gross: bool = False

    @property
    def id(self) -> GroupId:
        """The same id in every company."""
        return group_id(self.reserved)


def group_id(reserved: str) -> GroupId:
    """Return the fixed id of a predefined group by its reserved name (``sundry-debtors``)."""
    return GroupId(MasterId(named("group", reserved)))


# In the order in which TallyPrime shows them (positions 10, 20 ... 280 of its raw master export):
# fifteen primary groups and thirteen sub-groups, interleaved as there.
PREDEFINED_GROUPS: tuple[PredefinedGroup, ...] = (
    PredefinedGroup("capital", "Capital Account", None, Nature.LIABILITY),
    PredefinedGroup("loans", "Loans (Liability)", None, Nature.LIABILITY),
    PredefinedGroup("current-liabilities", "Current Liabilities", None, Nature.LIABILITY),
    PredefinedGroup("fixed-assets", "Fixed Assets", None, Nature.ASSET),
    PredefinedGroup("investments", "Investments", None, Nature.ASSET),
    PredefinedGroup("current-assets", "Current Assets", None, Nature.ASSET),
    PredefinedGroup("branches", "Branch / Divisions", None, Nature.LIABILITY),
    PredefinedGroup("misc-expenses-asset", "Misc. Expenses (ASSET)", None, Nature.ASSET),
    PredefinedGroup("suspense", "Suspense A/c", None, Nature.LIABILITY),
    PredefinedGroup("reserves", "Reserves & Surplus", "capital", Nature.LIABILITY),
    PredefinedGroup("bank-od", "Bank OD A/c", "loans", Nature.LIABILITY),
    PredefinedGroup("secured-loans", "Secured Loans", "loans", Nature.LIABILITY),
    PredefinedGroup("unsecured-loans", "Unsecured Loans", "loans", Nature.LIABILITY),
    PredefinedGroup("duties-and-taxes", "Duties & Taxes", "current-liabilities", Nature.LIABILITY),
    PredefinedGroup("provisions", "Provisions", "current-liabilities", Nature.LIABILITY),
    PredefinedGroup("sundry-creditors", "Sundry Creditors", "current-liabilities", Nature.LIABILITY),
    PredefinedGroup("stock-in-hand", "Stock-in-Hand", "current-assets", Nature.ASSET),
    PredefinedGroup("deposits", "Deposits (Asset)", "current-assets", Nature.ASSET),
    PredefinedGroup("loans-and-advances", "Loans & Advances (Asset)", "current-assets", Nature.ASSET),
    PredefinedGroup("sundry-debtors", "Sundry Debtors", "current-assets", Nature.ASSET),
    PredefinedGroup("cash-in-hand", "Cash-in-Hand", "current-assets", Nature.ASSET),
    PredefinedGroup("bank-accounts", "Bank Accounts", "current-assets", Nature.ASSET),
    PredefinedGroup("sales", "Sales Accounts", None, Nature.INCOME, affects_gross=True),
    PredefinedGroup("purchases", "Purchase Accounts", None, Nature.EXPENSE, affects_gross=True),
    PredefinedGroup("direct-incomes", "Direct Incomes", None, Nature.INCOME, affects_gross=True),
    PredefinedGroup("direct-expenses", "Direct Expenses", None, Nature.EXPENSE, affects_gross=True),
    PredefinedGroup("indirect-incomes", "Indirect Incomes", None, Nature.INCOME),
    PredefinedGroup("indirect-expenses", "Indirect Expenses", None, Nature.EXPENSE),
)

PREDEFINED_GROUP_BY_RESERVED = {group.reserved: group for group in PREDEFINED_GROUPS}


def predefined_groups() -> list[Group]:
    """Return the 28 groups as masters, parents before children where they stand so in the table."""
    return [
        Group(id=g.id, name=g.name, parent=group_id(g.parent) if g.parent else None, reserved=g.reserved)
        for g in PREDEFINED_GROUPS
    ]
