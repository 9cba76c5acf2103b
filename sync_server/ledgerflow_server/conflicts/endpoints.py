"""The paths of conflicts."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from ledgerflow_core.identifiers import CompanyId, EventId
from ledgerflow_core.sync.resolution import Decision
from ledgerflow_server.conflicts.schemas import ConflictPage, ConflictSides, ResolutionBody, Resolved, described
from ledgerflow_server.conflicts.service import Conflicts
from ledgerflow_server.edge import json_body
from ledgerflow_server.edge.idempotency import Call, idempotent_call
from ledgerflow_server.edge.shapes import Uuid
from ledgerflow_server.identity.access import Asker
from ledgerflow_server.vouchers.endpoints import voucher_in

# The id of a corrected voucher is that of the one it corrects, whatever is sent.
_ANY_ID = "00000000-0000-8000-8000-000000000000"
_DECISION: dict[str, Any] = {
    "type": "object",
    "required": ["decision"],
    "additionalProperties": False,
    "properties": {
        "decision": {"enum": ["kept", "applied", "corrected"]},
        "voucher": {"type": "object", "description": "the corrected voucher (docs/file-format.md)"},
        "date": {"type": "string", "format": "date", "description": "another day for the parked voucher"},
        "reopen": {"type": "string", "description": "why its period is unlocked for it and locked again"},
        "reason": {"type": "string"},
    },
}
_SENT = {"requestBody": {"required": True, "content": {"application/json": {"schema": _DECISION}}}}


def router(conflicts: Conflicts) -> APIRouter:
    """Return the routes of conflicts."""
    routes = APIRouter(prefix="/v1/companies/{company}/conflicts", tags=["conflicts"])

    @routes.get("", response_class=Response, responses=described(ConflictPage, 200, "What waits."))
    async def list_conflicts(
        company: Uuid,
        asker: Asker,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """List what waits for a decision, in the order of the log."""
        return _json(await conflicts.page(asker, CompanyId(company), after, limit))

    @routes.get("/{event}", response_class=Response, responses=described(ConflictSides, 200, "Both sides."))
    async def read_conflict(company: Uuid, event: Uuid, asker: Asker) -> Response:
        """Show a parked event beside what stands, and what each does in money."""
        return _json(await conflicts.sides(asker, CompanyId(company), EventId(event)))

    @routes.post(
        "/{event}/resolution",
        status_code=201,
        response_class=Response,
        openapi_extra=_SENT,
        responses=described(Resolved, 201, "It is decided."),
    )
    async def resolve_conflict(
        company: Uuid, event: Uuid, request: Request, asker: Asker, call: Annotated[Call, Depends(idempotent_call)]
    ) -> Response:
        """Decide about a parked event."""
        decision = decision_in(await request.body())
        return await conflicts.resolve(asker, CompanyId(company), call, EventId(event), decision)

    return routes


def decision_in(raw: bytes) -> Decision:
    """Return the decision of a request's body. Refuses `invalid-field` by its place."""
    sent = json_body.decode(raw, ResolutionBody)
    voucher = bytes(sent.voucher)
    return Decision(
        sent.decision,
        corrected=voucher_in(voucher, _ANY_ID) if voucher else None,
        day=sent.date,
        reopen=sent.reopen,
        reason=sent.reason,
    )


def _json(value: msgspec.Struct) -> Response:
    headers = {"Cache-Control": "private, no-cache"}
    return Response(msgspec.json.encode(value), headers=headers, media_type="application/json")
