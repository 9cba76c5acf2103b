"""The accounts of the sample company."""

from dataclasses import dataclass
from datetime import date, timedelta

from ledgerflow_core.identifiers import AccountId, CostCentreId, GroupId, MasterId
from ledgerflow_core.masters.account import CASH, Account, OpeningBill, Party, TaxIdentity
from ledgerflow_core.masters.chart import Master
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre
from ledgerflow_core.masters.group import Group, group_id
from ledgerflow_core.masters.rates import ForeignCurrency, currency_id
from ledgerflow_desktop.sample.people import BRANCHES, CUSTOMERS, FOREIGN_CUSTOMER, SUPPLIERS
from ledgerflow_desktop.settings.machine import Machine

RUPEE = 100  # paise


@dataclass
class SampleChart:
    """The masters, and the accounts by the short names the vouchers use."""

    masters: list[Master]
    cash: Account
    by_key: dict[str, AccountId]
    customers: list[AccountId]
    suppliers: list[AccountId]
    foreign_customer: AccountId
    branches: list[CostCentreId]


# key, name, predefined group, opening in rupees (debit positive), cost centres asked for
_ACCOUNTS = (
    ("bank", "Gramavani Bank Current A/c", "bank-accounts", 1_842_300, False),
    ("bank2", "Setu Co-operative Bank A/c", "bank-accounts", 415_750, False),
    ("capital", "Partners' Capital", "capital", -3_500_000, False),
    ("drawings", "Partners' Drawings", "capital", 0, False),
    ("reserves", "General Reserve", "reserves", -612_000, False),
    ("term-loan", "Term Loan (Gramavani Bank)", "secured-loans", -1_250_000, False),
    ("furniture", "Showroom Furniture", "fixed-assets", 960_000, False),
    ("vehicle", "Delivery Van", "fixed-assets", 785_000, False),
    ("computers", "Computers", "fixed-assets", 214_000, False),
    ("deposit", "Showroom Rent Deposit", "deposits", 300_000, False),
    ("stock", "Opening Stock", "stock-in-hand", 1_128_400, False),
    ("sales", "Sales of Homeware", "sales", 0, True),
    ("export-sales", "Export Sales", "sales", 0, False),
    ("sales-returns", "Sales Returns", "sales", 0, False),
    ("purchases", "Purchases of Homeware", "purchases", 0, False),
    ("freight-in", "Freight Inwards", "direct-expenses", 0, True),
    ("rent", "Rent", "indirect-expenses", 0, True),
    ("salaries", "Salaries", "indirect-expenses", 0, True),
    ("electricity", "Electricity", "indirect-expenses", 0, True),
    ("telephone", "Telephone & Internet", "indirect-expenses", 0, False),
    ("advertising", "Advertising", "indirect-expenses", 0, True),
    ("travel", "Travelling", "indirect-expenses", 0, False),
    ("office", "Office Expenses", "indirect-expenses", 0, False),
    ("bank-charges", "Bank Charges", "indirect-expenses", 0, False),
    ("interest", "Interest on Term Loan", "indirect-expenses", 0, False),
    ("depreciation", "Depreciation", "indirect-expenses", 0, False),
    ("discount-allowed", "Discount Allowed", "indirect-expenses", 0, False),
    ("discount-received", "Discount Received", "indirect-incomes", 0, False),
    ("exchange", "Exchange Gain or Loss", "indirect-incomes", 0, False),
    ("interest-received", "Interest Received", "indirect-incomes", 0, False),
    ("round-off", "Round Off", "indirect-expenses", 0, False),
    ("output-cgst", "Output CGST", "output", 0, False),
    ("output-sgst", "Output SGST", "output", 0, False),
    ("output-igst", "Output IGST", "output", 0, False),
    ("input-cgst", "Input CGST", "input", 0, False),
    ("input-sgst", "Input SGST", "input", 0, False),
    ("input-igst", "Input IGST", "input", 0, False),
    ("tds", "TDS Payable", "duties-and-taxes", -18_250, False),
    ("salary-payable", "Salaries Payable", "provisions", -142_000, False),
)


