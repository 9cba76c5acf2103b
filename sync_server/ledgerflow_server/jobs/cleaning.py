"""Takes away what had its time, and makes the audit log's months before they come."""

import contextlib
from datetime import timedelta

from ledgerflow_server.attachments.service import sweep
from ledgerflow_server.attachments.store import Store
from ledgerflow_server.audit.repository import make_months
from ledgerflow_server.jobs import repository
from ledgerflow_server.jobs.exporting import file_of
from ledgerflow_server.jobs.repository import Expiry
from ledgerflow_server.jobs.verifying import books_of
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits, Tenants

_PATIENT = Limits(statement=120_000, idle=60_000)
# Kept beyond their use for whoever looks into something that went wrong.
SESSIONS, CODES, ATTEMPTS, REFUSED, EXPORTS = (timedelta(days=days) for days in (7, 7, 30, 90, 7))
# A device may be away for long with half of one sent.
ATTACHMENTS = timedelta(days=30)


async def clean_up(desk: Desk, people: Tenants, files: Store, tenant_no: int) -> int:
    """Delete a tenant's expired sessions, codes, kept answers, refused requests, half attachments and exports.

    Returns how many.
    """
    now, everything = desk.now(), Principal(tenant_no)
    expiry = Expiry(
        session=now - SESSIONS,
        attempt=now - ATTEMPTS,
        code=now - CODES,
        answer=now - timedelta(days=desk.settings.idempotency_days),
        refused=now - REFUSED,
    )
    async with people.session(everything, limits=_PATIENT) as session:
        gone = await repository.forget(session, expiry, people=True)
    async with desk.tenants.session(everything, limits=_PATIENT) as session:
        gone += await repository.forget(session, expiry, people=False)
        exports = await repository.forget_exports(session, now - EXPORTS)
    for company in await books_of(desk, tenant_no):
        async with desk.tenants.session(everything, read_only=True) as session:
            company_no = (await desk.place(session, company)).company_no
        gone += await sweep(desk.tenants, everything, company_no, files, (now - ATTACHMENTS).timestamp())
    for export_id in exports:
        with contextlib.suppress(FileNotFoundError):
            file_of(desk, export_id).unlink()
    return gone + len(exports)


async def make_audit_months(desk: Desk, tenant_no: int) -> None:
    """Make the partitions of this month and the two after it. The months are of all tenants; one asks for them."""
    async with desk.tenants.session(Principal(tenant_no)) as session:
        for ahead in (0, 31):
            await make_months(session, desk.now() + timedelta(days=ahead))
