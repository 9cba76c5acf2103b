import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop.sync_client.answering import Answer, answering
from ledgerflow_desktop.sync_client import transport as transport_module
from ledgerflow_desktop.sync_client.authority import trusting
from ledgerflow_desktop.sync_client.transport import (
    NoAnswer,
    NotTheServer,
    Request,
    ServerRefused,
    Transport,
    digest_of,
)
from ledgerflow_server.keys import certificates

ASK = Request("POST", "/v1/thing", body=b'{"a":1}', token="t0ken")


@contextmanager
def line(address: str, seconds: Callable[[], float] | None = None) -> Iterator[Transport]:
    transport = Transport(address, None, seconds=seconds) if seconds else Transport(address, None)
    try:
        yield transport
    finally:
        transport.close()


def reason_of(answer: Answer, request: Request = ASK) -> str:
    with answering(answer) as server, line(server.address) as transport, pytest.raises(NoAnswer) as raised:
        transport.send(request)
    return str(raised.value.facts["reason"])


def test_a_good_answer_comes_back_and_the_request_carried_digest_and_token() -> None:
    with answering(Answer(b'{"b":2}')) as server, line(server.address) as transport:
        assert transport.send(ASK) == b'{"b":2}'
        assert (transport.sent, transport.received) == (7, 7)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/thing", ASK.body)
    assert asked.headers["content-digest"] == digest_of(ASK.body)
    assert asked.headers["authorization"] == "Bearer t0ken"
    assert asked.headers["accept-encoding"] == "identity"


def test_the_page_of_a_captive_portal_is_no_answer() -> None:
    assert reason_of(Answer(b"<html>Please sign in</html>", media="text/html; charset=utf-8")) == "not-the-server"


def test_a_redirect_is_not_followed() -> None:
    assert reason_of(Answer(b"", 302, headers={"Location": "http://127.0.0.1:1/"})) == "not-the-server"


def test_an_answer_with_another_digest_or_none_is_not_believed() -> None:
    assert reason_of(Answer(b'{"b":3}', digest=digest_of(b'{"b":2}'))) == "damaged"
    assert reason_of(Answer(b'{"b":3}', digest="")) == "damaged"


def test_an_answer_cut_off_is_no_answer() -> None:
    assert reason_of(Answer(b'{"b":3}', length=70)) == "unreachable"


def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with line(address) as transport, pytest.raises(NoAnswer) as raised:
            transport.send(ASK)
    assert raised.value.facts["reason"] == "unreachable"


def test_plain_http_to_a_server_that_takes_tls_is_named(tmp_path: Path) -> None:
    authority_of(tmp_path / "ours")
    files = (str(tmp_path / "ours" / certificates.SERVER), str(tmp_path / "ours" / certificates.SERVER_KEY))
    with answering(Answer(), tls=files) as server:
        plain = server.address.replace("https://", "http://")
        with line(plain) as transport, pytest.raises(NoAnswer) as raised:
            transport.send(ASK)
    assert raised.value.facts["reason"] == "wants-tls"


def test_tls_to_a_server_of_plain_http_is_named() -> None:
    with answering(Answer()) as server:
        transport = Transport(server.address.replace("http://", "https://"), trusting(""))
        with pytest.raises(NoAnswer) as raised:
            transport.send(ASK)
        transport.close()
    assert raised.value.facts["reason"] == "speaks-no-tls"


def test_a_plain_server_that_hangs_up_is_not_taken_for_one_that_wants_tls() -> None:
    def hang_up(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connection.recv(65_536)
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=hang_up, args=[listening], daemon=True).start()
        with line(f"http://127.0.0.1:{listening.getsockname()[1]}") as transport, pytest.raises(NoAnswer) as raised:
            transport.send(ASK)
        listening.shutdown(socket.SHUT_RDWR)
    assert raised.value.facts["reason"] == "unreachable"


def test_an_answer_whose_head_comes_by_drops_is_cut_off_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(transport_module, "_SLOWEST_BYTES_A_SECOND", 2**30)
    ended = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drops: ")
            while not ended.wait(0.01):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        dripping = threading.Thread(target=drip, args=[listening])
        dripping.start()
        try:
            with line(f"http://127.0.0.1:{listening.getsockname()[1]}") as transport, pytest.raises(NoAnswer) as raised:
                transport.send(ASK)
        finally:
            ended.set()
            dripping.join()
    assert raised.value.facts["reason"] == "timeout"


def test_an_answer_that_trickles_for_ever_ends_at_the_deadline() -> None:
    now = [0.0]

    def passes() -> None:
        now[0] += 59.0

    answer = Answer(b"x" * 10_000, wait=passes)
    with answering(answer) as server, line(server.address, lambda: now[0]) as transport, pytest.raises(NoAnswer) as end:
        transport.send(ASK)
    assert end.value.facts["reason"] == "timeout"


def test_an_answer_larger_than_any_the_server_gives_is_cut_short() -> None:
    assert reason_of(Answer(b"x" * (32 * 2**20 + 1))) == "damaged"


def test_a_problem_of_the_server_keeps_its_codes_places_and_facts() -> None:
    document = {
        "type": "https://ledgerflow.example/problems/chain-gap",
        "title": "chain gap",
        "status": 409,
        "problems": [{"code": "chain-gap", "place": "header", "facts": {"expected": 7}}],
    }
    answer = Answer(json.dumps(document).encode(), 409, "application/problem+json")
    with answering(answer) as server, line(server.address) as transport, pytest.raises(ServerRefused) as raised:
        transport.send(ASK)
    (problem,) = raised.value.problems
    assert (problem.code, problem.place, problem.facts) == ("chain-gap", "header", {"expected": 7})
    assert raised.value.status == 409


@pytest.mark.parametrize("media", ["text/html", "application/json", "application/problem+json"])
def test_an_error_a_proxy_made_up_is_told_apart_from_the_server(media: str) -> None:
    answer = Answer(b"<h1>Bad gateway</h1>", 502, media)
    with answering(answer) as server, line(server.address) as transport, pytest.raises(NotTheServer) as raised:
        transport.send(ASK)
    assert raised.value.status == 502


def authority_of(folder: Path) -> str:
    folder.mkdir()
    now = datetime.now(UTC)
    certificates.create_authority(folder, now)
    certificates.ensure_server_certificate(folder, (), now)
    return (folder / certificates.AUTHORITY).read_text()


def test_only_certificates_of_the_pinned_authority_are_taken(tmp_path: Path) -> None:
    ours, other = authority_of(tmp_path / "ours"), authority_of(tmp_path / "other")
    files = tuple(str(tmp_path / "ours" / name) for name in (certificates.SERVER, certificates.SERVER_KEY))
    with answering(Answer(b'{"b":2}'), tls=(files[0], files[1])) as server:
        good, bad = Transport(server.address, trusting(ours)), Transport(server.address, trusting(other))
        assert good.send(ASK) == b'{"b":2}'
        with pytest.raises(NoAnswer) as raised:
            bad.send(ASK)
        good.close()
        bad.close()
    assert raised.value.facts["reason"] == "certificate"
    assert len(server.asked) == 1
