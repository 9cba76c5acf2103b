"""A small company for tests of the store: a fixed machine, cheap key slots, a few masters and vouchers."""

import random
from dataclasses import replace as replaced
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from ledgerflow_core.identifiers import AccountId, CompanyId, DeviceId, MasterId, UserId, VoucherId, named
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry, ForeignAmount
from ledgerflow_core.masters.account import CASH, Account
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import companies, masters, vouchers
from ledgerflow_desktop.settings.key_store import KeyStoreUnavailable
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.key_slots import ArgonCosts

PASSPHRASE = "correct horse battery"
CHEAP = ArgonCosts(memory_kib=8, passes=1, lanes=1)
SALES = voucher_type_id(VoucherNature.SALES)
PAYMENT = voucher_type_id(VoucherNature.PAYMENT)
RECEIPT = voucher_type_id(VoucherNature.RECEIPT)
JOURNAL = voucher_type_id(VoucherNature.JOURNAL)
# 1 June 2026, 06:00 UTC.
_BEGIN = 1_780_293_600_000


class MemoryKeyStore:
    """A key store that forgets with the test."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: str) -> None:
        self.secrets[name] = secret

    def remove(self, name: str) -> None:
        self.secrets.pop(name, None)


class DeadKeyStore(MemoryKeyStore):
    """A key store that does not answer."""

    def get(self, name: str) -> str | None:
        raise KeyStoreUnavailable

    def put(self, name: str, secret: str) -> None:
        raise KeyStoreUnavailable

    def remove(self, name: str) -> None:
        raise KeyStoreUnavailable


class Clock:
    """Milliseconds that pass only by being asked, one at a time, or by `wait_days`."""

    def __init__(self, now: int = _BEGIN) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now

    def wait_days(self, days: int) -> None:
        self.now += days * 86_400_000


def machine(clock: Clock | None = None, *, seed: int = 1, user: str = "asha") -> Machine:
    chance = random.Random(seed)
    return Machine(
        milliseconds=clock or Clock(),
        random_bytes=chance.randbytes,
        sleep=lambda seconds: None,
        key_store=MemoryKeyStore(),
        device=DeviceId(named("device", "desk")),
        user=UserId(named("user", user)),
        user_name=user,
    )


def as_user(of: Machine, user: str) -> Machine:
    return replaced(of, user=UserId(named("user", user)), user_name=user)


def company(name: str = "Lotus Traders") -> Company:
    return Company(
        id=CompanyId(named("company", name)),
        name=name,
        country="IN",
        state="27",
        currency="INR",
        exponent=2,
        year_start_month=4,
        year_start_day=1,
        books_begin=date(2026, 4, 1),
    )


def account_id(name: str) -> AccountId:
    return AccountId(MasterId(named("test-account", name)))


def new_company(folder: Path, on: Machine, *, passphrase: str = PASSPHRASE) -> str:
    """Create an empty company; return its recovery code."""
    return create_company(CompanyFolder(folder), company(), passphrase, on, costs=CHEAP)


def open_it(folder: Path, on: Machine, *, passphrase: str = PASSPHRASE, read_only: bool = False) -> Book:
    return companies.open_company(folder, on, passphrase=passphrase, read_only=read_only)


RAVI = account_id("Ravi Stores")
SALES_ACCOUNT = account_id("Sales of lamps")
RENT = account_id("Rent")
BANK = account_id("State bank")
CENTRE = CostCentre(id=MasterId(named("test-centre", "Pune")), name="Pune", category=PRIMARY_COST_CATEGORY)  # type: ignore[arg-type]


def add_masters(book: Book) -> None:
    masters.create(
        book,
        [
            Account(id=RAVI, name="Ravi Stores", group=group_id("sundry-debtors"), opening=50_000, bill_by_bill=True),
            Account(id=SALES_ACCOUNT, name="Sales of lamps", group=group_id("sales"), opening=-50_000),
            Account(id=RENT, name="Rent", group=group_id("indirect-expenses"), cost_centres=True),
            Account(id=BANK, name="State bank", group=group_id("bank-accounts")),
            CENTRE,
        ],
    )


def voucher_id(name: str) -> VoucherId:
    return VoucherId(named("test-voucher", name))


def sale(name: str, amount: int = 118_000, day: date = date(2026, 5, 4), narration: str = "ten lamps") -> Voucher:
    bill = BillAllocation(kind=BillKind.NEW, name=f"bill {name}", amount=amount, due=date(2026, 6, 3))
    return Voucher(
        id=voucher_id(name),
        type=SALES,
        date=day,
        party=RAVI,
        narration=narration,
        entries=(
            Entry(account=RAVI, amount=amount, bills=(bill,)),
            Entry(account=SALES_ACCOUNT, amount=-amount),
        ),
    )


def rent(name: str, amount: int = 25_000, day: date = date(2026, 5, 10)) -> Voucher:
    return Voucher(
        id=voucher_id(name),
        type=PAYMENT,
        date=day,
        entries=(
            Entry(account=RENT, amount=amount, costs=(CostAllocation(centre=CENTRE.id, amount=amount),)),
            Entry(account=CASH, amount=-amount),
        ),
    )


def foreign_journal(name: str, day: date = date(2026, 5, 20)) -> Voucher:
    return Voucher(
        id=voucher_id(name),
        type=JOURNAL,
        date=day,
        entries=(
            Entry(account=BANK, amount=83_000, foreign=ForeignAmount(currency="USD", amount=1_000, rate="83")),
            Entry(account=SALES_ACCOUNT, amount=-83_000),
        ),
    )


def fill(book: Book) -> None:
    """Masters, vouchers of several kinds, one altered and one cancelled, and a lock."""
    add_masters(book)
    posted = vouchers.post(book, [sale(f"s{at}", 1_000 * at) for at in range(1, 21)]).value
    vouchers.post(book, [rent("r1"), rent("r2", 30_000, date(2026, 6, 10))])
    vouchers.post(book, [foreign_journal("f1")])
    before = vouchers.load(book, posted[2].id)
    vouchers.alter(book, before, sale_with_number("s3", 7_700, before.voucher.number))
    vouchers.alter(book, vouchers.load(book, posted[2].id), sale_with_number("s3", 8_800, before.voucher.number))
    vouchers.cancel(book, vouchers.load(book, posted[4].id), "entered twice")


def sale_with_number(name: str, amount: int, number: str) -> Voucher:
    return replace(sale(name, amount), number=number)
