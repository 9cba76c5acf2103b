"""The day book."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.day_book import day_book
from ledgerflow_core.reports.window import Window
from shared.reports.plain_books import expected, read_books, shown, voucher_id

APRIL = Period(date(2025, 4, 1), date(2025, 4, 30))
BOOKS = """
    account Lamps in Sales Accounts
    account Rent in Indirect Expenses
    2025-04-09 Payment P-1 "April rent"
        Rent           200.00
        Cash          -200.00
    2025-04-05 Sales S-1
        Cash           500.00
        Lamps         -500.00
    2025-04-09 Payment P-2 [cancelled]
        Rent             9.00
        Cash            -9.00
    2025-05-01 Payment P-3
        Rent             1.00
        Cash            -1.00
"""


def test_vouchers_of_every_state_stand_in_order_of_date_then_of_entry() -> None:
    assert shown(day_book(read_books(BOOKS), APRIL)) == expected("""
             | date       | type    | number | amount | state     | narration
        Cash | 2025-04-05 | Sales   | S-1    | 500.00 | regular
        Rent | 2025-04-09 | Payment | P-1    | 200.00 | regular   | April rent
        Rent | 2025-04-09 | Payment | P-2    |   9.00 | cancelled
    """)


def test_a_line_opens_its_voucher() -> None:
    assert day_book(read_books(BOOKS), APRIL).rows[0].drill == voucher_id("S-1")


def test_a_window_shows_its_lines_alone() -> None:
    table = day_book(read_books(BOOKS), APRIL, window=Window(offset=1, limit=1))
    assert shown(table, "number")[1:] == ["Rent | P-1"]
