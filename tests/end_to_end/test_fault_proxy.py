"""The faults do what their names say, against a small server that tells what reached it."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from end_to_end import faults
from end_to_end.fault_proxy import Fault, FaultProxy, honest

ANSWER = b"0123456789" * 10


class Listener(ThreadingHTTPServer):
    """A server that keeps every body that reached it whole, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: connections that break are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) == int(self.headers["Content-Length"]):
            self.server.bodies.append(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def between(fault: Fault) -> Iterator[tuple[FaultProxy, Listener]]:
    listener = Listener()
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    try:
        with FaultProxy(listener.server_address[1]) as proxy:
            proxy.fault = fault
            yield proxy, listener
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def post(proxy: FaultProxy, body: bytes = b"a batch") -> httpx.Response:
    return httpx.post(f"{proxy.address}/v1/companies/c/batches", content=body, timeout=10)


def test_an_honest_line_changes_nothing() -> None:
    with between(honest) as (proxy, listener):
        assert post(proxy).content == ANSWER
        assert listener.bodies == [b"a batch"]


def test_a_dropped_request_reaches_nobody_and_a_lost_answer_comes_after_the_work() -> None:
    with between(faults.drop) as (proxy, listener):
        with pytest.raises(httpx.TransportError):
            post(proxy)
        assert listener.bodies == []
        proxy.fault = faults.lose_answer
        with pytest.raises(httpx.TransportError):
            post(proxy)
        assert listener.bodies == [b"a batch"]


@pytest.mark.parametrize("fault", [faults.duplicate, faults.duplicate_at_once])
def test_a_duplicate_arrives_twice_and_is_answered_once(fault: Fault) -> None:
    with between(fault) as (proxy, listener):
        assert post(proxy).content == ANSWER
        assert listener.bodies == [b"a batch"] * 2


def test_a_kept_request_arrives_when_it_is_sent_again() -> None:
    with between(faults.Times(faults.keep)) as (proxy, listener):
        with pytest.raises(httpx.TransportError):
            post(proxy, b"first")
        post(proxy, b"second")
        assert proxy.replay(proxy.kept[0]) == 200
        assert listener.bodies == [b"second", b"first"]


def test_the_second_request_overtakes_the_first() -> None:
    order = faults.SecondFirst()
    with between(order) as (proxy, listener), ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(post, proxy, body) for body in (b"one", b"other")]
        assert [answer.result().status_code for answer in sent] == [200, 200]
        assert order.order == [2, 1]
        assert sorted(listener.bodies) == [b"one", b"other"]


def test_half_a_request_is_no_request_and_half_an_answer_is_no_answer() -> None:
    with between(faults.truncate_request) as (proxy, listener):
        with pytest.raises(httpx.TransportError):
            post(proxy)
        assert listener.bodies == []
        proxy.fault = faults.truncate_answer
        with pytest.raises(httpx.TransportError):
            post(proxy)


def test_one_bit_changes_on_the_way_there_or_back() -> None:
    def bits(one: bytes, other: bytes) -> int:
        return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))

    with between(faults.flip_request(random.Random(1))) as (proxy, listener):
        assert post(proxy).content == ANSWER
        assert bits(listener.bodies[0], b"a batch") == 1
        proxy.fault = faults.flip_answer(random.Random(1))
        assert bits(post(proxy).content, ANSWER) == 1
        assert listener.bodies[1] == b"a batch"


def test_a_portal_and_a_gateway_answer_in_the_servers_place() -> None:
    with between(faults.captive_portal) as (proxy, listener):
        assert "terms of this hotel" in post(proxy).text
        assert listener.bodies == []
        proxy.fault = faults.gateway(random.Random(1))
        assert {post(proxy).status_code for _ in range(20)} == {500, 502, 503, 504}
        assert 0 < len(listener.bodies) < 20


def test_a_narrow_line_takes_its_time_and_a_dripping_one_even_more() -> None:
    # 1,000 bytes a second, a tenth of a second there and back, nothing lost: a tenth for the connection as well.
    with between(faults.narrow(1_000, 0.1, 0, random.Random(1))) as (proxy, _):
        begun = time.monotonic()
        post(proxy, b"x" * 300)
        assert time.monotonic() - begun > 0.1 + 0.1 + 0.3 + 0.1
        proxy.fault = faults.drip_request(0.05)
        begun = time.monotonic()
        post(proxy, b"x" * 10)
        assert time.monotonic() - begun > 0.45


def test_a_flapping_line_cuts_some_and_passes_some() -> None:
    flapping = faults.Flapping(random.Random(1), 0.02, 0.05)
    with between(flapping) as (proxy, _):
        deadline, passed = time.monotonic() + 10, 0
        while (flapping.cut < 5 or passed < 5) and time.monotonic() < deadline:
            try:
                post(proxy)
                passed += 1
            except httpx.TransportError:
                pass
        assert flapping.cut >= 5
        assert passed >= 5


def test_nobody_behind_the_proxy_is_a_broken_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with FaultProxy(port) as proxy, pytest.raises(httpx.TransportError):
        post(proxy)
