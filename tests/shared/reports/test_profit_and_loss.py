"""The profit and loss account, on books worked by hand."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.profit_and_loss import profit_and_loss
from ledgerflow_core.reports.two_sided import Layout
from shared.reports.memory_figures import MemoryFigures
from shared.reports.plain_books import account_id, expected, read_books, shown

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


def trading_company(*, sales: str = "-1000.00") -> MemoryFigures:
    """Sales 1,000, goods bought for 600, freight 50, commission earned 20, rent 120: gross 350, net 250."""
    return read_books(f"""
        account Lamps in Sales Accounts
        account Goods in Purchase Accounts
        account Freight in Direct Expenses
        account Commission in Indirect Incomes
        account Rent in Indirect Expenses
        2025-04-05 Sales S-1
            Cash           {sales.removeprefix("-")}
            Lamps          {sales}
        2025-04-06 Purchase B-1
            Goods          600.00
            Freight         50.00
            Cash          -650.00
        2025-05-07 Journal J-1
            Cash            20.00
            Commission     -20.00
        2025-06-08 Payment P-1
            Rent           120.00
            Cash          -120.00
    """)


def test_trading_ends_in_gross_profit_and_the_rest_in_net_profit() -> None:
    assert shown(profit_and_loss(trading_company(), YEAR)) == expected("""
                             | amount
        Sales Accounts       | -1000.00
          Lamps              | -1000.00
        Purchase Accounts    | 600.00
          Goods              | 600.00
        Direct Expenses      | 50.00
          Freight            | 50.00
        Gross profit         | -350.00
        Indirect Incomes     | -20.00
          Commission         | -20.00
        Indirect Expenses    | 120.00
          Rent               | 120.00
        Net profit           | -250.00
    """)


def test_only_what_moved_in_the_period_belongs_to_its_result() -> None:
    may_and_june = Period(date(2025, 5, 1), date(2025, 6, 30))
    assert shown(profit_and_loss(trading_company(), may_and_june, outline=Outline(depth=0))) == expected("""
                             | amount
        Gross profit         | 0.00
        Indirect Incomes     | -20.00
        Indirect Expenses    | 120.00
        Net loss             | 100.00
    """)


def test_two_sided_carries_the_gross_profit_over() -> None:
    table = profit_and_loss(trading_company(), YEAR, outline=Outline(flat=True), layout=Layout.HORIZONTAL)
    assert shown(table) == expected("""
                         | debit   | credit_particulars | credit
        Freight          | 50.00   | Lamps              | 1000.00
        Goods            | 600.00
        Gross profit c/o | 350.00
        Total            | 1000.00 |                    | 1000.00
        Rent             | 120.00  | Gross profit b/f   | 350.00
        Net profit       | 250.00  | Commission         | 20.00
        =                | 370.00  |                    | 370.00
    """)


def test_two_sided_puts_a_loss_on_the_credit_side() -> None:
    """Sales of 500 against 650 of cost: a gross loss of 150, with 20 earned and 120 spent a net loss of 250."""
    books = trading_company(sales="-500.00")
    table = profit_and_loss(books, YEAR, outline=Outline(depth=0), layout=Layout.HORIZONTAL)
    assert shown(table) == expected("""
                          | debit  | credit_particulars | credit
        Purchase Accounts | 600.00 | Sales Accounts     | 500.00
        Direct Expenses   | 50.00  | Gross loss c/o     | 150.00
        Total             | 650.00 |                    | 650.00
        Gross loss b/f    | 150.00 | Indirect Incomes   | 20.00
        Indirect Expenses | 120.00 | Net loss           | 250.00
        =                 | 270.00 |                    | 270.00
    """)


def test_both_sides_of_a_row_can_be_opened() -> None:
    table = profit_and_loss(trading_company(), YEAR, outline=Outline(flat=True), layout=Layout.HORIZONTAL)
    first = table.rows[0]
    assert first.drill == account_id("Freight")
    assert first.beside is not None
    assert first.beside.drill == account_id("Lamps")


def test_what_an_expense_opened_with_counts_in_the_period_in_which_the_books_begin() -> None:
    books = read_books("""
        books from 2025-10-01
        account Rent in Indirect Expenses, opening 60.00
        account Capital in Capital Account, opening -60.00
        2025-11-01 Payment P-1
            Rent     5.00
            Cash    -5.00
    """)
    assert profit_and_loss(books, YEAR).rows[-1].cells == (6_500,)
    assert profit_and_loss(books, Period(date(2025, 11, 1), date(2025, 11, 30))).rows[-1].cells == (500,)
