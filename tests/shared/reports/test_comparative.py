"""Comparative columns: which periods they are of and what their keys say."""

from datetime import date

from ledgerflow_core.calendar import FinancialYear, Period
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.balance_sheet import balance_sheet
from ledgerflow_core.reports.comparative import Comparison, compared_periods, period_key
from ledgerflow_core.reports.group_summary import group_summary
from ledgerflow_core.reports.profit_and_loss import profit_and_loss
from ledgerflow_core.reports.trial_balance import trial_balance
from shared.reports.plain_books import expected, read_books, shown

APRIL_YEAR = FinancialYear(4, 1)
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
BOOKS = """
    books from 2024-04-01
    account Lamps in Sales Accounts
    2024-05-05 Sales S-1
        Cash           100.00
        Lamps         -100.00
    2025-05-05 Sales S-2
        Cash            40.00
        Lamps          -40.00
    2025-08-05 Sales S-3
        Cash             7.00
        Lamps           -7.00
"""


def keys(comparison: Comparison, period: Period, year: FinancialYear = APRIL_YEAR) -> list[str]:
    return [period_key(each) for each in compared_periods(comparison, period, year)]


def test_a_whole_month_is_named_by_its_month_and_other_runs_by_both_ends() -> None:
    first_weeks = Period(date(2025, 4, 10), date(2025, 5, 31))
    assert keys(Comparison.MONTH, first_weeks) == ["2025-04-10..2025-04-30", "2025-05"]
    assert keys(Comparison.PREVIOUS_YEAR, YEAR) == ["2024-04-01..2025-03-31"]
    assert keys(Comparison.PREVIOUS_PERIOD, Period(date(2025, 5, 1), date(2025, 5, 31))) == ["2025-04"]


def test_quarters_are_those_of_the_financial_year_cut_to_the_period() -> None:
    assert keys(Comparison.QUARTER, Period(date(2025, 5, 1), date(2026, 4, 15))) == [
        "2025-05-01..2025-06-30",
        "2025-07-01..2025-09-30",
        "2025-10-01..2025-12-31",
        "2026-01-01..2026-03-31",
        "2026-04-01..2026-04-15",
    ]


def test_a_period_may_touch_a_quarter_on_one_day_alone() -> None:
    assert keys(Comparison.QUARTER, Period(date(2025, 6, 30), date(2025, 7, 1))) == [
        "2025-06-30..2025-06-30",
        "2025-07-01..2025-07-01",
    ]


def test_quarters_of_a_year_that_begins_on_the_last_of_a_month_leave_no_day_out() -> None:
    assert keys(Comparison.QUARTER, Period(date(2025, 8, 31), date(2026, 8, 30)), FinancialYear(8, 31)) == [
        "2025-08-31..2025-11-29",
        "2025-11-30..2026-02-27",
        "2026-02-28..2026-05-30",
        "2026-05-31..2026-08-30",
    ]


def test_the_trial_balance_and_group_summary_repeat_the_closing_balance() -> None:
    books, beside = read_books(BOOKS), (YEAR.year_before(),)
    assert shown(trial_balance(books, YEAR, outline=Outline(depth=0), beside=beside)) == expected("""
                          | opening | debit | credit | closing | closing@2024-04-01..2025-03-31
        Current Assets    |  100.00 | 47.00 |   0.00 |  147.00 |  100.00
        Sales Accounts    |    0.00 |  0.00 |  47.00 |  -47.00 | -100.00
        Profit & Loss A/c | -100.00 |  0.00 |   0.00 | -100.00 |    0.00
        =                 |    0.00 | 47.00 |  47.00 |    0.00 |    0.00
    """)
    cash = group_summary(books, YEAR, group_id("cash-in-hand"), beside=beside)
    assert shown(cash, "closing", "closing@2024-04-01..2025-03-31")[1] == "Cash | 147.00 | 100.00"


def test_profit_and_loss_repeats_the_amount_and_the_months_add_up_to_it() -> None:
    beside = compared_periods(Comparison.QUARTER, YEAR, APRIL_YEAR)
    table = profit_and_loss(read_books(BOOKS), YEAR, outline=Outline(depth=0), beside=beside)
    assert [column.key for column in table.columns][:2] == ["amount", "amount@2025-04-01..2025-06-30"]
    assert table.rows[-1].cells == (-4_700, -4_000, -700, 0, 0)


def test_the_balance_sheet_shows_each_period_with_its_own_result() -> None:
    table = balance_sheet(read_books(BOOKS), YEAR, beside=(YEAR.year_before(),))
    cells = {row.label: row.cells for row in table.rows}
    assert cells["Brought forward"] == (-10_000, 0)
    assert cells["Current period"] == (-4_700, -10_000)
    assert cells["Total assets"] == (14_700, 10_000)


def test_a_comparative_column_knows_its_period() -> None:
    table = trial_balance(read_books(BOOKS), YEAR, beside=(YEAR.year_before(),))
    assert [column.period for column in table.columns] == [None, None, None, None, YEAR.year_before()]
