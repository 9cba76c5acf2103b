"""The ledger accounts of a chart, ready for type-ahead: all of them, or those that hold money.

The index of ten thousand names takes a tenth of a second to make. The worker makes it, once for each state of
the chart; a key pressed before it is there is answered by a plain scan.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from weakref import WeakKeyDictionary

from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.chart import Chart
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.entry_fields.matching import SHOWN_MAX, NameIndex
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.screens.widgets.choice_list import Choice

# (every account, cash and bank) of charts in use; a snapshot of a chart never changes, and goes with its last user.
_INDEXES: WeakKeyDictionary[Chart, tuple[NameIndex, NameIndex]] = WeakKeyDictionary()


def prepare(chart: Chart) -> None:
    """Make the indexes of a chart, if they are not there; for the worker thread."""
    if chart not in _INDEXES:
        living = [account for account in chart.accounts.values() if not account.retired]
        named = [(account.id, (account.name, *account.aliases, account.code)) for account in living]
        money = [(key, names) for key, names in named if chart.is_cash_or_bank(key)]
        _INDEXES[chart] = (NameIndex(named), NameIndex(money))


def _scanned(text: str, chart: Chart, *, money_only: bool) -> Iterator[Account]:
    typed = text.strip().casefold()
    for account in chart.accounts.values():
        if account.retired or typed not in account.name.casefold():
            continue
        if not money_only or chart.is_cash_or_bank(account.id):
            yield account


def _found(text: str, chart: Chart, *, money_only: bool) -> list[Account]:
    indexes = _INDEXES.get(chart)
    if indexes is None:
        return list(islice(_scanned(text, chart, money_only=money_only), SHOWN_MAX))
    return [chart.accounts[match.key] for match in indexes[money_only].find(text)]


def account_choices(
    text: str, chart: Chart, balances: Mapping[AccountId, int], figures: Figures, *, money_only: bool
) -> Sequence[Choice]:
    """Return the accounts a text may mean, each with its group and balance."""
    return [
        Choice(
            account.id,
            visible(account.name),
            visible(chart.groups[account.group].name),
            figures.signed(balances[account.id]) if balances.get(account.id) else "",
        )
        for account in _found(text, chart, money_only=money_only)
    ]
