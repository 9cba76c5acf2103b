"""Traces go to the collector that is named, and carry neither query strings nor addresses."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from fastapi import FastAPI

from ledgerflow_server.observing import tracing

pytestmark = pytest.mark.anyio


class Collector(HTTPServer):
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.received: list[tuple[str, bytes]] = []


class CollectorHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Collector)
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


async def test_a_request_becomes_a_span_without_its_query(collector: Collector) -> None:
    app = FastAPI()

    @app.get("/companies/{company}")
    async def company(company: str) -> str:
        return company

    stop = tracing.start(app, f"http://127.0.0.1:{collector.server_port}", "1.0")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://a") as client:
        await client.get("/companies/7?token=hunter2")
    stop()
    [(path, body)] = collector.received
    assert path == "/v1/traces"
    assert b"/companies/{company}" in body
    assert b"hunter2" not in body
