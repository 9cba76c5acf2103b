"""The paths of vouchers. A voucher travels as the core writes it; a version is named by its hash, as an entity tag."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import CompanyId, IdentifierSource, VoucherId, require_identifier
from ledgerflow_core.text_rules import REASON_LENGTH_MAX
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.edge import json_body
from ledgerflow_server.edge.idempotency import Call, idempotent_call
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.shapes import Uuid
from ledgerflow_server.identity.access import Asker
from ledgerflow_server.vouchers.service import Vouchers

Once = Annotated[Call, Depends(idempotent_call)]
Base = Annotated[str, Header(alias="If-Match", pattern='^"[0-9a-f]{64}"$')]
Reason = Annotated[str, Query(min_length=1, max_length=REASON_LENGTH_MAX)]

_VOUCHER = {"type": "object", "description": "a voucher (docs/file-format.md)"}
_SENT: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": _VOUCHER}}}}
_ETAG = {"ETag": {"description": "the version, for If-Match", "schema": {"type": "string"}}}


def _answers(status: int, says: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "object", "required": ["voucher", "version"]}
    return {status: {"description": says, "headers": _ETAG, "content": {"application/json": {"schema": schema}}}}


def router(vouchers: Vouchers, identifiers: IdentifierSource) -> APIRouter:
    """Return the routes of vouchers."""
    routes = APIRouter(prefix="/v1/companies/{company}/vouchers", tags=["vouchers"])

    @routes.post(
        "", status_code=201, response_class=Response, openapi_extra=_SENT, responses=_answers(201, "It is posted.")
    )
    async def post_voucher(company: Uuid, request: Request, asker: Asker, call: Once) -> Response:
        """Post a voucher, sent without a number; without an id it gets a new one."""
        sent = voucher_in(await request.body(), identifiers.new())
        return await vouchers.post(asker, CompanyId(company), call, sent)

    @routes.put("/{voucher}", response_class=Response, openapi_extra=_SENT, responses=_answers(200, "It is altered."))
    async def alter_voucher(
        company: Uuid, voucher: Uuid, request: Request, asker: Asker, call: Once, base: Base
    ) -> Response:
        """Replace a version of a voucher by another."""
        sent = voucher_in(await request.body(), voucher)
        if sent.id != voucher:
            raise refuse("invalid-field", "body.id")
        return await vouchers.alter(asker, CompanyId(company), call, base.strip('"'), sent)

    @routes.delete("/{voucher}", response_class=Response, responses=_answers(200, "It is cancelled."))
    async def cancel_voucher(
        company: Uuid, voucher: Uuid, asker: Asker, call: Once, base: Base, reason: Reason
    ) -> Response:
        """Cancel a voucher: it keeps its number and moves nothing any more."""
        return await vouchers.cancel(
            asker, CompanyId(company), call, base.strip('"'), VoucherId(voucher), reason.strip()
        )

    @routes.get("/{voucher}", response_class=Response, responses=_answers(200, "The voucher with its versions."))
    async def read_voucher(company: Uuid, voucher: Uuid, asker: Asker) -> Response:
        """Read a voucher as it stands, and every version it had."""
        return await vouchers.read(asker, CompanyId(company), VoucherId(voucher))

    return routes


def voucher_in(raw: bytes, otherwise: str) -> Voucher:
    """Return the voucher of a request's body; `otherwise` is its id where it has none.

    Refuses `invalid-field` by its place, `bad-identifier` and what `json_body.check` refuses.
    """
    value = json_body.check(raw)
    if not isinstance(value, dict):
        raise Refused(422, "invalid-field", "body")
    sent = json_body.decode(msgspec.json.encode({"id": otherwise} | value), Voucher)
    require_identifier(sent.id)
    return sent
