"""All rows of a company's books, table by table, for proving them."""

from collections.abc import AsyncIterator

from ledgerflow_server.database.connecting import Row
from ledgerflow_server.tenancy.session import TenantSession

# Each begins with the columns that name a row.
_TABLES = {
    "voucher": """
        SELECT voucher_no, public_id::text, day, type_no, year, number, account_no, amount, state, version,
            encode(version_hash, 'hex'), gseq, narration
        FROM lf.voucher WHERE tenant_no = %s AND company_no = %s""",
    "voucher_number": """
        SELECT type_no, year, number, voucher_no
        FROM lf.voucher_number WHERE tenant_no = %s AND company_no = %s""",
    "voucher_version": """
        SELECT voucher_no, version, gseq
        FROM lf.voucher_version WHERE tenant_no = %s AND company_no = %s""",
    "posting": """
        SELECT account_no, day, voucher_no, line, amount, against_no
        FROM lf.posting WHERE tenant_no = %s AND company_no = %s""",
    "bill_entry": """
        SELECT account_no, name, day, voucher_no, line, part, kind, due, amount
        FROM lf.bill_entry WHERE tenant_no = %s AND company_no = %s""",
    "cost_entry": """
        SELECT centre_no, day, voucher_no, line, part, account_no, amount
        FROM lf.cost_entry WHERE tenant_no = %s AND company_no = %s""",
    "foreign_entry": """
        SELECT account_no, day, voucher_no, line, currency, amount, base
        FROM lf.foreign_entry WHERE tenant_no = %s AND company_no = %s""",
    "day_total": """
        SELECT day, account_no, debit, credit, entries
        FROM lf.day_total WHERE tenant_no = %s AND company_no = %s AND entries <> 0""",
    "month_total": """
        SELECT month, account_no, debit, credit, entries
        FROM lf.month_total WHERE tenant_no = %s AND company_no = %s AND entries <> 0""",
    "day_count": """
        SELECT day, vouchers
        FROM lf.day_count WHERE tenant_no = %s AND company_no = %s AND vouchers <> 0""",
    "event_key": """
        SELECT gseq, event_id::text FROM lf.event_key WHERE tenant_no = %s AND company_no = %s""",
    "parked": """
        SELECT gseq, event_id::text, reason, voucher_id::text, resolved_gseq
        FROM lf.parked WHERE tenant_no = %s AND company_no = %s""",
    "master": """
        SELECT public_id::text, encode(coalesce(version_hash, ''), 'hex'), body
        FROM lf.master WHERE tenant_no = %s AND company_no = %s""",
}
TABLES = tuple(_TABLES)
_REPLICAS = """
    SELECT replica_no, public_id::text, public_key, head_seq, head_hash
    FROM lf.replica WHERE tenant_no = %s AND company_no = %s ORDER BY replica_no
"""


async def every(session: TenantSession, company_no: int, table: str) -> AsyncIterator[Row]:
    """Yield the rows of one of `TABLES`, in any order."""
    async for row in session.stream(_TABLES[table], [session.tenant_no, company_no]):
        yield row


async def replicas(session: TenantSession, company_no: int) -> list[Row]:
    """Return (number, id, public key, last sequence number, hash there) of a company's replicas."""
    return await session.fetch_all(_REPLICAS, [session.tenant_no, company_no])
