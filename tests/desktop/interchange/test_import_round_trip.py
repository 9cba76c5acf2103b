"""The import of an export is an equal book, whatever the book holds."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import (
    BANK,
    CUSTOMER,
    RENT,
    SALES,
    a_centre,
    a_group,
    a_journal,
    a_payment,
    a_sale,
    a_voucher,
    account_id,
    an_account,
)
from desktop.builders import a_book
from desktop.interchange.importing import content, take, trial_balance
from ledgerflow_core.identifiers import CostCategoryId, MasterId, VoucherTypeId, named
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry, ForeignAmount, Instrument
from ledgerflow_core.masters.account import CASH, OpeningBill, Party, TaxIdentity
from ledgerflow_core.masters.chart import Master
from ledgerflow_core.masters.cost_centre import CostCategory
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.rates import ForeignCurrency, currency_id
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, VoucherType, voucher_type_id
from ledgerflow_core.vouchers.voucher import StockLine, Voucher, VoucherState
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.actions.exporting import export
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage.book import Book

DOLLARS = account_id("Dollar Account")
PROJECTS = CostCategory(id=CostCategoryId(MasterId(named("test-category", "Projects"))), name="Projects")
BRIDGE = replace(a_centre("Bridge"), category=PROJECTS.id)
NORTH = a_group("North", group_id("sundry-debtors"))
COUNTER_SALE = VoucherType(
    id=VoucherTypeId(MasterId(named("test-type", "Counter Sale"))),
    name="Counter Sale",
    nature=VoucherNature.SALES,
    abbreviation="CtrS",
    numbering=Numbering.MANUAL,
    prefix="CS",
    width=4,
    parent=voucher_type_id(VoucherNature.SALES),
)


def rich_masters() -> list[Master]:
    return [
        ForeignCurrency(
            id=currency_id("USD"), code="USD", rates=((date(2026, 4, 1), "83.2150"), (date(2026, 5, 1), "84"))
        ),
        NORTH,
        a_group("North", group_id("sundry-creditors")),
        a_group("Far North", NORTH.id),
        PROJECTS,
        BRIDGE,
        replace(a_centre("Pier"), category=PROJECTS.id, parent=BRIDGE.id),
        COUNTER_SALE,
        replace(
            an_account("Nila Traders", opening=70_000),
            group=NORTH.id,
            bill_by_bill=True,
            aliases=("NT", "Nila"),
            code="C-17",
            opening_bills=(
                OpeningBill(name="OLD-1", date=date(2026, 3, 1), amount=90_000, due=date(2026, 3, 31)),
                OpeningBill(name="ADV-1", date=date(2026, 3, 5), amount=-20_000),
            ),
            party=Party(
                mailing_name="Nila Traders & Daughters",
                address=("12, Main Road", "नागपूर", ""),
                state="Maharashtra",
                country="India",
                postcode="440001",
                contact="Ms Nila",
                phone="0712 555",
                email="nila@example.org",
                tax_identities=(TaxIdentity("GSTIN", "27AAAAA0000A1Z5"), TaxIdentity("PAN", "AAAAA0000A")),
                credit_days=30,
                credit_limit=5_000_000,
            ),
            notes="two\nlines",
        ),
        replace(
            an_account("Dollar Account", "bank-accounts", opening=83_215),
            currency="USD",
            opening_foreign=1_000,
            bank_account="0012 3456",
        ),
        replace(an_account("Light"), cost_centres=True),
        an_account("Old Account", retired=True),
        an_account("شركة النور\u200f (AED)", "sundry-creditors"),
        an_account("=SUM(A1:A9)", "sundry-creditors"),
    ]


def rich_vouchers() -> list[Voucher]:
    nila = account_id("Nila Traders")
    bills = (
        BillAllocation(kind=BillKind.NEW, name="B-1", amount=60_000, due=date(2026, 6, 3)),
        BillAllocation(kind=BillKind.AGAINST, name="OLD-1", amount=-20_000),
        BillAllocation(kind=BillKind.ON_ACCOUNT, amount=10_000),
    )
    costs = (
        CostAllocation(centre=a_centre("Pune").id, amount=500),
        CostAllocation(centre=BRIDGE.id, amount=200),
        CostAllocation(centre=a_centre("Pier").id, amount=300),
    )
    dollars = ForeignAmount(currency="USD", amount=-500, rate="84.125")
    cheque = Instrument(kind="cheque", number="000123", date=date(2026, 5, 4), cleared=date(2026, 5, 9))
    return [
        a_voucher(
            VoucherNature.SALES,
            name="bills",
            party=nila,
            narration="ten lamps\nand 'quotes' \"double\"; =1+1",
            entries=[Entry(account=nila, amount=50_000, bills=bills), Entry(account=SALES, amount=-50_000)],
        ),
        a_voucher(
            name="costs",
            entries=[
                Entry(account=account_id("Light"), amount=500, costs=costs, narration="May"),
                Entry(account=CASH, amount=-500),
            ],
        ),
        a_voucher(
            VoucherNature.PAYMENT,
            name="foreign",
            entries=[
                Entry(account=RENT, amount=42_063),
                Entry(account=DOLLARS, amount=-42_063, foreign=dollars, instrument=cheque),
            ],
        ),
        replace(
            a_sale("stock", 9_000),
            stock=(
                StockLine(item="Lamp", quantity="-10", unit="nos", rate="9.00", amount=9_000, account=SALES,
                          godown="Shop", batch="B7", kept=(("COLOUR", "red"),)),
                StockLine(item="Free Wick", quantity="-10"),
            ),
            kept=(("VOUCHER.SOMEFIELD", "kept as it was"), ("VOUCHER.OTHER", "")),
            reference="PO 7",
            reference_date=date(2026, 4, 30),
            effective=date(2026, 5, 6),
        ),
        replace(a_sale("counter", 100, number="17"), type=COUNTER_SALE.id),
        replace(a_payment("optional"), state=VoucherState.OPTIONAL),
        replace(a_payment("post-dated", day=date(2027, 3, 1)), state=VoucherState.POST_DATED),
        a_voucher(VoucherNature.MEMORANDUM, (RENT, 5), (BANK, -5), name="memo"),
        replace(
            a_voucher(VoucherNature.REVERSING_JOURNAL, (RENT, 7), (BANK, -7), name="reversing"),
            reverses_on=date(2026, 5, 31),
        ),
    ]  # fmt: skip


def fill(book: Book) -> None:
    """Masters and vouchers of every kind, one altered, one cancelled, predefined ones renamed."""
    masters.create(book, rich_masters())
    for group, name in (("sundry-debtors", "Customers"), ("capital", "Owner's Funds")):
        masters.change(book, replace(book.chart.groups[group_id(group)], name=name))
    vouchers.post(book, [*rich_vouchers(), a_journal(), a_sale("cancelled")])
    before = vouchers.load(book, a_journal().id)
    vouchers.alter(book, before, replace(before.voucher, narration="altered"))
    vouchers.cancel(book, vouchers.load(book, a_sale("cancelled").id), "entered twice")


def exported(book: Book, path: Path) -> Path:
    out = io.BytesIO()
    export(book, "jsonl", out)
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def rich(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path, "Rich") as book:
        fill(book)
        yield book


def round_trip(book: Book, tmp_path: Path) -> None:
    """Import the book's export into an empty company and hold the two against each other."""
    file = exported(book, tmp_path / "books.jsonl")
    with a_book(tmp_path, "Again", with_masters=False) as again:
        proof = take(again, file)
        assert proof.proved
        assert proof.remarks == []
        assert proof.checked == len(book.chart.accounts)
        assert content(again) == content(book)
        assert trial_balance(again)["rows"] == trial_balance(book)["rows"]
        assert again.chart.masters.keys() == book.chart.masters.keys() or _same_names(again, book)
        assert verify_book(again).findings == ()
        assert exported(again, tmp_path / "again.jsonl").read_bytes() == _in_order_of(again)
        before = content(again)
        assert take(again, file).vouchers_posted == 0
        assert content(again) == before


