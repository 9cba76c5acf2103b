"""Kept totals stay whole numbers: what would leave their range is refused, and nothing of it is kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.storage.sample_company import RAVI, SALES_ACCOUNT, add_masters, machine, new_company, open_it, sale
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage.book import Book

MOST = 2**53 - 1


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    on = machine()
    new_company(tmp_path / "Lotus.ledgerflow", on)
    with open_it(tmp_path / "Lotus.ledgerflow", on) as opened:
        add_masters(opened)
        yield opened


def plain(name: str, amount: int) -> Voucher:
    entries = (Entry(account=RAVI, amount=amount), Entry(account=SALES_ACCOUNT, amount=-amount))
    return replace(sale(name), entries=entries)


def totals(book: Book) -> list[tuple[int, int]]:
    return book.connection.execute("SELECT debit, credit FROM month_total ORDER BY account_no").fetchall()


def test_a_month_holds_the_largest_amount_and_not_one_more(book: Book) -> None:
    posted = vouchers.post(book, [plain("a", MOST - 1), plain("b", 1)]).value
    assert totals(book) == [(MOST, 0), (0, -MOST)]
    with pytest.raises(InvalidInput) as refused:
        vouchers.post(book, [plain("c", 1)])
    assert [problem.code for problem in refused.value.problems] == ["amount-too-large"]
    with pytest.raises(InvalidInput):
        vouchers.alter(book, vouchers.load(book, posted[1].id), replace(plain("b", 2), number=posted[1].number))
    assert totals(book) == [(MOST, 0), (0, -MOST)]
    assert verify_book(book).is_clean
    vouchers.cancel(book, vouchers.load(book, posted[0].id))
    assert totals(book) == [(1, 0), (0, -1)]


def test_more_at_once_than_the_database_counts_is_refused_by_name(book: Book) -> None:
    with pytest.raises(InvalidInput) as refused:
        vouchers.post(book, [plain(f"v{at}", MOST) for at in range(1100)])
    assert [problem.code for problem in refused.value.problems] == ["amount-too-large"]
    assert not book.has_vouchers()
    assert verify_book(book).is_clean
