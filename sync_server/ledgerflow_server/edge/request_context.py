"""The outermost layer: names every request, logs it in one line, counts it, and answers what nobody caught.

The name is made here. One from outside would let a client write into our log, or pose as another request.
"""

import re
import secrets
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerflow_server.edge.problems import problem_response
from ledgerflow_server.observing import logs
from ledgerflow_server.observing.metrics import Metrics

HEADER = "Request-Id"

# W3C trace context: version, trace, parent span, flags.
_TRACE_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

_log = structlog.get_logger("ledgerflow.request")


def note(**facts: int) -> None:
    """Add a number such as `tenant=7` or `device=3` to the log line of the request under way."""
    structlog.contextvars.bind_contextvars(**facts)


class RequestContext:
    """Wraps one request. `seconds` is a clock that only rises; `request_id` makes the name."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        seconds: Callable[[], float],
        request_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self.app, self._metrics, self._seconds, self._request_id = app, metrics, seconds, request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self._request_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id, **_trace_of(scope))
        status, sent, begun = 0, 0, self._seconds()

        async def send_named(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        self._metrics.under_way.inc()
        try:
            await self.app(scope, receive, send_named)
        except Exception as error:  # noqa: BLE001 - the last place an error can be given a name
            _log.error("failed", error=type(error).__name__, frames=logs.frames_of(error))
            if not status:
                await problem_response("internal", 500)(scope, receive, send_named)
        finally:
            self._metrics.under_way.dec()
            self._finish(scope, status, sent, self._seconds() - begun)

    def _finish(self, scope: Scope, status: int, sent: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.answered(scope["method"] if route != "unmatched" else "any", route, status, seconds)
        write = _log.debug if route.startswith("/health/") and status == 200 else _log.info
        write(
            "answered",
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000),
            bytes_in=scope.get("ledgerflow.bytes_in", 0),
            bytes_out=sent,
        )


def route_of(scope: Scope) -> str:
    """Return the path as written in the code (`/companies/{company}`); what matched none is `unmatched`."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _trace_of(scope: Scope) -> dict[str, str]:
    found = _TRACE_PARENT.fullmatch(Headers(scope=scope).get("traceparent", ""))
    return {"trace": found.group(1)} if found and set(found.group(1)) != {"0"} else {}
