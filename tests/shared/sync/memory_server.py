"""A sync server in memory for one company: the real decisions, receipts and checkpoints, with nothing in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.posting.month_totals import MonthTotals
from ledgerflow_core.sync.admission import known_events, read_events, take
from ledgerflow_core.sync.batch import PROTOCOL_VERSION, SealedBatch
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.merkle import Frontier, root_of
from ledgerflow_core.sync.messages import HelloAnswer, LogEnd
from ledgerflow_core.sync.receipts import (
    Checkpoint,
    sign_checkpoint,
    sign_receipt,
)
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.replica import Engine, Standing, step
from ledgerflow_core.sync.replica_messages import (
    Answered,
    Append,
    Contribute,
    Heard,
    Keep,
    NoteIncarnation,
    Pull,
    Pulled,
    Push,
    Rebuild,
    Receipted,
    Rehome,
    Rejected,
    Renewed,
    Rest,
    SayHello,
    Stored,
    Wake,
    Wanted,
)
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from simulation.sim_server import Places, receipt_of

TENANT = "0198c0de-0000-7000-8000-00000000000a"
INCARNATION = "0198c0de-0000-7000-8000-000000000001"
STEPS_MAX = 500


@dataclass
class MemoryServer:
    """The log of one company. `pull_batches` is how many batches a pull brings at most."""

    company: CompanyId
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    incarnation: str = INCARNATION
    pull_batches: int = 3
    log: list[LogBatch] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier.empty)
    facts: Facts = field(default_factory=lambda: Facts(totals=MonthTotals()))
    ends: dict[ReplicaId, Head] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    receipts: dict[bytes, Signed] = field(default_factory=dict)
    roles: dict[ReplicaId, Role] = field(default_factory=dict)
    seconds: int = 0
    tenant: str = TENANT

    @property
    def key_hex(self) -> str:
        """The public key the server signs with."""
        return self.key.public_key().public_bytes_raw().hex()

    # --- requests -------------------------------------------------------------------------------

    def hello(self, replica: ReplicaId, size: int, root: str) -> HelloAnswer:
        """Answer where the server stands towards a replica."""
        end = self.ends.get(replica)
        return HelloAnswer(
            v=PROTOCOL_VERSION,
            state="normal",
            incarnation=self.incarnation,
            seq=end.seq if end else 0,
            head=end.hash.hex() if end else "",
            size=self.frontier.size,
            consistent=size <= self.frontier.size and root_of(self.leaves[:size]).hex() == root,
            checkpoint=self.checkpoint(self.frontier.size).to_bytes().decode(),
        )

    def push(self, batch: SealedBatch) -> Signed:
        """Take a batch; return the signed receipt. Raises `Refused`."""
        header = batch.header
        stored = self.receipts.get(batch.hash)
        if stored is not None:
            return stored
        if header.incarnation != self.incarnation:
            raise Refused("incarnation-changed")
        events = read_events(batch)
        end = self.ends.get(header.replica, genesis(header.replica))
        at_last = self.places.get((header.replica, header.last))
        known = known_events(batch, events, end, at_last[0] if at_last else None)
        at = self._now()
        decider = Decider(self.facts, self.roles.get(header.replica, Role.OWNER))
        taken = take(batch, events, known, self.frontier, decider, at)
        verdicts = tuple(decision.verdict for decision in taken.decisions)
        first = self.frontier.size + 1
        for n, (event, verdict) in enumerate(zip(events[known:], verdicts, strict=True)):
            self.places[header.replica, header.first + known + n] = (event.hash, first + n, verdict)
        if verdicts:
            self.log.append(LogBatch(first, known, at, verdicts, batch))
            self.ends[header.replica] = Head(header.last, bytes.fromhex(header.head))
        self.leaves += taken.leaves
        self.frontier = taken.frontier
        return self.receipts.setdefault(batch.hash, self._receipt(batch))

    def pull(self, after: int) -> Pulled:
        """Return the next batches of the log behind `after`."""
        batches = [piece for piece in self.log if piece.gseq > after][: self.pull_batches]
        end = batches[-1].last if batches else after
        checkpoint = self.checkpoint(end).to_bytes().decode()
        return Pulled(batches, LogEnd(size=self.frontier.size, checkpoint=checkpoint))

    def checkpoint(self, size: int) -> Signed:
        """Return the signed checkpoint of the log at a size."""
        said = Checkpoint(
            tenant=self.tenant,
            company=self.company,
            incarnation=self.incarnation,
            size=size,
            root=root_of(self.leaves[:size]).hex(),
            at=self._now(),
        )
        return sign_checkpoint(self.key, said)

    def lose(self, size: int, incarnation: str) -> None:
        """Go on under another name from an earlier state: what a restore without handing back comes to."""
        kept, seconds = [piece for piece in self.log if piece.last <= size], self.seconds
        self.__init__(self.company, self.key, incarnation, self.pull_batches)  # type: ignore[misc]
        self.seconds = seconds
        for piece in kept:
            self.restore(piece)

    def restore(self, piece: LogBatch) -> None:
        """Take a piece of the log back with the verdicts it has."""
        events = read_events(piece.batch)
        decider = Decider(self.facts)
        taken = take(piece.batch, events, piece.known, self.frontier, decider, piece.at, piece.verdicts)
        header = piece.batch.header
        for n, (event, verdict) in enumerate(zip(events[piece.known :], piece.verdicts, strict=True)):
            self.places[header.replica, header.first + piece.known + n] = (event.hash, piece.gseq + n, verdict)
        self.log.append(piece)
        self.ends[header.replica] = Head(header.last, bytes.fromhex(header.head))
        self.leaves += taken.leaves
        self.frontier = taken.frontier

    def _now(self) -> str:
        """Return the server's time: a second passes whenever it is asked."""
        self.seconds += 1
        return f"2026-11-21T{self.seconds // 3600:02d}:{self.seconds // 60 % 60:02d}:{self.seconds % 60:02d}.000Z"

    def _receipt(self, batch: SealedBatch) -> Signed:
        said = receipt_of(batch, self.places, self.tenant, self.incarnation, self.frontier, self._now())
        return sign_receipt(self.key, said)


