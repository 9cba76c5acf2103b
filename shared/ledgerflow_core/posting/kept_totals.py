"""Kept totals: debits, credits and entry counts by account and day, always equal to recomputation."""

from collections.abc import Hashable, Iterable, Mapping

# (account key, day number) -> [debits >= 0, credits <= 0, entries]. The key is whatever a store calls an account.
DayTotals = dict[tuple[Hashable, int], list[int]]


def add_entries(totals: DayTotals, day: int, entries: Iterable[tuple[Hashable, int]], *, sign: int = 1) -> None:
    """Add (account key, amount) pairs of one day to the totals; `sign` -1 takes them back."""
    for account, amount in entries:
        kept = totals.get((account, day))
        if kept is None:
            kept = totals[account, day] = [0, 0, 0]
        kept[amount < 0] += sign * amount
        kept[2] += sign


def without_empty(totals: Mapping[tuple[Hashable, int], list[int]]) -> dict[tuple[Hashable, int], tuple[int, ...]]:
    """Return the totals that hold at least one entry, for comparing two ways of reaching them."""
    return {key: tuple(kept) for key, kept in totals.items() if kept[2]}
