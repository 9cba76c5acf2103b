"""One HTTP request and its answer: bounded in time and size, and checked before anything is concluded from it.

Nothing is tried again here: whether, when and what to send next is the engine's to decide.
"""

import base64
import hashlib
import hmac
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec

from ledgerflow_core import __version__
from ledgerflow_core.errors import Fact, InvalidInput, LedgerFlowError, Problem
from ledgerflow_desktop.sync_client.authority import is_loopback, trusting_nobody_yet

JSON = "application/json"
PROBLEM = "application/problem+json"
EVENTS = "text/event-stream"
BYTES = "application/octet-stream"
Headers = tuple[tuple[str, str], ...]

_CONNECT_SECONDS = 15.0
_LOOK_SECONDS = 2.0
# What OpenSSL calls an answer that is no TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
# What a request may take beyond the time its bytes need: a few round trips of a second, some of them lost.
_PATIENCE_SECONDS = 60.0
# A quarter of a line of 64 kbit/s.
_SLOWEST_BYTES_A_SECOND = 2_048
_DEADLINE_SECONDS_MAX = 900.0
_ANSWER_BYTES_MAX = 32 * 2**20
_SHORT_ANSWER_BYTES = 64 * 1024
# A line of the feed says ``event: head`` or a number.
_LINE_BYTES_MAX = 1_024
_DIGEST = re.compile(r"\s*sha-256\s*=\s*:([A-Za-z0-9+/=]*):\s*(?:;[^,]*)?")


class NoAnswer(LedgerFlowError):
    """Nothing came back, or nothing that makes sense: it is not known whether the request was heard.

    `reason` is one of ``unreachable``, ``certificate``, ``wants-tls``, ``speaks-no-tls``, ``timeout``,
    ``not-the-server``, ``damaged``, ``stopped``.
    """

    code = "no-answer"


class ServerRefused(InvalidInput):
    """The server said no: a problem document (RFC 9457) of its own."""

    def __init__(self, problems: Sequence[Problem], status: int) -> None:
        super().__init__(problems)
        self.status = status


class NotTheServer(NoAnswer):
    """Something in between answered with an error of its own: a proxy, a gateway, a captive portal."""

    def __init__(self, status: int) -> None:
        super().__init__(reason="not-the-server", status=status)
        self.status = status


class Request(NamedTuple):
    """What to send. `wants` is the media type the answer must have; `bytes_down` about how large it may get.

    `headers` are sent besides those that follow from the rest.
    """

    method: str
    path: str
    wants: str = JSON
    body: bytes = b""
    media: str = JSON
    token: str = ""
    bytes_down: int = _SHORT_ANSWER_BYTES
    headers: Headers = ()


class Reply(NamedTuple):
    """A good answer of whatever kind: names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _ProblemItem(msgspec.Struct):
    code: str
    place: str = ""
    facts: dict[str, str | int | None] = {}


class _ProblemDocument(msgspec.Struct):
    type: str
    problems: tuple[_ProblemItem, ...] = ()


class Transport:
    """Requests to one address. For one thread at a time; `sent` and `received` count the bytes of bodies.

    `context` says which certificates are taken, None for plain HTTP. `stopped` is asked while an answer comes in.
    """

    def __init__(
        self,
        address: str,
        context: ssl.SSLContext | None,
        *,
        seconds: Callable[[], float] = time.monotonic,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.address = address
        self.sent = self.received = 0
        self._seconds = seconds
        self._stopped = stopped
        self._socket: socket.socket | None = None
        parts = urlsplit(address)
        host = parts.hostname or ""
        # Where plain HTTP is spoken to, until somebody there has answered it.
        self._unheard = (host, parts.port or 80) if parts.scheme == "http" else None
        self._client = httpx.Client(
            base_url=address,
            verify=context if context is not None else True,
            # A proxy of the office is used as the system says; nothing on the way can read or change TLS.
            trust_env=not is_loopback(host),
            follow_redirects=False,
            headers={"User-Agent": f"LedgerFlow/{__version__}", "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, request: Request) -> bytes:
        """Return the body of a good answer. Raises `ServerRefused`, `NotTheServer` or another `NoAnswer`."""
        response, body = self._exchange(request)
        return _checked(response, body, request.wants)

    def exchange(self, request: Request) -> Reply:
        """Return a good answer whose body nothing is concluded from before the caller has proved it; raises as `send`.

        A piece of a file has no digest of its own: the whole file is known by one.
        """
        response, body = self._exchange(request)
        _require_good(response, body)
        return Reply(response.status_code, dict(response.headers), body)

    def _exchange(self, request: Request) -> tuple[httpx.Response, bytes]:
        seconds = _seconds_for(len(request.body), request.bytes_down)
        deadline = self._seconds() + seconds
        timeout = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
        # Every byte starts httpx's own time anew: an answer that comes by drops must be cut off from outside.
        late = threading.Event()
        cutting = threading.Timer(seconds, self._cut, [late])
        cutting.daemon = True
        cutting.start()
        try:
            with self._client.stream(
                request.method,
                request.path,
                content=request.body or None,
                headers=_headers(request),
                timeout=timeout,
                extensions={"trace": self._note_socket},
            ) as response:
                self._unheard = None
                body = self._read(response, deadline)
                self.sent += len(request.body)
                self.received += len(body)
                return response, body
        except httpx.TimeoutException:
            raise NoAnswer(reason="timeout") from None
        except httpx.HTTPError as error:
            if late.is_set():
                raise NoAnswer(reason="timeout") from None
            raise NoAnswer(reason=self._reason_of(error)) from None
        finally:
            cutting.cancel()

    def lines(self, path: str, token: str, *, silence_seconds: float) -> Iterator[str]:
        """Yield the lines of a stream of server-sent events as they come.

        Raises `NotTheServer` or `NoAnswer` when it is refused, breaks off, is silent for so long, or sends a line
        longer than any that tells of something.
        """
        timeout = httpx.Timeout(silence_seconds, connect=_CONNECT_SECONDS)
        headers = {"Accept": EVENTS, "Authorization": f"Bearer {token}"}
        try:
            with self._client.stream("GET", path, headers=headers, timeout=timeout) as response:
                if response.status_code != 200 or not response.headers.get("content-type", "").startswith(EVENTS):
                    raise NotTheServer(response.status_code)
                yield from _short_lines(response.iter_raw())
        except httpx.HTTPError:
            raise NoAnswer(reason="unreachable") from None

    def _reason_of(self, error: httpx.HTTPError) -> str:
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return "certificate"
        if any(isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS for cause in causes):
            return "speaks-no-tls"
        hung_up = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
        return "wants-tls" if hung_up and self._unheard and _takes_tls(self._unheard) else "unreachable"

    def _note_socket(self, event: str, info: Mapping[str, Any]) -> None:
        """Know the connection's socket, with or without TLS around it, whenever a new one is made."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _cut(self, late: threading.Event) -> None:
        """Break the connection off, saying why; whoever waits for it hears of it at once."""
        late.set()
        if self._socket is not None:
            with suppress(OSError):
                # Not the method of a TLS socket: it forgets its state under the reader's hands.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_raw():
            size += len(part)
            if size > _ANSWER_BYTES_MAX:
                raise NoAnswer(reason="damaged")
            if self._seconds() > deadline:
                raise NoAnswer(reason="timeout")
            if self._stopped():
                raise NoAnswer(reason="stopped")
            parts.append(part)
        return b"".join(parts)


