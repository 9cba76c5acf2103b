"""The chart: every master of a company, found by id or name, and what the group tree says of an account."""

from collections.abc import Iterable, Iterator

from ledgerflow_core.identifiers import AccountId, GroupId
from ledgerflow_core.masters.account import Account, predefined_accounts
from ledgerflow_core.masters.cost_centre import CostCategory, CostCentre, predefined_cost_categories
from ledgerflow_core.masters.group import (
    PREDEFINED_GROUP_BY_RESERVED,
    PREDEFINED_GROUPS,
    Group,
    Nature,
    PredefinedGroup,
    group_id,
    predefined_groups,
)
from ledgerflow_core.masters.rates import ForeignCurrency
from ledgerflow_core.masters.voucher_type import VoucherType, predefined_voucher_types

Master = Group | Account | VoucherType | CostCategory | CostCentre | ForeignCurrency

_POSITION = {group_id(group.reserved): position for position, group in enumerate(PREDEFINED_GROUPS)}


def folded(name: str) -> str:
    """Return the form in which two names are the same name: without case and with single blanks."""
    return " ".join(name.split()).casefold()


class Chart:
    """All masters of one company. It changes only by `put`, the fold of master events."""

    def __init__(self, masters: Iterable[Master] = ()) -> None:
        self.masters: dict[str, Master] = {}
        self.groups: dict[str, Group] = {}
        self.accounts: dict[str, Account] = {}
        self.voucher_types: dict[str, VoucherType] = {}
        self.cost_categories: dict[str, CostCategory] = {}
        self.cost_centres: dict[str, CostCentre] = {}
        self.currencies: dict[str, ForeignCurrency] = {}
        self._id_by_name: dict[tuple[type, str], str] = {}
        self._children: dict[str | None, list[GroupId]] | None = None
        for master in masters:
            self.put(master)

    def put(self, master: Master) -> None:
        """Add a master or replace the one with the same id."""
        earlier = self.masters.get(master.id)
        self.masters[master.id] = master
        if earlier is not None:
            self._give_up_names(earlier, master)
        for name in _names(master):
            self._id_by_name.setdefault((type(master), folded(name)), master.id)
        self._children = None
        match master:
            case Group():
                self.groups[master.id] = master
            case Account():
                self.accounts[master.id] = master
            case VoucherType():
                self.voucher_types[master.id] = master
            case CostCategory():
                self.cost_categories[master.id] = master
            case CostCentre():
                self.cost_centres[master.id] = master
            case ForeignCurrency():
                self.currencies[master.id] = master

    def _give_up_names(self, earlier: Master, later: Master) -> None:
        """Free the names a changed master no longer has; a namesake (only groups have them) is found from now on."""
        kept = {folded(name) for name in _names(later)}
        for name in {folded(name) for name in _names(earlier)} - kept:
            key = (type(earlier), name)
            if self._id_by_name.get(key) == earlier.id:
                del self._id_by_name[key]
                same = (group for group in self.groups.values() if folded(group.name) == name and group.id != later.id)
                if isinstance(earlier, Group) and (namesake := next(same, None)):
                    self._id_by_name[key] = namesake.id

    def account_named(self, name: str) -> Account | None:
        """Find an account by name or alias, ignoring case and blanks."""
        found = self._id_by_name.get((Account, folded(name)))
        return self.accounts[found] if found else None

    def group_named(self, name: str) -> Group | None:
        """Find a group by name; of several with the same name under different parents, the first made."""
        found = self._id_by_name.get((Group, folded(name)))
        return self.groups[found] if found else None

    def group_under(self, parent: GroupId | None, name: str) -> Group | None:
        """Find a group by name directly under another (or among the primary ones)."""
        first = self.group_named(name)
        if first is None or first.parent == parent:
            return first
        same = (group for group in self.groups.values() if group.parent == parent)
        return next((group for group in same if folded(group.name) == folded(name)), None)

    def voucher_type_named(self, name: str) -> VoucherType | None:
        """Find a voucher type by name."""
        found = self._id_by_name.get((VoucherType, folded(name)))
        return self.voucher_types[found] if found else None

    def cost_centre_named(self, name: str) -> CostCentre | None:
        """Find a cost centre by name."""
        found = self._id_by_name.get((CostCentre, folded(name)))
        return self.cost_centres[found] if found else None

    def cost_category_named(self, name: str) -> CostCategory | None:
        """Find a cost category by name."""
        found = self._id_by_name.get((CostCategory, folded(name)))
        return self.cost_categories[found] if found else None

    def currency(self, code: str) -> ForeignCurrency | None:
        """Find a foreign currency by its ISO code."""
        found = self._id_by_name.get((ForeignCurrency, folded(code)))
        return self.currencies[found] if found else None

    def name_taken(self, master: Master) -> bool:
        """Whether another master of the same kind already has one of this one's names.

        Groups need a name of their own under one parent only: "North" may stand under debtors and creditors.
        """
        if isinstance(master, Group):
            same = self.group_under(master.parent, master.name)
            return same is not None and same.id != master.id
        holders = (self._id_by_name.get((type(master), folded(name))) for name in _names(master))
        return any(holder is not None and holder != master.id for holder in holders)

    def ancestry(self, group: GroupId) -> Iterator[Group]:
        """Yield the group, its parent, and so on to the primary group."""
        at: GroupId | None = group
        while at is not None:
            found = self.groups[at]
            yield found
            at = found.parent

    def reserved_of(self, group: GroupId) -> PredefinedGroup:
        """Return the nearest predefined group at or above a group: the one that decides its behaviour."""
        for found in self.ancestry(group):
            if found.reserved is not None:
                return PREDEFINED_GROUP_BY_RESERVED[found.reserved]
        raise AssertionError(f"group {group} stands under no predefined group")

    def nature_of(self, account: AccountId) -> Nature:
        """Return whether an account is an asset, a liability, income or expense."""
        return self.reserved_of(self.accounts[account].group).nature

    def is_under(self, account: AccountId, *reserved: str) -> bool:
        """Whether an account stands under one of the predefined groups named."""
        return any(group.reserved in reserved for group in self.ancestry(self.accounts[account].group))

    def is_cash_or_bank(self, account: AccountId) -> bool:
        """Whether an account is cash, a bank account or a bank overdraft: what a contra moves between."""
        return self.is_under(account, "cash-in-hand", "bank-accounts", "bank-od")

    def is_party(self, account: AccountId) -> bool:
        """Whether an account is a customer's or a supplier's."""
        return self.is_under(account, "sundry-debtors", "sundry-creditors")

    def path_of(self, account: AccountId) -> list[str]:
        """Return the group names from the primary group down to the account's own."""
        return [group.name for group in self.ancestry(self.accounts[account].group)][::-1]

    def subgroups(self, parent: GroupId | None) -> list[GroupId]:
        """Return the groups directly under one (or the primary ones): predefined order, then by name."""
        if self._children is None:
            children: dict[str | None, list[GroupId]] = {}
            for group in self.groups.values():
                children.setdefault(group.parent, []).append(group.id)
            for siblings in children.values():
                siblings.sort(key=lambda g: (_POSITION.get(g, len(_POSITION)), self.groups[g].name.casefold(), g))
            self._children = children
        return self._children.get(parent, [])


def _names(master: Master) -> tuple[str, ...]:
    if isinstance(master, Account):
        return (master.name, *master.aliases)
    return (master.name,)


def predefined_chart() -> Chart:
    """Return the chart a company is born with."""
    chart = Chart()
    for made in (
        predefined_groups(),
        predefined_voucher_types(),
        predefined_cost_categories(),
        predefined_accounts(),
    ):
        for master in made:
            chart.put(master)
    return chart
