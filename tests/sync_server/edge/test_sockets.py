"""What only a real socket shows: bodies that do not end, or are longer than they may be."""

import http.client
import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from ledgerflow_server.settings.settings import Settings
from sync_server.edge_app import edge_app
from sync_server.serving import served

SETTINGS = Settings(body_limit=65536, body_seconds=1, body_rate=100_000)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(edge_app(SETTINGS)) as found:
        yield found


def answer_to(port: int, *parts: bytes) -> tuple[int, str]:
    """Send bytes and nothing after them; return status and code of the answer, after which the line is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for part in parts:
            line.sendall(part)
        answer = http.client.HTTPResponse(line, method="POST")
        answer.begin()
        body = answer.read()
        assert answer.headers["connection"] == "close"
        assert line.recv(1) == b""
    return answer.status, json.loads(body)["problems"][0]["code"]


def test_a_body_that_says_it_is_too_long_is_refused_without_being_sent(port: int) -> None:
    assert answer_to(port, b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n") == (
        413,
        "body-too-large",
    )


def test_no_client_is_told_to_go_on_with_a_body_that_is_too_long(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n"
    assert answer_to(port, head) == (413, "body-too-large")


def test_a_chunked_body_is_cut_off_at_the_limit(port: int) -> None:
    chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert answer_to(port, head, *[chunk] * 4, b"1\r\na\r\n") == (413, "body-too-large")


def test_a_chunked_body_within_the_limit_arrives(port: int) -> None:
    sent = [b"a" * 0x4000] * 4
    assert httpx.post(f"http://127.0.0.1:{port}/echo", content=iter(sent)).content == b"".join(sent)


def test_a_body_that_does_not_come_is_given_up(port: int) -> None:
    """The connection is held for the second the settings grant, then answered and closed."""
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    assert answer_to(port, head, b"a") == (408, "body-too-slow")


def test_a_changed_body_is_refused_and_its_twin_is_not(port: int) -> None:
    said = {"content-digest": "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"}  # of "abc": FIPS 180-2, B.1
    assert httpx.post(f"http://127.0.0.1:{port}/echo", content=b"abc", headers=said).status_code == 200
    assert httpx.post(f"http://127.0.0.1:{port}/echo", content=b"abd", headers=said).status_code == 400
