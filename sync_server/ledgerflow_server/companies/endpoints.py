"""The companies of a tenant over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from ledgerflow_server.companies.repository import Company
from ledgerflow_server.companies.service import Companies
from ledgerflow_server.edge.idempotency import Call, answer_once, idempotent_call
from ledgerflow_server.edge.shapes import Answer, Body, Title
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants

# Gives whoever asks, or refuses.
Asking = Callable[..., Awaitable[Principal]]
_Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class NewCompanyBody(Body):
    """A company to be made."""

    name: Title


class CompanyChangesBody(Body):
    """What is to be different; what is left out stays."""

    name: Title | None = None
    state: Literal["active", "archived"] | None = None


class CompanyLine(Answer):
    """A company: `number` names it to people who manage it, `id` is that of its book, null until there is one."""

    number: int
    id: str | None
    name: str
    state: str


def router(
    companies: Companies, tenants: Tenants, now: Callable[[], datetime], anyone: Asking, manager: Asking
) -> APIRouter:
    """Return the routes. `anyone` gives who is signed in, `manager` who may manage companies."""
    found = APIRouter(prefix="/v1/companies", tags=["companies"])

    @found.get("")
    async def list_companies(asker: Annotated[Principal, Depends(anyone)]) -> list[CompanyLine]:
        """List the companies one sees."""
        return [line_of(company) for company in await companies.all(asker)]

    @found.post("", status_code=201, response_model=CompanyLine)
    async def create_company(
        body: NewCompanyBody,
        asker: Annotated[Principal, Depends(manager)],
        call: Annotated[Call, Depends(idempotent_call)],
    ) -> Response:
        """Make a company; its first book comes with the first device that enrols."""
        async with tenants.session(asker) as session:

            async def create() -> Response:
                made = line_of(await companies.create(session, body.name)).model_dump()
                return Response(msgspec.json.encode(made), 201, media_type="application/json")

            return await answer_once(session, call, create, now())

    @found.patch("/{number}")
    async def change_company(
        number: _Number, body: CompanyChangesBody, asker: Annotated[Principal, Depends(manager)]
    ) -> CompanyLine:
        """Rename or archive a company."""
        return line_of(await companies.change(asker, number, body.name, body.state))

    return found


def line_of(company: Company) -> CompanyLine:
    """Return a company as shown."""
    return CompanyLine(number=company.company_no, id=company.public_id, name=company.name, state=company.state)
