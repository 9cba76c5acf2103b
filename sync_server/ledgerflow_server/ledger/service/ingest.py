"""A batch, one transaction: what is signed and in order is in the log once the receipt is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg.errors import CheckViolation, UniqueViolation

from ledgerflow_core.events.chain import Head, event_hash
from ledgerflow_core.events.event import CompanyChanged, Event, MasterChanged, MasterCreated, MasterMerged
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.sync.admission import ReadEvent, Taken, known_events, read_events, take
from ledgerflow_core.sync.batch import SealedBatch, from_wire
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.log import ACCEPTED, Verdict, pack_verdicts
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import Receipt, ReceiptRun, sign_receipt
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.repository.heads import CompanyHead, Place, ReplicaRow
from ledgerflow_server.ledger.repository.log import NewBatch, text_of
from ledgerflow_server.ledger.repository.meeting import meet
from ledgerflow_server.ledger.service.answering import known_runs, receipt_of, runs_of
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.lookups import look_up
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.ledger.service.wire import Expander, events_in
from ledgerflow_server.ledger.service.writing import Changes, changes_of, write
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession

_OF_MASTERS = (MasterCreated, MasterChanged)
_LAID_BEFORE = (MasterMerged, CompanyChanged)


class Incoming(NamedTuple):
    """A batch whose bytes are proven: sealed, in the form events have, each following the one before."""

    wire: bytes
    batch: SealedBatch
    events: list[ReadEvent]


class Standing(NamedTuple):
    """Where a batch meets the log: the company, the end of its log (held), and the replica the batch is of."""

    place: Place
    head: CompanyHead
    replica: ReplicaRow


class Given(NamedTuple):
    """How a batch is taken: its known events and its time; the verdicts it was given once, if it comes back.

    `careful` looks up whether ids and numbers are taken and totals have room; else that is believed (see `look_up`).
    """

    known: int
    at: datetime
    verdicts: Sequence[Verdict] = ()
    careful: bool = True


class Done(NamedTuple):
    """A batch that is in the log of this life. `changes` is None where it all was there before: nothing was written."""

    receipt: bytes
    incarnation: str
    log: Frontier
    registers: Registers
    changes: Changes | None = None
    verdicts: Sequence[Verdict] = ()


def read(wire: bytes, desk: Desk) -> Incoming:
    """Prove the bytes of a batch, asking nothing of the database. Refuses as `from_wire` and `read_events`."""
    batch = from_wire(wire, Expander(desk.settings))
    return Incoming(wire, batch, read_events(batch))


async def take_batch(
    desk: Desk, principal: Principal, company: CompanyId, incoming: Incoming, role: Role | None = None
) -> Done:
    """Put a batch into the log and return its receipt; the same batch again gets the same receipt.

    Returning means durable. `role` stands in for the principal's where the server itself decides.
    """
    if incoming.batch.header.company != company:
        raise Refused("not-found")
    role = role or Role(principal.role)
    try:
        careful = any(_is_laid_before(read.event) for read in incoming.events)
        return await _attempt(desk, principal, company, incoming, role, careful=careful)
    except (UniqueViolation, CheckViolation):
        # An id or a number was not new after all, or a total had no room; nothing was written.
        return await _attempt(desk, principal, company, incoming, role, careful=True)


async def _attempt(
    desk: Desk, principal: Principal, company: CompanyId, incoming: Incoming, role: Role, *, careful: bool
) -> Done:
    batch = incoming.batch
    async with desk.tenants.session(principal) as session:
        standing, stored = await _meet(desk, session, company, batch)
        company_no = standing.place.company_no
        at_head = (standing.head.incarnation, standing.head.masters_at)
        registers = await desk.registers.of(session, company_no, *at_head)
        life = desk.life(standing.head)
        if stored is not None:
            return Done(stored, life, standing.head.log, registers)
        head = await desk.checked(session, company, company_no, standing.head)
        if head.state == "recovering":
            raise Refused("recovering")
        if batch.header.incarnation != life:
            raise Refused("incarnation-changed", incarnation=life)
        known = known_events(
            batch, incoming.events, standing.replica.head, await _hash_at_last(session, standing, batch)
        )
        if known == len(incoming.events):
            return await _all_known(desk, session, standing, batch, registers)
        given = Given(known, desk.now(), careful=careful)
        done = await append(desk, session, standing, incoming, registers, given, role)
    desk.took(principal.tenant_no, company, company_no, done.incarnation, done.log, done.registers)
    return done


def _is_laid_before(event: Event | None) -> bool:
    """Whether replicas bring their tables up to date before they take an event in: the totals have to fit there too.

    Otherwise it is enough that they fit at the end of the batch.
    """
    body = None if event is None else event.body
    if isinstance(body, _OF_MASTERS):
        return isinstance(body.master, VoucherType)
    return isinstance(body, _LAID_BEFORE)


async def _meet(
    desk: Desk, session: TenantSession, company: CompanyId, batch: SealedBatch
) -> tuple[Standing, bytes | None]:
    """Return where a batch meets the log, holding the company's head, and its receipt if it is in the log.

    Refuses those who may not write there.
    """
    header, device_no = batch.header, session.principal.device_no
    place = await desk.place(session, company)
    if header.tenant != place.tenant:
        raise Refused("not-found")
    met = await meet(session, place.company_no, header.replica, batch.hash)
    replica = met.replica
    if not met.active:
        raise Refused("device-revoked")
    if replica is None or replica.public_key.hex() != header.signer:
        raise Refused("signer-unknown")
    if device_no is not None and replica.device_no != device_no:
        raise Refused("signer-unknown")
    if replica.state != "open":
        raise Refused("device-revoked")
    return Standing(place, met.head, replica), met.receipt


async def _hash_at_last(session: TenantSession, standing: Standing, batch: SealedBatch) -> bytes | None:
    """Return the chain's hash in the log at the batch's last event, where the chain there is longer."""
    last = batch.header.last
    if last >= standing.replica.head_seq:
        return None
    held = await log.holding_seq(session, standing.place.company_no, standing.replica.replica_no, last)
    assert held is not None, "a chain in the log has no hole"
    first_seq, sealed = held
    return event_hash(events_in(sealed)[last - first_seq])


async def _all_known(
    desk: Desk, session: TenantSession, standing: Standing, batch: SealedBatch, registers: Registers
) -> Done:
    """Answer a batch whose events the log has under another header: what was decided of them then."""
    tree, life = standing.head.log, desk.life(standing.head)
    known = await _known_runs(session, standing, batch.header.first, batch.header.last)
    receipt = receipt_of(batch, life, known, tree.size, tree.root(), text_of(desk.now()))
    return Done(sign_receipt(desk.keys.log, receipt).to_bytes(), life, tree, registers)


async def append(
    desk: Desk,
    session: TenantSession,
    standing: Standing,
    incoming: Incoming,
    registers: Registers,
    given: Given,
    role: Role,
) -> Done:
    """Give the new events of a batch their places and verdicts, and write all that follows. The head is held.

    `given.verdicts` is empty for events that are decided now.
    """
    (place, head, replica), (_, batch, events) = standing, incoming
    new = events[given.known :]
    at, recorded = text_of(given.at), given.verdicts or None
    found = await look_up(session, place.company_no, registers, new, careful=given.careful)
    taken = take(batch, events, given.known, head.log, Decider(found.facts, role), at, recorded)
    if not (given.careful or recorded or all(one.verdict is ACCEPTED for one in taken.decisions)):
        # What is parked is parked for the first reason there is, so all of them have to be known.
        found = await look_up(session, place.company_no, registers, new, careful=True)
        taken = take(batch, events, given.known, head.log, Decider(found.facts, role), at)
    changes = changes_of(new, taken.decisions, head.log.size + 1)
    life = desk.life(head)
    async with session.together():
        at_place = (place.company_no, replica.replica_no)
        after = await write(session, at_place, changes, registers, found.facts, found.vouchers)
        receipt = await _receipt(desk, session, standing, batch, given, taken)
        await log.add(session, place.company_no, _new_batch(standing, incoming, given, taken, receipt))
        end = Head(batch.header.last, bytes.fromhex(batch.header.head))
        await heads.set_replica_head(session, *at_place, end)
        await heads.set_head(session, place.company_no, taken.frontier, after.masters_at, after, life)
    verdicts = [decision.verdict for decision in taken.decisions]
    return Done(receipt, life, taken.frontier, after, changes, verdicts)


async def _receipt(
    desk: Desk, session: TenantSession, standing: Standing, batch: SealedBatch, given: Given, taken: Taken
) -> bytes:
    verdicts = [decision.verdict for decision in taken.decisions]
    results = [ReceiptRun(gseq=standing.head.log.size + 1, verdicts=runs_of(verdicts))]
    if given.known:
        first = batch.header.first
        results = await _known_runs(session, standing, first, first + given.known - 1) + results
    size, root = taken.frontier.size, taken.frontier.root()
    receipt: Receipt = receipt_of(batch, desk.life(standing.head), results, size, root, text_of(given.at))
    return sign_receipt(desk.keys.log, receipt).to_bytes()


async def _known_runs(session: TenantSession, standing: Standing, first: int, last: int) -> list[ReceiptRun]:
    stored = await log.of_replica(session, standing.place.company_no, standing.replica.replica_no, first, last)
    return known_runs(stored, first, last)


def _new_batch(standing: Standing, incoming: Incoming, given: Given, taken: Taken, receipt: bytes) -> NewBatch:
    header, head, replica = incoming.batch.header, standing.head, standing.replica
    return NewBatch(
        first_gseq=head.log.size + 1,
        last_gseq=taken.frontier.size,
        replica_no=replica.replica_no,
        first_seq=header.first,
        last_seq=header.last,
        known=given.known,
        batch_hash=incoming.batch.hash,
        sealed=incoming.wire,
        outcomes=pack_verdicts([decision.verdict for decision in taken.decisions]),
        leaves=taken.leaves,
        frontier=taken.frontier,
        receipt=receipt,
        received_at=given.at,
        device_no=replica.device_no,
    )
