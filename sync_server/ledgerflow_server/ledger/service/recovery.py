"""A log that was set back takes up again what it had: from its own signed words, which the replicas kept.

A company recovers from the moment its log is found shorter than the beacon outside the database remembers, or of
another life than that, until it is as long again, or until somebody decides that what is missing stays missing. That
begins another life of the log. A log set back to before an earlier such decision is one of the life it then was, signs
as that one, and becomes one of the later life by what is handed back to it, or not at all.

Where the beacon was lost with the database nobody knows how long the log was: then the first replica that hands back
may not be the one that has the most, and only somebody's decision ends the recovery.
"""

from collections.abc import Sequence
from dataclasses import replace

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import CompanyId, DeviceId, named
from ledgerflow_core.sync.admission import known_events, read_events
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.messages import log_from_wire, signed_of
from ledgerflow_core.sync.receipts import Checkpoint, read_checkpoint
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.audit import service as audit
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.keys.beacon import Beacon
from ledgerflow_server.ledger.repository import heads, own_replicas
from ledgerflow_server.ledger.repository.heads import CompanyHead, Place, ReplicaRow
from ledgerflow_server.ledger.repository.log import moment_of
from ledgerflow_server.ledger.service import ingest, own_replica
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.ingest import Done, Given, Incoming, Standing
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.ledger.service.wire import Expander, compress
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits, TenantSession

_LONG = Limits(lock=10_000, statement=60_000, idle=60_000)
_FORGOTTEN = "Known from the log alone"


async def adopt(desk: Desk, principal: Principal, company: CompanyId, raw: bytes) -> int:
    """Take back a continuation of the log that this server once signed; return how long the log is now.

    It must be of the life of the log that the beacon names, or end in the very log that the beacon names; from then on
    the log is one of that life. All of it or nothing. Refuses `not-recovering` where nothing is missing or something
    before it is, and `continuation-wrong` for what does not lead, entry by entry, to the root in the server's own
    checkpoint.
    """
    batches, checkpoint = _read(desk, company, raw)
    async with desk.tenants.session(principal, limits=_LONG) as session:
        place = await desk.place(session, company)
        head = await heads.locked_head(session, place.company_no)
        if (await desk.checked(session, company, place.company_no, head)).state != "recovering":
            raise Refused("not-recovering")
        beacon = desk.beacons.of(principal.tenant_no).read(company)
        life = (beacon and beacon.incarnation) or desk.life(head)
        if checkpoint.tenant != place.tenant or not (checkpoint.incarnation == life or _is_at(beacon, checkpoint)):
            raise Refused("continuation-wrong", reason="of another log")
        missing = [one for one in batches if one.gseq > head.log.size]
        if not missing:
            return head.log.size
        if missing[0].gseq != head.log.size + 1:
            raise Refused("not-recovering", expected=head.log.size + 1)
        registers = await desk.registers.of(session, place.company_no, head.incarnation, head.masters_at)
        done = await _append_all(desk, session, (company, place, replace(head, incarnation=life)), registers, missing)
        if (done.log.size, done.log.root().hex()) != (checkpoint.size, checkpoint.root):
            raise Refused("continuation-wrong", reason="root differs")
        whole = beacon is not None and not beacon.went_on and done.log.size >= beacon.size
        await heads.set_state(session, place.company_no, "normal" if whole else "recovering")
        if whole:
            await audit.record(session, desk.now(), Action.RECOVERY_ENDED, f"company/{place.company_no}")
    if whole:
        desk.took(principal.tenant_no, company, place.company_no, done.incarnation, done.log, done.registers)
    return done.log.size


async def begin_recovery(desk: Desk, principal: Principal) -> list[CompanyId]:
    """Let every company of a tenant recover, after a restore; return those that were not recovering before."""
    async with desk.tenants.session(principal) as session:
        found = [company for company, state in await heads.companies(session) if state == "normal"]
        for company in found:
            company_no = (await desk.place(session, company)).company_no
            await heads.locked_head(session, company_no)
            await heads.set_state(session, company_no, "recovering")
            await audit.record(session, desk.now(), Action.RECOVERY_BEGUN, f"company/{company_no}")
    for company in found:
        desk.seen.pop((principal.tenant_no, company), None)
    return found


