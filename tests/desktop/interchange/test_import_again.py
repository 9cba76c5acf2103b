"""A file that comes again, or into books that are in use, changes nothing that stands there, and says what differs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desktop.builders import a_book
from desktop.interchange.importing import ACCOUNTS, account, refused, take, voucher, write_lines
from ledgerflow_core.events.event import ImportCompleted, decode_event
from ledgerflow_desktop.actions import importing, periods
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path, with_masters=False, books_begin=date(2025, 4, 1)) as made:
        yield made


def test_a_voucher_that_the_file_has_otherwise_is_remarked(book: Book, tmp_path: Path) -> None:
    lines = [*ACCOUNTS, voucher("a", number="7"), voucher("b", number="")]
    take(book, write_lines(tmp_path / "one.jsonl", lines))
    assert take(book, write_lines(tmp_path / "again.jsonl", lines)).remarks == []
    other = [*ACCOUNTS, voucher("a", number="7", narration="otherwise"), voucher("b", number="")]
    proof = take(book, write_lines(tmp_path / "other.jsonl", other))
    assert proof.remarks == [("voucher-differs", "7")]
    assert (proof.vouchers_known, proof.vouchers_posted) == (2, 0)


def test_an_opening_balance_comes_in_and_leaves_the_rest_of_the_account(book: Book, tmp_path: Path) -> None:
    mine = account(9, "Lamps", code="L-1", notes="mine")
    take(book, write_lines(tmp_path / "one.jsonl", [mine]))
    theirs = account(9, "Lamps", opening="12.00", code="X", bank_account="123")
    file = write_lines(tmp_path / "two.jsonl", [theirs])
    outcome = importing.import_files(book, [file])
    found = book.chart.account_named("Lamps")
    assert found is not None
    assert (found.opening, found.code, found.notes, found.bank_account) == (1200, "L-1", "mine", "123")
    # Only a master changed, and that, too, is an import that leaves its mark.
    assert outcome.changed is not Changed.NOTHING
    newest = log_store.read(book.connection, log_store.last_position(book.connection))
    assert isinstance(decode_event(newest).body, ImportCompleted)


def test_a_locked_book_takes_no_opening_balances(book: Book, tmp_path: Path) -> None:
    take(book, write_lines(tmp_path / "one.jsonl", [account(9, "Lamps")]))
    periods.lock(book, date(2025, 4, 30))
    for line in (account(9, "Lamps", opening="12.00"), account(10, "Light", opening="12.00")):
        file = write_lines(tmp_path / "two.jsonl", [line])
        assert [problem.code for problem in refused(book, file)] == ["opening-balance-locked"]
    take(book, write_lines(tmp_path / "three.jsonl", [account(10, "Light")]))


def test_a_type_whose_numbers_would_be_too_long_comes_with_fewer_zeros(book: Book, tmp_path: Path) -> None:
    kind = {"kind": "voucher-type", "name": "Tax Invoice", "parent": "sales", "numbering": "automatic",
            "prefix": "TAXINV", "width": 5}  # fmt: skip
    take(book, write_lines(tmp_path / "types.jsonl", [*ACCOUNTS, kind]))
    made = book.chart.voucher_type_named("Tax Invoice")
    assert made is not None
    assert (made.prefix, made.width) == ("TAXINV", 1)
