"""The path of attachments: sent from an offset on, as often as the line breaks; read whole or in ranges."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response, StreamingResponse

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.attachments.repository import Announced
from ledgerflow_server.attachments.service import OFFSET, Attachments
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.shapes import Uuid
from ledgerflow_server.identity.access import Asker

LENGTH = "Upload-Length"

Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Length = Annotated[int, Header(alias=LENGTH, ge=0, le=2**53)]
Offset = Annotated[int, Header(alias=OFFSET, ge=0, le=2**53)]

_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_RANGE = re.compile(r"bytes=(\d{0,16})-(\d{0,16})")
_BYTES: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_SENT: dict[str, Any] = {"requestBody": {"required": False, "content": _BYTES}}
_STATE = {
    OFFSET: {"description": "bytes that are here", "schema": {"type": "integer"}},
    LENGTH: {"description": "bytes there will be", "schema": {"type": "integer"}},
}


def _states(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": "How much is here.", "headers": _STATE} for status in statuses}


def router(attachments: Attachments) -> APIRouter:
    """Return the routes of attachments."""
    routes = APIRouter(prefix="/v1/companies/{company}/attachments/{sha256}", tags=["attachments"])

    @routes.head("", response_class=Response, responses=_states(200))
    async def attachment_state(company: Uuid, sha256: Sha256, asker: Asker) -> Response:
        """Say how much of an attachment is here."""
        return _state(await attachments.state(asker, CompanyId(company), sha256), 200)

    @routes.put("", status_code=201, response_class=Response, openapi_extra=_SENT, responses=_states(200, 201, 202))
    async def begin_attachment(
        company: Uuid, sha256: Sha256, request: Request, asker: Asker, upload_length: Length
    ) -> Response:
        """Begin an attachment with its first piece: 201 when that was all of it, 202 when more is to come."""
        media = request.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()
        if not _MEDIA.fullmatch(media):
            raise Refused(422, "invalid-field", "Content-Type")
        found = await attachments.begin(asker, CompanyId(company), sha256, upload_length, media, await request.body())
        return _state(found, 201 if found.complete else 202)

    @routes.patch("", status_code=204, response_class=Response, openapi_extra=_SENT, responses=_states(204))
    async def continue_attachment(
        company: Uuid, sha256: Sha256, request: Request, asker: Asker, upload_offset: Offset
    ) -> Response:
        """Send more of an attachment; the offset that comes back is where to go on."""
        found = await attachments.append(asker, CompanyId(company), sha256, upload_offset, await request.body())
        return _state(found, 204)

    @routes.get("", response_class=Response, responses={status: _read(status) for status in (200, 206, 304)})
    async def read_attachment(company: Uuid, sha256: Sha256, request: Request, asker: Asker) -> Response:
        """Read an attachment, or a range of it."""
        found, place = await attachments.read(asker, CompanyId(company), sha256)
        headers = _headers(sha256)
        if sha256 in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        first, size = _range(request, sha256, found.size)
        if size < found.size:
            headers["Content-Range"] = f"bytes {first}-{first + size - 1}/{found.size}"
        headers["Content-Length"] = str(size)
        status = 206 if size < found.size else 200
        parts = await attachments.parts(place, first, size)
        return StreamingResponse(parts, status, headers, media_type=found.media_type)

    return routes


def _read(status: int) -> dict[str, Any]:
    says = {200: "All of it.", 206: "The range asked for.", 304: "The asker has it."}[status]
    return {"description": says} | ({} if status == 304 else {"content": {"*/*": {}}})


def _state(found: Announced, status: int) -> Response:
    headers = {OFFSET: str(found.received), LENGTH: str(found.size), "Cache-Control": "no-store"}
    return Response(status_code=status, headers=headers)


def _headers(sha256: str) -> dict[str, str]:
    # Never shown inside a page of ours, whatever its type says it is.
    return {
        "ETag": f'"{sha256}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
    }


def _range(request: Request, sha256: str, size: int) -> tuple[int, int]:
    """Return (first, size) of the bytes asked for; all of them unless one range is. Raises 416 `range-not-there`."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked.groups() == ("", "") or request.headers.get("if-range", f'"{sha256}"') != f'"{sha256}"':
        return 0, size
    begin, end = asked.groups()
    first = int(begin) if begin else max(0, size - int(end))
    last = min(int(end), size - 1) if begin and end else size - 1
    if first > last:
        raise Refused(416, "range-not-there", "Range", headers={"Content-Range": f"bytes */{size}"}, size=size)
    return first, last - first + 1