async def end_recovery(desk: Desk, principal: Principal) -> list[CompanyId]:
    """Go on without what is missing, in the life `desk.incarnation`; return the companies that were still recovering.

    To be called with a new incarnation, and before anything is served: replicas that have more then see that this
    is another life of the log, and hand in anew what it lacks.
    """
    ended: list[CompanyId] = []
    beacons = desk.beacons.of(principal.tenant_no)
    async with desk.tenants.session(principal) as session:
        for company, state in await heads.companies(session):
            company_no = (await desk.place(session, company)).company_no
            head = await heads.locked_head(session, company_no)
            await heads.begin_life(session, company_no, desk.incarnation)
            # Before the commit: where that fails, the log is seen to be of another life than its beacon, and waits.
            size, root = head.log.size, head.log.root().hex()
            beacons.begin(company, Beacon(incarnation=desk.incarnation, size=size, root=root))
            if state == "recovering":
                ended.append(company)
                await audit.record(session, desk.now(), Action.RECOVERY_ENDED, f"company/{company_no}")
    return ended


def _read(desk: Desk, company: CompanyId, raw: bytes) -> tuple[list[LogBatch], Checkpoint]:
    """Return the batches of a continuation without holes, and the checkpoint they end in, which is ours."""
    try:
        batches, end = log_from_wire(raw, Expander(desk.settings))
        checkpoint = read_checkpoint(desk.keys.log.public_key(), signed_of(end.checkpoint, "checkpoint"))
    except Damaged as error:
        raise Refused("continuation-wrong", error.place, reason=str(error.facts.get("reason", ""))) from None
    if checkpoint.company != company or not batches:
        raise Refused("continuation-wrong", reason="of another log")
    ends = [batches[0].gseq - 1, *(batch.last for batch in batches)]
    if [batch.gseq for batch in batches] != [end + 1 for end in ends[:-1]] or ends[-1] != checkpoint.size:
        raise Refused("continuation-wrong", reason="not without holes up to the checkpoint")
    return batches, checkpoint


def _is_at(beacon: Beacon | None, checkpoint: Checkpoint) -> bool:
    """Whether a checkpoint of any life is of the very log a beacon names: a life begins as the one before it ended."""
    return beacon is not None and (checkpoint.size, checkpoint.root) == (beacon.size, beacon.root)


async def _append_all(
    desk: Desk,
    session: TenantSession,
    where: tuple[CompanyId, Place, CompanyHead],
    registers: Registers,
    missing: Sequence[LogBatch],
) -> Done:
    """Append batches with the verdicts they were given once.

    `where` is the company, its place and its head (held), which names the life that the log is of with them.
    """
    company, place, head = where
    done = Done(b"", head.incarnation, head.log, registers)
    for one in missing:
        header = one.batch.header
        if (header.tenant, header.company) != (place.tenant, company):
            raise Refused("continuation-wrong", f"log entry {one.gseq}", reason="of another company")
        incoming = Incoming(to_wire(one.batch, compress), one.batch, read_events(one.batch))
        replica = await _replica_of(desk, session, (company, place, head), one)
        if known_events(one.batch, incoming.events, replica.head, None) != one.known:
            raise Refused("continuation-wrong", f"log entry {one.gseq}", reason="chain does not go on")
        standing = Standing(
            place, CompanyHead(done.log, done.registers.masters_at, "recovering", head.incarnation), replica
        )
        given = Given(one.known, moment_of(one.at), one.verdicts)
        done = await ingest.append(desk, session, standing, incoming, done.registers, given, Role.OWNER)
    return done


async def _replica_of(
    desk: Desk, session: TenantSession, where: tuple[CompanyId, Place, CompanyHead], one: LogBatch
) -> ReplicaRow:
    """Return the replica a batch is of; one the database forgot is registered, but its device has to enrol anew."""
    (company, place, head), header = where, one.batch.header
    ours = own_replica.key_of(desk, place, company, head.incarnation).public_key().public_bytes_raw()
    if header.signer == ours.hex():
        return await own_replica.registered(desk, session, company, head.incarnation)
    found = await heads.replica(session, place.company_no, header.replica)
    if found is None:
        device_id = DeviceId(named("forgotten-device", header.replica))
        await devices.lock_devices(session)
        device_no = await devices.add_device(session, device_id, _FORGOTTEN, session.principal.user_no or 0, desk.now())
        await devices.revoke(session, device_no, desk.now())
        key = bytes.fromhex(header.signer)
        await own_replicas.add(session, place.company_no, header.replica, device_no, key, desk.now(), state="revoked")
        found = await heads.replica(session, place.company_no, header.replica)
        assert found is not None, "a replica that was added is there"
    if found.public_key.hex() != header.signer:
        raise Refused("continuation-wrong", f"log entry {one.gseq}", reason="signed by another key")
    return found
