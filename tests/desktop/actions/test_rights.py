"""What the role of a device's user does not include is refused at the desk, before anything is saved."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import RENT, a_sale, account_id, an_account, voucher_id
from desktop.actions.enrolling_server import EnrollingServer
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.sync.roles import ACTS_BY_ROLE, Act, Role
from ledgerflow_desktop.actions import (
    closing,
    companies,
    enrolling,
    exporting,
    importing,
    masters,
    periods,
    syncing,
    vouchers,
)
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.verification import verify_book

MARCH, MAY = date(2026, 3, 31), date(2026, 5, 31)


def _changed(book: Book) -> None:
    masters.change(book, replace(book.chart.accounts[RENT], notes="paid in advance"))


def _altered(book: Book) -> None:
    before = vouchers.load(book, voucher_id("s1"))
    vouchers.alter(book, before, a_sale("s1", 90_000, number=before.voucher.number))


DEEDS: dict[str, tuple[Act, Callable[[Book], object]]] = {
    "post": (Act.POST, lambda book: vouchers.post(book, [a_sale("s2")])),
    "alter": (Act.ALTER, _altered),
    "cancel": (Act.ALTER, lambda book: vouchers.cancel(book, vouchers.load(book, voucher_id("s1")), "twice")),
    "make an account": (Act.MASTERS, lambda book: masters.create(book, [an_account("Tea")])),
    "change an account": (Act.MASTERS, _changed),
    "retire an account": (Act.MASTERS, lambda book: masters.retire(book, RENT)),
    "merge accounts": (Act.CLOSE, lambda book: masters.merge(book, account_id("Rates"), account_id("Taxes"))),
    "unlock": (Act.CLOSE, lambda book: periods.unlock(book, None, "an invoice came late")),
    "ask to close": (Act.CLOSE, lambda book: closing.request(book, MAY)),
    "lock": (Act.CLOSE, lambda book: periods.lock(book, MAY)),
    "change the company": (Act.CLOSE, lambda book: companies.change_company(book, book.company)),
}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as made:
        masters.create(made, [an_account("Rates"), an_account("Taxes")])
        vouchers.post(made, [a_sale("s1")])
        periods.lock(made, MARCH)
        yield made


def _events(book: Book) -> int:
    return log_store.last_position(book.connection)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_role_does_what_it_may_and_nothing_else_is_saved(book: Book, role: Role, deed: str) -> None:
    act, do = DEEDS[deed]
    syncing.keep_role(book, role)
    before = _events(book)
    if act in ACTS_BY_ROLE[role]:
        do(book)
        assert _events(book) == before + 1
    else:
        with pytest.raises(InvalidInput) as raised:
            do(book)
        found = raised.value.problems[0]
        assert (found.code, found.facts) == ("not-permitted", {"role": role, "act": act})
        assert _events(book) == before


def test_a_refused_deed_leaves_the_books_as_they_are_proven(book: Book) -> None:
    syncing.keep_role(book, "viewer")
    for _, do in DEEDS.values():
        with pytest.raises(InvalidInput):
            do(book)
    assert "Tea" not in [account.name for account in book.chart.accounts.values()]
    assert verify_book(book).findings == ()


def test_a_book_that_was_never_enrolled_may_do_everything(book: Book) -> None:
    for _, do in DEEDS.values():
        do(book)
    assert verify_book(book).findings == ()


def test_a_role_of_a_later_server_is_left_to_the_server(book: Book) -> None:
    syncing.keep_role(book, "treasurer")
    periods.lock(book, MAY)


def test_a_right_that_was_given_counts_from_the_next_hello(book: Book) -> None:
    syncing.keep_role(book, "branch")
    with pytest.raises(InvalidInput):
        periods.lock(book, MAY)
    syncing.keep_role(book, "accountant")
    periods.lock(book, MAY)
    assert book.locked_until == MAY


def test_the_role_is_known_from_enrolment_on(tmp_path: Path, book: Book) -> None:
    server = EnrollingServer(tmp_path, role="branch")
    with server.served() as at:
        enrolling.enrol_book(book, at.address, server.code, "front desk")
    vouchers.post(book, [a_sale("s2")])
    with pytest.raises(InvalidInput):
        periods.lock(book, MAY)


def test_an_import_that_may_not_post_keeps_nothing(tmp_path: Path, book: Book) -> None:
    lines = tmp_path / "more.jsonl"
    with a_book(tmp_path, "Other") as other, lines.open("wb") as file:
        vouchers.post(other, [a_sale("s7")])
        exporting.export(other, "jsonl", file)
    syncing.keep_role(book, "viewer")
    before = _events(book)
    with pytest.raises(InvalidInput) as raised:
        importing.import_files(book, [lines])
    assert raised.value.problems[0].code == "not-permitted"
    assert _events(book) == before
