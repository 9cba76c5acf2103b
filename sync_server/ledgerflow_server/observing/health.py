"""Two answers for whoever watches: is the process alive, and should requests be sent to it."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

# Returns what is wrong as a code, or an empty text. Must not take longer than a second.
Check = Callable[[], Awaitable[str]]


def router(checks: Mapping[str, Check]) -> APIRouter:
    """Return `/health/live` and `/health/ready`; ready asks every check, in order, and names what fails."""
    found = APIRouter(prefix="/health", tags=["health"])

    @found.get("/live", response_class=Response)
    async def live() -> Response:
        """Answer 200 while the process answers at all; asks nothing of anything else."""
        return _answer(200, {"status": "live"})

    @found.get("/ready", response_class=Response)
    async def ready() -> Response:
        """Answer 200 when requests can be served, else 503 with the checks that fail."""
        failing = {name: code for name, check in checks.items() if (code := await check())}
        if failing:
            return _answer(503, {"status": "not-ready", "failing": failing})
        return _answer(200, {"status": "ready"})

    return found


def _answer(status: int, said: object) -> Response:
    return Response(msgspec.json.encode(said), status, media_type="application/json")
