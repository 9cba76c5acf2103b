"""Bugs put into the stores of the server and of the replicas: what a shell around the engine might do wrong."""

from collections.abc import Sequence
from dataclasses import replace as changed
from typing import Any

from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import MasterChanged, ReplicaOpened, decode_event
from ledgerflow_core.identifiers import EventId, ReplicaId
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.sync.admission import ReadEvent, Taken
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import Facts, NumberKey
from ledgerflow_core.sync.log import ACCEPTED, LogBatch, Outcome
from ledgerflow_core.sync.replica import Engine
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from ledgerflow_core.vouchers.voucher import Voucher
from simulation import sim_server
from simulation.seams import patched
from simulation.sim_replica import Guard, ReplicaDisk, SimReplica
from simulation.sim_server import Beacon, Crash, ServerDisk, SimServer, as_stored, copied

_append, _batch, _books, _rehome = SimReplica.append, SimReplica.batch, SimReplica.books, SimReplica.rehome
_begin, _finish, _store, _take, _number_key = (
    SimServer.begin, SimServer.finish, SimServer._store, sim_server.take, Facts.number_key,
)  # fmt: skip
_COMMITS_A_SYNC = 3

# --- the server's -----------------------------------------------------------------------------------------


def begin_with_snapshot(self: SimServer, wire: bytes) -> SealedBatch:
    """The company's head is read before the lock is taken."""
    batch = _begin(self, wire)
    self.__dict__.setdefault("snapshots", {})[batch.hash] = self.disk
    return batch


def finish_on_a_snapshot(self: SimServer, batch: SealedBatch, role: Role = Role.OWNER) -> bytes:
    """A batch is placed by what was read before the lock, as with numbers from a sequence."""
    snapshot = self.__dict__["snapshots"].pop(batch.hash, self.disk)
    if not self.disk.recovering and not snapshot.recovering and snapshot.incarnation == self.incarnation:
        self.disk = snapshot
    return _finish(self, batch, role)


def burned_numbers(self: SimServer, after: ServerDisk, piece: LogBatch, leaves: list[bytes]) -> None:
    """A transaction that fails keeps the numbers it drew from the sequence."""
    burned = self.__dict__.get("burned", 0)
    if self.fail_at == "before":
        self.__dict__["burned"] = burned + 1
        raise Crash
    if burned and piece.verdicts:
        piece = piece._replace(gseq=piece.gseq + burned)
        after.log, after.stored = (*after.log[:-1], piece), (*after.stored[:-1], as_stored(piece))
    _store(self, after, piece, leaves)


def acknowledge_before_commit(self: SimServer, after: ServerDisk, piece: LogBatch, leaves: list[bytes]) -> None:
    """The answer goes out while the transaction is still on its way to the disk."""
    before = self.disk
    _store(self, after, piece, leaves)
    self.durable = before


def counted_incarnation(self: SimServer) -> str:
    """The next life is named by a counter in the database, which a restore sets back."""
    return f"00000000-0000-4000-8000-{(int(self.disk.incarnation[-12:], 16) + 1) % 16**12:012x}"


def restore_without_beacon(self: SimServer, backup: ServerDisk) -> None:
    """Nothing outside the database says that something is missing."""
    self.disk = self.durable = changed(backup, recovering=False)
    self.beacon = Beacon(self.incarnation, backup.frontier.size)


def take_by_the_numbering_at_the_end(batch: SealedBatch, events: Sequence[ReadEvent], *rest: Any) -> Taken:
    """Whether a number may repeat is asked of its type as the batch leaves it."""
    bodies = [read.event.body for read in events if read.event is not None]
    kinds = [body.master for body in bodies if isinstance(body, MasterChanged) and isinstance(body.master, VoucherType)]

    def number_key(self: Facts, voucher: Voucher) -> NumberKey | None:
        chart = self.chart.copied()
        for kind in kinds:
            chart.put(kind)
        return _number_key(changed(self, chart=chart), voucher)

    with patched([(Facts, "number_key", number_key)]):
        return _take(batch, events, *rest)


# --- the replica's ------------------------------------------------------------------------------------------


def commit_now_and_then(self: SimReplica, disk: ReplicaDisk) -> None:
    """A commit is on the disk when the system gets round to it: NORMAL where it should be FULL."""
    count = self.__dict__["commits"] = self.__dict__.get("commits", 0) + 1
    self.disk = disk
    if count % _COMMITS_A_SYNC == 0:
        self.durable = disk


def append_in_two_commits(self: SimReplica, batches: Sequence[LogBatch], checkpoint: Signed) -> None:
    """How far the log was read is on the disk before what was read is in the books."""
    books_before = self.disk.facts
    _append(self, batches, checkpoint)
    self.durable = changed(self.disk, facts=books_before)


def folded_anew(self: SimReplica, facts: Facts, batches: Sequence[LogBatch]) -> Facts:
    """A replica decides by itself what the server decided before."""
    decider = Decider(copied(facts))
    for piece in batches:
        for gseq, _, raw, _ in piece.entries():
            decider.decide(decode_event(raw), version_hash(raw).hex(), gseq)
    return decider.facts


def folded_as_accepted(self: SimReplica, facts: Facts, batches: Sequence[LogBatch]) -> Facts:
    """A replica takes whatever the log has as having taken effect."""
    decider = Decider(copied(facts))
    for piece in batches:
        for gseq, _, raw, verdict in piece.entries():
            taken = verdict if verdict.outcome is Outcome.DUPLICATE else ACCEPTED
            decider.follow(decode_event(raw), version_hash(raw).hex(), gseq, taken)
    return decider.facts


def books_with_parked(self: SimReplica) -> Facts:
    """What was shown when it was posted stays shown, though the server parked it."""
    facts = _books(self)
    decider = Decider(copied(facts))
    for raw in self.disk.own:
        event = decode_event(raw)
        known = facts.events.get(event.id)
        if known is not None and event.id in facts.open_conflicts:
            decider.follow(event, version_hash(raw).hex(), known.gseq, ACCEPTED)
    return decider.facts


def open_without_guard(self: SimReplica, guard: Guard | None) -> None:
    """A file put back in time goes on as if nothing had been."""
    self.engine = Engine(self.engine.server_key)


def batch_sealed_anew(self: SimReplica, first: int, events_most: int) -> SealedBatch:
    """A batch that was sent and not answered is cut otherwise the next time."""
    self.disk = changed(self.disk, sealed={})
    return _batch(self, first, max(1, (events_most + len(self.disk.own)) % 5))


def rehome_with_other_ids(self: SimReplica, reason: str) -> None:
    """A copy posts what was not sent as something new."""
    self.rehomed += 1
    pending = self.pending()
    self.disk = changed(
        self.disk, replica=ReplicaId(self.new_id()), key=self.new_key(), tag=self.new_tag(), own=(), own_ids={},
        serials={}, sealed={},
    )  # fmt: skip
    self.write(self._opened(reason))
    for raw in pending:
        if raw.startswith(b'{"v":1,') and not isinstance(decode_event(raw).body, ReplicaOpened):
            self.write(decode_event(raw).body, event_id=EventId(self.new_id()))


def rehome_in_the_same_series(self: SimReplica, reason: str) -> None:
    """A copy goes on in the number series of the file it is a copy of."""
    tag, serials = self.disk.tag, self.disk.serials
    _rehome(self, reason)
    self.commit(changed(self.disk, tag=tag, serials=serials))


def no_bodies(self: SimReplica, lost: Sequence[LogBatch]) -> dict[Any, bytes]:
    """What the server lost and others wrote is none of this replica's business."""
    return {}
