"""A sync server in memory: the real decisions, in the order a server must take them, over a disk that can crash."""

from collections.abc import Callable, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import NamedTuple

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.events.event import (
    CompanyChanged,
    Event,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    VoucherPosted,
)
from ledgerflow_core.identifiers import CompanyId, ReplicaId, VoucherId
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.posting.month_totals import MonthTotals
from ledgerflow_core.sync import admission
from ledgerflow_core.sync.admission import Taken, read_events, take
from ledgerflow_core.sync.batch import PROTOCOL_VERSION, SealedBatch, from_wire, to_wire
from ledgerflow_core.sync.deciding import Decider, Decision
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import ACCEPTED, LogBatch, Verdict, VerdictRun
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.messages import Hello, HelloAnswer, LogEnd, LogItem, log_from_wire, log_to_wire, signed_of
from ledgerflow_core.sync.receipts import (
    Checkpoint,
    Receipt,
    ReceiptRun,
    read_checkpoint,
    sign_checkpoint,
    sign_receipt,
)
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.replica import leaves_in
from ledgerflow_core.sync.roles import Role

# The company of a simulation is this tenant's.
TENANT = "00000000-0000-7000-8000-00000000000a"

compress = zstandard.ZstdCompressor(level=1).compress

# Making it takes as long as a session; whoever changes a chart copies it first.
_CHART = predefined_chart()


def expand(raw: bytes) -> bytes:
    """Expand a body, with the bound a real program has."""
    try:
        return zstandard.ZstdDecompressor().decompress(raw, max_output_size=2 << 20)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None


def no_facts() -> Facts:
    """Return what an empty log says; totals are followed from the beginning."""
    return Facts(chart=_CHART, totals=MonthTotals())


# What stands at a place of a chain: hash, entry of the log, verdict.
Places = dict[tuple[ReplicaId, int], tuple[bytes, int, Verdict]]


class Crash(Exception):
    """The process is gone; what was not on the disk is, too."""


def copied(facts: Facts) -> Facts:
    """Return facts of one's own: a transaction that fails leaves the others as they were."""
    return changed(
        facts,
        master_versions=dict(facts.master_versions),
        vouchers=dict(facts.vouchers),
        numbers=set(facts.numbers),
        events=dict(facts.events),
        open_conflicts=dict(facts.open_conflicts),
        tags=dict(facts.tags),
        totals=deepcopy(facts.totals),
    )


def is_laid_before(event: Event | None) -> bool:
    """Whether replicas bring their totals up to date before they take an event in: so they have to fit there too."""
    body = None if event is None else event.body
    if isinstance(body, MasterCreated | MasterChanged):
        return isinstance(body.master, VoucherType)
    return isinstance(body, MasterMerged | CompanyChanged)


def believed(facts: Facts, posted: Set[VoucherId]) -> Facts:
    """Return what a server looks up at first: ids and numbers that are brought are new, and totals have room."""
    vouchers = {voucher: now for voucher, now in facts.vouchers.items() if voucher not in posted}
    return copied(changed(facts, vouchers=vouchers, numbers=set(), events={}, totals=None))


def has_room(facts: Facts, decisions: Sequence[Decision]) -> bool:
    """Whether the totals of what was decided fit as they stand: what the tables say when rows are written."""
    totals, written = facts.totals, [one.replaced.after for one in decisions if one.replaced is not None]
    return totals is None or all(totals.fit(voucher, voucher, facts.chart) for voucher in written)


@dataclass
class ServerDisk:
    """What survives a crash, and what a backup holds. Never changed in place: a commit swaps it.

    `incarnation` is the life of the log that this is a state of; `stored` the log as it goes down the wire; `roots`
    its root (hex) at the end of each batch.
    """

    incarnation: str
    facts: Facts = field(default_factory=no_facts)
    log: tuple[LogBatch, ...] = ()
    stored: tuple[tuple[LogItem, bytes], ...] = ()
    leaves: tuple[bytes, ...] = ()
    frontier: Frontier = field(default_factory=Frontier.empty)
    roots: dict[int, str] = field(default_factory=lambda: {0: Frontier.empty().root().hex()})
    ends: dict[ReplicaId, Head] = field(default_factory=dict)
    signers: dict[ReplicaId, str] = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    receipts: dict[bytes, bytes] = field(default_factory=dict)
    recovering: bool = False


