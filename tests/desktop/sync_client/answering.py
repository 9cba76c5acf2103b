"""A real HTTP server on loopback that answers as a test says, rightly or wrongly."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ledgerflow_desktop.sync_client.transport import digest_of


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is sent back. `length` is said of the body where it is not its own; `wait` is called between two bytes."""

    body: bytes = b"{}"
    status: int = 200
    media: str = "application/json"
    digest: str | None = None
    length: int | None = None
    wait: Callable[[], None] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Answering:
    """The running server: its address and what it was asked."""

    address: str
    asked: list[Asked]


@contextmanager
def answering(answer: Answer | Callable[[Asked], Answer], *, tls: tuple[str, str] | None = None) -> Iterator[Answering]:
    """Serve one answer, or one for each request, while the block runs; `tls` are files of certificate and key."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def do_PATCH(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heard = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            asked.append(heard)
            given = answer if isinstance(answer, Answer) else answer(heard)
            self.send_response(given.status)
            self.send_header("Content-Type", given.media)
            self.send_header("Content-Length", str(len(given.body) if given.length is None else given.length))
            digest = digest_of(given.body) if given.digest is None else given.digest
            if digest:
                self.send_header("Content-Digest", digest)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self._send_body(given)
            if given.length is not None:
                self.close_connection = True

        def _send_body(self, given: Answer) -> None:
            try:
                if given.wait is None:
                    self.wfile.write(given.body)
                    return
                for at in range(len(given.body)):
                    self.wfile.write(given.body[at : at + 1])
                    self.wfile.flush()
                    given.wait()
            except OSError:
                self.close_connection = True  # the client had enough

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    scheme = "https" if tls else "http"
    try:
        yield Answering(f"{scheme}://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
