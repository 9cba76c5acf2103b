"""A small application inside the real layers of the edge, for tests that need no database."""

import time
from collections.abc import AsyncIterator, Callable

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from ledgerflow_core.errors import Damaged, Problem, refuse
from ledgerflow_core.errors import InvalidInput as Wrong
from ledgerflow_server.edge import problems, stack
from ledgerflow_server.edge.precedence import Precedence
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.rate_limits import RateLimits
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.settings.settings import Settings

SECRET = "Sharma Traders 4711.00"


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    count: int = 0


def edge_app(settings: Settings, seconds: Callable[[], float] = time.monotonic) -> FastAPI:
    """Return an application that echoes, fails and streams; `app.state` has its metrics and its precedence."""
    metrics = Metrics()
    limits = RateLimits(settings.rate_address, settings.rate_device, settings.rate_tenant, seconds)
    precedence = Precedence()
    layers = stack.layers(settings, metrics, limits, precedence, seconds)
    app = FastAPI(middleware=layers, responses=problems.DOCUMENTED)
    app.state.metrics, app.state.precedence = metrics, precedence
    problems.install(app)
    _add_routes(app)
    return app


def _add_routes(app: FastAPI) -> None:
    @app.post("/echo")
    async def echo(request: Request) -> Response:
        return Response(await request.body(), media_type="application/octet-stream")

    @app.post("/named/{kind}")
    async def named(kind: str, body: Named) -> dict[str, str]:
        return {"name": body.name}

    @app.get("/error/{kind}")
    async def error(kind: str) -> None:
        raise {
            "refused": Refused(403, "not-permitted", "role", role="viewer"),
            "invalid": Wrong([Problem("not-balanced", "entries", {"by": 5}), Problem("no-date", "date")]),
            "unknown": refuse("some-new-code"),
            "damaged": Damaged("log"),
            "bug": RuntimeError(SECRET),
        }[kind]

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            yield b"data: 2\n\n"

        return StreamingResponse(parts(), media_type="text/event-stream")
