"""The balance sheet, on books worked by hand."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.balance_sheet import balance_sheet
from ledgerflow_core.reports.two_sided import Layout
from shared.reports.plain_books import expected, read_books, shown

FIRST_YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
SECOND_YEAR = Period(date(2026, 4, 1), date(2027, 3, 31))

TWO_YEARS = """
    account Capital in Capital Account, opening -1000.00
    account Cash in Cash-in-Hand, opening 1100.00
    account Profit & Loss A/c in Capital Account, opening -100.00
    account Bank loan in Secured Loans
    account Van in Fixed Assets
    account Fees in Direct Incomes
    account Rent in Indirect Expenses
    2025-05-01 Receipt R-1
        Cash            500.00
        Fees           -500.00
    2025-06-01 Payment P-1
        Rent            200.00
        Cash           -200.00
    2025-07-01 Journal J-1
        Van             800.00
        Bank loan      -800.00
    2026-05-01 Payment P-2
        Rent             70.00
        Cash            -70.00
    2026-06-01 Journal J-2 "dividend"
        Profit & Loss A/c   40.00
        Cash               -40.00
"""


def test_the_result_of_the_period_stands_with_what_was_brought_forward() -> None:
    assert shown(balance_sheet(read_books(TWO_YEARS), FIRST_YEAR)) == expected("""
                              | closing
        Liabilities
          Capital Account     | -1000.00
            Capital           | -1000.00
          Loans (Liability)   | -800.00
            Secured Loans     | -800.00
              Bank loan       | -800.00
          Profit & Loss A/c   | -400.00
            Brought forward   | -100.00
            Current period    | -300.00
        Total liabilities     | -2200.00
        Assets
          Fixed Assets        | 800.00
            Van               | 800.00
          Current Assets      | 1400.00
            Cash-in-Hand      | 1400.00
              Cash            | 1400.00
        Total assets          | 2200.00
    """)


def test_next_year_earlier_results_are_brought_forward_without_closing_entries() -> None:
    """400 brought forward, a loss of 70, a dividend of 40: 290 are left."""
    assert shown(balance_sheet(read_books(TWO_YEARS), SECOND_YEAR, outline=Outline(depth=1))) == expected("""
                              | closing
        Liabilities
          Capital Account     | -1000.00
            Capital           | -1000.00
          Loans (Liability)   | -800.00
            Secured Loans     | -800.00
          Profit & Loss A/c   | -290.00
            Brought forward   | -400.00
            Current period    | 70.00
            Transferred       | 40.00
        Total liabilities     | -2090.00
        Assets
          Fixed Assets        | 800.00
            Van               | 800.00
          Current Assets      | 1290.00
            Cash-in-Hand      | 1290.00
        Total assets          | 2090.00
    """)


def test_liabilities_face_assets() -> None:
    table = balance_sheet(read_books(TWO_YEARS), FIRST_YEAR, outline=Outline(depth=0), layout=Layout.HORIZONTAL)
    assert shown(table) == expected("""
                            | liabilities | assets_particulars | assets
        Capital Account     | 1000.00     | Fixed Assets       | 800.00
        Loans (Liability)   | 800.00      | Current Assets     | 1400.00
        Profit & Loss A/c   | 400.00
        =                   | 2200.00     |                    | 2200.00
    """)


def test_an_accumulated_loss_stands_among_the_assets() -> None:
    books = read_books("""
        account Capital in Capital Account, opening -50.00
        account Cash in Cash-in-Hand, opening 50.00
        account Rent in Indirect Expenses
        2025-05-01 Payment P-1
            Rent     30.00
            Cash    -30.00
    """)
    assert shown(balance_sheet(books, FIRST_YEAR, outline=Outline(depth=0))) == expected("""
                              | closing
        Liabilities
          Capital Account     | -50.00
        Total liabilities     | -50.00
        Assets
          Current Assets      | 20.00
          Profit & Loss A/c   | 30.00
        Total assets          | 50.00
    """)


def test_a_difference_in_openings_stands_on_the_side_that_lacks_it() -> None:
    lacking_credit = read_books("account Cash in Cash-in-Hand, opening 50.00")
    table = balance_sheet(lacking_credit, FIRST_YEAR, outline=Outline(depth=0), layout=Layout.HORIZONTAL)
    assert shown(table) == expected("""
                                       | liabilities | assets_particulars | assets
        Difference in opening balances | 50.00       | Current Assets     | 50.00
        =                              | 50.00       |                    | 50.00
    """)
    assert table.notes == (("opening-balances-differ", -5_000),)

    lacking_debit = read_books("account Loan in Secured Loans, opening -50.00")
    assert shown(balance_sheet(lacking_debit, FIRST_YEAR, outline=Outline(depth=0))) == expected("""
                                         | closing
        Liabilities
          Loans (Liability)              | -50.00
        Total liabilities                | -50.00
        Assets
          Difference in opening balances | 50.00
        Total assets                     | 50.00
    """)
