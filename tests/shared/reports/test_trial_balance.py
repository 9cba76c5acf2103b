"""The trial balance, on books worked by hand."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.report_table import RowKind
from ledgerflow_core.reports.trial_balance import trial_balance
from shared.reports.plain_books import account_id, expected, read_books, shown

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))

SHOP = """
    group North in Sundry Debtors
    account Capital in Capital Account, opening -1000.00
    account Cash in Cash-in-Hand, opening 1000.00
    account Ravi Stores in North
    account Anil Traders in Sundry Debtors
    account Lamps in Sales Accounts
    account Rent in Indirect Expenses
    account Idle in Indirect Expenses
    2025-04-05 Sales S-1
        Ravi Stores    500.00
        Lamps         -500.00
    2025-05-01 Payment P-1
        Rent           200.00
        Cash          -200.00
    2025-06-01 Receipt R-1
        Cash           300.00
        Ravi Stores   -300.00
"""


def test_groups_are_subtotals_above_their_subgroups_and_accounts() -> None:
    assert shown(trial_balance(read_books(SHOP), YEAR)) == expected("""
                             | opening  | debit   | credit  | closing
        Capital Account      | -1000.00 |    0.00 |    0.00 | -1000.00
          Capital            | -1000.00 |    0.00 |    0.00 | -1000.00
        Current Assets       |  1000.00 |  800.00 |  500.00 |  1300.00
          Sundry Debtors     |     0.00 |  500.00 |  300.00 |   200.00
            North            |     0.00 |  500.00 |  300.00 |   200.00
              Ravi Stores    |     0.00 |  500.00 |  300.00 |   200.00
          Cash-in-Hand       |  1000.00 |  300.00 |  200.00 |  1100.00
            Cash             |  1000.00 |  300.00 |  200.00 |  1100.00
        Sales Accounts       |     0.00 |    0.00 |  500.00 |  -500.00
          Lamps              |     0.00 |    0.00 |  500.00 |  -500.00
        Indirect Expenses    |     0.00 |  200.00 |    0.00 |   200.00
          Rent               |     0.00 |  200.00 |    0.00 |   200.00
        =                    |     0.00 | 1000.00 | 1000.00 |     0.00
    """)


def test_a_later_period_opens_with_what_the_earlier_one_closed_with() -> None:
    from_may = Period(date(2025, 5, 1), date(2025, 5, 31))
    assert shown(trial_balance(read_books(SHOP), from_may, outline=Outline(depth=0))) == expected("""
                             | opening  | debit   | credit  | closing
        Capital Account      | -1000.00 |    0.00 |    0.00 | -1000.00
        Current Assets       |  1500.00 |    0.00 |  200.00 |  1300.00
        Sales Accounts       |  -500.00 |    0.00 |    0.00 |  -500.00
        Indirect Expenses    |     0.00 |  200.00 |    0.00 |   200.00
        =                    |     0.00 |  200.00 |  200.00 |     0.00
    """)


def test_a_flat_list_is_in_order_of_name_and_keeps_the_path() -> None:
    table = trial_balance(read_books(SHOP), YEAR, outline=Outline(flat=True))
    assert [row.label for row in table.rows] == ["Capital", "Cash", "Lamps", "Ravi Stores", "Rent"]
    assert [row.level for row in table.rows] == [0, 0, 0, 0, 0]
    assert table.rows[3].path == ("Current Assets", "Sundry Debtors", "North")


def test_zero_rows_show_the_accounts_and_groups_in_which_nothing_stands() -> None:
    labels = [row.label for row in trial_balance(read_books(SHOP), YEAR, outline=Outline(zero_rows=True)).rows]
    assert {"Idle", "Anil Traders", "Fixed Assets", "Profit & Loss A/c"} <= set(labels)
    assert labels.index("North") < labels.index("Anil Traders"), "sub-groups stand before accounts"


def test_an_account_that_moved_back_to_zero_is_not_left_out() -> None:
    books = read_books("""
        account Bank in Bank Accounts
        2025-04-05 Contra C-1
            Bank     10.00
            Cash    -10.00
        2025-04-06 Contra C-2
            Bank    -10.00
            Cash     10.00
    """)
    assert "            Bank | 0.00 | 10.00 | 10.00 | 0.00".strip() in [
        line.strip() for line in shown(trial_balance(books, YEAR))
    ]


def test_openings_that_do_not_add_up_stand_on_a_line_of_their_own_and_are_noted() -> None:
    books = read_books("""
        account Capital in Capital Account, opening -900.00
        account Cash in Cash-in-Hand, opening 1000.00
    """)
    table = trial_balance(books, YEAR, outline=Outline(depth=0))
    assert shown(table) == expected("""
                                       | opening | debit | credit | closing
        Capital Account                | -900.00 |  0.00 |   0.00 | -900.00
        Current Assets                 | 1000.00 |  0.00 |   0.00 | 1000.00
        Difference in opening balances | -100.00 |  0.00 |   0.00 | -100.00
        =                              |    0.00 |  0.00 |   0.00 |    0.00
    """)
    assert table.notes == (("opening-balances-differ", -10_000),)
    assert table.rows[-1].kind is RowKind.RESULT


def test_income_and_expense_begin_a_new_year_at_zero_without_closing_entries() -> None:
    """April 2025: sales 500, rent 200. The 300 of profit are brought forward to the Profit & Loss A/c."""
    next_year = Period(date(2026, 4, 1), date(2027, 3, 31))
    books = read_books(
        SHOP
        + """
    2026-04-10 Sales S-2
        Cash            50.00
        Lamps          -50.00
    """
    )
    assert shown(trial_balance(books, next_year, outline=Outline(depth=0))) == expected("""
                             | opening  | debit   | credit  | closing
        Capital Account      | -1000.00 |    0.00 |    0.00 | -1000.00
        Current Assets       |  1300.00 |   50.00 |    0.00 |  1350.00
        Sales Accounts       |     0.00 |    0.00 |   50.00 |   -50.00
        Profit & Loss A/c    |  -300.00 |    0.00 |    0.00 |  -300.00
        =                    |     0.00 |   50.00 |   50.00 |     0.00
    """)


def test_what_an_expense_opened_with_stays_in_the_year_the_books_begin_in() -> None:
    books = read_books("""
        books from 2025-10-01
        account Rent in Indirect Expenses, opening 60.00
        account Capital in Capital Account, opening -60.00
    """)
    winter = trial_balance(books, Period(date(2025, 10, 1), date(2026, 3, 31)), outline=Outline(depth=0))
    assert [row.label for row in winter.rows] == ["Capital Account", "Indirect Expenses"]
    spring = trial_balance(books, Period(date(2026, 4, 1), date(2026, 4, 30)), outline=Outline(depth=0))
    assert [row.label for row in spring.rows] == ["Capital Account", "Profit & Loss A/c"]


def test_so_it_does_where_the_books_begin_with_the_year() -> None:
    books = read_books("""
        account Rent in Indirect Expenses, opening 60.00
        account Capital in Capital Account, opening -60.00
    """)
    table = trial_balance(books, YEAR, outline=Outline(depth=0))
    assert [row.label for row in table.rows] == ["Capital Account", "Indirect Expenses"]


def test_only_vouchers_in_the_books_count() -> None:
    books = read_books(
        """
        account Rent in Indirect Expenses
        2025-04-01 Payment P-1
            Rent     1.00
            Cash    -1.00
        2025-04-02 Payment P-2 [optional]
            Rent     10.00
            Cash    -10.00
        2025-04-03 Payment P-3 [cancelled]
            Rent     100.00
            Cash    -100.00
        2025-04-04 Payment P-4 [post-dated]
            Rent     1000.00
            Cash    -1000.00
        2025-04-09 Payment P-5 [post-dated]
            Rent     10000.00
            Cash    -10000.00
        2025-04-04 Memorandum M-1
            Rent     100000.00
            Cash    -100000.00
        """,
        today=date(2025, 4, 5),
    )
    assert trial_balance(books, YEAR).totals == (0, 100_100, 100_100, 0)


def test_every_row_of_groups_and_accounts_opens_what_it_names() -> None:
    table = trial_balance(read_books(SHOP), YEAR, outline=Outline(zero_rows=True))
    drill = {row.label: row.drill for row in table.rows}
    assert drill["Sundry Debtors"] == group_id("sundry-debtors")
    assert drill["Ravi Stores"] == account_id("Ravi Stores")
    assert drill["Profit & Loss A/c"] == PROFIT_AND_LOSS
    assert all(row.drill for row in table.rows)
