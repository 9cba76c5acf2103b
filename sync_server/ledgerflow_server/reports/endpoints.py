"""The path of reports."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.edge.shapes import Uuid
from ledgerflow_server.identity.access import Asker
from ledgerflow_server.reports.schemas import ReportQuery
from ledgerflow_server.reports.service import Reports

SIZE, ROOT = "Ledgerflow-Log-Size", "Ledgerflow-Log-Root"
_HEADERS: dict[str, Any] = {
    SIZE: {"description": "entries of the log the figures are of", "schema": {"type": "integer"}},
    ROOT: {"description": "hash of the log's tree at that size (hex)", "schema": {"type": "string"}},
}

Code = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]


def router(reports: Reports) -> APIRouter:
    """Return the route of reports."""
    routes = APIRouter(prefix="/v1/companies/{company}", tags=["reports"])

    @routes.get("/reports/{code}", response_class=Response, responses={200: _described()})
    async def read_report(company: Uuid, code: Code, query: Annotated[ReportQuery, Query()], asker: Asker) -> Response:
        """Draw a report, byte for byte the one `ledgerflow report --format json` draws of equal books."""
        drawn = await reports.draw(asker, CompanyId(company), code, query.options(code), query.office_day())
        headers = {SIZE: str(drawn.log_size), ROOT: drawn.log_root, "Cache-Control": "private, no-cache"}
        return Response(drawn.body, media_type="application/json", headers=headers)

    return routes


def _described() -> dict[str, Any]:
    schema = {"type": "object", "description": "a report envelope (docs/report-envelope.schema.json)"}
    return {
        "description": "The report.",
        "headers": _HEADERS,
        "content": {"application/json": {"schema": schema}},
    }
