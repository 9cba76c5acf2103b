"""Drafts: kept inside the encrypted company, outside the log, gone when posted."""

from pathlib import Path

import pytest

from desktop.storage import sample_company
from desktop.storage.sample_company import machine, new_company, open_it, rent, sale, voucher_id
from ledgerflow_desktop.actions import drafts, vouchers
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.draft_store import Draft


@pytest.fixture
def book(tmp_path: Path) -> Book:
    new_company(tmp_path / "lotus.ledgerflow", machine())
    opened = open_it(tmp_path / "lotus.ledgerflow", machine(seed=2))
    sample_company.add_masters(opened)
    return opened


def test_a_draft_is_there_after_closing_and_is_no_event(book: Book) -> None:
    events = log_store.last_position(book.connection)
    drafts.save(book, Draft(voucher_id("a"), "voucher", b"first"))
    drafts.save(book, Draft(voucher_id("a"), "voucher", b"second"))
    assert log_store.last_position(book.connection) == events
    folder = book.folder.path
    book.close()
    with open_it(folder, machine(seed=3)) as again:
        (kept,) = drafts.unfinished(again, "voucher")
    assert (kept.id, kept.body) == (voucher_id("a"), b"second")
    assert kept.saved_at.startswith("2026-06-01T06:00")


def test_the_newest_draft_comes_first_and_kinds_are_apart(book: Book) -> None:
    for name, kind in (("a", "voucher"), ("b", "voucher"), ("c", "account")):
        drafts.save(book, Draft(voucher_id(name), kind, b"x"))
    assert [draft.id for draft in drafts.unfinished(book, "voucher")] == [voucher_id("b"), voucher_id("a")]
    drafts.discard(book, voucher_id("b"))
    drafts.discard(book, voucher_id("b"))
    assert [draft.id for draft in drafts.unfinished(book, "voucher")] == [voucher_id("a")]
    book.close()


def test_a_draft_whose_voucher_reached_the_books_is_not_offered_again(book: Book) -> None:
    drafts.save(book, Draft(voucher_id("paid"), "voucher", b"x"))
    drafts.save(book, Draft(voucher_id("open"), "voucher", b"x"))
    vouchers.post(book, [rent("paid")])
    assert [draft.id for draft in drafts.unfinished_new_vouchers(book, "voucher")] == [voucher_id("open")]
    assert [draft.id for draft in drafts.unfinished(book, "voucher")] == [voucher_id("open")]
    book.close()


def test_what_is_typed_is_not_readable_in_the_file(book: Book) -> None:
    drafts.save(book, Draft(voucher_id("a"), "voucher", b"marker-of-a-secret-draft"))
    folder = book.folder.path
    book.close()
    assert [path for path in folder.rglob("*") if path.is_file() and b"marker-of-a" in path.read_bytes()] == []


def test_a_book_opened_for_reading_keeps_no_draft(book: Book) -> None:
    folder = book.folder.path
    book.close()
    with open_it(folder, machine(seed=3), read_only=True) as reading:
        drafts.save(reading, Draft(voucher_id("a"), "voucher", b"x"))
        assert drafts.unfinished(reading, "voucher") == []


def test_a_sale_in_the_books_is_no_draft(book: Book) -> None:
    vouchers.post(book, [sale("s")])
    assert drafts.unfinished(book, "voucher") == []
    book.close()
