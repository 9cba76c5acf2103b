"""Tells a replica where it stands towards the log, and remembers that it was there."""

from datetime import UTC, datetime, timedelta

import structlog

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.sync.batch import PROTOCOL_VERSION
from ledgerflow_core.sync.messages import Hello, HelloAnswer
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.repository.heads import ReplicaRow
from ledgerflow_server.ledger.service import checkpoints
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession

# Beyond this, people wonder at the times they see; nothing is decided by them.
CLOCK_SKEW_WARNS = timedelta(minutes=5)

_log = structlog.get_logger("ledgerflow.ledger")


async def answer(desk: Desk, principal: Principal, company: CompanyId, hello: Hello) -> HelloAnswer:
    """Return where the log and the replica's chain in it end.

    Refuses `not-found`, `signer-unknown`, `device-revoked`, `client-too-old`.
    """
    if hello.v != PROTOCOL_VERSION:
        raise Refused("client-too-old", version=PROTOCOL_VERSION)
    if hello.company != company:
        raise Refused("not-found")
    async with desk.tenants.session(principal) as session:
        place = await desk.place(session, company)
        replica = await heads.replica(session, place.company_no, hello.replica)
        if replica is None or replica.device_no != principal.device_no:
            raise Refused("signer-unknown")
        if replica.state != "open":
            raise Refused("device-revoked")
        seen = await heads.head(session, place.company_no)
        head = await desk.checked(session, company, place.company_no, seen)
        if head.state != seen.state:
            # This process may have seen a batch in that came since: the head is held and looked at again.
            seen = await heads.locked_head(session, place.company_no)
            head = await desk.checked(session, company, place.company_no, seen)
        if head.state != seen.state:
            await heads.set_state(session, place.company_no, head.state)
        size = head.log.size
        consistent = (
            hello.size <= size
            and hello.root == (await log.frontier_at(session, place.company_no, hello.size)).root().hex()
        )
        await _remember(desk, session, place.company_no, replica, hello)
        signed = await checkpoints.of(desk, session, company, size, desk.life(head))
    return HelloAnswer(
        v=PROTOCOL_VERSION,
        state=head.state,
        incarnation=desk.life(head),
        seq=replica.head_seq,
        head=replica.head_hash.hex() if replica.head_hash else "",
        size=size,
        consistent=consistent,
        checkpoint=signed.to_bytes().decode(),
        role=principal.role,
    )


async def _remember(desk: Desk, session: TenantSession, company_no: int, replica: ReplicaRow, hello: Hello) -> None:
    now = desk.now()
    skew = _skew(hello.at, now)
    if skew is not None and abs(skew) > CLOCK_SKEW_WARNS:
        _log.warning("clock-skew", replica=replica.public_id, seconds=int(skew.total_seconds()))
    seconds = None if skew is None else int(skew.total_seconds())
    pending = min(max(hello.pending, 0), 2**31 - 1)
    await heads.set_hello(session, company_no, replica.replica_no, now, pending, seconds)


def _skew(said: str, now: datetime) -> timedelta | None:
    """Return how far the clock that said this is ahead; None for what is no time."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
