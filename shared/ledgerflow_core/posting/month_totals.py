"""Month totals while changes are decided on: whether each stays an amount (2**53 - 1 at most) that a store can keep.

A day needs no look of its own: its debits and its credits are never more than those of its month.
"""

from collections.abc import Mapping

from ledgerflow_core.calendar import month_number
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.posting.effect import entries_in_books
from ledgerflow_core.vouchers.voucher import Voucher

# The account that counts, at the end of all merges, and a month number.
AccountMonth = tuple[str, int]


class MonthTotals:
    """Debits (>= 0) and credits (<= 0) by account and month, in minor units.

    They begin with those a store has, of the accounts and months that the changes to come speak of, and move on with
    each change that is made.
    """

    def __init__(self, kept: Mapping[AccountMonth, tuple[int, int]] | None = None) -> None:
        self._kept = dict(kept or {})

    def fit(self, before: Voucher | None, after: Voucher, chart: Chart) -> bool:
        """Whether every total stays an amount when one version of a voucher takes the place of another (None: none)."""
        return all(map(_is_kept, self._with(before, after, chart).values()))

    def replace(self, before: Voucher | None, after: Voucher, chart: Chart) -> None:
        """Put one version of a voucher in the place of another (None: none)."""
        self._kept |= self._with(before, after, chart)

    def fit_merged(self, merged: str, into: str) -> bool:
        """Whether every total stays an amount when one account counts on another; both count by themselves now."""
        return all(map(_is_kept, self._with_merged(merged, into).values()))

    def merge(self, merged: str, into: str) -> None:
        """Let one account count on another."""
        self._kept |= self._with_merged(merged, into)
        self._kept = {key: total for key, total in self._kept.items() if key[0] != merged}

    def _with(self, before: Voucher | None, after: Voucher, chart: Chart) -> dict[AccountMonth, tuple[int, int]]:
        changed: dict[AccountMonth, tuple[int, int]] = {}
        for voucher, sign in ((before, -1), (after, 1)):
            if voucher is None:
                continue
            month = month_number(voucher.date)
            for entry in entries_in_books(voucher, chart.voucher_types[voucher.type]):
                key, moved = (chart.counted_on(entry.account), month), sign * entry.amount
                debits, credits = changed.get(key) or self._kept.get(key, (0, 0))
                changed[key] = (debits, credits + moved) if entry.amount < 0 else (debits + moved, credits)
        return changed

    def _with_merged(self, merged: str, into: str) -> dict[AccountMonth, tuple[int, int]]:
        changed: dict[AccountMonth, tuple[int, int]] = {}
        for (account, month), (debits, credits) in self._kept.items():
            if account == merged:
                more_debits, more_credits = self._kept.get((into, month), (0, 0))
                changed[into, month] = (debits + more_debits, credits + more_credits)
        return changed


def _is_kept(total: tuple[int, int]) -> bool:
    debits, credits = total
    return debits <= MINOR_MAX and credits >= -MINOR_MAX
