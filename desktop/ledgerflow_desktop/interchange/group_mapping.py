"""Where the groups of another program's tree belong among the 28 predefined ones.

The root decides the nature. Below it a name that is a predefined group's (or one of the names it goes by)
becomes that group; any other becomes a sub-group of what stands above it. Directly under a root, where
nothing predefined stands above, it goes under the root's own place in this table:

    Assets → Current Assets · Liabilities → Current Liabilities · Equity → Capital Account
    Income → Indirect Incomes · Expenses → Indirect Expenses
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.identifiers import GroupId, MasterId
from ledgerflow_core.masters.chart import Chart, folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED, PREDEFINED_GROUPS, Group, Nature, group_id
from ledgerflow_core.masters.validation import problems_in_master

# Root names of plain-text and Western books: the natures that may stand below, and the place of what is unknown.
_ROOTS: dict[str, tuple[tuple[Nature, ...], str]] = {
    "assets": ((Nature.ASSET,), "current-assets"),
    "liabilities": ((Nature.LIABILITY,), "current-liabilities"),
    "equity": ((Nature.LIABILITY,), "capital"),
    "income": ((Nature.INCOME,), "indirect-incomes"),
    "revenues": ((Nature.INCOME,), "indirect-incomes"),
    "expenses": ((Nature.EXPENSE,), "indirect-expenses"),
}

# Other names of the predefined groups, by the nature they are meant in.
_ALIASES: dict[str, tuple[str, ...]] = {
    "capital": ("capital", "owner's equity", "share capital"),
    "reserves": ("reserves", "reserves and surplus", "retained earnings"),
    "loans": ("loans", "loans liability"),
    "bank-od": ("bank occ a/c", "bank od", "bank overdraft"),
    "secured-loans": ("secured",),
    "unsecured-loans": ("unsecured",),
    "duties-and-taxes": ("duties and taxes", "taxes payable"),
    "sundry-creditors": ("accounts payable", "creditors", "payables"),
    "sundry-debtors": ("accounts receivable", "debtors", "receivables"),
    "fixed-assets": ("fixed",),
    "current-assets": ("current",),
    "bank-accounts": ("bank", "banks", "bank account"),
    "cash-in-hand": ("cash in hand",),
    "stock-in-hand": ("stock in hand", "inventory"),
    "deposits": ("deposits",),
    "loans-and-advances": ("loans and advances", "loans and advances asset"),
    "misc-expenses-asset": ("misc expenses",),
    "suspense": ("suspense",),
    "branches": ("branch/divisions", "branches"),
    "sales": ("sales",),
    "purchases": ("purchases", "cost of goods sold"),
    "direct-incomes": ("direct", "income direct", "direct income"),
    "direct-expenses": ("direct", "expenses direct"),
    "indirect-incomes": ("indirect", "income indirect", "indirect income", "other income"),
    "indirect-expenses": ("indirect", "expenses indirect"),
}

# What a file's hint says of an account that stands directly under a root.
_KINDS = {
    "bank": "bank-accounts",
    "cash": "cash-in-hand",
    "customer": "sundry-debtors",
    "supplier": "sundry-creditors",
    "fixed": "fixed-assets",
    "capital": "capital",
    "loan": "loans",
    "sales": "sales",
    "purchase": "purchases",
}


def _plain(name: str) -> str:
    text = folded(name.replace("-", " ").replace("_", " ").replace("(", " ").replace(")", " "))
    return text.replace("&", "and").replace(" / ", "/")


def _known_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for group in PREDEFINED_GROUPS:
        for name in (group.name, *_ALIASES.get(group.reserved, ())):
            found = names.setdefault(_plain(name), [])
            if group.reserved not in found:
                found.append(group.reserved)
    return names


_RESERVED_BY_NAME = _known_names()


def reads_as_predefined(name: str) -> bool:
    """Whether a group of this name on a path would be taken for a predefined one."""
    return _plain(name) in _RESERVED_BY_NAME


@dataclass
class GroupMapping:
    """Finds or makes the group of each path. `made` lists the groups to be created, parents first.

    `maps_to` holds the paths the file itself says the predefined group of, `own` those that are none.
    """

    chart: Chart
    new_id: Callable[[str], MasterId]
    maps_to: Mapping[tuple[str, ...], str]
    own: Collection[tuple[str, ...]] = ()
    made: list[Group] = field(default_factory=list)
    _known: dict[tuple[str, ...], GroupId] = field(default_factory=dict)

    def group_of(self, path: Sequence[str], kind: str = "") -> GroupId:
        """Return the group at a path; refuses an empty path or an unknown root (`unknown-root-group`)."""
        at = tuple(path)
        if not at:
            raise refuse("group-missing", "group")
        known = self._known.get(at)
        if known is not None and not (kind and len(at) == 1):
            return known
        parent = self.group_of(at[:-1]) if len(at) > 1 else None
        found = self._known[at] = self._place(at, parent)
        if len(at) == 1 and kind in _KINDS and folded(at[0]) in _ROOTS:
            return group_id(_KINDS[kind])
        return found

    def _place(self, path: tuple[str, ...], parent: GroupId | None) -> GroupId:
        name = path[-1]
        reserved = self.maps_to.get(path)
        if reserved is not None:
            if folded(PREDEFINED_GROUP_BY_RESERVED[reserved].name) == folded(name):
                return group_id(reserved)
            return self._under(group_id(reserved), name)
        if parent is None:
            return self._root(name)
        named = None if path in self.own else self._predefined(name, path[0], parent)
        return named if named is not None else self._under(parent, name)

    def _root(self, name: str) -> GroupId:
        root = _ROOTS.get(_plain(name))
        if root is not None:
            return group_id(root[1])
        for reserved in _RESERVED_BY_NAME.get(_plain(name), ()):
            return group_id(reserved)
        existing = self.chart.group_named(name)
        if existing is not None:
            return existing.id
        raise refuse("unknown-root-group", "group", given=name)

    def _predefined(self, name: str, root: str, parent: GroupId) -> GroupId | None:
        natures = _ROOTS[_plain(root)][0] if _plain(root) in _ROOTS else (self.chart.reserved_of(parent).nature,)
        for reserved in _RESERVED_BY_NAME.get(_plain(name), ()):
            if PREDEFINED_GROUP_BY_RESERVED[reserved].nature in natures:
                return group_id(reserved)
        return None

    def _under(self, parent: GroupId, name: str) -> GroupId:
        existing = self.chart.group_under(parent, name)
        if existing is not None:
            return existing.id
        group = Group(id=GroupId(self.new_id(f"{parent}\n{folded(name)}")), name=" ".join(name.split()), parent=parent)
        if problems := problems_in_master(group, self.chart):
            raise InvalidInput([Problem(problem.code, "group", problem.facts) for problem in problems])
        self.made.append(group)
        self.chart.put(group)
        return group.id
