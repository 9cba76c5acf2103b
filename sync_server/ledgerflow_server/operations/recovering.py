"""Lets the companies of a restored tenant recover: to where a beacon says the log was, or until somebody ends it."""

from ledgerflow_server.keys.beacon import Beacon
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.recovery import begin_recovery
from ledgerflow_server.tenancy.principal import Principal


async def begin(desk: Desk, principal: Principal) -> tuple[int, int]:
    """Begin; return how many companies recover, and of how many of them nobody knows how long the log was.

    A beacon that came with the backup is as old as the rows. Only one that is further, kept beside the lost database,
    says where the log ended and in which life; without it the log counts as having gone on.
    """
    await begin_recovery(desk, principal)
    async with desk.tenants.session(principal, read_only=True) as session:
        found = [company for company, _ in await heads.companies(session)]
        ends = {one: await heads.head(session, (await desk.place(session, one)).company_no) for one in found}
    beacons, unknown = desk.beacons.of(principal.tenant_no), 0
    for company, head in ends.items():
        known = beacons.read(company)
        if known is None or known.went_on or known.size <= head.log.size:
            size, root = head.log.size, head.log.root().hex()
            beacons.begin(company, Beacon(incarnation=desk.life(head), size=size, root=root, went_on=True))
            unknown += 1
    return len(found), unknown
