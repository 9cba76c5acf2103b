"""Branches of one company that write events, seal them and send them to the real server over HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import zstandard

from builders import a_company, accounts
from ledgerflow_core.events.chain import Author, Head, event_hash, genesis, next_event, version_hash
from ledgerflow_core.events.event import (
    Body,
    CompanyCreated,
    MasterCreated,
    ReplicaOpened,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import CompanyId, DeviceId, EventId, ReplicaId, UserId, VoucherId
from ledgerflow_core.masters.company import Company
from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.batch import SealedBatch, Sender, seal, to_wire
from ledgerflow_core.sync.log import LogBatch, Verdict, leaves_of
from ledgerflow_core.sync.merkle import Frontier, root_of
from ledgerflow_core.sync.messages import Hello, HelloAnswer, LogEnd, log_from_wire, signed_of
from ledgerflow_core.sync.receipts import Checkpoint, Receipt, acknowledges, read_checkpoint, read_receipt
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.app import create_app
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.ledger.endpoints import BATCH
from ledgerflow_server.ledger.service.comparing import STRETCH_BYTES, STRETCH_ENTRIES
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.findings import Verification
from ledgerflow_server.ledger.service.verifying import verify_company
from ledgerflow_server.ledger.service.wire import BATCH_EXPANDED_MAX
from ledgerflow_server.tenancy.principal import Principal
from sync_server.people_app import Laptop, World, ids, world

AT = "2026-11-21T10:15:30.123Z"


def compress(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(body)


def expand(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=BATCH_EXPANDED_MAX)


def outcomes(receipt: Receipt) -> list[str]:
    """What became of each event of a batch: ``accepted``, the reason it was parked for, or ``duplicate of 7``."""
    return [
        said_of(Verdict(run.outcome, run.reason, run.of))
        for result in receipt.results
        for run in result.verdicts
        for _ in range(run.count)
    ]


def said_of(verdict: Verdict) -> str:
    return verdict.reason or (f"duplicate of {verdict.of}" if verdict.of else str(verdict.outcome))


@dataclass
class Branch:
    """A replica: its key, its chain, and its line to the server. `events` are all it ever wrote."""

    world: World
    tenant: Principal
    tenant_id: str
    company_no: int
    company: CompanyId
    laptop: Laptop
    user: UserId
    token: str
    incarnation: str
    head: Head
    events: list[bytes] = field(default_factory=list)
    sent: int = 0

    @property
    def replica(self) -> ReplicaId:
        return ReplicaId(self.laptop.replica)

    @property
    def path(self) -> str:
        return f"/v1/companies/{self.company}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    # --- writing ---------------------------------------------------------------------------------

    def write(self, *bodies: Body, event_ids: Sequence[str] = ()) -> list[bytes]:
        """Add events to the chain; return their bytes."""
        made = []
        for body, event_id in zip(bodies, event_ids or ids.many(len(bodies)), strict=True):
            author = Author(self.replica, self.user)
            raw, self.head = next_event(self.head, body, author=author, event_id=EventId(event_id), at=AT)
            made.append(raw)
        self.events += made
        return made

    def post(self, *vouchers: Voucher) -> list[str]:
        """Write postings; return their version hashes (hex)."""
        return [version_hash(raw).hex() for raw in self.write(*(VoucherPosted(voucher=v) for v in vouchers))]

    def alter(self, base: str, voucher: Voucher) -> str:
        return version_hash(self.write(VoucherAltered(base=base, voucher=voucher))[0]).hex()

    def cancel(self, base: str, voucher: str) -> str:
        return version_hash(self.write(VoucherCancelled(base=base, voucher=VoucherId(voucher)))[0]).hex()

    def open_books(self, company: Company) -> None:
        """Write what a company is born with, and the masters of a small shop."""
        self.write(
            CompanyCreated(company=company),
            ReplicaOpened(
                device=DeviceId(self.laptop.device), user=self.user, user_name="Asha", key=self.laptop.public
            ),
            *(MasterCreated(master=account) for account in accounts()),
        )

    def rehash(self) -> None:
        """Take the chain's end from the last event as it now stands."""
        self.head = Head(len(self.events), event_hash(self.events[-1]))

    # --- sealing and sending ---------------------------------------------------------------------

    def head_at(self, seq: int) -> Head:
        """The chain's head after `seq` events."""
        if seq == 0:
            return genesis(self.replica)
        after: str = msgspec.json.decode(self.events[seq])["prev"] if seq < len(self.events) else self.head.hash.hex()
        return Head(seq, bytes.fromhex(after))

    def batch(self, first: int | None = None, last: int | None = None, **sender: Any) -> SealedBatch:
        """Seal events `first` to `last` (from 1, both inside); all that were not sent unless said."""
        begin = self.sent if first is None else first - 1
        end = len(self.events) if last is None else last
        whose = Sender(self.tenant_id, self.company, self.replica, self.incarnation)._replace(**sender)
        return seal(self.events[begin:end], self.head_at(begin), whose, self.laptop.key)

    async def send_wire(self, wire: bytes) -> httpx.Response:
        headers = {**self.headers, "Content-Type": BATCH}
        return await self.world.client.post(f"{self.path}/batches", content=wire, headers=headers)

    async def send(self, batch: SealedBatch | None = None) -> Receipt:
        """Send a batch (of all that was not sent) and return its receipt, checked."""
        sending = batch or self.batch()
        answer = await self.send_wire(to_wire(sending, compress))
        assert answer.status_code == 200, answer.text
        receipt = self.receipt_of(answer)
        assert acknowledges(receipt, sending)
        self.sent = max(self.sent, sending.header.last)
        return receipt

    def receipt_of(self, answer: httpx.Response) -> Receipt:
        key = self.world.services.keys.log.public_key()
        return read_receipt(key, Signed.from_bytes(answer.content, "receipt"))

    # --- asking ----------------------------------------------------------------------------------

    async def get(self, path: str, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        return await self.world.client.get(f"{self.path}{path}", headers=headers, **options)

    async def pull(self, after: int = 0, most: int | None = None) -> tuple[list[LogBatch], LogEnd]:
        """Return a piece of the log, every seal checked."""
        parameters = {"after": after} | ({} if most is None else {"most": most})
        answer = await self.get("/log", params=parameters)
        assert answer.status_code == 200, answer.text
        return log_from_wire(answer.content, expand)

    async def entries(self) -> list[tuple[bytes, str]]:
        """Return the whole log: each event's bytes and what became of it."""
        batches, _ = await self.pull(most=64 * 2**20)
        return [(raw, said_of(verdict)) for batch in batches for _, _, raw, verdict in batch.entries()]

    async def hello(self, **said: Any) -> HelloAnswer:
        answer = await self.hello_response(**said)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=HelloAnswer)

    async def hello_response(self, **said: Any) -> httpx.Response:
        content = msgspec.json.encode(self.a_hello(**said))
        headers = {**self.headers, "Content-Type": "application/json"}
        return await self.world.client.post(f"{self.path}/hello", content=content, headers=headers)

    def a_hello(self, **said: Any) -> Hello:
        """What a replica says that holds nothing of the log, but for what is said otherwise."""
        hello = Hello(
            v=1,
            company=self.company,
            replica=self.replica,
            incarnation=self.incarnation,
            seq=self.head.seq,
            head=self.head.hash.hex(),
            size=0,
            root=root_of([]).hex(),
            pending=len(self.events) - self.sent,
            at=AT,
            app="0.1.0",
        )
        return msgspec.structs.replace(hello, **said)

    def checkpoint_of(self, text: str) -> Checkpoint:
        return read_checkpoint(self.world.services.keys.log.public_key(), signed_of(text, "checkpoint"))


