"""Who asked every replica to send what it has up to a day, and which have."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from ledgerflow_server.tenancy.session import TenantSession

_OF_COMPANY = "tenant_no = %(tenant)s AND company_no = %(company)s"
_ADD_REQUEST = """
    INSERT INTO lf.close_request (tenant_no, company_no, request_id, gseq, until, user_id)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
# An acknowledgement counts for the request it names, if that is about the same day.
_ADD_ACK = """
    INSERT INTO lf.close_ack (tenant_no, company_no, request_id, replica_no, gseq)
    SELECT tenant_no, company_no, request_id, %s, %s FROM lf.close_request
    WHERE tenant_no = %s AND company_no = %s AND request_id = %s AND until = %s
    ON CONFLICT DO NOTHING
"""
_COMPLETE = f"""
    SELECT request_id::text AS request_id, gseq, until, user_id::text AS user_id FROM lf.close_request AS request
    WHERE {_OF_COMPANY} AND locked_gseq IS NULL AND NOT EXISTS (
        SELECT FROM lf.replica JOIN lf.device USING (tenant_no, device_no)
        WHERE {_OF_COMPANY} AND replica.state = 'open' AND device.public_id <> %(server)s AND NOT EXISTS (
            SELECT FROM lf.close_ack AS ack
            WHERE (ack.tenant_no, ack.company_no, ack.request_id, ack.replica_no)
                = (replica.tenant_no, replica.company_no, request.request_id, replica.replica_no)))
    ORDER BY gseq
"""  # noqa: S608 - constants
_DONE = "UPDATE lf.close_request SET locked_gseq = %s WHERE tenant_no = %s AND company_no = %s AND request_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Request:
    """A request to close the books up to `until`, by a user."""

    request_id: str
    gseq: int
    until: date
    user_id: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A replica's word that it has sent everything up to `until`."""

    request_id: str
    gseq: int
    until: date


async def add(
    session: TenantSession,
    company_no: int,
    replica_no: int,
    requests: Collection[Request],
    acknowledgements: Iterable[Acknowledgement],
) -> None:
    """Note requests, and what a replica acknowledged: whoever asks has sent what it had by that."""
    of_company = [session.tenant_no, company_no]
    asked = [Acknowledgement(one.request_id, one.gseq, one.until) for one in requests]
    for one in requests:
        await session.execute(_ADD_REQUEST, [*of_company, one.request_id, one.gseq, one.until, one.user_id])
    for ack in (*asked, *acknowledgements):
        await session.execute(_ADD_ACK, [replica_no, ack.gseq, *of_company, ack.request_id, ack.until])


async def complete(session: TenantSession, company_no: int, server_device: str) -> list[Request]:
    """Return the requests to lock: every open replica but the server's own has acknowledged them."""
    given = {"tenant": session.tenant_no, "company": company_no, "server": server_device}
    return await session.fetch_as(Request, _COMPLETE, given)


async def done(session: TenantSession, company_no: int, requests: Iterable[str], gseq: int) -> None:
    """Note that these requests came to their end with the log at `gseq`."""
    await session.execute(_DONE, [gseq, session.tenant_no, company_no, list(requests)])
