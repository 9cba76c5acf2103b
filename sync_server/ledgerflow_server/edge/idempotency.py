"""A write that comes twice happens once: its answer is kept in the transaction that does it, and given again.

Every write of ordinary CRUD carries an Idempotency-Key. The ledger path needs none: a batch is its own key.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Header, Request
from starlette.responses import Response

from ledgerflow_server.edge import repository
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.repository import KeptAnswer
from ledgerflow_server.tenancy.session import TenantSession

REPLAYED = "Idempotency-Replayed"
_KEY_PATTERN = r"^[\x21-\x7e]{1,128}$"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it is told apart: the key its client gave it, and what it asks (SHA-256)."""

    key: str
    request_sha256: bytes


async def idempotent_call(request: Request, idempotency_key: Annotated[str, Header(pattern=_KEY_PATTERN)]) -> Call:
    """Return the call of a request: a dependency of every write. A missing key is refused (422 `missing-field`)."""
    asked = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    asked.update(await request.body())
    return Call(idempotency_key, asked.digest())


async def answer_once(
    session: TenantSession, call: Call, act: Callable[[], Awaitable[Response]], now: datetime
) -> Response:
    """Return the answer of `act`, or the one it gave before to the same call of the same person or device.

    Works inside `session`: answer and deed are committed together or not at all. What `act` raises is not kept.
    Raises `Refused`: 409 `idempotency-key-in-flight`, 422 `idempotency-key-reused`.
    """
    key = _owned(session, call)
    if not await repository.take(session, _lock_of(session, key)):
        raise Refused(409, "idempotency-key-in-flight", "Idempotency-Key", headers={"Retry-After": "1"})
    kept = await repository.known(session, key)
    if kept is not None:
        if kept.request_sha256 != call.request_sha256:
            raise Refused(422, "idempotency-key-reused", "Idempotency-Key")
        return Response(kept.body, kept.status, {REPLAYED: "true"}, media_type="application/json")
    answer = await act()
    await repository.keep(session, key, KeptAnswer(call.request_sha256, answer.status_code, bytes(answer.body)), now)
    return answer


def _owned(session: TenantSession, call: Call) -> str:
    """Return the key as it is kept: two people of one tenant may choose the same one."""
    principal = session.principal
    who = f"device/{principal.device_no}" if principal.device_no is not None else f"user/{principal.user_no}"
    return f"{who}/{call.key}"


def _lock_of(session: TenantSession, key: str) -> int:
    digest = hashlib.sha256(f"idempotency\n{session.tenant_no}\n{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