def leaves_of_batches(batches: Sequence[LogBatch]) -> list[bytes]:
    """The leaf hashes of these batches' entries, made from their bytes alone."""
    leaves: list[bytes] = []
    for batch in batches:
        header, new = batch.batch.header, read_events(batch.batch)[batch.known :]
        origin = (header.replica, header.first + batch.known)
        events = [(read.id, read.hash) for read in new]
        leaves += leaves_of(batch.gseq, events, batch.verdicts, origin, batch.at)
    return leaves


def tree_of(batches: Sequence[LogBatch]) -> Frontier:
    """The tree over these batches from the log's beginning."""
    return Frontier.empty().extend(leaves_of_batches(batches))


@dataclass
class Office:
    """One company of one tenant, and how branches come to it."""

    world: World
    tenant: Principal
    tenant_id: str
    company_no: int
    details: Company

    async def branch(self, role: Role = Role.OWNER) -> Branch:
        """Enrol a branch over HTTP and give it a token."""
        user = await self.world.user(self.tenant, role)
        laptop, _ = await self.world.enrolled(self.tenant, self.company_no, user, self.details.id)
        answer = await self.world.device_token(self.tenant_id, laptop)
        return Branch(
            self.world,
            self.tenant,
            self.tenant_id,
            self.company_no,
            self.details.id,
            laptop,
            UserId(user.public_id),
            answer.json()["access_token"],
            self.world.services.incarnation,
            genesis(ReplicaId(laptop.replica)),
        )

    async def first_branch(self) -> Branch:
        """Enrol the branch the company was born in, its first events sent."""
        branch = await self.branch()
        branch.open_books(self.details)
        await branch.send()
        return branch


async def an_office(made: World) -> Office:
    """Make a tenant with one company that no branch has come to yet."""
    tenant, tenant_id = await made.tenant()
    details = msgspec.structs.replace(a_company(), id=CompanyId(ids.new()))
    return Office(made, tenant, tenant_id, await made.company(tenant), details)


@asynccontextmanager
async def an_open_office(folder: Path, database: Database) -> AsyncIterator[Office]:
    async with world(folder, database) as made:
        yield await an_office(made)


def desk_of(made: World) -> Desk:
    """Another process of the same server: a ledger of its own over the same database, keys and beacons."""
    services = made.services
    return Desk(
        settings=services.settings,
        keys=services.keys,
        incarnation=services.incarnation,
        beacons=services.beacons,
        tenants=services.tenants,
        identifiers=services.identifiers,
        milliseconds=services.milliseconds,
    )


async def verified(
    branch: Branch, stretch_entries: int = STRETCH_ENTRIES, stretch_bytes: int = STRETCH_BYTES
) -> Verification:
    """Prove the branch's company on the server, as `ledgerflow-server verify` does."""
    desk = desk_of(branch.world)
    async with desk.tenants.session(branch.tenant, read_only=True, snapshot=True) as session:
        return await verify_company(
            desk, session, branch.company, stretch_entries=stretch_entries, stretch_bytes=stretch_bytes
        )


@asynccontextmanager
async def restarted(*branches: Branch, life: str = "") -> AsyncIterator[None]:
    """Serve branches from a process that has seen nothing, over the same database and data folder.

    `life` is the incarnation in the data folder, where that has been renewed.
    """
    before = branches[0].world
    services = before.services
    life = life or services.incarnation
    app = create_app(services.settings, services.keys, life, services.database, milliseconds=services.milliseconds)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://server") as client,
    ):
        for branch in branches:
            branch.world = dataclass_replace(before, app=app, client=client)
        yield
