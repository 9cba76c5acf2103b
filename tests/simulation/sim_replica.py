"""A replica in memory: real events, real signatures and the real engine over a disk that can crash or be copied."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledgerflow_core.events.chain import Author, Head, event_hash, genesis, next_event, version_hash
from ledgerflow_core.events.event import Body, ReplicaOpened, decode_event
from ledgerflow_core.identifiers import CompanyId, DeviceId, EventId, ReplicaId, UserId
from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.batch import PROTOCOL_VERSION, SealedBatch, Sender, how_many_fit, seal
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import Facts, KnownEvent
from ledgerflow_core.sync.log import LogBatch, Outcome
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.messages import Hello, LogEnd, log_to_wire
from ledgerflow_core.sync.receipts import receipt_hash
from ledgerflow_core.sync.replica import Engine, Standing, leaves_in
from ledgerflow_core.sync.replica_messages import (
    Append,
    Contribute,
    Heard,
    Keep,
    NoteIncarnation,
    Rebuild,
    Rehome,
    Renewed,
    Stored,
    Wanted,
)
from ledgerflow_core.sync.statements import Signed
from ledgerflow_core.vouchers.numbering import series_of
from ledgerflow_core.vouchers.voucher import Voucher
from simulation.sim_server import TENANT, as_stored, copied, no_facts


@dataclass
class ReplicaDisk:
    """The company file: what survives a crash, what a backup holds and what a copy takes along.

    Never changed in place: a transaction swaps it. `own_ids` name the events of `own`; `facts` is what the log
    held comes to; `serials` are the last ones given in each financial year, whatever prefix stood before them.
    """

    replica: ReplicaId
    key: Ed25519PrivateKey
    tag: str
    own: tuple[bytes, ...] = ()
    own_ids: dict[EventId, int] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    log: tuple[LogBatch, ...] = ()
    facts: Facts = field(default_factory=no_facts)
    leaves: tuple[bytes, ...] = ()
    frontier: Frontier = field(default_factory=Frontier.empty)
    checkpoint: Signed | None = None
    incarnation: str = ""
    receipts: tuple[Signed, ...] = ()
    sealed: dict[int, SealedBatch] = field(default_factory=dict)
    pool: dict[EventId, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Guard:
    """What the machine remembers of the file, outside it."""

    replica: ReplicaId
    head: Head


class SimReplica:
    """One company file on one device. `durable` is the disk as a power cut would leave it."""

    def __init__(
        self, name: str, company: CompanyId, server_key: Ed25519PublicKey, device: DeviceId,
        new_id: Callable[[], str], new_key: Callable[[], Ed25519PrivateKey], new_tag: Callable[[], str],
    ) -> None:  # fmt: skip
        self.name = name
        self.company = company
        self.device = device
        self.user = UserId(new_id())
        self.new_id, self.new_key, self.new_tag = new_id, new_key, new_tag
        self.engine = Engine(server_key)
        self.now = "2026-11-21T10:00:00.000Z"
        self.rehomed = self.rebuilt = 0
        self._seen: tuple[ReplicaDisk, Facts] | None = None
        key = new_key()
        self.disk = self.durable = ReplicaDisk(ReplicaId(new_id()), key, new_tag())
        self.write(self._opened("new"))

    def commit(self, disk: ReplicaDisk) -> None:
        """Put a transaction on the disk: on return it survives a power cut."""
        self.disk = self.durable = disk

    # --- the chain ------------------------------------------------------------------------------

    @property
    def head(self) -> Head:
        """The end of the own chain."""
        return head_of(self.disk)

    def _opened(self, reason: str) -> ReplicaOpened:
        public = self.disk.key.public_key().public_bytes_raw().hex()
        return ReplicaOpened(
            device=self.device, user=self.user, user_name=self.name, key=public, tag=self.disk.tag, reason=reason
        )

    def write(self, body: Body, *, event_id: EventId | None = None, number: str = "") -> EventId:
        """Seal an event onto the chain; it is on the disk on return, and so is a number of the own series it took."""
        event_id = event_id or EventId(self.new_id())
        disk = self._with(self.disk, body, event_id)
        if number:
            *_, year, serial = number.split("/")
            disk = changed(disk, serials={**disk.serials, year: int(serial)})
        self.commit(disk)
        return event_id

    def drafted(self, body: Body, event_id: EventId) -> bytes:
        """Return the bytes `write` would make, without writing them."""
        return self._with(self.disk, body, event_id).own[-1]

    def write_raw(self, raw: bytes, event_id: EventId) -> None:
        """Put an event on the chain that a later version of the program made."""
        disk = self.disk
        self.commit(changed(disk, own=(*disk.own, raw), own_ids={**disk.own_ids, event_id: len(disk.own) + 1}))

    def _with(self, disk: ReplicaDisk, body: Body, event_id: EventId) -> ReplicaDisk:
        """Return the disk with one event more."""
        author = Author(disk.replica, self.user)
        raw, head = next_event(head_of(disk), body, author=author, event_id=event_id, at=self.now)
        return changed(disk, own=(*disk.own, raw), own_ids={**disk.own_ids, event_id: head.seq})

    def next_number(self, voucher: Voucher) -> str:
        """Return the next number of the own series for a voucher; `write` takes it."""
        facts = self.books()
        assert facts.company is not None, "the company comes first"
        kind, year = facts.chart.voucher_types[voucher.type], facts.company.financial_year
        series = series_of(kind, year, voucher.date, replica_tag=self.disk.tag)
        return series.number(self.disk.serials.get(year.label(voucher.date), 0) + 1)

    # --- the books ------------------------------------------------------------------------------

    def pending(self) -> list[bytes]:
        """Return the own events that the log held does not have, in order."""
        disk = self.disk
        return [raw for raw, event in zip(disk.own, disk.own_ids, strict=True) if event not in disk.facts.events]

    def books(self) -> Facts:
        """Return the books a user sees: the log, and on top of it what is pending and can take effect."""
        if self._seen is None or self._seen[0] is not self.disk:
            self._seen = (self.disk, self.foreseen(self.disk.facts, self.pending()))
        return self._seen[1]

    def foreseen(self, facts: Facts, pending: Sequence[bytes]) -> Facts:
        """Return what books come to if the server takes the pending events as things stand."""
        if not pending:
            return facts
        decider = Decider(copied(facts))
        for raw in pending:
            if raw.startswith(b'{"v":1,'):
                decider.decide(decode_event(raw), version_hash(raw).hex(), 0)
        return decider.facts

    # --- what the engine asks -------------------------------------------------------------------

    def standing(self) -> Standing:
        """Return where the file stands."""
        disk = self.disk
        return Standing(
            tenant=TENANT,
            company=self.company,
            replica=disk.replica,
            incarnation=disk.incarnation,
            head=self.head,
            log=disk.frontier,
            to_contribute=len(self._contributions()),
            hash_at=lambda seq: event_hash(disk.own[seq - 1]),
            root_at=self.root_at,
        )

    def _contributions(self) -> list[EventId]:
        disk = self.disk
        return [event for event in disk.pool if event not in disk.facts.events and event not in disk.own_ids]

    def root_at(self, size: int) -> str:
        """Return the root (hex) of the first entries of the log held."""
        if size == self.disk.frontier.size:
            return self.disk.frontier.root().hex()
        return Frontier.empty().extend(self.disk.leaves[:size]).root().hex()

    def hello(self, size: int) -> Hello:
        """Return what the replica says of itself."""
        head = self.head
        return Hello(
            v=PROTOCOL_VERSION,
            company=self.company,
            replica=self.disk.replica,
            incarnation=self.disk.incarnation,
            seq=head.seq,
            head=head.hash.hex(),
            size=size,
            root=self.root_at(size),
            pending=len(self.pending()),
            at=self.now,
            app="simulation",
        )

    def batch(self, first: int, events_most: int) -> SealedBatch:
        """Return the batch that begins at `first`: as sealed before, or sealed now."""
        disk = self.disk
        known = disk.sealed.get(first)
        fits = known is not None and known.header.last - first < events_most
        if known is not None and fits and known.header.incarnation == disk.incarnation:
            return known
        events = disk.own[first - 1 :]
        events = events[: how_many_fit([len(raw) for raw in events], events_most)]
        before = Head(first - 1, event_hash(disk.own[first - 2])) if first > 1 else genesis(disk.replica)
        receipt = receipt_hash(disk.receipts[-1]) if disk.receipts else ""
        sender = Sender(TENANT, self.company, disk.replica, disk.incarnation, receipt)
        batch = seal(events, before, sender, disk.key)
        self.commit(changed(disk, sealed={**disk.sealed, first: batch}))
        return batch

    def continuation(self, after: int) -> bytes:
        """Return the log behind `after`, with the newest checkpoint, to hand back."""
        items = [as_stored(piece) for piece in self.disk.log if piece.gseq > after]
        assert self.disk.checkpoint is not None, "who holds a log holds the checkpoint it came with"
        return log_to_wire(
            items, LogEnd(size=self.disk.frontier.size, checkpoint=self.disk.checkpoint.to_bytes().decode())
        )

    def store(self, wanted: Wanted) -> Heard:
        """Do what the engine wants stored, in one step that either happens or does not."""
        match wanted:
            case Keep(receipt):
                self.commit(changed(self.disk, receipts=(*self.disk.receipts, receipt)))
                return Stored()
            case Append(batches, checkpoint):
                self.append(batches, checkpoint)
                return Stored()
            case Contribute():
                self._contribute()
                return Stored()
            case NoteIncarnation(incarnation):
                self.commit(changed(self.disk, incarnation=incarnation, sealed={}))
                return Renewed()
            case Rehome():
                self.rehome("forked")
                return Renewed()
            case Rebuild(size, incarnation):
                self._rebuild(size, incarnation)
                return Renewed()
            case _:
                raise AssertionError(f"nothing to store in {wanted}")

    def append(self, batches: Sequence[LogBatch], checkpoint: Signed) -> None:
        """Add to the log held and fold it into the books, in one transaction."""
        disk = self.disk
        leaves = [leaf for piece in batches for leaf in leaves_in(piece)]
        self.commit(
            changed(
                disk,
                log=(*disk.log, *batches),
                facts=self.folded(disk.facts, batches),
                leaves=(*disk.leaves, *leaves),
                frontier=disk.frontier.extend(leaves),
                checkpoint=checkpoint,
            )
        )

    def folded(self, facts: Facts, batches: Sequence[LogBatch]) -> Facts:
        """Return what a log comes to with some batches more, by the verdicts they carry."""
        decider = Decider(copied(facts))
        for piece in batches:
            new = read_events(piece.batch)[piece.known :]
            for gseq, (read, verdict) in enumerate(zip(new, piece.verdicts, strict=True), start=piece.gseq):
                if read.event is not None:
                    decider.follow(read.event, read.version, gseq, verdict)
                elif verdict.outcome is not Outcome.DUPLICATE:
                    decider.facts.events[read.id] = KnownEvent(gseq, read.version)
        return decider.facts

    def _contribute(self) -> None:
        disk = self.disk
        for event_id in self._contributions():
            disk = resigned(disk, disk.pool[event_id])
        self.commit(changed(disk, pool={}))

    def rehome(self, reason: str) -> None:
        """Take another identity; what the log lacks of the own events comes along."""
        self.rehomed += 1
        pending = self.pending()
        self.disk = changed(
            self.disk, replica=ReplicaId(self.new_id()), key=self.new_key(), tag=self.new_tag(),
            own=(), own_ids={}, serials={}, sealed={},
        )  # fmt: skip
        disk = self._with(self.disk, self._opened(reason), EventId(self.new_id()))
        for raw in pending:
            if not opens_replica(raw):
                disk = resigned(disk, raw)
        self.commit(disk)

    def _rebuild(self, size: int, incarnation: str) -> None:
        self.rebuilt += 1
        disk = self.disk
        kept = tuple(piece for piece in disk.log if piece.last <= size)
        pool = {**disk.pool, **self.bodies_of(disk.log[len(kept) :])}
        leaves = disk.leaves[: kept[-1].last if kept else 0]
        self.commit(
            changed(
                disk,
                log=kept,
                facts=self.folded(no_facts(), kept),
                leaves=leaves,
                frontier=Frontier.empty().extend(leaves),
                incarnation=incarnation,
                sealed={},
                pool=pool,
            )
        )

    def bodies_of(self, lost: Sequence[LogBatch]) -> dict[EventId, bytes]:
        """Return the events of others in a lost piece of the log, to be handed in again."""
        pool = {}
        for piece in lost:
            for _, _, raw, verdict in piece.entries():
                if verdict.outcome is Outcome.DUPLICATE:
                    continue
                event_id = EventId(raw[13:49].decode())
                if event_id not in self.disk.own_ids and not opens_replica(raw):
                    pool[event_id] = raw
        return pool

    # --- the machine it runs on -----------------------------------------------------------------

    def guard(self) -> Guard:
        """Return what the machine should remember of the file now."""
        return Guard(self.disk.replica, self.head)

    def opened(self, guard: Guard | None) -> None:
        """Start the program: a file the machine does not know, or knows further on, is a copy."""
        self.engine = Engine(self.engine.server_key)
        known = guard is not None and guard.replica == self.disk.replica and guard.head.seq <= self.head.seq
        if known and guard is not None and guard.head.seq:
            known = event_hash(self.disk.own[guard.head.seq - 1]) == guard.head.hash
        if not known:
            self.rehome("copied")


def head_of(disk: ReplicaDisk) -> Head:
    """Return the end of the own chain of a company file."""
    return Head(len(disk.own), event_hash(disk.own[-1])) if disk.own else genesis(disk.replica)


# The envelope, alike in every version of an event; what follows it stays as it was written.
_ENVELOPE = re.compile(rb'(\{"v":\d+,"id":"([^"]+)","replica":)"[^"]+","seq":\d+,"prev":"[^"]+",')


def resigned(disk: ReplicaDisk, raw: bytes) -> ReplicaDisk:
    """Return the disk with an event more at its end, its id and payload kept, whatever version it is of."""
    head = head_of(disk)
    envelope = _ENVELOPE.match(raw)
    assert envelope is not None, "every event begins alike"
    place = f'"{disk.replica}","seq":{head.seq + 1},"prev":"{head.hash.hex()}",'.encode()
    own = (*disk.own, envelope[1] + place + raw[envelope.end() :])
    return changed(disk, own=own, own_ids={**disk.own_ids, EventId(envelope[2].decode()): len(own)})


def opens_replica(raw: bytes) -> bool:
    """Whether an event only says whose chain it begins: such a one is not handed on."""
    return b'"body":{"type":"replica.opened"' in raw
