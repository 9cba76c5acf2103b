"""What a company is born with, held to the tables of the product study (sections 5a and 5b)."""

from ledgerflow_core.masters.account import CASH, PROFIT_AND_LOSS
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY
from ledgerflow_core.masters.group import PREDEFINED_GROUPS, Nature, group_id
from ledgerflow_core.masters.voucher_type import predefined_voucher_types

# Name, the group it stands under, nature, and G where it moves the gross profit: in Tally's order, positions 10 to 280.
GROUPS = """
    Capital Account            | -                   | liability |
    Loans (Liability)          | -                   | liability |
    Current Liabilities        | -                   | liability |
    Fixed Assets               | -                   | asset     |
    Investments                | -                   | asset     |
    Current Assets             | -                   | asset     |
    Branch / Divisions         | -                   | liability |
    Misc. Expenses (ASSET)     | -                   | asset     |
    Suspense A/c               | -                   | liability |
    Reserves & Surplus         | Capital Account     | liability |
    Bank OD A/c                | Loans (Liability)   | liability |
    Secured Loans              | Loans (Liability)   | liability |
    Unsecured Loans            | Loans (Liability)   | liability |
    Duties & Taxes             | Current Liabilities | liability |
    Provisions                 | Current Liabilities | liability |
    Sundry Creditors           | Current Liabilities | liability |
    Stock-in-Hand              | Current Assets      | asset     |
    Deposits (Asset)           | Current Assets      | asset     |
    Loans & Advances (Asset)   | Current Assets      | asset     |
    Sundry Debtors             | Current Assets      | asset     |
    Cash-in-Hand               | Current Assets      | asset     |
    Bank Accounts              | Current Assets      | asset     |
    Sales Accounts             | -                   | income    | G
    Purchase Accounts          | -                   | expense   | G
    Direct Incomes             | -                   | income    | G
    Direct Expenses            | -                   | expense   | G
    Indirect Incomes           | -                   | income    |
    Indirect Expenses          | -                   | expense   |
"""

# Name, abbreviation, and L where vouchers of the type move ledger accounts by themselves.
VOUCHER_TYPES = """
    Contra             | Ctra             | L
    Payment            | Pymt             | L
    Receipt            | Rcpt             | L
    Journal            | Jrnl             | L
    Sales              | Sale             | L
    Purchase           | Purc             | L
    Credit Note        | C/Note           | L
    Debit Note         | D/Note           | L
    Sales Order        | Sales Ordr       |
    Purchase Order     | Purc Order       |
    Delivery Note      | Dely Note        |
    Receipt Note       | Rcpt Note        |
    Rejections In      | Rej In           |
    Rejections Out     | Rej Out          |
    Stock Journal      | Stk Jrnl         |
    Physical Stock     | Phy Stk          |
    Memorandum         | Memo             |
    Reversing Journal  | Rev Jrnl         |
    Job Work In Order  | Job Wrk In Ordr  |
    Job Work Out Order | Job Wrk Out Ordr |
    Material In        | Mat In           |
    Material Out       | Mat Out          |
    Payroll            | Pyrl             | L
    Attendance         | Attd             |
"""


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def test_there_are_28_groups_in_tallys_order_with_their_flags() -> None:
    name_by_reserved = {group.reserved: group.name for group in PREDEFINED_GROUPS}
    found = [
        [
            group.name,
            name_by_reserved[group.parent] if group.parent else "-",
            group.nature.value,
            "G" if group.affects_gross else "",
        ]
        for group in PREDEFINED_GROUPS
    ]
    assert found == table(GROUPS)
    assert len(found) == 28
    assert len(name_by_reserved) == 28


def test_fifteen_groups_are_primary_nine_of_the_balance_sheet_and_six_of_the_result() -> None:
    primary = [group for group in PREDEFINED_GROUPS if group.parent is None]
    of_result = [group for group in primary if group.nature in (Nature.INCOME, Nature.EXPENSE)]
    assert (len(primary), len(of_result)) == (15, 6)


def test_there_are_24_voucher_types_with_their_abbreviations() -> None:
    found = [[made.name, made.abbreviation, "L" if made.posts_to_books else ""] for made in predefined_voucher_types()]
    assert found == table(VOUCHER_TYPES)
    assert len(found) == 24
    prefixes = [made.prefix for made in predefined_voucher_types()]
    assert len(set(prefixes)) == 24  # so that no two series give the same number


def test_a_company_is_born_with_cash_and_profit_and_loss() -> None:
    chart = predefined_chart()
    assert [account.name for account in chart.accounts.values()] == ["Cash", "Profit & Loss A/c"]
    assert chart.accounts[CASH].group == group_id("cash-in-hand")
    assert chart.accounts[PROFIT_AND_LOSS].reserved == "profit-and-loss"
    assert chart.cost_categories[PRIMARY_COST_CATEGORY].name == "Primary Cost Category"
    assert (len(chart.groups), len(chart.voucher_types), len(chart.masters)) == (28, 24, 28 + 24 + 2 + 1)


def test_predefined_masters_have_the_same_ids_in_every_company() -> None:
    assert predefined_chart().masters.keys() == predefined_chart().masters.keys()