class Store(Protocol):
    """What `sync` needs of a replica."""

    def standing(self) -> Standing: ...
    def outgoing(self, first: int, events_most: int) -> SealedBatch: ...
    def keep(self, receipt: Signed) -> None: ...
    def append(self, batches: Sequence[LogBatch], checkpoint: Signed) -> None: ...
    def rehome(self) -> None: ...
    def rebuild(self, size: int, incarnation: str) -> None: ...
    def note_incarnation(self, incarnation: str) -> None: ...
    def contribute(self) -> None: ...


def sync(store: Store, server: MemoryServer, *, events_most: int = 500, steps: int = STEPS_MAX) -> list[str]:
    """Let the real engine bring a replica and the server together; return the names of what it did."""
    return _driven(Engine(server.key.public_key(), events_most=events_most), store, server, steps)


def push_once(store: Store, server: MemoryServer, *, events_most: int) -> list[str]:
    """Sync up to the first receipt that is kept, and cut the line; without anything to push, like `sync`."""
    return _driven(Engine(server.key.public_key(), events_most=events_most), store, server, until=Keep)


def pull_once(store: Store, server: MemoryServer, *, events_most: int) -> list[str]:
    """Sync up to the first piece of the log that is stored, before anything is pushed, and cut the line."""
    engine = Engine(server.key.public_key(), events_most=events_most, pushed_last=True)
    return _driven(engine, store, server, until=Append)


def _driven(
    engine: Engine, store: Store, server: MemoryServer, steps: int = STEPS_MAX, until: type[Wanted] | None = None
) -> list[str]:
    heard: Heard = Wake()
    done: list[str] = []
    for _ in range(steps):
        engine, wanted = step(engine, store.standing(), heard)
        done.append(type(wanted).__name__)
        if isinstance(wanted, Rest):
            return done
        heard = _do(store, server, wanted)
        if type(wanted) is until:
            return done
    raise AssertionError(f"not at rest after {steps} steps: {done[-12:]}")


def _do(store: Store, server: MemoryServer, wanted: Wanted) -> Heard:
    match wanted:
        case SayHello(size):
            standing = store.standing()
            return Answered(server.hello(standing.replica, size, standing.root_at(size)))
        case Push(first, most):
            batch = store.outgoing(first, most)
            try:
                return Receipted(batch, server.push(batch))
            except Refused as error:
                return Rejected(error.code, error.refusal.status, 0)
        case Pull(after):
            return server.pull(after)
        case Keep(receipt):
            store.keep(receipt)
            return Stored()
        case Append(batches, checkpoint):
            store.append(batches, checkpoint)
            return Stored()
        case Contribute():
            store.contribute()
            return Stored()
        case Rehome():
            store.rehome()
            return Renewed()
        case Rebuild(size, incarnation):
            store.rebuild(size, incarnation)
            return Renewed()
        case NoteIncarnation(incarnation):
            store.note_incarnation(incarnation)
            return Renewed()
        case _:
            raise AssertionError(wanted)
