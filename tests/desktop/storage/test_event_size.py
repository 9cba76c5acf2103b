"""What is written fits the wire: no event and no run of events is larger than one batch."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.storage.sample_company import RAVI, SALES_ACCOUNT, add_masters, machine, new_company, open_it, sale
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import OpeningBill
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book

MIB = 2**20


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    on = machine()
    new_company(tmp_path / "Lotus.ledgerflow", on)
    with open_it(tmp_path / "Lotus.ledgerflow", on) as opened:
        add_masters(opened)
        yield opened


def wordy(name: str, entries: int) -> Voucher:
    """A voucher of about 9 kB an entry."""
    said = tuple(
        Entry(account=(RAVI, SALES_ACCOUNT)[at % 2], amount=(1, -1)[at % 2], narration="x" * 9_000)
        for at in range(entries)
    )
    return replace(sale(name), entries=said)


def test_a_voucher_larger_than_a_batch_is_refused(book: Book) -> None:
    position = log_store.last_position(book.connection)
    with pytest.raises(InvalidInput) as refused:
        vouchers.post(book, [sale("a"), wordy("b", 120)])
    assert [(p.code, p.place) for p in refused.value.problems] == [("voucher-too-large", "vouchers[1]")]
    posted = vouchers.post(book, [sale("a")]).value[0]
    with pytest.raises(InvalidInput) as grown:
        vouchers.alter(book, vouchers.load(book, posted.id), replace(wordy("a", 120), number=posted.number))
    assert [p.code for p in grown.value.problems] == ["voucher-too-large"]
    assert log_store.last_position(book.connection) == position + 1


def test_a_master_larger_than_a_batch_is_refused(book: Book) -> None:
    ravi = book.chart.accounts[RAVI]
    bills = tuple(OpeningBill(name=f"{at:0200d}", date=date(2026, 3, 31), amount=1) for at in range(6_000))
    with pytest.raises(InvalidInput) as refused:
        masters.change(book, replace(ravi, opening=6_000, opening_bills=bills))
    assert [p.code for p in refused.value.problems] == ["master-too-large"]


def test_a_run_of_large_vouchers_is_cut_at_a_batch(book: Book) -> None:
    vouchers.post(book, [wordy(f"v{at}", 40) for at in range(10)])
    runs = [run for run in log_store.runs(book.connection) if b"xxx" in run.events[0]]
    assert sum(len(run.events) for run in runs) == 10
    assert all(sum(map(len, run.events)) <= MIB for run in runs)
    assert max(len(run.events) for run in runs) == 2
    assert verify_book(book).is_clean
