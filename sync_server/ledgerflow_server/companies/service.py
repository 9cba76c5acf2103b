"""Companies of a tenant, and who may see which."""

from collections.abc import Callable
from datetime import datetime

from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.companies import repository
from ledgerflow_server.companies.repository import Company
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession


class Companies:
    """The companies of all tenants. `tenants` opens sessions as lf_app."""

    def __init__(self, tenants: Tenants, now: Callable[[], datetime]) -> None:
        self._tenants = tenants
        self._now = now

    async def all(self, asker: Principal) -> list[Company]:
        """Return the companies somebody sees, by number."""
        async with self._tenants.session(asker, read_only=True) as session:
            return await repository.every(session)

    async def numbers(self, asker: Principal) -> frozenset[int]:
        """Return the numbers of the companies somebody sees."""
        return frozenset(company.company_no for company in await self.all(asker))

    async def create(self, session: TenantSession, name: str) -> Company:
        """Make a company that waits for its first book, inside the caller's transaction."""
        company_no = await repository.add(session, name)
        await record(session, self._now(), Action.COMPANY_CREATED, f"company/{company_no}")
        return Company(company_no, None, name, "active")

    async def change(self, asker: Principal, company_no: int, name: str | None, state: str | None) -> Company:
        """Change name or state of a company. Raises `Refused` 404."""
        async with self._tenants.session(asker) as session:
            company = await repository.locked(session, company_no)
            if company is None:
                raise Refused(404, "not-found")
            changed = Company(company_no, company.public_id, name or company.name, state or company.state)
            await repository.change(session, changed)
            subject = f"company/{company_no}"
            await record(session, self._now(), Action.COMPANY_CHANGED, subject, {"state": changed.state})
        return changed


async def number_of(session: TenantSession, book: str) -> int:
    """Return the number of the company whose book has this id; raise 404 where the session sees none such."""
    company = await repository.by_id(session, book)
    if company is None:
        raise Refused(404, "not-found")
    return company.company_no
