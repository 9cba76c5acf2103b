"""Says in the books, by signed events, that the keys of a device sign no more: in the transaction that shuts it out."""

from collections.abc import Sequence

from ledgerflow_core.events.event import Body, KeyRevoked
from ledgerflow_core.identifiers import CompanyId, ReplicaId, UserId
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_server.companies import repository as companies
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.ledger.service import own_replica
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.tenancy.session import TenantSession


async def revoke_keys(desk: Desk, session: TenantSession, device_no: int, user: UserId, reason: str = "") -> int:
    """Post the end of each chain on a device in its company's log; return how many.

    A company that recovers is left out: the device is shut out all the same, only the books do not say so yet.
    """
    posted = 0
    for replica in await devices.replicas_of_device(session, device_no):
        company = await companies.by_no(session, replica.company_no)
        if company is None or company.public_id is None:
            continue
        key = replica.public_key.hex()
        revoked = KeyRevoked(key=key, replica=ReplicaId(replica.public_id), last_seq=replica.head_seq, reason=reason)

        async def bodies(_: TenantSession, __: Registers, body: Body = revoked) -> Sequence[Body]:
            return [body]

        try:
            await own_replica.post_in(desk, session, CompanyId(company.public_id), bodies, user)
        except Refused as refused:
            if refused.code != "recovering":
                raise
            continue
        posted += 1
    return posted
