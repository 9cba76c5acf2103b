"""The barrier before a lock: once every replica has sent what it had, the server locks the period by itself."""

from collections.abc import Sequence

from ledgerflow_core.events.event import Body, PeriodLocked
from ledgerflow_core.identifiers import CompanyId, UserId
from ledgerflow_server.ledger.repository import closing as rows
from ledgerflow_server.ledger.service import own_replica
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession


async def finish(desk: Desk, tenant_no: int, company: CompanyId) -> bool:
    """Lock the books of a company as far as is asked for and every replica has acknowledged; return whether it did.

    Nothing happens twice: a request is locked once, a lock that reaches as far already is left alone.
    """
    principal = Principal(tenant_no)
    async with desk.tenants.session(principal) as session:
        place = await desk.place(session, company)
        company_no, server = place.company_no, own_replica.device_of(place)
        waiting = await rows.complete(session, company_no, server)
        if not waiting:
            return False

        async def lock(session: TenantSession, registers: Registers) -> Sequence[Body]:
            # Asked again: the head is held now, so nobody else can have locked meanwhile.
            found = await rows.complete(session, company_no, server)
            until = max((request.until for request in found), default=None)
            if until is None or (registers.locked_until is not None and registers.locked_until >= until):
                return []
            return [PeriodLocked(until=until, base=registers.lock_version)]

        user = UserId(waiting[-1].user_id)
        done, _ = await own_replica.post_in(desk, session, company, lock, user)
        settled = [request.request_id for request in await rows.complete(session, company_no, server)]
        await rows.done(session, company_no, settled, done.log.size if done else 0)
    if done is not None:
        desk.took(tenant_no, company, company_no, done.incarnation, done.log, done.registers)
    return done is not None
