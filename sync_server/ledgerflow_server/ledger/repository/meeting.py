"""What a batch meets in the database, asked at once: one wait instead of four, at every batch."""

from typing import NamedTuple

from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_server.devices.repository import ACTIVE
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.ledger.repository.heads import LOCKED_HEAD, CompanyHead, ReplicaRow
from ledgerflow_server.tenancy.session import TenantSession

# Asked when the head is held: what another batch of the replica changed is seen then.
_REPLICA_AND_RECEIPT = """
    SELECT replica_no, device_no, public_key, head_seq, head_hash, state, public_id::text,
        (SELECT receipt FROM lf.log_batch AS kept
         WHERE (kept.tenant_no, kept.company_no) = (replica.tenant_no, replica.company_no) AND kept.batch_hash = %s)
    FROM lf.replica WHERE tenant_no = %s AND company_no = %s AND public_id = %s
"""


class Met(NamedTuple):
    """The device and the end of the log, both held to the end of the transaction; the replica; the batch's receipt.

    `active` is True for a session without a device; `replica` None where the company has none by this id; `receipt`
    None for a batch that is not in the log.
    """

    active: bool
    head: CompanyHead
    replica: ReplicaRow | None
    receipt: bytes | None


async def meet(session: TenantSession, company_no: int, replica: ReplicaId, batch_hash: bytes) -> Met:
    """Hold the session's device and the end of a company's log; return what a batch of a replica meets there."""
    tenant_no, device_no = session.tenant_no, session.principal.device_no
    async with session.together():
        device = None if device_no is None else await session.ask(ACTIVE, [tenant_no, device_no])
        held = await session.ask(LOCKED_HEAD, [tenant_no, company_no])
        asked = await session.ask(_REPLICA_AND_RECEIPT, [batch_hash, tenant_no, company_no, replica])
    head = await held.fetchone()
    if head is None:
        await heads.add_head(session, company_no)
        return await meet(session, company_no, replica, batch_hash)
    row = await asked.fetchone()
    found, receipt = (None, None) if row is None else (ReplicaRow(*row[:-1]), row[-1])
    return Met(
        active=device is None or await device.fetchone() == (True,),
        head=heads.head_of(head),
        replica=found,
        receipt=receipt,
    )