def sample_chart(machine: Machine, begin: date, rates: tuple[tuple[date, str], ...]) -> SampleChart:
    """Return the masters of a company whose books begin on `begin`; opening balances add up to zero."""
    new_id = machine.identifiers().new
    masters: list[Master] = []

    def group(name: str, parent: str) -> GroupId:
        made = Group(id=GroupId(MasterId(new_id())), name=name, parent=group_id(parent))
        masters.append(made)
        return made.id

    groups = {"output": group("Output Tax", "duties-and-taxes"), "input": group("Input Tax", "duties-and-taxes")}
    masters.append(ForeignCurrency(id=currency_id("USD"), code="USD", rates=rates))
    branches = [
        CostCentre(id=CostCentreId(MasterId(new_id())), name=name, category=PRIMARY_COST_CATEGORY) for name in BRANCHES
    ]
    masters += branches
    by_key = {"cash": CASH}
    opening = 86_400 * RUPEE  # of cash
    for key, name, reserved, rupees, costs in _ACCOUNTS:
        under = groups.get(reserved) or group_id(reserved)
        account = Account(
            id=AccountId(MasterId(new_id())), name=name, group=under, opening=rupees * RUPEE, cost_centres=costs
        )
        masters.append(account)
        by_key[key] = account.id
        opening += account.opening
    customers = [_party(new_id(), name, at, begin, 1) for at, name in enumerate(CUSTOMERS)]
    suppliers = [_party(new_id(), name, at, begin, -1) for at, name in enumerate(SUPPLIERS)]
    foreign = Account(
        id=AccountId(MasterId(new_id())),
        name=FOREIGN_CUSTOMER,
        group=group_id("sundry-debtors"),
        currency="USD",
        bill_by_bill=True,
        party=Party(mailing_name=FOREIGN_CUSTOMER, country="US", credit_days=60),
    )
    masters += [*customers, *suppliers, foreign]
    opening += sum(account.opening for account in (*customers, *suppliers))
    cash = Account(id=CASH, name="Cash", group=group_id("cash-in-hand"), opening=86_400 * RUPEE, reserved="cash")
    # What earlier years earned: the balance that makes the opening balances add up.
    result = next(m for m in masters if isinstance(m, Account) and m.id == by_key["reserves"])
    masters[masters.index(result)] = Account(
        id=result.id, name=result.name, group=result.group, opening=result.opening - opening
    )
    return SampleChart(
        masters, cash, by_key, [c.id for c in customers], [s.id for s in suppliers], foreign.id,
        [branch.id for branch in branches],
    )  # fmt: skip


def _party(new_id: str, name: str, at: int, begin: date, sign: int) -> Account:
    owed = sign * ((at * 7919) % 90 + 12) * 1_000 * RUPEE if at % 3 else 0
    reserved = "sundry-debtors" if sign > 0 else "sundry-creditors"
    bills = (OpeningBill(name=f"OB-{at + 101}", date=begin - timedelta(22), amount=owed,
                         due=begin + timedelta(8)),) if owed else ()  # fmt: skip
    return Account(
        id=AccountId(MasterId(new_id)),
        name=name,
        group=group_id(reserved),
        opening=owed,
        bill_by_bill=True,
        opening_bills=bills,
        party=Party(
            mailing_name=name,
            address=(f"{at + 11} Market Lane", "Nilgarh"),
            state="27",
            country="IN",
            credit_days=30 if sign > 0 else 45,
            # Well formed but of no registered person: the state code and PAN belong to nobody.
            tax_identities=(TaxIdentity("GSTIN", f"27ZZZZZ{at:04d}Z1Z{at % 10}"),),
        ),
    )
