"""What the rows say of one voucher's versions."""

from ledgerflow_server.tenancy.session import TenantSession

_VERSIONS = """
    SELECT version, gseq FROM lf.voucher_version
    WHERE tenant_no = %(tenant)s AND company_no = %(company)s AND voucher_no = %(voucher)s
    UNION ALL SELECT version, gseq FROM lf.voucher
    WHERE tenant_no = %(tenant)s AND company_no = %(company)s AND voucher_no = %(voucher)s
    ORDER BY version
"""


async def versions(session: TenantSession, company_no: int, voucher_no: int) -> list[tuple[int, int]]:
    """Return (version, entry of the log) of a voucher, the version in effect last."""
    given = {"tenant": session.tenant_no, "company": company_no, "voucher": voucher_no}
    return [(version, gseq) for version, gseq in await session.fetch_all(_VERSIONS, given)]