def _same_names(one: Book, other: Book) -> bool:
    def names(book: Book) -> list[tuple[str, str]]:
        return sorted((type(master).__name__, master.name) for master in book.chart.masters.values())

    return names(one) == names(other)


def _in_order_of(book: Book) -> bytes:
    out = io.BytesIO()
    export(book, "jsonl", out)
    return out.getvalue()


def test_everything_a_book_holds_comes_back(rich: Book, tmp_path: Path) -> None:
    round_trip(rich, tmp_path)


def test_renamed_predefined_groups_are_themselves_again(rich: Book, tmp_path: Path) -> None:
    file = exported(rich, tmp_path / "books.jsonl")
    with a_book(tmp_path, "Again", with_masters=False) as again:
        take(again, file)
        assert again.chart.groups[group_id("sundry-debtors")].name == "Customers"
        assert again.chart.path_of(account_id("Nila Traders")) == ["Current Assets", "Customers", "North"]
        assert again.chart.is_party(CUSTOMER)


@pytest.mark.parametrize("name", ["Bank", "Reserves", "Direct", "Sundry Debtors", "Sales Accounts", "Deposits"])
def test_a_group_called_like_a_predefined_one_stays_where_it_is(tmp_path: Path, name: str) -> None:
    with a_book(tmp_path, "First") as book:
        over = a_group("Works", group_id("current-assets"))
        masters.create(
            book,
            [
                over,
                (below := a_group(name, over.id)),
                replace(an_account("Deep"), group=below.id),
                (beside := a_group(name, group_id("fixed-assets"))),
                replace(an_account("Flat"), group=beside.id),
            ],
        )
        round_trip(book, tmp_path)


def test_renamed_predefined_types_and_accounts_are_themselves_again(tmp_path: Path) -> None:
    with a_book(tmp_path, "First") as book:
        sales = book.chart.voucher_types[voucher_type_id(VoucherNature.SALES)]
        masters.change(book, replace(sales, name="Tax Invoice", abbreviation="TI", prefix="TI"))
        masters.change(book, replace(book.chart.accounts[CASH], name="Till", notes="in the shop", opening=500))
        vouchers.post(book, [a_sale()])
        round_trip(book, tmp_path)


def test_a_centre_that_moved_under_a_later_one_comes_back(tmp_path: Path) -> None:
    with a_book(tmp_path, "First") as book:
        masters.create(book, [a_centre("Works")])
        masters.change(book, replace(a_centre("Pune"), parent=a_centre("Works").id))
        round_trip(book, tmp_path)


def test_retired_masters_stay_retired(tmp_path: Path) -> None:
    with a_book(tmp_path, "First") as book:
        masters.create(book, [a_group("Old", group_id("sundry-debtors")), PROJECTS, COUNTER_SALE])
        for master in (
            a_group("Old", group_id("sundry-debtors")), PROJECTS, COUNTER_SALE, a_centre("Pune"),
            book.chart.accounts[RENT],
        ):  # fmt: skip
            masters.change(book, replace(master, retired=True))
        file = exported(book, tmp_path / "books.jsonl")
        with a_book(tmp_path, "Again", with_masters=False) as again:
            take(again, file)
            retired = {master.name for master in again.chart.masters.values() if master.retired}
    assert retired == {"Old", "Projects", "Counter Sale", "Pune", "Rent"}
