"""The rows of a company's books, table by table and stretch by stretch of the log, for proving them."""

from collections.abc import AsyncIterator

from ledgerflow_server.database.connecting import Row
from ledgerflow_server.tenancy.session import TenantSession

# Each begins with the columns that name a row.
_TABLES = {
    "voucher": """
        SELECT voucher_no, public_id::text, day, type_no, year, number, account_no, amount, state, version,
            encode(version_hash, 'hex'), gseq, narration
        FROM lf.voucher WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "voucher_number": """
        SELECT type_no, year, number, voucher_no
        FROM lf.voucher_number WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "voucher_version": """
        SELECT voucher_no, version, gseq
        FROM lf.voucher_version WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "posting": """
        SELECT account_no, day, voucher_no, line, amount, against_no
        FROM lf.posting WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "bill_entry": """
        SELECT account_no, name, day, voucher_no, line, part, kind, due, amount
        FROM lf.bill_entry WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "cost_entry": """
        SELECT centre_no, day, voucher_no, line, part, account_no, amount
        FROM lf.cost_entry WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "foreign_entry": """
        SELECT account_no, day, voucher_no, line, currency, amount, base
        FROM lf.foreign_entry WHERE tenant_no = %s AND company_no = %s AND voucher_no >= %s AND voucher_no < %s""",
    "event_key": """
        SELECT gseq, event_id::text
        FROM lf.event_key WHERE tenant_no = %s AND company_no = %s AND gseq >= %s AND gseq < %s""",
    "parked": """
        SELECT gseq, event_id::text, reason, voucher_id::text, resolved_gseq
        FROM lf.parked WHERE tenant_no = %s AND company_no = %s AND gseq >= %s AND gseq < %s""",
}
TABLES = tuple(_TABLES)
_MASTERS = """
    SELECT public_id::text, encode(coalesce(version_hash, ''), 'hex'), body
    FROM lf.master WHERE tenant_no = %s AND company_no = %s
"""
_REPLICAS = """
    SELECT replica_no, public_id::text, public_key, head_seq, head_hash
    FROM lf.replica WHERE tenant_no = %s AND company_no = %s ORDER BY replica_no
"""


async def every(session: TenantSession, company_no: int, table: str, first: int, end: int) -> AsyncIterator[Row]:
    """Yield the rows of one of `TABLES` that come of the entries `first` to before `end`, in any order.

    What a voucher puts into a table comes of the entry that posted it, whichever changed it since.
    """
    async for row in session.stream(_TABLES[table], [session.tenant_no, company_no, first, end]):
        yield row


async def masters(session: TenantSession, company_no: int) -> AsyncIterator[Row]:
    """Yield (id, version hash, body) of every master, in any order."""
    async for row in session.stream(_MASTERS, [session.tenant_no, company_no]):
        yield row


async def replicas(session: TenantSession, company_no: int) -> list[Row]:
    """Return (number, id, public key, last sequence number, hash there) of a company's replicas."""
    return await session.fetch_all(_REPLICAS, [session.tenant_no, company_no])
