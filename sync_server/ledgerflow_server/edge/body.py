"""Reads a request's body before anything else works on it: bounded in size, time and rate, checked against its digest.

A request whose body never ends costs a connection and no more: no token is checked, no database connection taken.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_server.edge import digests, json_body
from ledgerflow_server.edge.problems import Refused, response_of
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Sizes in bytes; `seconds` are free, after them the body so far must have come at `rate` bytes a second."""

    most: int
    most_json: int
    depth: int
    seconds: float
    rate: int

    @classmethod
    def of(cls, settings: Settings) -> "BodyLimits":
        """Return the limits of the settings."""
        return cls(
            settings.body_limit, settings.json_limit, settings.json_depth, settings.body_seconds, settings.body_rate
        )


class BoundedBody:
    """Reads the body whole, then runs the application with it; what is wrong with it is answered here."""

    def __init__(self, app: ASGIApp, limits: BodyLimits, metrics: Metrics, seconds: Callable[[], float]) -> None:
        self.app, self._limits, self._metrics, self._seconds = app, limits, metrics, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            body = await self._checked(scope, receive)
        except _Gone:
            return
        except LedgerFlowError as refused:
            self._metrics.refused.labels(refused.problems[0].code).inc()
            response = response_of(refused)
            # The rest of the body is not read: the connection cannot carry another request.
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        scope["ledgerflow.bytes_in"] = len(body)
        await self.app(scope, _replay(body, receive), send)

    async def _checked(self, scope: Scope, receive: Receive) -> bytes:
        _check_address(scope)
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise Refused(415, "content-encoding-not-accepted", "Content-Encoding")
        is_json = _is_json(headers.get("content-type", ""))
        most = self._limits.most_json if is_json else self._limits.most
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18:
            raise Refused(400, "bad-content-length", "Content-Length")
        if int(length) > most:
            raise Refused(413, "body-too-large", "Content-Length", most=most)
        body = await self._read(receive, most)
        if said := headers.get(digests.HEADER):
            digests.check(said, body)
        if is_json and body:
            json_body.check(body, self._limits.depth)
        return body

    async def _read(self, receive: Receive, most: int) -> bytes:
        """Return the body. Raises `Refused` 413 `body-too-large` or 408 `body-too-slow`, `_Gone` at a disconnect."""
        parts: list[bytes] = []
        size = 0
        begun = self._seconds()
        while True:
            left = begun + self._limits.seconds + size / self._limits.rate - self._seconds()
            message = await _within(left, receive)
            if message is None:
                raise Refused(408, "body-too-slow", rate=self._limits.rate)
            if message["type"] == "http.disconnect":
                raise _Gone
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                raise Refused(413, "body-too-large", most=most)
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


async def _within(seconds: float, receive: Receive) -> Message | None:
    """Return the next part of a body; None where it does not come in time."""
    if seconds <= 0:
        return None
    try:
        async with asyncio.timeout(seconds):
            return await receive()
    except TimeoutError:
        return None


class _Gone(Exception):
    """The client hung up before its body was whole; there is nobody to answer."""


def _check_address(scope: Scope) -> None:
    """Refuse a NUL or bytes that are no UTF-8 in path or query: no text the database could keep."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"] or "\ufffd" in scope["path"]:
        raise Refused(400, "bad-address")


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once and then what the connection says (its end)."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
