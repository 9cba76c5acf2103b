"""Masters a report is asked for by name or id, or the refusal that names the nearest ones there are."""

from collections.abc import Iterable
from difflib import get_close_matches

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.identifiers import AccountId, CostCentreId, GroupId
from ledgerflow_core.masters.chart import Chart, folded
from ledgerflow_core.reports.outstanding import GROUP_OF_SIDE, Side


def chosen_account(chart: Chart, given: str) -> AccountId:
    """Return the account with this id, name or alias; refuse with `unknown-account`."""
    found = chart.accounts.get(given) or chart.account_named(given)
    if found is None:
        raise _unknown("account", given, (account.name for account in chart.accounts.values()))
    return chart.counted_on(found.id)


def chosen_party(chart: Chart, given: str, side: Side) -> AccountId:
    """Return the customer or supplier asked for; refuse one that is on the other side with `not-a-party-of`."""
    account = chosen_account(chart, given)
    if not chart.is_under(account, GROUP_OF_SIDE[side]):
        raise refuse("not-a-party-of", "account", given=given[:60], report=side.value)
    return account


def chosen_group(chart: Chart, given: str) -> GroupId:
    """Return the group with this id or name; refuse with `unknown-group`."""
    found = chart.groups.get(given) or chart.group_named(given)
    if found is None:
        raise _unknown("group", given, (group.name for group in chart.groups.values()))
    return found.id


def chosen_centre(chart: Chart, given: str) -> CostCentreId:
    """Return the cost centre with this id or name; refuse with `unknown-cost-centre`."""
    found = chart.cost_centres.get(given) or chart.cost_centre_named(given)
    if found is None:
        raise _unknown("cost-centre", given, (centre.name for centre in chart.cost_centres.values()))
    return chart.counted_on(found.id)


def _unknown(what: str, given: str, names: Iterable[str]) -> InvalidInput:
    name_by_folded = {folded(name): name for name in names}
    nearest = [name_by_folded[close] for close in get_close_matches(folded(given[:200]), name_by_folded)]
    return refuse(
        f"unknown-{what}", "centre" if what == "cost-centre" else what, given=given[:60], nearest="; ".join(nearest)
    )
