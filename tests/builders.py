"""Masters and vouchers that are right as they come: a test names only what it is about."""

from collections.abc import Sequence
from datetime import date

from ledgerflow_core.identifiers import AccountId, CompanyId, CostCentreId, GroupId, MasterId, VoucherId, named
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH, Account
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre
from ledgerflow_core.masters.group import Group, group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.validation import PostingRules
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

BOOKS_BEGIN = date(2026, 4, 1)
DAY = date(2026, 5, 4)


def account_id(name: str) -> AccountId:
    return AccountId(MasterId(named("test-account", name)))


def voucher_id(name: str) -> VoucherId:
    return VoucherId(named("test-voucher", name))


def centre_id(name: str) -> CostCentreId:
    return CostCentreId(MasterId(named("test-centre", name)))


BANK = account_id("Harbour Bank")
CUSTOMER = account_id("Ravi Stores")
SUPPLIER = account_id("Meena Mills")
SALES = account_id("Sales of Lamps")
PURCHASES = account_id("Purchases of Glass")
RENT = account_id("Rent")


def a_company(name: str = "Lotus Traders", *, books_begin: date = BOOKS_BEGIN, currency: str = "INR") -> Company:
    return Company(
        id=CompanyId(named("test-company", name)),
        name=name,
        country="IN",
        state="27",
        currency=currency,
        exponent=2,
        year_start_month=4,
        year_start_day=1,
        books_begin=books_begin,
    )


def an_account(name: str, group: str = "indirect-expenses", *, opening: int = 0, retired: bool = False) -> Account:
    """An account under a predefined group."""
    return Account(id=account_id(name), name=name, group=group_id(group), opening=opening, retired=retired)


def a_group(name: str, parent: GroupId) -> Group:
    return Group(id=GroupId(MasterId(named("test-group", f"{parent}/{name}"))), name=name, parent=parent)


def a_centre(name: str = "Pune") -> CostCentre:
    return CostCentre(id=centre_id(name), name=name, category=PRIMARY_COST_CATEGORY)


def accounts() -> list[Account]:
    """What a small shop needs; the openings add up to zero."""
    return [
        an_account("Harbour Bank", "bank-accounts"),
        an_account("Ravi Stores", "sundry-debtors", opening=50_000),
        an_account("Meena Mills", "sundry-creditors", opening=-20_000),
        an_account("Proprietor", "capital", opening=-30_000),
        an_account("Sales of Lamps", "sales"),
        an_account("Purchases of Glass", "purchases"),
        an_account("Rent"),
    ]


def a_chart() -> Chart:
    chart = predefined_chart()
    for master in (*accounts(), a_centre()):
        chart.put(master)
    return chart


def rules(
    chart: Chart | None = None,
    *,
    books_begin: date = BOOKS_BEGIN,
    locked_until: date | None = None,
    strict: bool = True,
) -> PostingRules:
    return PostingRules(chart or a_chart(), books_begin, locked_until, strict)


def a_voucher(
    nature: VoucherNature = VoucherNature.JOURNAL,
    *lines: tuple[AccountId, int],
    name: str = "v",
    day: date = DAY,
    number: str = "",
    narration: str = "",
    party: AccountId | None = None,
    entries: Sequence[Entry] | None = None,
    state: VoucherState = VoucherState.REGULAR,
) -> Voucher:
    """A voucher of a predefined type; ``name`` makes its id."""
    if entries is None:
        entries = [Entry(account=account, amount=amount) for account, amount in lines]
    return Voucher(
        id=voucher_id(name),
        type=voucher_type_id(nature),
        date=day,
        number=number,
        narration=narration,
        party=party,
        entries=tuple(entries),
        state=state,
    )


def a_receipt(name: str = "receipt", amount: int = 11_800, *, day: date = DAY, number: str = "") -> Voucher:
    lines = ((CASH, amount), (CUSTOMER, -amount))
    return a_voucher(VoucherNature.RECEIPT, *lines, name=name, day=day, number=number, party=CUSTOMER)


def a_payment(name: str = "payment", amount: int = 2_500, *, day: date = DAY, number: str = "") -> Voucher:
    return a_voucher(VoucherNature.PAYMENT, (RENT, amount), (CASH, -amount), name=name, day=day, number=number)


def a_sale(name: str = "sale", amount: int = 118_000, *, day: date = DAY, number: str = "") -> Voucher:
    lines = ((CUSTOMER, amount), (SALES, -amount))
    return a_voucher(VoucherNature.SALES, *lines, name=name, day=day, number=number, party=CUSTOMER)


def a_contra(name: str = "contra", amount: int = 1_000, *, day: date = DAY) -> Voucher:
    return a_voucher(VoucherNature.CONTRA, (BANK, amount), (CASH, -amount), name=name, day=day)


def a_journal(name: str = "journal", amount: int = 700, *, day: date = DAY) -> Voucher:
    return a_voucher(VoucherNature.JOURNAL, (RENT, amount), (SUPPLIER, -amount), name=name, day=day)