class Beacon(NamedTuple):
    """How far which life of the log has come: kept outside the disk that is backed up."""

    incarnation: str
    size: int


class SimServer:
    """One company at one server. `durable` is the disk as a power cut would leave it: what is answered is in it."""

    def __init__(
        self, company: CompanyId, key: Ed25519PrivateKey, new_id: Callable[[], str], tenant: str = TENANT
    ) -> None:
        self.tenant = tenant
        self.company = company
        self.key = key
        self.new_id = new_id
        self.disk = self.durable = ServerDisk(new_id())
        self.beacon = Beacon(self.incarnation, 0)
        self.clock = 0
        self.fail_at = ""  # where the next commit crashes: before, after
        self.on_commit: Callable[[LogBatch, list[bytes]], None] = lambda piece, leaves: None
        self.on_signed: Callable[[str, int, str, bytes], None] = lambda incarnation, size, root, signed: None
        self._checkpoints: dict[tuple[str, int, str], str] = {}

    @property
    def incarnation(self) -> str:
        """The life of the log that the disk holds: what it signs is true of that one, even while recovering."""
        return self.disk.incarnation

    # --- requests -------------------------------------------------------------------------------

    def hello(self, hello: Hello) -> HelloAnswer:
        """Answer where the server stands towards a replica."""
        disk = self.disk
        end = disk.ends.get(hello.replica)
        size = disk.frontier.size
        consistent = 0 <= hello.size <= size and self.root_at(hello.size) == hello.root
        return HelloAnswer(
            v=PROTOCOL_VERSION,
            state="recovering" if disk.recovering else "normal",
            incarnation=self.incarnation,
            seq=end.seq if end else 0,
            head=end.hash.hex() if end else "",
            size=size,
            consistent=consistent,
            checkpoint=self.checkpoint(size),
        )

    def push(self, wire: bytes) -> bytes:
        """Take a batch; return the signed receipt once it is on the disk."""
        return self.finish(self.begin(wire))

    def begin(self, wire: bytes) -> SealedBatch:
        """Check what needs no lock."""
        batch = from_wire(wire, expand)
        if batch.header.company != self.company:
            raise Refused("not-found")
        read_events(batch)
        return batch

    def finish(self, batch: SealedBatch, role: Role = Role.OWNER) -> bytes:
        """Take a checked batch while holding the company's head; return the signed receipt.

        `role` is what the user of the device may do now: the server alone knows that.
        """
        disk, header = self.disk, batch.header
        stored = disk.receipts.get(batch.hash)
        if stored is not None:
            return stored
        if disk.recovering:
            raise Refused("recovering")
        if header.incarnation != self.incarnation:
            raise Refused("incarnation-changed")
        if disk.signers.get(header.replica, header.signer) != header.signer:
            raise Refused("signer-unknown")
        end = disk.ends.get(header.replica, genesis(header.replica))
        at_last = disk.places.get((header.replica, header.last))
        known = admission.known_events(batch, read_events(batch), end, at_last[0] if at_last else None)
        return self._commit(batch, known, None, role)

    def pull(self, after: int, most: int) -> bytes:
        """Return up to `most` batches of the log behind `after`."""
        items = [piece for piece in self.disk.stored if piece[0].gseq > after][:most]
        # Nothing is ever signed of a size the log does not have.
        last = min(after, self.disk.frontier.size)
        if items:
            last = items[-1][0].gseq - 1 + sum(run.count for run in items[-1][0].verdicts)
        return log_to_wire(items, LogEnd(size=self.disk.frontier.size, checkpoint=self.checkpoint(last)))

    def adopt(self, raw: bytes) -> None:
        """Take back what a restore lost, as this server once signed it."""
        if not self.disk.recovering:
            raise Refused("not-recovering")
        try:
            pieces, end = log_from_wire(raw, expand)
            checkpoint = read_checkpoint(self.key.public_key(), signed_of(end.checkpoint, "checkpoint"))
            frontier = self.disk.frontier
            for piece in pieces:
                if piece.gseq != frontier.size + 1:
                    # Somebody else was first: where the log stands now is asked again.
                    raise Refused("not-recovering")
                frontier = frontier.extend(leaves_in(piece))
        except Damaged:
            raise Refused("continuation-wrong") from None
        said = (checkpoint.incarnation, checkpoint.size, checkpoint.root)
        if said != (self.beacon.incarnation, frontier.size, frontier.root().hex()):
            raise Refused("continuation-wrong")
        # The whole log is now known to be one of the life the beacon names.
        self.disk = changed(self.disk, incarnation=self.beacon.incarnation)
        for piece in pieces:
            self._commit(piece.batch, piece.known, piece)
        if self.disk.frontier.size >= self.beacon.size:
            self.disk = self.durable = changed(self.disk, recovering=False)

    # --- what an administrator does -------------------------------------------------------------

    def restore(self, backup: ServerDisk) -> None:
        """Put an earlier state of the disk in place. What it lacks is noticed by the beacon."""
        whole = backup.incarnation == self.beacon.incarnation and backup.frontier.size >= self.beacon.size
        self.disk = self.durable = changed(backup, recovering=not whole)

    def end_recovery(self) -> None:
        """Go on without what nobody handed back: another life of the log begins."""
        self.disk = self.durable = changed(self.disk, incarnation=self.new_incarnation(), recovering=False)
        self.beacon = Beacon(self.incarnation, self.disk.frontier.size)

    def new_incarnation(self) -> str:
        """Return the name of the next life of the log: by chance, never out of what a backup brings back."""
        return self.new_id()

    def start(self) -> None:
        """Start after a crash or a power cut."""
        self.disk = self.durable
        self._light_beacon()

    # --- inside ---------------------------------------------------------------------------------

    def root_at(self, size: int) -> str:
        """Return the root (hex) the log had at a size it has reached."""
        known = self.disk.roots.get(size)
        return known if known is not None else Frontier.empty().extend(self.disk.leaves[:size]).root().hex()

    def checkpoint(self, size: int) -> str:
        """Return the signed checkpoint of the log at a size, as it travels."""
        root = self.root_at(size)
        made = self._checkpoints.get((self.incarnation, size, root))
        if made is None:
            said = Checkpoint(
                tenant=self.tenant,
                company=self.company,
                incarnation=self.incarnation,
                size=size,
                root=root,
                at=self._now(),
            )
            made = sign_checkpoint(self.key, said).to_bytes().decode()
            self._checkpoints[self.incarnation, size, root] = made
            self.on_signed(self.incarnation, size, root, made.encode())
        return made

    def _now(self) -> str:
        return f"2026-11-21T10:{self.clock // 60000 % 60:02d}:{self.clock // 1000 % 60:02d}.{self.clock % 1000:03d}Z"

    def _at_first(self, batch: SealedBatch, known: int, at: str, role: Role) -> tuple[Taken, Facts] | None:
        """Decide a batch in the belief that it brings nothing twice; None where something is parked or a table objects.

        So nearly every batch is decided: everything is accepted, and totals have to fit at its end alone.
        """
        events, facts = read_events(batch), self.disk.facts
        bodies = [read.event.body for read in events[known:] if read.event is not None]
        posted = {body.voucher.id for body in bodies if isinstance(body, VoucherPosted)}
        if any(is_laid_before(read.event) for read in events):
            return None
        decider = Decider(believed(facts, posted), role)
        taken = take(batch, events, known, self.disk.frontier, decider, at)
        verdicts = [decision.verdict for decision in taken.decisions]
        brought = decider.facts
        taken_before = (
            brought.events.keys() & facts.events.keys()
            or brought.numbers & facts.numbers
            or posted & facts.vouchers.keys()
        )
        if taken_before or any(verdict is not ACCEPTED for verdict in verdicts):
            return None
        written = self._taken(batch, known, at, role, verdicts)
        return written if has_room(written[1], written[0].decisions) else None

    def _taken(
        self, batch: SealedBatch, known: int, at: str, role: Role, recorded: Sequence[Verdict] | None
    ) -> tuple[Taken, Facts]:
        """Decide a batch by all that the disk says, or follow what was decided of it."""
        decider = Decider(copied(self.disk.facts), role)
        taken = take(batch, read_events(batch), known, self.disk.frontier, decider, at, recorded)
        return taken, decider.facts

    def _commit(self, batch: SealedBatch, known: int, recorded: LogBatch | None, role: Role = Role.OWNER) -> bytes:
        """Decide, place and store a batch in one step that either happens or does not; return its receipt."""
        disk, header = self.disk, batch.header
        at = recorded.at if recorded else self._now()
        events = read_events(batch)
        decided = None if recorded else self._at_first(batch, known, at, role)
        taken, facts = decided or self._taken(batch, known, at, role, recorded and recorded.verdicts)
        verdicts = tuple(decision.verdict for decision in taken.decisions)
        first = disk.frontier.size + 1
        places = dict(disk.places)
        for n, (event, verdict) in enumerate(zip(events[known:], verdicts, strict=True)):
            places[header.replica, header.first + known + n] = (event.hash, first + n, verdict)
        piece = LogBatch(first, known, at, verdicts, batch)
        said = receipt_of(batch, places, self.tenant, self.incarnation, taken.frontier, at)
        receipt = sign_receipt(self.key, said).to_bytes()
        end = Head(header.last, bytes.fromhex(header.head))
        after = changed(
            disk,
            facts=facts,
            leaves=disk.leaves + tuple(taken.leaves),
            frontier=taken.frontier,
            roots={**disk.roots, taken.frontier.size: taken.frontier.root().hex()},
            ends={**disk.ends, header.replica: max(disk.ends.get(header.replica, end), end, key=lambda end: end.seq)},
            signers={**disk.signers, header.replica: header.signer},
            places=places,
            receipts={**disk.receipts, batch.hash: receipt},
        )
        if verdicts:
            after.log, after.stored = (*disk.log, piece), (*disk.stored, as_stored(piece))
        self._store(after, piece, taken.leaves)
        return receipt

    def _store(self, after: ServerDisk, piece: LogBatch, leaves: list[bytes]) -> None:
        if self.fail_at == "before":
            raise Crash
        self.disk = self.durable = after
        self.on_commit(piece, leaves)
        if self.fail_at == "after":
            raise Crash
        self._light_beacon()

    def _light_beacon(self) -> None:
        if self.incarnation == self.beacon.incarnation:
            self.beacon = Beacon(self.incarnation, max(self.beacon.size, self.disk.frontier.size))


def receipt_of(
    batch: SealedBatch, places: Places, tenant: str, incarnation: str, frontier: Frontier, at: str
) -> Receipt:
    """Return what a server that has a batch says of it, at a time and a state of its log."""
    header = batch.header
    runs = []
    for seq in range(header.first, header.last + 1):
        _, gseq, verdict = places[header.replica, seq]
        runs.append(ReceiptRun(gseq=gseq, verdicts=(VerdictRun(1, *verdict),)))
    return Receipt(
        tenant=tenant,
        company=header.company,
        incarnation=incarnation,
        batch=batch.hash.hex(),
        replica=header.replica,
        first=header.first,
        last=header.last,
        head=header.head,
        results=tuple(runs),
        size=frontier.size,
        root=frontier.root().hex(),
        at=at,
    )


def as_stored(piece: LogBatch) -> tuple[LogItem, bytes]:
    """Return a batch of the log as it travels: its line, and its bytes."""
    wire = to_wire(piece.batch, compress)
    runs = tuple(VerdictRun(1, *verdict) for verdict in piece.verdicts)
    return LogItem(gseq=piece.gseq, known=piece.known, at=piece.at, verdicts=runs, bytes=len(wire)), wire
