"""The server's own replica of a company: what the server does in the books is signed events like anybody else's.

Its key is derived from the server's secret and the life of the log it writes to: nothing to store, nothing to lose, and
a log that goes on after a loss is written to by another replica than the one whose last events were lost.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.events.chain import Author, Head, next_event, version_hash
from ledgerflow_core.events.event import Body, ReplicaOpened
from ledgerflow_core.identifiers import CompanyId, DeviceId, EventId, ReplicaId, UserId, named
from ledgerflow_core.sync.batch import BATCH_EVENTS_MAX, Sender, seal, to_wire
from ledgerflow_core.sync.log import Verdict
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.devices import tags
from ledgerflow_server.ledger.repository import heads, own_replicas
from ledgerflow_server.ledger.repository.heads import Place, ReplicaRow
from ledgerflow_server.ledger.repository.log import text_of
from ledgerflow_server.ledger.service import ingest
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.ingest import Done, Given, Incoming, Standing
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.ledger.service.wire import compress
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession

DEVICE_NAME = "Server"
# Whoever asks for events decides what they say with the company's head held, from the registers as they are.
# A body that names the version an event before it makes is given as what makes it of their version hashes (hex).
Draft = Body | Callable[[Sequence[str]], Body]
BodiesOf = Callable[[TenantSession, Registers], Awaitable[Sequence[Draft]]]


async def post_events(
    desk: Desk,
    principal: Principal,
    company: CompanyId,
    bodies: Sequence[Body],
    user: UserId,
    *,
    cause: str = "",
) -> list[Verdict]:
    """Post events in the name of a user, with the principal's rights; return their verdicts. Returning means durable.

    At most 498 at a time. Refuses `not-found` and `recovering`; a person without the right to an act gets it parked.
    """

    async def given(session: TenantSession, registers: Registers) -> Sequence[Draft]:
        return bodies

    async with desk.tenants.session(principal) as session:
        company_no = (await desk.place(session, company)).company_no
        role = Role(principal.role)
        done, verdicts = await post_in(desk, session, company, given, user, role=role, cause=cause)
    if done is not None:
        desk.took(principal.tenant_no, company, company_no, done.incarnation, done.log, done.registers)
    return verdicts


async def post_in(
    desk: Desk,
    session: TenantSession,
    company: CompanyId,
    bodies_of: BodiesOf,
    user: UserId,
    *,
    role: Role = Role.OWNER,
    cause: str = "",
) -> tuple[Done | None, list[Verdict]]:
    """Post events inside a transaction, which commits them or undoes them with all else it did.

    Returns what was done (None where `bodies_of` had nothing to say) and the verdicts of the events.
    """
    place = await desk.place(session, company)
    life = desk.life(await heads.head(session, place.company_no))
    replica = await registered(desk, session, company, life)
    head = await heads.locked_head(session, place.company_no)
    checked = await desk.checked(session, company, place.company_no, head)
    if checked.state == "recovering" or desk.life(head) != life:
        raise Refused("recovering")
    # Read again: another of the server's processes may have posted while this one waited.
    replica = await heads.replica(session, place.company_no, ReplicaId(replica.public_id)) or replica
    registers = await desk.registers.of(session, place.company_no, head.incarnation, head.masters_at)
    bodies = list(await bodies_of(session, registers))
    if not bodies:
        return None, []
    assert len(bodies) < BATCH_EVENTS_MAX - 1, "what the server posts at once fits one batch"
    key = key_of(desk, place, company, life)
    opening = [] if replica.head_seq else [await _opened(desk, session, company, key, user)]
    sender = Sender(place.tenant, company, _id(replica), life)
    incoming = _sealed(desk, sender, key, replica.head, [*opening, *bodies], Author(_id(replica), user), cause)
    given = Given(0, desk.now())
    done = await ingest.append(desk, session, Standing(place, head, replica), incoming, registers, given, role)
    return done, list(done.verdicts[len(opening) :])


def key_of(desk: Desk, place: Place, company: CompanyId, life: str) -> Ed25519PrivateKey:
    """Return the key of the server's replica of a tenant's company, in this life of its log."""
    purpose = f"ledgerflow/server-replica/v1\n{place.tenant}\n{company}\n{life}".encode()
    return Ed25519PrivateKey.from_private_bytes(hmac.new(desk.keys.seal, purpose, hashlib.sha256).digest())


def device_of(place: Place) -> DeviceId:
    """Return the id of the device the server is to a tenant."""
    return devices.server_device(place.tenant)


def _id(replica: ReplicaRow) -> ReplicaId:
    return ReplicaId(replica.public_id)


async def tag_of(desk: Desk, session: TenantSession, company: CompanyId) -> str:
    """Return the tag of the server's number series in a company, whose replica is registered."""
    company_no = (await desk.place(session, company)).company_no
    replica = await registered(desk, session, company, desk.life(await heads.head(session, company_no)))
    return (await own_replicas.tags(session, company_no))[replica.public_id]


async def _opened(
    desk: Desk, session: TenantSession, company: CompanyId, key: Ed25519PrivateKey, user: UserId
) -> ReplicaOpened:
    return ReplicaOpened(
        device=device_of(await desk.place(session, company)),
        user=user,
        user_name=DEVICE_NAME,
        key=key.public_key().public_bytes_raw().hex(),
        tag=await tag_of(desk, session, company),
        reason="server",
    )


async def registered(desk: Desk, session: TenantSession, company: CompanyId, life: str) -> ReplicaRow:
    """Return the server's replica of a company in this life of its log, registered if it is not yet."""
    place = await desk.place(session, company)
    key = key_of(desk, place, company, life).public_key().public_bytes_raw()
    public_id = ReplicaId(named("server-replica", f"{company}\n{life}\n{key.hex()}"))
    found = await heads.replica(session, place.company_no, public_id)
    if found is not None:
        return found
    await devices.lock_devices(session)
    device = await devices.device_by_id(session, device_of(place))
    now = desk.now()
    user_no = session.principal.user_no or 0
    device_no = (
        device.device_no if device else await devices.add_device(session, device_of(place), DEVICE_NAME, user_no, now)
    )
    await own_replicas.hold(session, place.company_no)
    taken = (await own_replicas.tags(session, place.company_no)).values()
    # A series of its own in each life: numbers of a log that was lost are never given again. The empty tag is
    # that of the book the company was born in, which may come later.
    tag = tags.allot({*taken, ""}, "", lambda size: hashlib.sha256(key).digest()[:size])
    await own_replicas.add(session, place.company_no, public_id, device_no, key, now, tag=tag)
    found = await heads.replica(session, place.company_no, public_id)
    assert found is not None, "a replica that was added is there"
    return found


def _sealed(
    desk: Desk,
    sender: Sender,
    key: Ed25519PrivateKey,
    end: Head,
    bodies: Sequence[Draft],
    author: Author,
    cause: str,
) -> Incoming:
    """Make events of bodies behind the end of the replica's chain and seal them, as any replica does."""
    raws: list[bytes] = []
    at = end
    ids = desk.identifiers.many(len(bodies))
    for event_id, draft in zip(ids, bodies, strict=True):
        body = draft([version_hash(raw).hex() for raw in raws]) if callable(draft) else draft
        raw, at = next_event(at, body, author=author, event_id=EventId(event_id), at=text_of(desk.now()), cause=cause)
        raws.append(raw)
    return ingest.read(to_wire(seal(raws, end, sender, key), compress), desk)
