"""The statement of one account, line by line and month by month."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.reports.account_statement import account_by_month, account_statement
from ledgerflow_core.reports.window import Window
from shared.reports.plain_books import account_id, expected, read_books, shown, voucher_id

MAY_TO_JULY = Period(date(2025, 5, 1), date(2025, 7, 15))
BOOKS = """
    account Cash in Cash-in-Hand, opening 1000.00
    account Lamps in Sales Accounts
    account Rent in Indirect Expenses
    account Power in Indirect Expenses
    2025-04-05 Sales S-1
        Cash           500.00
        Lamps         -500.00
    2025-05-02 Payment P-1 "rent and power"
        Rent           200.00
        Power           50.00
        Cash          -250.00
    2025-05-02 Sales S-2
        Cash            40.00
        Lamps          -40.00
    2025-07-01 Payment P-2
        Rent           200.00
        Cash          -200.00
    2025-07-16 Payment P-3
        Rent             1.00
        Cash            -1.00
"""


def test_every_line_carries_the_balance_after_it() -> None:
    assert shown(account_statement(read_books(BOOKS), MAY_TO_JULY, CASH)) == expected("""
                        | date       | type    | number | debit | credit | balance | narration
        Opening balance |            |         |        |       |        | 1500.00
        Rent and others | 2025-05-02 | Payment | P-1    |       | 250.00 | 1250.00 | rent and power
        Lamps           | 2025-05-02 | Sales   | S-2    | 40.00 |        | 1290.00
        Rent            | 2025-07-01 | Payment | P-2    |       | 200.00 | 1090.00
        Closing balance |            |         |        |       |        | 1090.00
        =               |            |         |        | 40.00 | 450.00 | 1090.00
    """)


def test_a_line_opens_its_voucher() -> None:
    assert account_statement(read_books(BOOKS), MAY_TO_JULY, CASH).rows[1].drill == voucher_id("P-1")


def test_a_window_brings_forward_what_stands_before_it() -> None:
    """It begins within a day, and does not reach the end, so there is no closing line yet."""
    table = account_statement(read_books(BOOKS), MAY_TO_JULY, CASH, window=Window(offset=1, limit=1))
    assert shown(table, "number", "balance") == expected("""
                        | number | balance
        Brought forward |        | 1250.00
        Lamps           | S-2    | 1290.00
        =               |        | 1090.00
    """)
    assert table.notes == (("entries-in-period", 3),)


def test_a_window_past_the_end_still_closes() -> None:
    table = account_statement(read_books(BOOKS), MAY_TO_JULY, CASH, window=Window(offset=9, limit=5))
    assert shown(table, "balance") == expected("""
                        | balance
        Brought forward | 1090.00
        Closing balance | 1090.00
        =               | 1090.00
    """)


def test_months_end_with_their_balance_and_open_by_their_first_day() -> None:
    table = account_by_month(read_books(BOOKS), MAY_TO_JULY, CASH)
    assert shown(table) == expected("""
                        | debit | credit | balance
        Opening balance |       |        | 1500.00
        2025-05         | 40.00 | 250.00 | 1290.00
        2025-06         |  0.00 |   0.00 | 1290.00
        2025-07         |  0.00 | 200.00 | 1090.00
        =               | 40.00 | 450.00 | 1090.00
    """)
    assert [row.drill for row in table.rows] == [None, "2025-05-01", "2025-06-01", "2025-07-01"]


def test_an_expense_opens_at_zero_with_the_year() -> None:
    from_april = Period(date(2026, 4, 1), date(2026, 4, 30))
    assert account_statement(read_books(BOOKS), from_april, account_id("Rent")).rows[0].cells[5] == 0
    in_march = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert account_statement(read_books(BOOKS), in_march, account_id("Rent")).rows[0].cells[5] == 40_100
