"""Signs what the log was at one size. The same size of one life gets the same statement: its time is the log's."""

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import Checkpoint, sign_checkpoint
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.ledger.repository import log
from ledgerflow_server.ledger.repository.log import text_of
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.session import TenantSession


async def of(desk: Desk, session: TenantSession, company: CompanyId, size: int, life: str) -> Signed:
    """Return the signed checkpoint of a size at which a batch ends, or 0; `life` is that of the log (`Desk.life`)."""
    place = await desk.place(session, company)
    tree, at = Frontier.empty(), place.created_at
    if size:
        end = await log.end_of(session, place.company_no, size)
        assert end is not None and end[0] == size, "a checkpoint is of a size at which a batch ends"
        _, tree, at = end
    checkpoint = Checkpoint(
        tenant=place.tenant,
        company=company,
        incarnation=life,
        size=size,
        root=tree.root().hex(),
        at=text_of(at),
    )
    return sign_checkpoint(desk.keys.log, checkpoint)
