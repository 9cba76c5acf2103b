"""The ledger accounts of a chart, ready for type-ahead: all of them, or those that hold money."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.chart import Chart
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.entry_fields.matching import NameIndex
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.screens.widgets.choice_list import Choice


@lru_cache(maxsize=2)
def account_index(chart: Chart) -> NameIndex:
    """Return the index over living accounts by name, alias and code; a snapshot of a chart never changes."""
    return NameIndex((a.id, (a.name, *a.aliases, a.code)) for a in chart.accounts.values() if not a.retired)


@lru_cache(maxsize=2)
def money_index(chart: Chart) -> NameIndex:
    """Return the index over living cash and bank accounts."""
    return NameIndex(
        (a.id, (a.name, *a.aliases, a.code))
        for a in chart.accounts.values()
        if not a.retired and chart.is_cash_or_bank(a.id)
    )


def prepare(chart: Chart) -> None:
    """Make both indexes; for the worker thread, so that no key waits for it."""
    account_index(chart)
    money_index(chart)


def account_choices(
    text: str, chart: Chart, balances: Mapping[AccountId, int], figures: Figures, *, money_only: bool
) -> Sequence[Choice]:
    """Return the accounts a text may mean, each with its group and balance."""
    index = money_index(chart) if money_only else account_index(chart)
    found = (chart.accounts[match.key] for match in index.find(text))
    return [
        Choice(
            account.id,
            visible(account.name),
            visible(chart.groups[account.group].name),
            figures.signed(balances[account.id]) if balances.get(account.id) else "",
        )
        for account in found
    ]
