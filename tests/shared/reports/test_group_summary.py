"""The summary of one group."""

from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.group_summary import group_summary
from shared.reports.plain_books import expected, read_books, shown

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
BOOKS = """
    group North in Sundry Debtors
    account Ravi Stores in North, opening 500.00
    account Anil Traders in Sundry Debtors, opening 70.00
    account Settled in Sundry Debtors
    account Capital in Capital Account, opening -570.00
    2025-04-05 Receipt R-1
        Cash           300.00
        Ravi Stores   -300.00
"""


def test_it_shows_what_lies_directly_under_the_group() -> None:
    table = group_summary(read_books(BOOKS), YEAR, group_id("sundry-debtors"))
    assert table.subject == "Sundry Debtors"
    assert shown(table) == expected("""
                     | opening | debit | credit | closing
        North        |  500.00 |  0.00 | 300.00 |  200.00
        Anil Traders |   70.00 |  0.00 |   0.00 |   70.00
        =            |  570.00 |  0.00 | 300.00 |  270.00
    """)


def test_a_greater_depth_opens_the_subgroups_and_paths_lead_to_the_top() -> None:
    table = group_summary(read_books(BOOKS), YEAR, group_id("sundry-debtors"), outline=Outline(depth=1))
    assert [(row.level, row.label) for row in table.rows] == [(0, "North"), (1, "Ravi Stores"), (0, "Anil Traders")]
    assert table.rows[1].path == ("Current Assets", "Sundry Debtors", "North")
