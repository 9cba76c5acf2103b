"""The break-up by cost centre."""

from datetime import date

import msgspec

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import CostCategoryId, CostCentreId, MasterId, named
from ledgerflow_core.ledger.entry import CostAllocation
from ledgerflow_core.masters.cost_centre import CostCategory, CostCentre
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.cost_centre_break_up import cost_centre_break_up
from shared.reports.plain_books import account_id, expected, read_books, shown

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
BOOKS = """
    account Rent in Indirect Expenses
    account Lamps in Sales Accounts
    centre Mumbai
    centre Thane in Mumbai
    centre Pune
    centre Empty
    2025-04-05 Payment P-1
        Rent      100.00    centre Mumbai 30.00; centre Thane 70.00
        Cash     -100.00
    2025-05-05 Payment P-2
        Rent       -5.00    centre Thane -5.00
        Cash        5.00
    2025-05-06 Sales S-1
        Cash      400.00
        Lamps    -400.00    centre Pune -400.00
    2026-04-01 Payment P-3
        Rent        1.00    centre Pune 1.00
        Cash       -1.00
"""
MUMBAI = CostCentreId(MasterId(named("cost-centre", "Mumbai")))


def test_a_centre_includes_the_centres_below_it() -> None:
    assert shown(cost_centre_break_up(read_books(BOOKS), YEAR)) == expected("""
                                | debit  | credit | net
        Primary Cost Category   | 100.00 | 405.00 | -305.00
          Mumbai                | 100.00 |   5.00 |   95.00
            Thane               |  70.00 |   5.00 |   65.00
              Rent              |  70.00 |   5.00 |   65.00
            Rent                |  30.00 |   0.00 |   30.00
          Pune                  |   0.00 | 400.00 | -400.00
            Lamps               |   0.00 | 400.00 | -400.00
        =                       | 100.00 | 405.00 | -305.00
    """)


def test_one_centre_stands_alone_with_what_is_below_it() -> None:
    table = cost_centre_break_up(read_books(BOOKS), YEAR, centre=MUMBAI, outline=Outline(depth=1))
    assert table.subject == "Mumbai"
    assert shown(table, "net") == expected("""
                                | net
        Mumbai                  | 95.00
          Thane                 | 65.00
          Rent                  | 30.00
        =                       | 95.00
    """)
    assert [row.drill for row in table.rows][::2] == [MUMBAI, account_id("Rent")]
    assert table.rows[2].path == ("Primary Cost Category", "Mumbai")


def test_centres_without_allocations_show_only_when_asked_for() -> None:
    books = read_books(BOOKS)
    assert "Empty" not in {row.label for row in cost_centre_break_up(books, YEAR).rows}
    assert "Empty" in {row.label for row in cost_centre_break_up(books, YEAR, outline=Outline(zero_rows=True)).rows}


def test_categories_split_the_same_amounts_so_they_are_not_added_up() -> None:
    books = read_books(BOOKS)
    by_project = CostCategory(id=CostCategoryId(MasterId(named("cost-category", "Project"))), name="By project")
    tower = CostCentre(id=CostCentreId(MasterId(named("cost-centre", "Tower"))), name="Tower", category=by_project.id)
    books.chart.put(by_project)
    books.chart.put(tower)
    rent_paid = books.vouchers_entered[0]
    rent, cash = rent_paid.entries
    twice = msgspec.structs.replace(rent, costs=(*rent.costs, CostAllocation(centre=tower.id, amount=rent.amount)))
    books.vouchers_entered[0] = msgspec.structs.replace(rent_paid, entries=(twice, cash))

    table = cost_centre_break_up(books, YEAR, outline=Outline(depth=0))
    assert shown(table) == expected("""
                                | debit  | credit | net
        By project              | 100.00 |   0.00 |  100.00
        Primary Cost Category   | 100.00 | 405.00 | -305.00
    """)
