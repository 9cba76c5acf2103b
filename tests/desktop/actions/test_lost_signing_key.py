"""A book whose signing key is lost is enrolled again, and has everything it had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import a_sale
from desktop.actions.enrolling_server import EnrollingServer
from desktop.builders import MemoryKeyStore, a_company_folder, a_machine, opened
from desktop.sync_client.answering import Answering
from desktop.sync_client.memory_http import problem
from ledgerflow_core.errors import InvalidInput, LedgerFlowError
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import VoucherPosted, decode_event
from ledgerflow_desktop.actions import enrolling, signing_key, syncing, vouchers
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.key_slots import InKeyStore
from ledgerflow_desktop.storage.verification import verify_book


@pytest.fixture
def server(tmp_path: Path) -> EnrollingServer:
    return EnrollingServer(tmp_path)


@pytest.fixture
def at(server: EnrollingServer) -> Iterator[Answering]:
    with server.served() as answering:
        yield answering


@pytest.fixture
def machine() -> Machine:
    return a_machine(seed=5)


@pytest.fixture
def folder(tmp_path: Path, machine: Machine, server: EnrollingServer, at: Answering) -> Path:
    """An enrolled book with two vouchers, one of them from before."""
    made = a_company_folder(tmp_path)
    with opened(made, machine=machine) as book:
        vouchers.post(book, [a_sale("s1")])
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        vouchers.post(book, [a_sale("s2")])
    server.give_out_another_code()
    return made


def lose_key(machine: Machine) -> None:
    assert isinstance(machine.key_store, MemoryKeyStore)
    assert machine.key_store.secrets
    machine.key_store.secrets.clear()


def versions(book: Book) -> list[bytes]:
    """The vouchers' events by what they say, in order of the file."""
    last = log_store.last_position(book.connection)
    raws = [log_store.read(book.connection, position) for position in range(1, last + 1)]
    return [version_hash(raw) for raw in raws if isinstance(decode_event(raw).body, VoucherPosted)]


def code_of(error: LedgerFlowError) -> str:
    return error.problems[0].code


def test_enrolment_puts_the_key_into_the_key_store(folder: Path, machine: Machine) -> None:
    with opened(folder, machine=machine) as book:
        assert isinstance(book.keys.signing, InKeyStore)
        assert syncing.known_as(book).new is None
        assert verify_book(book).findings == ()


def test_a_machine_without_a_store_keeps_the_key_in_the_book(
    tmp_path: Path, server: EnrollingServer, at: Answering
) -> None:
    headless = a_machine(seed=6, key_store=MemoryKeyStore(reachable=False))
    with opened(a_company_folder(tmp_path, "Headless"), machine=headless) as book:
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert isinstance(book.keys.signing, str)
        assert syncing.known_as(book).identity.key.private_bytes_raw() == book.signing_key.private_bytes_raw()


def test_a_lost_key_stops_writing_and_syncing_by_name_and_a_new_code_mends_it(
    folder: Path, machine: Machine, server: EnrollingServer, at: Answering
) -> None:
    lose_key(machine)
    with opened(folder, machine=machine) as book:
        before, replica = versions(book), book.replica
        for ask in (lambda: vouchers.post(book, [a_sale("s3")]), lambda: syncing.known_as(book)):
            with pytest.raises(LedgerFlowError) as raised:
                ask()
            assert code_of(raised.value) == "signing-key-missing"
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert book.replica != replica
        assert versions(book) == before
        vouchers.post(book, [a_sale("s3")])
        assert syncing.known_as(book).new is None
        assert verify_book(book).findings == ()
    (first, _), (second, _) = server.devices
    assert first != second, "what the lost key stood for can be shut out without this device"


def test_an_answer_that_was_lost_is_asked_for_again_as_the_same_replica(
    folder: Path, machine: Machine, server: EnrollingServer, at: Answering
) -> None:
    lose_key(machine)
    server.refuses = problem("busy", 503)
    with opened(folder, machine=machine) as book:
        with pytest.raises(LedgerFlowError):
            enrolling.enrol_book(book, at.address, server.code, "front desk")
        replica = server.used_by = book.replica
        with pytest.raises(InvalidInput) as raised:
            syncing.known_as(book)
        assert code_of(raised.value) == "enrol-again"
        vouchers.post(book, [a_sale("s3")])
    server.refuses = None
    with opened(folder, machine=machine) as book:
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert book.replica == replica
        assert syncing.known_as(book).new is None


def test_without_a_line_a_book_with_a_lost_key_goes_on_and_is_enrolled_later(
    folder: Path, machine: Machine, server: EnrollingServer, at: Answering
) -> None:
    lose_key(machine)
    with opened(folder, machine=machine) as book:
        signing_key.go_on_anew(book)
        vouchers.post(book, [a_sale("s3")])
        posted = versions(book)
        assert len(posted) == 3
        enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert versions(book) == posted
        assert verify_book(book).findings == ()


def test_a_book_that_has_its_key_is_enrolled_again_only_when_asked_to(
    folder: Path, machine: Machine, server: EnrollingServer, at: Answering
) -> None:
    with opened(folder, machine=machine) as book:
        replica = book.replica
        with pytest.raises(InvalidInput) as raised:
            enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert code_of(raised.value) == "already-enrolled"
        assert book.replica == replica
        enrolling.enrol_book(book, at.address, server.code, "front desk", again=True)
        assert book.replica != replica
        assert syncing.known_as(book).new is None


def test_a_book_is_enrolled_again_at_its_own_server_alone(
    folder: Path, machine: Machine, server: EnrollingServer, at: Answering
) -> None:
    lose_key(machine)
    server.server_key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    with opened(folder, machine=machine) as book:
        before = enrolling.require_enrolment(book)
        with pytest.raises(InvalidInput) as raised:
            enrolling.enrol_book(book, at.address, server.code, "front desk")
        assert code_of(raised.value) == "other-server"
        assert enrolling.require_enrolment(book) == before
