"""A book is enrolled over real TLS; the server is one that checks what a client sends and says what a test wants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop.builders import a_book, a_company_folder, opened
from desktop.sync_client.answering import Answer, Answering, Asked, answering
from desktop.sync_client.memory_http import problem
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.identifiers import named
from ledgerflow_core.sync.enrolment import code_hash, enrolment_statement
from ledgerflow_core.sync.statements import public_key
from ledgerflow_desktop.actions import enrolling
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.rehoming import mark_as_copy
from ledgerflow_desktop.storage.verification import verify_book
from ledgerflow_desktop.sync_client.authority import AuthorityDiffers
from ledgerflow_server.keys import certificates

SECRET = "K7QM-2XV9-0HJT-5BCD"
SERVER_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


class EnrollingServer:
    """Knows one code, for one device; the same device may come again."""

    def __init__(self, folder: Path, name: str = "server") -> None:
        self.folder = folder / name
        authority = certificates.create_authority(self.folder, datetime.now(UTC))
        certificates.ensure_server_certificate(self.folder, (), datetime.now(UTC))
        self.code = f"{SECRET}.{certificates.fingerprint(authority)}"
        self.used_by = ""
        self.refuses: Answer | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/authority":
            return Answer((self.folder / certificates.AUTHORITY).read_bytes(), media="application/x-pem-file")
        assert (asked.method, asked.path) == ("POST", "/v1/enrolments")
        if self.refuses is not None:
            return self.refuses
        said = json.loads(asked.body)
        key = public_key(said["key"])
        assert key is not None and said["code"] == SECRET and said["device"]["name"] == "front desk"
        statement = enrolment_statement(code_hash(SECRET).hex(), said["replica"], said["key"])
        key.verify(bytes.fromhex(said["proof"]), statement)
        if self.used_by not in ("", said["replica"]):
            return problem("code-used", 409)
        self.used_by = said["replica"]
        answer = {
            "tenant": named("test", "tenant"), "company": said["company"], "server_key": SERVER_KEY, "tag": "",
            "user": {"id": named("test", "asha"), "name": "Asha", "role": "owner"}, "device": said["device"]["id"],
        }  # fmt: skip
        return Answer(json.dumps(answer).encode(), 201)

    @contextmanager
    def served(self) -> Iterator[Answering]:
        files = (str(self.folder / certificates.SERVER), str(self.folder / certificates.SERVER_KEY))
        with answering(self.answer, tls=files) as server:
            yield server


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
