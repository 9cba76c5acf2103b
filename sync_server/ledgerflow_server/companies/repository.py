"""The rows of companies."""

from dataclasses import dataclass

from ledgerflow_server.tenancy.session import TenantSession

_COLUMNS = "company_no, public_id::text AS public_id, name, state"
_BY_NO = f"SELECT {_COLUMNS} FROM lf.company WHERE tenant_no = %s AND company_no = %s"  # noqa: S608 - constants
_BY_ID = f"SELECT {_COLUMNS} FROM lf.company WHERE tenant_no = %s AND public_id = %s"  # noqa: S608
_ALL = f"SELECT {_COLUMNS} FROM lf.company WHERE tenant_no = %s ORDER BY company_no"  # noqa: S608
# Replicas and tags of a company are given one at a time. Rows that refer to the company may still be written.
_LOCKED = _BY_NO + " FOR NO KEY UPDATE"
_LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
_LOCK_OF_COMPANIES = 0x636F
_ADD = """
    INSERT INTO lf.company (tenant_no, company_no, name)
    SELECT %(tenant)s, coalesce(max(company_no), 0) + 1, %(name)s FROM lf.company WHERE tenant_no = %(tenant)s
    RETURNING company_no
"""
_ADD_HEAD = "INSERT INTO lf.company_head (tenant_no, company_no) VALUES (%s, %s)"
_BIND = "UPDATE lf.company SET public_id = %s WHERE tenant_no = %s AND company_no = %s"
_CHANGE = "UPDATE lf.company SET name = %s, state = %s WHERE tenant_no = %s AND company_no = %s"


@dataclass(frozen=True, slots=True)
class Company:
    """A company: its number in the tenant, the id of its book (None until the first is enrolled), name, state."""

    company_no: int
    public_id: str | None
    name: str
    state: str


async def by_no(session: TenantSession, company_no: int) -> Company | None:
    """Return a company by number."""
    return _first(await session.fetch_as(Company, _BY_NO, [session.tenant_no, company_no]))


async def by_id(session: TenantSession, public_id: str) -> Company | None:
    """Return the company whose book has this id."""
    return _first(await session.fetch_as(Company, _BY_ID, [session.tenant_no, public_id]))


async def every(session: TenantSession) -> list[Company]:
    """Return the companies the session's principal sees, by number."""
    return await session.fetch_as(Company, _ALL, [session.tenant_no])


async def locked(session: TenantSession, company_no: int) -> Company | None:
    """Return a company and hold its row: whoever else enrols in it waits."""
    return _first(await session.fetch_as(Company, _LOCKED, [session.tenant_no, company_no]))


async def add(session: TenantSession, name: str) -> int:
    """Add a company with an empty log and return its number."""
    await session.execute(_LOCK, [_LOCK_OF_COMPANIES, session.tenant_no])
    company_no = int(await session.fetch_value(_ADD, {"tenant": session.tenant_no, "name": name}))
    await session.execute(_ADD_HEAD, [session.tenant_no, company_no])
    return company_no


async def bind(session: TenantSession, company_no: int, public_id: str) -> None:
    """Give a company the id of its first book; under `locked`."""
    await session.execute(_BIND, [public_id, session.tenant_no, company_no])


async def change(session: TenantSession, company: Company) -> None:
    """Write name and state of a company."""
    await session.execute(_CHANGE, [company.name, company.state, session.tenant_no, company.company_no])


def _first(found: list[Company]) -> Company | None:
    return found[0] if found else None
