"""The chart: every master of a company, found by id or name, and what the group tree says of an account."""

from collections.abc import Iterable, Iterator
from typing import TypeVar, cast

from msgspec.structs import replace

from ledgerflow_core.errors import Damaged, Fact, Problem
from ledgerflow_core.identifiers import AccountId, GroupId
from ledgerflow_core.masters.account import OPENING_BILLS_MAX, Account, predefined_accounts
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
from ledgerflow_core.money.amount import problems_in_minor

AnyId = TypeVar("AnyId", bound=str)
Master = Group | Account | VoucherType | CostCategory | CostCentre | ForeignCurrency

_POSITION = {group_id(group.reserved): position for position, group in enumerate(PREDEFINED_GROUPS)}


def folded(name: str) -> str:
    """Return the form in which two names are the same name: without case and with single blanks."""
    return " ".join(name.split()).casefold()


class Chart:
    """All masters of one company. It changes only by `put`, `merge` and `retire`, the fold of master events.

    `merged` leads from each merged master to the one that what stands on it counts on, at the end of all merges.
    """

    def __init__(self, masters: Iterable[Master] = ()) -> None:
        self.masters: dict[str, Master] = {}
        self.merged: dict[str, str] = {}
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
        if isinstance(master, Account | CostCentre) and master.merged_into is not None:
            join(self.merged, master.id, master.merged_into)
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

    def copied(self) -> "Chart":
        """Return a chart of the same masters that changes by itself."""
        return Chart(self.masters.values())

    def retire(self, master: str) -> None:
        """Offer a master no more."""
        self.put(replace(self.masters[master], retired=True))

    def merge(self, merged: str, into: str) -> None:
        """Let everything on one account or cost centre count on another, its opening balance included."""
        for master in merged_states(self.masters[merged], self.masters[into]):
            self.put(master)

    def counted_on(self, master: AnyId) -> AnyId:
        """Return the master that what stands on this one counts on: itself, or the one it was merged into."""
        return cast(AnyId, self.merged.get(master, master))

    def problems_of_merge(self, merged: str, into: str) -> list[Problem]:
        """Return why two masters cannot become one; only like accounts and like cost centres can."""
        one, other = self.masters.get(merged), self.masters.get(into)
        if one is None or other is None:
            place, unknown = ("merged", merged) if one is None else ("into", into)
            return [Problem("unknown-master", place, {"given": unknown})]
        if one is other:
            return [Problem("merges-into-itself", "into", {"name": one.name})]
        problems = [
            Problem("master-merged", place, {"name": master.name})
            for place, master in (("merged", one), ("into", other))
            if master.id in self.merged
        ]
        if other.retired and other.id not in self.merged:
            problems.append(Problem("master-retired", "into", {"name": other.name}))
        field = self._difference(one, other)
        if field:
            facts: dict[str, Fact] = {"name": one.name, "into": other.name, "field": field}
            problems.append(Problem("merges-unlike", "into", facts))
        return problems or self._problems_of_like(one, other)

    def _difference(self, one: Master, other: Master) -> str:
        """Return the field that keeps two masters apart, empty where they may become one."""
        match one, other:
            case Account(), Account():
                differs = {
                    "group": self.reserved_of(one.group) != self.reserved_of(other.group),
                    "currency": one.currency != other.currency,
                    "bill_by_bill": one.bill_by_bill != other.bill_by_bill,
                }
                return next((field for field, unlike in differs.items() if unlike), "")
            case CostCentre(), CostCentre():
                return "category" if one.category != other.category else ""
            case _:
                return "kind"

    def _problems_of_like(self, one: Master, other: Master) -> list[Problem]:
        if isinstance(one, CostCentre):
            below = next((centre for centre in self.cost_centres.values() if centre.parent == one.id), None)
            facts: dict[str, Fact] = {"name": one.name, "below": below.name if below else ""}
            return [Problem("merges-a-parent", "merged", facts)] if below else []
        reserved = [
            Problem("reserved-name-is-fixed", place, {"name": account.name})
            for place, account in (("merged", one), ("into", other))
            if isinstance(account, Account) and account.reserved is not None
        ]
        _, kept = merged_states(one, other)
        assert isinstance(kept, Account)
        problems = reserved + problems_in_minor(kept.opening, "opening")
        problems += problems_in_minor(kept.opening_foreign, "opening_foreign")
        left = kept.opening - sum(bill.amount for bill in kept.opening_bills)
        if kept.opening_bills and left:
            problems.append(Problem("bills-do-not-add-up", "opening_bills", {"difference_minor": left}))
        if len(kept.opening_bills) > OPENING_BILLS_MAX:
            counted: dict[str, Fact] = {"count": len(kept.opening_bills), "most": OPENING_BILLS_MAX}
            problems.append(Problem("too-many-opening-bills", "opening_bills", counted))
        return problems

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
        """Find an account by name or alias, ignoring case and blanks; by a merged one's name, what it became."""
        found = self._id_by_name.get((Account, folded(name)))
        return self.accounts[self.counted_on(found)] if found else None

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
        """Find a cost centre by name; by a merged one's name, what it became."""
        found = self._id_by_name.get((CostCentre, folded(name)))
        return self.cost_centres[self.counted_on(found)] if found else None

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
        return any(holder is not None and master.id not in (holder, self.counted_on(holder)) for holder in holders)

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


def join(merged: dict[str, str], one: str, into: str) -> None:
    """Add a merge to those known; whatever was merged into `one` before counts on `into` with it."""
    end = merged.get(into, into)
    for earlier, found in merged.items():
        if found == one:
            merged[earlier] = end
    merged[one] = end


def merged_states(one: Master, other: Master) -> tuple[Master, Master]:
    """Return what becomes of a master and of the one it is merged into, which takes over its opening balance."""
    match one, other:
        case Account(), Account():
            gone = replace(one, merged_into=other.id, retired=True, opening=0, opening_foreign=0, opening_bills=())
            return gone, replace(
                other,
                opening=other.opening + one.opening,
                opening_foreign=other.opening_foreign + one.opening_foreign,
                opening_bills=(*other.opening_bills, *one.opening_bills),
            )
        case CostCentre(), CostCentre():
            return replace(one, merged_into=other.id, retired=True), other
        case _:
            raise Damaged(f"master {one.id}", reason="merged into a master of another kind", into=other.id)


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
