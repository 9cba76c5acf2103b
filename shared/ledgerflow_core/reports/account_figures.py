"""What reports ask of an account: opening, debit, credit, closing, and the result of a period.

Year end needs no closing entries. An account of income or expense begins every financial year at zero;
what stood on it the day before counts as brought forward to the reserved Profit & Loss A/c. The year in
which the books begin is the one exception: what its accounts opened with belongs to that year's result.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.group import Nature
from ledgerflow_core.reports.account_tree import Amounts, in_columns
from ledgerflow_core.reports.figures import NO_MOVEMENT, Figures

_DAY = timedelta(1)


def result_accounts(chart: Chart) -> frozenset[AccountId]:
    """Return the accounts of income and expense."""
    of_result = {
        group: chart.reserved_of(chart.groups[group].id).nature in (Nature.INCOME, Nature.EXPENSE)
        for group in chart.groups
    }
    return frozenset(account.id for account in chart.accounts.values() if of_result[account.group])


def opening_balances(figures: Figures, first: date) -> dict[AccountId, int]:
    """Return what each account carries into the morning of `first`, debit positive."""
    balances = dict(figures.balances(first - _DAY))
    year = figures.company.financial_year.year_of(first)
    if year.first <= figures.company.books_begin:
        return balances
    earlier = figures.balances(year.first - _DAY)
    brought_forward = 0
    for account in result_accounts(figures.chart):
        if standing := earlier.get(account, 0):
            balances[account] = balances.get(account, 0) - standing
            brought_forward += standing
    balances[PROFIT_AND_LOSS] = balances.get(PROFIT_AND_LOSS, 0) + brought_forward
    return balances


def account_figures(figures: Figures, period: Period) -> dict[AccountId, Amounts]:
    """Return opening (signed), debit, credit (both without a sign) and closing (signed) of each account."""
    openings, movements = opening_balances(figures, period.first), figures.movements(period)
    found: dict[AccountId, Amounts] = {}
    for account in openings.keys() | movements.keys():
        opening, moved = openings.get(account, 0), movements.get(account, NO_MOVEMENT)
        found[account] = (opening, moved.debit, -moved.credit, opening + moved.net)
    return found


def with_closings_of(
    figures: Figures, amounts: Mapping[AccountId, Amounts], beside: tuple[Period, ...]
) -> dict[AccountId, Amounts]:
    """Return opening, debit, credit and closing followed by the closing balance of each period beside."""
    columns = [{account: four[at] for account, four in amounts.items()} for at in range(4)]
    for period in beside:
        columns.append({account: four[3] for account, four in account_figures(figures, period).items()})
    return in_columns(columns)


def results(figures: Figures, period: Period) -> dict[AccountId, int]:
    """Return what each account of income or expense adds to the result of a period: a profit is negative."""
    accounts, chart = result_accounts(figures.chart), figures.chart
    found = {account: moved.net for account, moved in figures.movements(period).items() if account in accounts}
    if figures.company.books_begin in period:
        for account in accounts:
            if opening := chart.accounts[account].opening:
                found[account] = found.get(account, 0) + opening
    return found


def difference_in_openings(chart: Chart) -> int:
    """Return what the opening balances of the masters lack to add up to zero, debit positive."""
    return -sum(account.opening for account in chart.accounts.values())
