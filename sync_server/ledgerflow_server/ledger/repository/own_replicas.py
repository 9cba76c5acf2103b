"""Rows of replicas the server makes itself: its own, and those a restored log speaks of that the database forgot."""

from datetime import datetime

from ledgerflow_server.tenancy.session import TenantSession

# Two that add one at once: one of them finds it there.
_ADD = """
    INSERT INTO lf.replica (tenant_no, company_no, replica_no, public_id, device_no, public_key, state, tag,
        opened_at)
    SELECT %(tenant)s, %(company)s, coalesce(max(replica_no), 0) + 1, %(id)s, %(device)s, %(key)s, %(state)s, %(tag)s,
        %(at)s
    FROM lf.replica WHERE tenant_no = %(tenant)s AND company_no = %(company)s
    ON CONFLICT (tenant_no, company_no, public_id) DO NOTHING
"""
_TAGS = "SELECT public_id::text, tag FROM lf.replica WHERE tenant_no = %s AND company_no = %s"
_LOCK = "SELECT FROM lf.company WHERE tenant_no = %s AND company_no = %s FOR NO KEY UPDATE"


async def add(
    session: TenantSession,
    company_no: int,
    public_id: str,
    device_no: int,
    key: bytes,
    at: datetime,
    state: str = "open",
    tag: str = "",
) -> None:
    """Add a replica of a company unless it is there; holds the company, as enrolment does."""
    await hold(session, company_no)
    given = {"id": public_id, "device": device_no, "key": key, "state": state, "tag": tag, "at": at}
    await session.execute(_ADD, {"tenant": session.tenant_no, "company": company_no, **given})


async def hold(session: TenantSession, company_no: int) -> None:
    """Hold a company, as enrolment does: nobody else adds a replica or takes a tag meanwhile."""
    await session.execute(_LOCK, [session.tenant_no, company_no])


async def tags(session: TenantSession, company_no: int) -> dict[str, str]:
    """Return the tag of each replica of a company, by its id."""
    return dict(await session.fetch_all(_TAGS, [session.tenant_no, company_no]))
