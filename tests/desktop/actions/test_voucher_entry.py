"""What stands beside the fields: numbers to come, balances, neighbours, foreign balances. Figures worked by hand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.storage.sample_company import (
    BANK,
    JOURNAL,
    PAYMENT,
    RAVI,
    RENT,
    SALES,
    SALES_ACCOUNT,
    add_masters,
    foreign_journal,
    machine,
    new_company,
    open_it,
    rent,
    sale,
    voucher_id,
)
from ledgerflow_core.ledger.entry import ForeignAmount
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_desktop.actions import voucher_entry, vouchers
from ledgerflow_desktop.storage.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    new_company(tmp_path / "lotus.ledgerflow", machine())
    with open_it(tmp_path / "lotus.ledgerflow", machine(seed=2)) as opened:
        add_masters(opened)
        vouchers.post(opened, [sale("s1"), rent("r1"), foreign_journal("f1"), rent("r2", day=date(2026, 5, 10))])
        yield opened


def test_balances_and_the_number_to_come(book: Book) -> None:
    around = voucher_entry.surroundings(book, PAYMENT, date(2026, 5, 1))
    assert around.number == "P/26-27/00003"
    assert around.locked_until is None
    assert around.balances == {
        RAVI: 50_000 + 118_000,
        SALES_ACCOUNT: -50_000 - 118_000 - 83_000,
        RENT: 50_000,
        CASH: -50_000,
        BANK: 83_000,
    }


def test_vouchers_follow_each_other_by_date_then_entry(book: Book) -> None:
    order = [voucher_id(name) for name in ("s1", "r1", "r2", "f1")]
    assert [voucher_entry.neighbour(book, at, later=True) for at in order] == [*order[1:], None]
    assert [voucher_entry.neighbour(book, at, later=False) for at in order] == [None, *order[:-1]]


def test_the_last_of_a_type_is_the_last_by_date_and_entry(book: Book) -> None:
    found = [voucher_entry.last_of_type(book, of) for of in (PAYMENT, SALES, JOURNAL)]
    assert [voucher.id if voucher else None for voucher in found] == [
        voucher_id("r2"), voucher_id("s1"), voucher_id("f1"),
    ]  # fmt: skip


def test_a_foreign_balance_leaves_out_the_voucher_being_altered(book: Book) -> None:
    day = date(2026, 6, 1)
    assert voucher_entry.foreign_balance(book, BANK, "USD", day) == (1_000, 83_000)
    assert voucher_entry.foreign_balance(book, BANK, "USD", day, without=voucher_id("f1")) == (0, 0)
    assert voucher_entry.foreign_balance(book, BANK, "USD", date(2026, 5, 19)) == (0, 0)


def test_a_foreign_balance_may_be_more_than_any_number_the_file_holds(book: Book) -> None:
    before = foreign_journal("most")
    most = ForeignAmount(currency="USD", amount=MINOR_MAX, rate="0.000001")
    line = replace(before.entries[0], amount=1, foreign=most)
    entries = (*(line for _ in range(1_025)), replace(before.entries[1], amount=-1_025))
    vouchers.post(book, [replace(before, entries=entries)])
    foreign, base = voucher_entry.foreign_balance(book, BANK, "USD", date(2026, 6, 1))
    assert foreign == 1_000 + 1_025 * MINOR_MAX > 2**63
    assert base == 83_000 + 1_025


def test_bill_movements_of_one_party(book: Book) -> None:
    (bill,) = voucher_entry.bill_movements(book, RAVI, date(2026, 6, 1))
    assert (bill.name, bill.amount, bill.due) == ("bill s1", 118_000, date(2026, 6, 3))
