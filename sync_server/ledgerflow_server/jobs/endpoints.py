"""Exports of a tenant over HTTP: asked for, made by a job, fetched."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path
from starlette.responses import FileResponse, Response

from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.edge.idempotency import Call, answer_once, idempotent_call
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.shapes import Answer
from ledgerflow_server.jobs import repository
from ledgerflow_server.jobs.exporting import file_of
from ledgerflow_server.jobs.repository import Export
from ledgerflow_server.jobs.tasks import EXPORT
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal

_Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
# Of those that wait or can be fetched: each is as large as the tenant.
EXPORTS_MOST = 5


class ExportLine(Answer):
    """An export: `waiting`, `ready` or `failed`; size and SHA-256 (hex) of the file once it is ready."""

    id: str
    state: str
    asked_at: str
    bytes: int | None
    sha256: str | None


def router(desk: Desk, owner: Callable[..., Awaitable[Principal]]) -> APIRouter:
    """Return the routes. `owner` gives who may take everything of the tenant away, or refuses."""
    found = APIRouter(prefix="/v1/exports", tags=["exports"])

    @found.post("", status_code=202, response_model=ExportLine)
    async def ask_for_export(
        asker: Annotated[Principal, Depends(owner)], call: Annotated[Call, Depends(idempotent_call)]
    ) -> Response:
        """Ask for a file with everything of the tenant: logs, receipts, keys, lists."""
        async with desk.tenants.session(asker) as session:

            async def ask() -> Response:
                held = [one for one in await repository.exports(session) if one.state != "failed"]
                if len(held) >= EXPORTS_MOST:
                    raise Refused(409, "too-many-exports", most=EXPORTS_MOST)
                export_id = desk.identifiers.new()
                await repository.add_export(session, export_id, desk.now())
                arguments: dict[str, int | str] = {"tenant": session.tenant_no, "export": export_id}
                await session.defer(EXPORT, arguments)
                await record(session, desk.now(), Action.EXPORT_ASKED, f"export/{export_id}")
                made = line_of(Export(export_id, "waiting", desk.now(), None, None, None)).model_dump()
                return Response(msgspec.json.encode(made), 202, media_type="application/json")

            return await answer_once(session, call, ask, desk.now())

    @found.get("")
    async def list_exports(asker: Annotated[Principal, Depends(owner)]) -> list[ExportLine]:
        """List the tenant's exports, newest first. They are kept for a week."""
        async with desk.tenants.session(asker, read_only=True) as session:
            return [line_of(one) for one in await repository.exports(session)]

    @found.get("/{export}/file", response_class=FileResponse)
    async def fetch_export(export: _Id, asker: Annotated[Principal, Depends(owner)]) -> FileResponse:
        """Give the file of an export that is ready."""
        async with desk.tenants.session(asker, read_only=True) as session:
            one = await repository.export(session, export)
        path = file_of(desk, export)
        if one is None or one.state != "ready" or not path.exists():
            raise Refused(404, "not-found")
        return FileResponse(path, media_type="application/zip", filename=f"ledgerflow-{export}.zip")

    return found


def line_of(export: Export) -> ExportLine:
    """Return an export as shown."""
    return ExportLine(
        id=export.export_id,
        state=export.state,
        asked_at=_text(export.asked_at),
        bytes=export.size,
        sha256=export.sha256.hex() if export.sha256 else None,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
