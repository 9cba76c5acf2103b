"""A company small enough to check by head: cash, two banks, two parties, expenses, a foreign customer."""

from datetime import date

from ledgerflow_core.identifiers import AccountId, CompanyId, CostCentreId, GroupId, MasterId, VoucherId, named
from ledgerflow_core.masters.account import CASH, Account, Party
from ledgerflow_core.masters.chart import Chart, Master, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.rates import ForeignCurrency, currency_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_desktop.screens.vouchers.state import VoucherForm, new_form

TODAY = date(2026, 11, 21)
COMPANY = Company(
    id=CompanyId(named("test", "company")), name="Nila Stores", country="IN", currency="INR", exponent=2,
    year_start_month=4, year_start_day=1, books_begin=date(2026, 4, 1),
)  # fmt: skip


def account(name: str, group: str, **fields: object) -> Account:
    return Account(id=identified(name), name=name, group=GroupId(group_id(group)), **fields)  # type: ignore[arg-type]


def identified(name: str) -> AccountId:
    return AccountId(MasterId(named("test-account", name)))


BANK, OTHER_BANK = identified("Bank of Nila"), identified("Hill Bank")
CUSTOMER, SUPPLIER, ABROAD = identified("Asha Traders"), identified("Veda Supplies"), identified("Overseas Buyer")
RENT, POWER, SALES, EXCHANGE = (identified(name) for name in ("Rent", "Power", "Sales", "Exchange Gain or Loss"))
SHOP, OFFICE = (CostCentreId(MasterId(named("test-centre", name))) for name in ("Shop", "Office"))

MASTERS: list[Master] = [
    account("Bank of Nila", "bank-accounts", opening=10_000_000),
    account("Hill Bank", "bank-accounts"),
    account("Asha Traders", "sundry-debtors", bill_by_bill=True, party=Party(credit_days=30)),
    account("Veda Supplies", "sundry-creditors", bill_by_bill=True),
    account("Overseas Buyer", "sundry-debtors", currency="USD"),
    account("Rent", "indirect-expenses", cost_centres=True),
    account("Power", "indirect-expenses"),
    account("Sales", "sales"),
    account("Exchange Gain or Loss", "indirect-incomes"),
    CostCentre(id=SHOP, name="Shop", category=PRIMARY_COST_CATEGORY),
    CostCentre(id=OFFICE, name="Office", category=PRIMARY_COST_CATEGORY),
    ForeignCurrency(id=currency_id("USD"), code="USD", rates=((date(2026, 4, 1), "80"), (date(2026, 11, 1), "83.5"))),
]


def small_chart() -> Chart:
    chart = predefined_chart()
    for master in MASTERS:
        chart.put(master)
    return chart


def form(nature: VoucherNature, day: date = TODAY) -> VoucherForm:
    voucher = VoucherId(named("test-voucher", nature.value))
    return new_form(voucher_type_id(nature), day, voucher, company=COMPANY, chart=small_chart())


def fill(target: VoucherForm, *lines: tuple[AccountId, str]) -> None:
    """Type lines one below another, each on the side the form proposes."""
    for at, (who, amount) in enumerate(lines):
        if at >= len(target.content.lines):
            target.add_line()
        target.set_account(at, who)
        target.set_line_amount(at, amount)


__all__ = ["CASH", "COMPANY", "TODAY", "fill", "form", "small_chart"]
