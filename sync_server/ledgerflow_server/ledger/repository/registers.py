"""The rows of what rarely changes: the company's details, its masters, and the lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ledgerflow_server.tenancy.session import TenantSession

_DETAILS = """
    SELECT company.details, head.company_version, head.locked_until, head.lock_version
    FROM lf.company LEFT JOIN lf.company_head AS head USING (tenant_no, company_no)
    WHERE tenant_no = %s AND company_no = %s
"""
_SET_DETAILS = "UPDATE lf.company SET details = %s, name = %s WHERE tenant_no = %s AND company_no = %s"
_MASTERS = """
    SELECT master_no, public_id::text AS public_id, version_hash, gseq, body FROM lf.master
    WHERE tenant_no = %s AND company_no = %s ORDER BY master_no
"""
_PUT_MASTERS = """
    INSERT INTO lf.master (tenant_no, company_no, master_no, public_id, version_hash, gseq, body)
    SELECT %s, %s, * FROM unnest(%s::int4[], %s::uuid[], %s::bytea[], %s::int8[], %s::bytea[])
    ON CONFLICT (tenant_no, company_no, master_no) DO UPDATE
        SET version_hash = excluded.version_hash, gseq = excluded.gseq, body = excluded.body
"""
# Where something stood on a master that was merged into another, it stands on that one from now on.
_MERGES = (
    "UPDATE lf.voucher SET account_no = %(into)s WHERE {of_company} AND account_no = %(merged)s",
    "UPDATE lf.posting SET account_no = %(into)s WHERE {of_company} AND account_no = %(merged)s",
    """UPDATE lf.posting SET against_no = CASE WHEN against_no < 0 THEN -%(into)s ELSE %(into)s END
       WHERE {of_company} AND against_no IN (%(merged)s, -%(merged)s)""",
    "UPDATE lf.bill_entry SET account_no = %(into)s WHERE {of_company} AND account_no = %(merged)s",
    "UPDATE lf.cost_entry SET account_no = %(into)s WHERE {of_company} AND account_no = %(merged)s",
    "UPDATE lf.cost_entry SET centre_no = %(into)s WHERE {of_company} AND centre_no = %(merged)s",
    "UPDATE lf.foreign_entry SET account_no = %(into)s WHERE {of_company} AND account_no = %(merged)s",
)
_MERGE_TOTALS = """
    WITH gone AS (DELETE FROM lf.{table} WHERE {of_company} AND account_no = %(merged)s RETURNING *)
    INSERT INTO lf.{table} AS kept (tenant_no, company_no, account_no, {when}, debit, credit, entries)
    SELECT tenant_no, company_no, %(into)s, {when}, debit, credit, entries FROM gone
    ON CONFLICT (tenant_no, company_no, {when}, account_no) DO UPDATE SET debit = kept.debit + excluded.debit,
        credit = kept.credit + excluded.credit, entries = kept.entries + excluded.entries
"""
_OF_COMPANY = "tenant_no = %(tenant)s AND company_no = %(company)s"


@dataclass(frozen=True, slots=True)
class Details:
    """The company and its lock as the rows have them: JSON of the company, versions as stored."""

    details: bytes | None
    company_version: bytes | None
    locked_until: date | None
    lock_version: bytes | None


@dataclass(frozen=True, slots=True)
class MasterRow:
    """A master: its number here, JSON of its state, and the version hash and entry that gave it that.

    `version_hash` is None and `gseq` 0 for one the company was born with.
    """

    master_no: int
    public_id: str
    version_hash: bytes | None
    gseq: int
    body: bytes


async def details(session: TenantSession, company_no: int) -> Details:
    """Return the company's details and lock."""
    found = await session.fetch_as(Details, _DETAILS, [session.tenant_no, company_no])
    return found[0]


async def set_details(session: TenantSession, company_no: int, body: bytes, name: str) -> None:
    """Keep the company's details as the log has them now."""
    await session.execute(_SET_DETAILS, [body, name, session.tenant_no, company_no])


async def masters(session: TenantSession, company_no: int) -> list[MasterRow]:
    """Return a company's masters by number."""
    return await session.fetch_as(MasterRow, _MASTERS, [session.tenant_no, company_no])


async def put_masters(session: TenantSession, company_no: int, rows: Iterable[MasterRow]) -> None:
    """Add masters, at least one, or replace those with the same number."""
    made = [(row.master_no, row.public_id, row.version_hash, row.gseq, row.body) for row in rows]
    columns = [list(column) for column in zip(*made, strict=True)]
    await session.execute(_PUT_MASTERS, [session.tenant_no, company_no, *columns])


async def merge(session: TenantSession, company_no: int, merged: int, into: int) -> None:
    """Let everything that stands on one master stand on another."""
    given = {"tenant": session.tenant_no, "company": company_no, "merged": merged, "into": into}
    for statement in _MERGES:
        await session.execute(statement.format(of_company=_OF_COMPANY), given)
    for table, when in (("day_total", "day"), ("month_total", "month")):
        await session.execute(_MERGE_TOTALS.format(table=table, when=when, of_company=_OF_COMPANY), given)
