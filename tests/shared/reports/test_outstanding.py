"""Receivables and payables by bill, on books worked by hand."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.outstanding import Side, outstanding
from shared.reports.plain_books import account_id, expected, read_books, shown, voucher_id

TO_JUNE = Period(date(2025, 4, 1), date(2025, 6, 30))
BOOKS = """
    account Ravi Stores in Sundry Debtors, opening 500.00, credit days 30
        opening bill OLD-1 of 2025-03-01 400.00
    account Anil Traders in Sundry Debtors, opening 70.00
    account Quiet in Sundry Debtors
    account Mills in Sundry Creditors
    account Lamps in Sales Accounts
    account Goods in Purchase Accounts
    2025-04-15 Sales S-1
        Ravi Stores    300.00    new S-1 due 2025-05-31
        Lamps         -300.00
    2025-06-20 Sales S-2
        Ravi Stores    250.00    new S-2
        Lamps         -250.00
    2025-06-21 Sales S-3
        Ravi Stores     80.00    new S-3
        Lamps          -80.00
    2025-06-22 Receipt R-1 "100 for S-1, S-3 in full, 60 ahead of a bill, 7 for nothing named"
        Cash           247.00
        Ravi Stores   -247.00    against S-1 -100.00; against S-3 -80.00; advance A-1 -60.00; on-account -7.00
    2025-06-23 Purchase B-1
        Goods          990.00
        Mills         -990.00    new M-17 due 2025-07-31
    2025-07-01 Receipt R-2 "after the day"
        Cash           200.00
        Ravi Stores   -200.00    against S-1
"""


def test_a_party_has_its_open_bills_by_age_then_advances_and_on_account() -> None:
    """Ravi Stores: 500 + 300 + 250 + 80 - 247 = 883. Of the opening 500 only 400 came with a bill, and 7 were
    paid for nothing named: 93 on account. OLD-1 fell due on 31 March, 91 days before 30 June; S-2 falls due
    after the 30 credit days of the party."""
    table = outstanding(read_books(BOOKS), TO_JUNE, Side.RECEIVABLES, ageing=(30, 90))
    bill_keys = ("bill_kind", "date", "due", "overdue_days", "opening", "pending")
    assert shown(table, *bill_keys) == expected("""
                     | bill_kind  | date       | due        | overdue_days | opening | pending
        Anil Traders |            |            |            |              |    0.00 |   70.00
          On account | on-account |            |            |              |    0.00 |   70.00
        Ravi Stores  |            |            |            |              |  890.00 |  883.00
          OLD-1      | bill       | 2025-03-01 | 2025-03-31 | 91           |  400.00 |  400.00
          S-1        | bill       | 2025-04-15 | 2025-05-31 | 30           |  300.00 |  200.00
          S-2        | bill       | 2025-06-20 | 2025-07-20 | 0            |  250.00 |  250.00
          A-1        | advance    | 2025-06-22 |            |              |  -60.00 |  -60.00
          On account | on-account |            |            |              |    0.00 |   93.00
        =            |            |            |            |              |  890.00 |  953.00
    """)
    age_keys = ("pending", "not_due", "overdue_1_30", "overdue_31_90", "overdue_over_90", "unallocated")
    assert shown(table, *age_keys) == expected("""
                     | pending | not_due | overdue_1_30 | overdue_31_90 | overdue_over_90 | unallocated
        Anil Traders |   70.00 |    0.00 |         0.00 |          0.00 |            0.00 | 70.00
          On account |   70.00 |    0.00 |         0.00 |          0.00 |            0.00 | 70.00
        Ravi Stores  |  883.00 |  250.00 |       200.00 |          0.00 |          400.00 | 33.00
          OLD-1      |  400.00 |    0.00 |         0.00 |          0.00 |          400.00 |  0.00
          S-1        |  200.00 |    0.00 |       200.00 |          0.00 |            0.00 |  0.00
          S-2        |  250.00 |  250.00 |         0.00 |          0.00 |            0.00 |  0.00
          A-1        |  -60.00 |    0.00 |         0.00 |          0.00 |            0.00 | -60.00
          On account |   93.00 |    0.00 |         0.00 |          0.00 |            0.00 | 93.00
        =            |  953.00 |  250.00 |       200.00 |          0.00 |          400.00 | 103.00
    """)


def test_a_limit_of_age_still_belongs_to_the_younger_column() -> None:
    """S-1 is overdue by 30 days."""
    books = read_books(BOOKS)
    on_the_limit = outstanding(books, TO_JUNE, Side.RECEIVABLES, ageing=(30,))
    assert "  S-1 | 200.00 | 0.00" in shown(on_the_limit, "overdue_1_30", "overdue_over_30")
    over_the_limit = outstanding(books, TO_JUNE, Side.RECEIVABLES, ageing=(29,))
    assert "  S-1 | 0.00 | 200.00" in shown(over_the_limit, "overdue_1_29", "overdue_over_29")


def test_payables_are_credits_and_have_suppliers_alone() -> None:
    table = outstanding(read_books(BOOKS), TO_JUNE, Side.PAYABLES)
    assert shown(table, "due", "pending", "not_due") == expected("""
                | due        | pending | not_due
        Mills   |            | -990.00 | -990.00
          M-17  | 2025-07-31 | -990.00 | -990.00
        =       |            | -990.00 | -990.00
    """)


def test_settled_bills_and_quiet_parties_show_only_when_asked_for() -> None:
    books = read_books(BOOKS)
    assert {"  S-3 | 80.00 | 0.00", "Quiet | 0.00 | 0.00"} <= set(
        shown(outstanding(books, TO_JUNE, Side.RECEIVABLES, zero_rows=True), "opening", "pending")
    )
    labels = {row.label for row in outstanding(books, TO_JUNE, Side.RECEIVABLES).rows}
    assert labels.isdisjoint({"S-3", "Quiet"})


def test_one_party_and_parties_alone() -> None:
    books = read_books(BOOKS)
    one = outstanding(books, TO_JUNE, Side.RECEIVABLES, party=account_id("Anil Traders"))
    assert (one.subject, [row.label for row in one.rows]) == ("Anil Traders", ["Anil Traders", "On account"])
    parties = outstanding(books, TO_JUNE, Side.RECEIVABLES, depth=0)
    assert [row.label for row in parties.rows] == ["Anil Traders", "Ravi Stores"]


def test_a_bill_opens_its_voucher_and_an_opening_bill_its_party() -> None:
    drill = {row.label: row.drill for row in outstanding(read_books(BOOKS), TO_JUNE, Side.RECEIVABLES).rows}
    assert drill["S-1"] == voucher_id("S-1")
    assert drill["OLD-1"] == drill["Ravi Stores"] == account_id("Ravi Stores")


def test_an_allocation_against_a_bill_nobody_opened_is_not_lost() -> None:
    books = read_books("""
        account Ravi Stores in Sundry Debtors
        2025-06-01 Receipt R-1
            Cash           20.00
            Ravi Stores   -20.00    against GONE-1
    """)
    table = outstanding(books, TO_JUNE, Side.RECEIVABLES)
    assert shown(table, "date", "opening", "pending")[2] == "  GONE-1 | 2025-06-01 | 0.00 | -20.00"
    assert table.totals[5] == -2_000
