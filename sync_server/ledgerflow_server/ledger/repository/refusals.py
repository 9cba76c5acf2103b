"""Requests that were refused and should not have come: kept for a look, so many and no more."""

from datetime import datetime

from ledgerflow_server.tenancy.session import TenantSession

# What a faulty or hostile client can make the server keep of one company.
REQUESTS_MOST = 1_000
BYTES_MOST = 65_536

_ADD = """
    INSERT INTO lf.refused_request (tenant_no, company_no, at, request_id, code, detail)
    SELECT %(tenant)s, %(company)s, %(at)s, %(id)s, %(code)s, %(detail)s
    WHERE (SELECT count(*) FROM lf.refused_request WHERE tenant_no = %(tenant)s AND company_no = %(company)s) < %(most)s
"""


async def add(session: TenantSession, company_no: int, at: datetime, request_id: str, code: str, detail: bytes) -> bool:
    """Keep the beginning of a refused request; return whether there was room."""
    given = {"at": at, "id": request_id, "code": code, "detail": detail[:BYTES_MOST], "most": REQUESTS_MOST}
    return bool(await session.execute(_ADD, {"tenant": session.tenant_no, "company": company_no, **given}))
