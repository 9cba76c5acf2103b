"""Random books for properties: every nature of account, several years, every state, bills, odd openings."""

from datetime import date, timedelta

from hypothesis import strategies as st

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId, VoucherId, named
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, Entry
from ledgerflow_core.masters.account import PROFIT_AND_LOSS, Account
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from shared.reports.memory_figures import MemoryFigures
from shared.reports.plain_books import account_id, company

_GROUPS = (
    "capital bank-od secured-loans sundry-creditors stock-in-hand sundry-debtors cash-in-hand bank-accounts "
    "fixed-assets suspense sales purchases direct-expenses indirect-incomes indirect-expenses"
).split()
_BEGIN = date(2024, 7, 1)
DAYS = st.integers(0, 3 * 366).map(lambda days: _BEGIN + timedelta(days))
_AMOUNTS = st.integers(-5_000, 5_000)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    return Period(*sorted((draw(DAYS), draw(DAYS))))


@st.composite
def random_books(draw: st.DrawFn) -> MemoryFigures:
    chart = predefined_chart()
    openings = draw(st.lists(_AMOUNTS, min_size=len(_GROUPS), max_size=len(_GROUPS)))
    if draw(st.booleans()):
        openings[0] -= sum(openings)
    for group, opening in zip(_GROUPS, openings, strict=True):
        name = f"Account of {group}"
        chart.put(Account(id=account_id(name), name=name, group=group_id(group), opening=opening))
    accounts = [*(account_id(f"Account of {group}") for group in _GROUPS), PROFIT_AND_LOSS]
    vouchers = [draw(_voucher(accounts, number)) for number in range(draw(st.integers(0, 8)))]
    return MemoryFigures(company(_BEGIN), chart, vouchers, today=draw(DAYS))


@st.composite
def _voucher(draw: st.DrawFn, accounts: list[AccountId], number: int) -> Voucher:
    entries = [draw(_entry(accounts)) for _ in range(draw(st.integers(1, 4)))]
    balancing = Entry(account=draw(st.sampled_from(accounts)), amount=-sum(entry.amount for entry in entries))
    return Voucher(
        id=VoucherId(named("voucher", str(number))),
        type=voucher_type_id(draw(st.sampled_from((VoucherNature.JOURNAL, VoucherNature.MEMORANDUM)))),
        date=draw(DAYS),
        number=str(number),
        entries=(*entries, balancing),
        state=draw(st.sampled_from((VoucherState.REGULAR, *VoucherState))),
    )


@st.composite
def _entry(draw: st.DrawFn, accounts: list[AccountId]) -> Entry:
    amount = draw(_AMOUNTS)
    account = draw(st.sampled_from(accounts))
    bills = []
    if account in (account_id("Account of sundry-debtors"), account_id("Account of sundry-creditors")):
        for _ in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from(BillKind))
            name = "" if kind is BillKind.ON_ACCOUNT else draw(st.sampled_from(("B1", "B2")))
            bills.append(BillAllocation(kind=kind, name=name, amount=draw(_AMOUNTS), due=draw(st.none() | DAYS)))
    return Entry(account=account, amount=amount, bills=tuple(bills))
