"""`ledgerflow sync` where something is the matter: what it says then, and what the book says of it later."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop.cli.running import run
from desktop.storage.replica_books import a_first_office, an_enrolment
from desktop.sync_client.answering import Answer, Asked, answering
from desktop.sync_client.memory_http import problem
from ledgerflow_desktop.storage import sync_facts


@contextmanager
def a_book_at(place: Path, address: str) -> Iterator[Path]:
    """A book with nothing sent yet, enrolled at an address."""
    office = a_first_office(place)
    with office.book as book, book.writing():
        kept = an_enrolment(office.server, "head")._replace(server_url=address)
        sync_facts.write_enrolment(book.connection, kept)
    yield office.book.folder.path


def signed_in(then: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """Let a device sign in, and answer everything else so."""

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/challenge"):
            return Answer(b'{"challenge":"c"}')
        if asked.path.endswith("/token"):
            return Answer(json.dumps({"access_token": "t", "expires_in": 600}).encode())
        return then(asked)

    return answer


WAYS_BACK_IN = {
    "device-revoked": (
        "This device was shut out at the server, and nothing of it is taken any more. What was not sent is kept here "
        "and can be exported. Ask the owner of the books; with a new code the book is let in again, as a new device: "
        "ledgerflow enrol BOOK URL CODE --again."
    ),
    "signer-unknown": (
        "The server does not know the key of this book, and takes nothing of it. Everything is kept here. Ask the "
        "owner of the books for an enrolment code; with it the book is let in again, as a new device: "
        "ledgerflow enrol BOOK URL CODE --again."
    ),
}


@pytest.mark.parametrize("code", WAYS_BACK_IN)
def test_a_device_the_server_takes_nothing_of_is_told_so_and_the_book_knows_it_later(tmp_path: Path, code: str) -> None:
    refusing = signed_in(lambda asked: problem(code, 403))
    with answering(refusing) as server, a_book_at(tmp_path, server.address) as folder:
        waiting = run("sync", folder, "--status")
        assert "waiting · 10 events to send" in waiting.out
        assert waiting.code == 0
        done = run("sync", folder)
        assert done.code == 1
        assert done.out.startswith("needs attention · 10 events to send")
    status = run("sync", folder, "--status")
    assert status.code == 1
    said = status.out.splitlines()
    assert said[1].startswith("needs attention · 10 events to send")
    assert said[2] == f"{WAYS_BACK_IN[code]} [{code}]"
    # A code without --again is no way out, and the book says so instead of leading back to sync.
    assert run("enrol", folder, server.address, "0123456789ABCDEF").codes == ["enrol-needs-again"]


def test_after_a_try_without_a_line_status_says_so_with_the_code_of_sync_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    failing = signed_in(lambda asked: problem("database-unavailable", 503))
    with answering(failing) as server, a_book_at(tmp_path, server.address) as folder:
        assert run("sync", folder).code == 3
        status = run("sync", folder, "--status")
    assert status.code == 3
    assert "waiting · 10 events to send" in status.out
    assert status.out.endswith("[database-unavailable]\n")


@pytest.mark.parametrize(
    "answer", [problem("busy", 503), problem("internal", 500), Answer(b"<html>", 502, "text/html")]
)
def test_a_single_sync_promises_nothing_it_does_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with answering(signed_in(lambda asked: answer)) as server, a_book_at(tmp_path, server.address) as folder:
        done = run("sync", folder)
    assert done.code == 3
    assert "sync again later" in done.out or "check the address" in done.out
    assert "by itself" not in done.out
