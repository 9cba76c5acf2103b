"""Accounts under their groups with subtotals: the rows of every report that follows the chart.

Each account brings a tuple of whole numbers, one for each column; a group shows the sum of what is below
it. The reserved Profit & Loss A/c is never inside the tree: every report shows it as a line of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ledgerflow_core.identifiers import AccountId, GroupId
from ledgerflow_core.masters.account import PROFIT_AND_LOSS, Account
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.reports.report_table import Row, RowKind

Amounts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """How much of the tree is shown.

    `zero_rows` shows accounts and groups in which nothing stands and nothing moved. `depth` is the deepest
    level shown (0: the top groups alone). `flat` lists the accounts by name without their groups.
    """

    zero_rows: bool = False
    depth: int | None = None
    flat: bool = False


WHOLE = Outline()


def added(parts: Iterable[Amounts], width: int) -> Amounts:
    """Return the sums of the columns."""
    sums = [0] * width
    for part in parts:
        for at, amount in enumerate(part):
            sums[at] += amount
    return tuple(sums)


def in_columns(columns: Sequence[Mapping[AccountId, int]]) -> dict[AccountId, Amounts]:
    """Return for every account in any of the columns its tuple of amounts, zero where a column lacks it."""
    accounts = {account for column in columns for account in column}
    return {account: tuple(column.get(account, 0) for column in columns) for account in accounts}


class AccountTree:
    """The amounts of accounts, and of every group above them."""

    def __init__(self, chart: Chart, amounts: Mapping[AccountId, Amounts], *, width: int) -> None:
        self._chart = chart
        self._amounts = amounts
        self._width = width
        self._nothing: Amounts = (0,) * width
        self._accounts: dict[GroupId, list[Account]] = {}
        self._subtotals: dict[GroupId, Amounts] = {}
        for account in sorted(chart.accounts.values(), key=lambda a: (a.name.casefold(), a.id)):
            if account.id != PROFIT_AND_LOSS:
                self._accounts.setdefault(account.group, []).append(account)

    def subtotal(self, group: GroupId) -> Amounts:
        """Return the sum of all accounts below a group."""
        if group not in self._subtotals:
            groups = (self.subtotal(below) for below in self._chart.subgroups(group))
            accounts = (self._of(account) for account in self._accounts.get(group, ()))
            self._subtotals[group] = added([*groups, *accounts], self._width)
        return self._subtotals[group]

    def total(self, tops: Iterable[GroupId]) -> Amounts:
        """Return the sum of several groups."""
        return added((self.subtotal(group) for group in tops), self._width)

    def rows(self, tops: Iterable[GroupId], outline: Outline, *, level: int = 0) -> list[Row]:
        """Return the rows of groups in the order given: each group, its sub-groups, then its accounts by name."""
        rows = [row for top in tops for row in self._group(top, outline, (), level)]
        return _outlined(rows, outline, level)

    def rows_under(self, group: GroupId, outline: Outline) -> list[Row]:
        """Return the rows below one group, without the group itself."""
        path = tuple(above.name for above in self._chart.ancestry(group))[::-1]
        return _outlined(list(self._below(group, outline, path, 0)), outline, 0)

    def _group(self, group: GroupId, outline: Outline, above: tuple[str, ...], level: int) -> list[Row]:
        found = self._chart.groups[group]
        below = list(self._below(group, outline, (*above, found.name), level + 1))
        if not below and (found.retired or not outline.zero_rows):
            return []
        return [Row(RowKind.GROUP, found.name, self.subtotal(group), level, group, above), *below]

    def _below(self, group: GroupId, outline: Outline, path: tuple[str, ...], level: int) -> Iterator[Row]:
        for sub in self._chart.subgroups(group):
            yield from self._group(sub, outline, path, level)
        for account in self._accounts.get(group, ()):
            amounts = self._of(account)
            if any(amounts) or (outline.zero_rows and not account.retired):
                yield Row(RowKind.ACCOUNT, account.name, amounts, level, account.id, path)

    def _of(self, account: Account) -> Amounts:
        return self._amounts.get(account.id, self._nothing)


def _outlined(rows: list[Row], outline: Outline, level: int) -> list[Row]:
    if outline.flat:
        accounts = [replace(row, level=level) for row in rows if row.kind is RowKind.ACCOUNT]
        return sorted(accounts, key=lambda row: (row.label.casefold(), row.drill))
    return [row for row in rows if outline.depth is None or row.level - level <= outline.depth]


def profit_and_loss_line(chart: Chart, cells: Amounts, *, level: int = 0) -> Row:
    """Return the own line of the reserved Profit & Loss A/c."""
    return Row(RowKind.ACCOUNT, chart.accounts[PROFIT_AND_LOSS].name, cells, level, PROFIT_AND_LOSS)
