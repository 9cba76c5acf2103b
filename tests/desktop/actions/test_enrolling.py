"""A book is enrolled over real TLS; the server is one that checks what a client sends and says what a test wants."""

from pathlib import Path

import pytest

from desktop.actions.enrolling_server import SERVER_KEY, EnrollingServer
from desktop.builders import a_book, a_company_folder, opened
from desktop.sync_client.memory_http import problem
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.actions import enrolling
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.rehoming import mark_as_copy
from ledgerflow_desktop.storage.verification import verify_book
from ledgerflow_desktop.sync_client.authority import AuthorityDiffers
from ledgerflow_server.keys import certificates


def test_a_book_is_enrolled_and_knows_where_whom_to_trust_and_as_whom(tmp_path: Path) -> None:
    server = EnrollingServer(tmp_path)
    folder = a_company_folder(tmp_path)
    with server.served() as at:
        with opened(folder) as book:
            made = enrolling.enrol_book(book, at.address, server.code, " front\n desk ").value
        with opened(folder) as book:
            kept = enrolling.require_enrolment(book)
            assert verify_book(book).findings == ()
            assert (kept.server_url, kept.server_key) == (at.address, SERVER_KEY)
            assert kept.device == enrolling.device_of(book)
    assert (made.user.name, made.user.role) == ("Asha", "owner")
    assert server.devices == [(kept.device, "front desk")]
    assert kept.authority == (server.folder / certificates.AUTHORITY).read_text()


def test_a_book_is_enrolled_once(tmp_path: Path) -> None:
    server = EnrollingServer(tmp_path)
    with server.served() as at, a_book(tmp_path) as book:
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        with pytest.raises(InvalidInput) as raised:
            enrolling.enrol_book(book, at.address, server.code, "front desk")
    assert raised.value.problems[0].code == "already-enrolled"


def test_whoever_is_not_the_server_of_the_code_hears_nothing_of_it(tmp_path: Path) -> None:
    meant, other = EnrollingServer(tmp_path, "meant"), EnrollingServer(tmp_path, "other")
    with other.served() as at, a_book(tmp_path) as book:
        with pytest.raises(AuthorityDiffers):
            enrolling.enrol_book(book, at.address, meant.code, "front desk")
        assert enrolling.enrolment_of(book) is None
    assert [asked.path for asked in at.asked] == ["/v1/authority"]


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_code(tmp_path: Path) -> None:
    server = EnrollingServer(tmp_path)
    with server.served() as at, a_book(tmp_path) as book:
        server.used_by = book.replica
        assert enrolling.enrol_book(book, at.address, server.code, "front desk").value.company == book.company.id


def test_a_book_that_was_restored_is_enrolled_with_all_it_holds(tmp_path: Path) -> None:
    server = EnrollingServer(tmp_path)
    folder = a_company_folder(tmp_path)
    with opened(folder) as book, transaction(book.connection, "books"):
        mark_as_copy(book.connection, book.machine.timestamp())
    with server.served() as at, opened(folder) as book:
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert [row.id for row in log_store.replicas(book.connection) if row.head.seq] == [book.replica]
        assert server.used_by == book.replica


@pytest.mark.parametrize("code", ["code-used", "code-wrong", "code-expired", "company-differs", "replica-known"])
def test_what_the_server_refuses_is_said_by_its_code_and_nothing_is_kept(tmp_path: Path, code: str) -> None:
    server = EnrollingServer(tmp_path)
    server.refuses = problem(code, 409)
    with server.served() as at, a_book(tmp_path) as book:
        with pytest.raises(InvalidInput) as raised:
            enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert raised.value.problems[0].code == code
        assert enrolling.enrolment_of(book) is None
