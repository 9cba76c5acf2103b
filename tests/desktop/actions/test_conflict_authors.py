"""Of both sides of a conflict a person learns who wrote them, where and when, whatever it is about."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import RENT, a_sale, voucher_id
from desktop.storage.replica_books import Office, a_first_office, a_further_office
from ledgerflow_desktop.actions import companies, conflict_list, masters, periods, vouchers
from ledgerflow_desktop.actions.conflict_list import Opened
from ledgerflow_desktop.storage import offices
from ledgerflow_desktop.storage.encrypted_database import transaction

Change = Callable[[Office, str], object]


@pytest.fixture
def asha(tmp_path: Path) -> Iterator[Office]:
    office = a_first_office(tmp_path, "asha")
    with closing(office.book):
        vouchers.post(office.book, [a_sale("s1")])
        office.sync()
        yield office


@pytest.fixture
def ravi(tmp_path: Path, asha: Office) -> Iterator[Office]:
    office = a_further_office(tmp_path, asha, "ravi")
    with closing(office.book):
        office.sync()
        yield office


def alter(office: Office, narration: str) -> None:
    before = vouchers.load(office.book, voucher_id("s1"))
    vouchers.alter(office.book, before, replace(before.voucher, narration=narration))


def rename(office: Office, name: str) -> None:
    masters.change(office.book, replace(office.book.chart.accounts[RENT], name=name))


def change_company(office: Office, name: str) -> None:
    companies.change_company(office.book, replace(office.book.company, name=name))


def lock(office: Office, day: str) -> None:
    periods.lock(office.book, date.fromisoformat(day))


def only_conflict(office: Office) -> Opened:
    (waiting,) = conflict_list.listed(office.book)
    return conflict_list.opened(office.book, waiting.id)


@pytest.mark.parametrize(
    ("change", "of_asha", "of_ravi", "field"),
    [
        (alter, "Asha was first", "Ravi was late", "narration"),
        (rename, "Shop rent", "Office rent", "name"),
        (change_company, "Asha & Co", "Ravi & Co", "company.name"),
        (lock, "2026-04-30", "2026-05-31", "until"),
    ],
)
def test_both_sides_of_what_two_offices_changed_name_their_authors(
    asha: Office, ravi: Office, change: Change, of_asha: str, of_ravi: str, field: str
) -> None:
    change(asha, of_asha)
    change(ravi, of_ravi)
    asha.sync()
    ravi.sync()
    asha.sync()
    for office in (asha, ravi):
        found = only_conflict(office)
        assert found.stands_by is not None and found.rival_by is None
        assert (found.parked_by.office.user_name, found.stands_by.office.user_name) == ("ravi", "asha")
        assert found.parked_by.at == found.sides.conflict.event.at != ""
        assert [(one.field, one.before, one.after) for one in found.sides.fields] == [(field, of_asha, of_ravi)]


def test_of_a_taken_number_the_author_of_the_voucher_that_has_it_is_named(asha: Office, ravi: Office) -> None:
    for office, name in ((asha, "s2"), (ravi, "s3")):
        vouchers.post(office.book, [a_sale(name, number="77")])
        office.sync()
    found = only_conflict(ravi)
    assert found.sides.conflict.reason == "number-duplicate"
    assert found.rival_by is not None and found.rival_by.office.user_name == "asha"
    assert found.stands_by is None


def test_the_machine_is_named_once_the_server_said_it(asha: Office, ravi: Office) -> None:
    alter(asha, "Asha was first")
    alter(ravi, "Ravi was late")
    asha.sync()
    ravi.sync()
    with transaction(ravi.book.connection, "books.db"):
        offices.keep_names(ravi.book.connection, {asha.book.replica: ("Asha Rao", "front desk")})
    found = only_conflict(ravi)
    assert found.stands_by is not None and found.stands_by.office.who == "Asha Rao on front desk"
