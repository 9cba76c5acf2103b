"""What holds for the reports of any books: they balance, and they agree with each other."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerflow_core.calendar import FinancialYear, Period
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.masters.group import Nature, group_id
from ledgerflow_core.reports.account_statement import account_by_month, account_statement
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.balance_sheet import balance_sheet
from ledgerflow_core.reports.cash_flow import cash_flow, cash_flow_by_month
from ledgerflow_core.reports.comparative import Comparison, compared_periods
from ledgerflow_core.reports.day_book import day_book
from ledgerflow_core.reports.group_summary import group_summary
from ledgerflow_core.reports.outstanding import GROUP_OF_SIDE, Side, outstanding
from ledgerflow_core.reports.profit_and_loss import profit_and_loss
from ledgerflow_core.reports.report_table import Cell, ReportTable, Row, RowKind
from ledgerflow_core.reports.trial_balance import trial_balance
from ledgerflow_core.reports.two_sided import Layout
from ledgerflow_core.reports.window import Window
from shared.reports.memory_figures import MemoryFigures
from shared.reports.random_books import periods, random_books

# A book costs milliseconds to make and to report on; a slow machine is no failure.
FEW = settings(max_examples=40, deadline=None)
FLAT_AND_ALL = Outline(flat=True, zero_rows=True)
WINDOWS = st.builds(Window, st.integers(0, 6), st.none() | st.integers(1, 6))


def cells_by_id(table: ReportTable) -> dict[str | None, tuple[Cell, ...]]:
    return {row.drill: row.cells for row in table.rows if row.drill}


def row_labelled(table: ReportTable, *labels: str) -> Row:
    (row,) = [row for row in table.rows if row.label in labels]
    return row


def added_up(rows: list[Row], column: int) -> int:
    return sum(cell for row in rows if isinstance(cell := row.cells[column], int))


@FEW
@given(random_books(), periods())
def test_debits_are_credits_and_openings_and_closings_come_to_nothing(books: MemoryFigures, period: Period) -> None:
    opening, debit, credit, closing = trial_balance(books, period).totals
    assert (opening, closing) == (0, 0)
    assert debit == credit


@FEW
@given(random_books(), periods(), st.sampled_from([Outline(), Outline(depth=0), Outline(flat=True)]))
def test_the_top_rows_of_a_trial_balance_add_up_to_its_totals(
    books: MemoryFigures, period: Period, outline: Outline
) -> None:
    table = trial_balance(books, period, outline=outline)
    tops = [row for row in table.rows if row.level == 0]
    assert tuple(added_up(tops, at) for at in range(4)) == table.totals


@FEW
@given(random_books(), periods())
def test_each_account_closes_a_day_with_its_balance_of_this_year(books: MemoryFigures, period: Period) -> None:
    """Real accounts with all they hold; the trial balance as a whole with the same sums as the plain balances."""
    cells = cells_by_id(trial_balance(books, period, outline=FLAT_AND_ALL))
    balances = books.balances(period.last)
    for account in books.chart.accounts.values():
        if account.id != PROFIT_AND_LOSS and books.chart.nature_of(account.id) in (Nature.ASSET, Nature.LIABILITY):
            assert cells[account.id][3] == balances.get(account.id, 0)
    results_and_own = [
        account.id
        for account in books.chart.accounts.values()
        if account.id == PROFIT_AND_LOSS or books.chart.nature_of(account.id) in (Nature.INCOME, Nature.EXPENSE)
    ]
    closings = [cells[account][3] for account in results_and_own]
    assert sum(c for c in closings if isinstance(c, int)) == sum(balances.get(a, 0) for a in results_and_own)


@FEW
@given(random_books(), st.sampled_from([date(2025, 4, 1), date(2026, 4, 1)]))
def test_income_and_expense_open_a_new_year_at_zero(books: MemoryFigures, first: date) -> None:
    cells = cells_by_id(trial_balance(books, Period(first, first), outline=FLAT_AND_ALL))
    for account in books.chart.accounts.values():
        if books.chart.nature_of(account.id) in (Nature.INCOME, Nature.EXPENSE):
            assert cells[account.id][0] == 0


@FEW
@given(random_books(), periods())
def test_the_balance_sheet_balances(books: MemoryFigures, period: Period) -> None:
    upright = balance_sheet(books, period)
    liabilities = row_labelled(upright, "Total liabilities").cells[0]
    assets = row_labelled(upright, "Total assets").cells[0]
    assert isinstance(liabilities, int)
    assert -liabilities == assets

    two_sided = balance_sheet(books, period, outline=Outline(depth=0), layout=Layout.HORIZONTAL)
    assert added_up(list(two_sided.rows), 0) == added_up(list(two_sided.rows), 2) == assets
    assert two_sided.totals == (assets, None, assets)


@FEW
@given(random_books(), periods())
def test_both_sides_of_the_profit_and_loss_are_equal_in_each_part(books: MemoryFigures, period: Period) -> None:
    table = profit_and_loss(books, period, outline=Outline(depth=0), layout=Layout.HORIZONTAL)
    (at,) = [at for at, row in enumerate(table.rows) if row.kind is RowKind.TOTAL]
    trading, rest = list(table.rows[:at]), list(table.rows[at + 1 :])
    assert table.rows[at].cells == (added_up(trading, 0), None, added_up(trading, 2))
    assert table.totals == (added_up(rest, 0), None, added_up(rest, 2))
    assert added_up(rest, 0) == added_up(rest, 2)


@FEW
@given(random_books(), periods())
def test_the_profit_is_what_moved_on_the_retained_result(books: MemoryFigures, period: Period) -> None:
    def retained(day: date) -> int:
        sheet = balance_sheet(books, Period(day, day), outline=Outline(zero_rows=True))
        cell = row_labelled(sheet, "Profit & Loss A/c").cells[0]
        assert isinstance(cell, int)
        return cell

    period = Period(period.first + timedelta(1), period.last + timedelta(1))  # after the day the books begin
    profit = row_labelled(profit_and_loss(books, period), "Net profit", "Net loss").cells[0]
    transferred = books.movements(period).get(PROFIT_AND_LOSS)
    assert isinstance(profit, int)
    moved = retained(period.last) - retained(period.first - timedelta(1))
    assert moved == profit + (transferred.net if transferred else 0)


@FEW
@given(random_books(), periods())
def test_statements_add_up_to_the_trial_balance(books: MemoryFigures, period: Period) -> None:
    cells = cells_by_id(trial_balance(books, period, outline=FLAT_AND_ALL))
    for account in books.chart.accounts.values():
        statement = account_statement(books, period, account.id)
        first, *_, last = statement.rows
        assert (first.cells[5], *statement.totals[3:6]) == cells[account.id]
        assert last.cells[5] == statement.totals[5]
        assert added_up([row for row in statement.rows if row.kind is RowKind.VOUCHER], 3) == statement.totals[3]
        by_month = account_by_month(books, period, account.id)
        assert by_month.totals == statement.totals[3:6]
        assert by_month.rows[-1].cells[2] == statement.totals[5]


@FEW
@given(random_books(), periods(), WINDOWS)
def test_a_window_of_a_statement_is_a_part_of_the_whole(books: MemoryFigures, period: Period, window: Window) -> None:
    for account in books.chart.accounts.values():
        whole = account_statement(books, period, account.id).rows[1:-1]
        windowed = account_statement(books, period, account.id, window=window)
        end = None if window.limit is None else window.offset + window.limit
        lines = [row for row in windowed.rows if row.kind is RowKind.VOUCHER]
        assert lines == list(whole[window.offset : end])
        closes = windowed.rows[-1].kind is RowKind.RESULT
        assert closes == (end is None or end >= len(whole))
        assert not closes or windowed.rows[-1].cells[5] == windowed.totals[5]


@FEW
@given(random_books(), periods(), WINDOWS)
def test_a_window_of_the_day_book_is_a_part_of_the_whole(books: MemoryFigures, period: Period, window: Window) -> None:
    end = None if window.limit is None else window.offset + window.limit
    whole = day_book(books, period).rows
    assert len(whole) == sum(voucher.date in period for voucher in books.vouchers_entered)
    assert day_book(books, period, window=window).rows == whole[window.offset : end]


@FEW
@given(random_books(), periods(), st.sampled_from(Side))
def test_open_bills_come_to_the_balances_of_the_parties(books: MemoryFigures, period: Period, side: Side) -> None:
    table = outstanding(books, period, side, ageing=(30, 365))
    balances = books.balances(period.last)
    parties = [
        account for account in books.chart.accounts.values() if books.chart.is_under(account.id, GROUP_OF_SIDE[side])
    ]
    assert table.totals[5] == sum(balances.get(party.id, 0) for party in parties)
    for row in table.rows:
        assert sum(cell for cell in row.cells[6:] if isinstance(cell, int)) == row.cells[5]
    tops = [row for row in table.rows if row.level == 0]
    bills = [row for row in table.rows if row.level == 1]
    assert added_up(tops, 5) == added_up(bills, 5) == table.totals[5]


@FEW
@given(random_books(), periods())
def test_cash_flow_is_the_change_of_cash_and_bank(books: MemoryFigures, period: Period) -> None:
    def cash_and_bank(day: date) -> int:
        return sum(amount for account, amount in books.balances(day).items() if books.chart.is_cash_or_bank(account))

    change = cash_and_bank(period.last) - cash_and_bank(period.first - timedelta(1))
    inflow, outflow, net = cash_flow(books, period).totals
    assert net == change
    assert isinstance(inflow, int)
    assert isinstance(outflow, int)
    assert inflow - outflow == change
    assert cash_flow_by_month(books, period).totals == (inflow, outflow, net, cash_and_bank(period.last))


@FEW
@given(random_books(), periods(), st.sampled_from(Comparison))
def test_comparative_columns_say_what_the_separate_reports_say(
    books: MemoryFigures, period: Period, comparison: Comparison
) -> None:
    beside = compared_periods(comparison, period, books.company.financial_year)[:3]
    every = Outline(zero_rows=True)
    current_assets = group_id("current-assets")
    compared = {
        "trial balance": trial_balance(books, period, outline=every, beside=beside),
        "group summary": group_summary(books, period, current_assets, outline=every, beside=beside),
        "profit and loss": profit_and_loss(books, period, outline=every, beside=beside),
        "balance sheet": balance_sheet(books, period, outline=every, beside=beside),
        "cash flow": cash_flow(books, period, outline=every, beside=beside),
    }
    for at, other in enumerate(beside):
        separate = {
            "trial balance": (trial_balance(books, other, outline=every), 3),
            "group summary": (group_summary(books, other, current_assets, outline=every), 3),
            "profit and loss": (profit_and_loss(books, other, outline=every), 0),
            "balance sheet": (balance_sheet(books, other, outline=every), 0),
            "cash flow": (cash_flow(books, other, outline=every), 2),
        }
        for name, (table, figure) in separate.items():
            column = len(table.columns) + at
            assert compared[name].columns[column].period == other
            in_compared = {drill: cells[column] for drill, cells in cells_by_id(compared[name]).items()}
            assert in_compared == {drill: cells[figure] for drill, cells in cells_by_id(table).items()}, name
            assert compared[name].totals[column] == table.totals[figure], name


@FEW
@given(periods(), st.builds(FinancialYear, st.integers(1, 12), st.integers(1, 28)))
def test_quarters_and_months_cover_a_period_without_gap_or_overlap(period: Period, year: FinancialYear) -> None:
    for comparison in (Comparison.MONTH, Comparison.QUARTER):
        parts = compared_periods(comparison, period, year)
        assert parts[0].first == period.first
        assert parts[-1].last == period.last
        for one, after in pairwise(parts):
            assert after.first == one.last + timedelta(1)
