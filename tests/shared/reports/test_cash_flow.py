"""Cash flow, on books worked by hand."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.cash_flow import cash_flow, cash_flow_by_month
from shared.reports.plain_books import expected, read_books, shown

QUARTER = Period(date(2025, 4, 10), date(2025, 6, 30))
BOOKS = """
    account Cash in Cash-in-Hand, opening 1000.00
    account Bank in Bank Accounts
    account Overdraft in Bank OD A/c
    account Ravi Stores in Sundry Debtors
    account Lamps in Sales Accounts
    account Salaries in Indirect Expenses
    account Charges in Indirect Expenses
    account TDS in Duties & Taxes
    2025-04-05 Receipt R-0 "before the period"
        Cash            10.00
        Ravi Stores    -10.00
    2025-04-20 Sales S-1 "on credit, no cash in it"
        Ravi Stores    900.00
        Lamps         -900.00
    2025-05-02 Receipt R-1
        Bank           600.00
        Ravi Stores   -600.00
    2025-05-31 Payment P-1 "100 of pay, 10 of it kept back as tax"
        Salaries       100.00
        TDS            -10.00
        Bank           -90.00
    2025-06-01 Contra C-1 "between the company's own accounts"
        Bank           200.00
        Cash          -200.00
    2025-06-03 Contra C-2 "with a charge in it"
        Cash            45.00
        Charges          5.00
        Overdraft      -50.00
"""


def test_flows_are_named_by_the_accounts_over_against_cash() -> None:
    """Contra C-1 is no flow; of C-2 only the charge is. 1,010 of cash and bank become 1,515."""
    assert shown(cash_flow(read_books(BOOKS), QUARTER)) == expected("""
                              | inflow | outflow | net
        Opening cash and bank |        |         | 1010.00
        Current Liabilities   |  10.00 |    0.00 |   10.00
          Duties & Taxes      |  10.00 |    0.00 |   10.00
            TDS               |  10.00 |    0.00 |   10.00
        Current Assets        | 600.00 |    0.00 |  600.00
          Sundry Debtors      | 600.00 |    0.00 |  600.00
            Ravi Stores       | 600.00 |    0.00 |  600.00
        Indirect Expenses     |   0.00 |  105.00 | -105.00
          Charges             |   0.00 |    5.00 |   -5.00
          Salaries            |   0.00 |  100.00 | -100.00
        Closing cash and bank |        |         | 1515.00
        =                     | 610.00 |  105.00 |  505.00
    """)


def test_months_stand_beside_the_whole() -> None:
    books = read_books(BOOKS)
    table = cash_flow(books, QUARTER, outline=Outline(depth=0), beside=tuple(QUARTER.months()))
    assert shown(table, "net", "net@2025-04-10..2025-04-30", "net@2025-05", "net@2025-06") == expected("""
                              | net     | net@2025-04-10..2025-04-30 | net@2025-05 | net@2025-06
        Opening cash and bank | 1010.00 | 1010.00                    | 1010.00     | 1520.00
        Current Liabilities   |   10.00 |    0.00                    |   10.00     |    0.00
        Current Assets        |  600.00 |    0.00                    |  600.00     |    0.00
        Indirect Expenses     | -105.00 |    0.00                    | -100.00     |   -5.00
        Closing cash and bank | 1515.00 | 1010.00                    | 1520.00     | 1515.00
        =                     |  505.00 |    0.00                    |  510.00     |   -5.00
    """)


def test_month_by_month_ends_with_cash_and_bank() -> None:
    table = cash_flow_by_month(read_books(BOOKS), QUARTER)
    assert shown(table) == expected("""
                              | inflow | outflow | net    | balance
        Opening cash and bank |        |         |        | 1010.00
        2025-04               |   0.00 |    0.00 |   0.00 | 1010.00
        2025-05               | 610.00 |  100.00 | 510.00 | 1520.00
        2025-06               |   0.00 |    5.00 |  -5.00 | 1515.00
        =                     | 610.00 |  105.00 | 505.00 | 1515.00
    """)
    assert table.rows[1].drill == "2025-04-01"
