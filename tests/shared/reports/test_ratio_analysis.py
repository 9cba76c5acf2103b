"""Ratio analysis, on books worked by hand."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.ratio_analysis import ratio_analysis
from shared.reports.plain_books import expected, read_books, shown

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


def test_principal_figures_and_the_ratios_between_them() -> None:
    """Current assets 1,450 cash + 200 stock + 400 debtors = 2,050; owed 300 to suppliers and 250 of loan, which
    leaves the owners 1,500: 1,200 put in and 300 earned."""
    books = read_books("""
        account Capital in Capital Account, opening -1200.00
        account Cash in Cash-in-Hand, opening 1000.00
        account Shelf in Stock-in-Hand, opening 200.00
        account Ravi Stores in Sundry Debtors
        account Mills in Sundry Creditors
        account Bank loan in Secured Loans
        account Lamps in Sales Accounts
        account Goods in Purchase Accounts
        account Rent in Indirect Expenses
        2025-04-05 Journal J-1
            Cash            250.00
            Bank loan      -250.00
        2025-04-06 Sales S-1
            Cash            600.00
            Ravi Stores     400.00
            Lamps         -1000.00
        2025-04-07 Purchase B-1
            Goods           600.00
            Mills          -300.00
            Cash           -300.00
        2025-04-08 Payment P-1
            Rent            100.00
            Cash           -100.00
    """)
    assert shown(ratio_analysis(books, YEAR), "amount", "ratio", "unit") == expected("""
                                        | amount   | ratio    | unit
        Principal figures
          Working capital               | 1750.00
          Cash in hand                  | 1450.00
          Bank accounts                 | 0.00
          Bank overdraft                | 0.00
          Sundry debtors                | 400.00
          Sundry creditors              | -300.00
          Sales                         | -1000.00
          Purchases                     | 600.00
          Stock in hand                 | 200.00
          Gross profit                  | -400.00
          Net profit                    | -300.00
          Owners' funds                 | -1500.00
          Loans                         | -250.00
        Principal ratios
          Current ratio                 |          | 6.8333   | times
          Quick ratio                   |          | 6.1667   | times
          Debt / equity ratio           |          | 0.1667   | times
          Gross profit %                |          | 40.0000  | %
          Net profit %                  |          | 30.0000  | %
          Operating cost %              |          | 70.0000  | %
          Return on investment %        |          | 20.0000  | %
          Return on working capital %   |          | 17.1429  | %
          Working capital turnover      |          | 0.5714   | times
          Stock turnover                |          | 5.0000   | times
          Receivables turnover in days  |          | 146.0000 | days
          Payables turnover in days     |          | 182.5000 | days
    """)


def test_an_overdraft_is_a_credit_and_counts_among_the_loans() -> None:
    books = read_books("""
        account Overdraft in Bank OD A/c
        account Rent in Indirect Expenses
        2025-04-05 Payment P-1
            Rent            80.00
            Overdraft      -80.00
    """)
    lines = shown(ratio_analysis(books, YEAR), "amount", "ratio")
    assert {"  Bank overdraft | -80.00", "  Loans | -80.00", "  Net profit | 80.00"} <= set(lines)
    assert "  Debt / equity ratio |  | -1.0000" in lines, "80 of loans on owners' funds of -80"


def test_a_ratio_to_nothing_is_left_empty() -> None:
    table = ratio_analysis(read_books(""), YEAR)
    assert {row.cells[1] for row in table.rows} == {None}


def test_every_line_says_how_it_is_worked_out() -> None:
    table = ratio_analysis(read_books(""), YEAR)
    assert all(row.cells[3] for row in table.rows if row.level == 1)
