"""The rows of parked events."""

from dataclasses import dataclass

from ledgerflow_server.tenancy.session import TenantSession

_COLUMNS = """
    SELECT parked.gseq, parked.event_id::text AS event_id, parked.reason, replica.public_id::text AS replica,
        parked.resolved_gseq
    FROM lf.parked LEFT JOIN lf.replica USING (tenant_no, company_no, replica_no)
"""
_MINE = "parked.tenant_no = %(tenant)s AND parked.company_no = %(company)s"
_OPEN = f"""
    {_COLUMNS} WHERE {_MINE} AND resolved_gseq IS NULL AND parked.gseq > %(after)s
    ORDER BY parked.gseq LIMIT %(limit)s
"""
_COUNT = f"SELECT count(*) FROM lf.parked WHERE {_MINE} AND resolved_gseq IS NULL"  # noqa: S608 - constants
_ONE = f"""
    {_COLUMNS} WHERE {_MINE} AND parked.gseq = (
        SELECT gseq FROM lf.event_key
        WHERE tenant_no = %(tenant)s AND company_no = %(company)s AND event_id = %(event)s)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """A parked event: its entry of the log, the reason, whose it is, and the entry that decided about it."""

    gseq: int
    event_id: str
    reason: str
    replica: str
    resolved_gseq: int | None


async def waiting(session: TenantSession, company_no: int, after: int, limit: int) -> list[ParkedEvent]:
    """Return the events that wait for a person behind entry `after`, in the order of the log, at most `limit`."""
    given = {"tenant": session.tenant_no, "company": company_no, "after": after, "limit": limit}
    return await session.fetch_as(ParkedEvent, _OPEN, given)


async def count(session: TenantSession, company_no: int) -> int:
    """Return how many events wait."""
    return int(await session.fetch_value(_COUNT, {"tenant": session.tenant_no, "company": company_no}))


async def one(session: TenantSession, company_no: int, event: str) -> ParkedEvent | None:
    """Return a parked event, decided about or not; None where no parked event has this id."""
    found = await session.fetch_as(
        ParkedEvent, _ONE, {"tenant": session.tenant_no, "company": company_no, "event": event}
    )
    return found[0] if found else None