def _short_lines(parts: Iterable[bytes]) -> Iterator[str]:
    """Yield lines as they become whole. What is not yet whole is held, so its length is bounded."""
    held = b""
    for part in parts:
        *whole, held = (held + part).split(b"\n")
        for line in (*whole, held):
            if len(line) > _LINE_BYTES_MAX:
                raise NoAnswer(reason="damaged")
        for line in whole:
            yield line.rstrip(b"\r").decode("utf-8", "replace")


def digest_of(body: bytes) -> str:
    """Return the value of Content-Digest (RFC 9530) for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _seconds_for(up: int, down: int) -> float:
    return min(_DEADLINE_SECONDS_MAX, _PATIENCE_SECONDS + (up + down) / _SLOWEST_BYTES_A_SECOND)


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": f"{request.wants}, {PROBLEM}"} | dict(request.headers)
    if request.body or request.media != JSON:
        headers |= {"Content-Type": request.media, "Content-Digest": digest_of(request.body)}
    if request.token:
        headers["Authorization"] = f"Bearer {request.token}"
    return headers


def _checked(response: httpx.Response, body: bytes, wants: str) -> bytes:
    """Return a body that is what the server sent; whatever else answers in its place is told apart from it."""
    _require_good(response, body)
    if response.status_code not in (200, 201) or _media_of(response) != wants:
        raise NoAnswer(reason="not-the-server")
    if not _digest_agrees(response.headers, body):
        raise NoAnswer(reason="damaged")
    return body


def _require_good(response: httpx.Response, body: bytes) -> None:
    if response.status_code >= 400:
        if _media_of(response) != PROBLEM or not _digest_agrees(response.headers, body):
            raise NotTheServer(response.status_code)
        raise ServerRefused(_problems(body, response.status_code), response.status_code)


def _media_of(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _digest_agrees(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the answer says its digest, and it is this body's."""
    known = [found for part in headers.get("content-digest", "").split(",") if (found := _DIGEST.fullmatch(part))]
    wanted = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return bool(known) and all(hmac.compare_digest(found[1], wanted) for found in known)


def _problems(body: bytes, status: int) -> list[Problem]:
    try:
        document = msgspec.json.decode(body, type=_ProblemDocument)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotTheServer(status) from None
    if not document.problems:
        return [Problem(document.type.rpartition("/")[2] or "error")]
    return [Problem(item.code, item.place, _facts(item.facts)) for item in document.problems]


def _facts(said: Mapping[str, str | int | None]) -> dict[str, Fact]:
    return dict(said)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _takes_tls(place: tuple[str, int]) -> bool:
    """Whether TLS is spoken at a host and port: a server that wants it hangs up on plain HTTP without a word."""
    try:
        with (
            socket.create_connection(place, timeout=_LOOK_SECONDS) as line,
            trusting_nobody_yet().wrap_socket(line, server_hostname=place[0]),
        ):
            return True
    except OSError:
        return False
