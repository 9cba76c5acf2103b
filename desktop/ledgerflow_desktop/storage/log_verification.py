"""Proves the server's log a file holds: seals and signers of its batches, the tree over its entries, what was signed.

Chains of other replicas are proved here, by the signatures of the batches they came in; that the rows are what the
events with effect come to, a replay shows.
"""

from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledgerflow_core.errors import Damaged, Fact, LedgerFlowError, Problem
from ledgerflow_core.events.event import KeyAdded
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.sync.admission import ReadEvent, read_events
from ledgerflow_core.sync.log import LogBatch, Outcome, Verdict, leaves_of, unpack_verdicts
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import Checkpoint, Receipt, ReceiptRun, read_checkpoint, read_receipt
from ledgerflow_core.sync.statements import public_key
from ledgerflow_desktop.storage import held_log, log_store, sync_facts, without_effect
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import get_meta
from ledgerflow_desktop.storage.replay import FINDINGS_MAX

# Whether an event has effect, and why not: its id, outcome and reason.
_Said = tuple[EventId, Outcome, str]


def problems_in_held_log(connection: Connection) -> list[Problem]:
    """Return what is wrong with the server's log as held; nothing where the company syncs with nobody."""
    enrolled = sync_facts.enrolment(connection)
    if enrolled is None:
        return []
    key = public_key(enrolled.server_key)
    if key is None:
        return [Problem("server-key-damaged", "sync.server_key")]
    proof = _Proof(connection, key, enrolled.tenant)
    proof.walk()
    proof.check_receipts()
    proof.check_effects()
    return proof.findings


class _Proof:
    """One walk through the log held."""

    def __init__(self, connection: Connection, server_key: Ed25519PublicKey, tenant: str) -> None:
        self.findings: list[Problem] = []
        self._connection = connection
        self._server_key = server_key
        self._tenant = tenant
        self._replicas = {row.no: row for row in log_store.replicas(connection)}
        self._keys = {row.id: {row.public_key.hex()} for row in self._replicas.values()}
        self._added: set[str] = set()
        self._tree = Frontier.empty()
        self._decided: dict[int, _Said] = {}

    def walk(self) -> None:
        """Check every batch, the tree they make, and every checkpoint on the way."""
        checkpoints = {}
        for checkpoint in self._checkpoints():
            checkpoints[checkpoint.size] = checkpoint
        for row in held_log.rows(self._connection):
            place = f"log entry {row.first_gseq}"
            if row.first_gseq != self._tree.size + 1:
                self._find("log-entry-missing", f"log entry {self._tree.size + 1}", next=row.first_gseq)
                return
            try:
                piece = held_log.opened(self._connection, row)
                leaves = self._leaves(piece)
            except LedgerFlowError as error:
                self._find("batch-seal-wrong", place, **error.facts)
                return
            self._check_signer(piece, row.replica_no)
            sizes = sorted(size for size in checkpoints if self._tree.size < size <= self._tree.size + len(leaves))
            before = self._tree
            for size in sizes:
                self._check_root(before.extend(leaves[: size - before.size]), checkpoints[size])
            self._tree = before.extend(leaves)
        kept = sync_facts.frontier(self._connection)
        if kept != self._tree:
            self._find("log-tree-differs", f"log entry {self._tree.size}", kept=kept.size, entries=self._tree.size)
        elif self._tree.size not in checkpoints and self._tree.size != self._unsigned():
            self._find("checkpoint-missing", f"log entry {self._tree.size}")

    def _unsigned(self) -> int:
        """Return the size for which the file holds no checkpoint and need not: 0, or where it was made anew."""
        return int(get_meta(self._connection, sync_facts.UNSIGNED_SIZE) or 0)

    def check_receipts(self) -> None:
        """Hold what the server acknowledged against the log it then gave."""
        incarnation = get_meta(self._connection, sync_facts.INCARNATION)
        for signed in held_log.receipts(self._connection):
            try:
                receipt = read_receipt(self._server_key, signed)
            except Damaged as error:
                self._find("receipt-wrong", error.place, **error.facts)
                continue
            if receipt.incarnation == incarnation and receipt.size <= self._tree.size and not self._is_kept(receipt):
                self._find("receipt-differs", f"event {receipt.first}", replica=receipt.replica)

    def check_effects(self) -> None:
        """Hold what has no effect here against what the server decided."""
        own = self._replicas[int(get_meta(self._connection, "replica_no"))]
        confirmed = held_log.last_seq(self._connection, own.no)
        log, twins = log_store.Reader(self._connection), set[EventId]()
        for row in without_effect.every(self._connection):
            said = (row.event_id, row.outcome, row.reason)
            place = f"log position {row.position}"
            read = log_store.envelope(log.read(row.position))
            if row.gseq is None:
                is_right = read.replica == own.id and read.seq > confirmed
            elif row.gseq not in self._decided and row.outcome is Outcome.DUPLICATE:
                # Taken by the server, and said before by this replica: that one counts here.
                twins.add(row.event_id)
                is_right = True
            else:
                is_right = self._decided.pop(row.gseq, None) == said
            if not is_right or read.id != row.event_id:
                self._find("effect-differs", place, outcome=row.outcome, reason=row.reason)
        counting = self._own_with_effect(own.no) if twins else set()
        for event_id in twins - counting:
            self._find("effect-differs", f"event {event_id}", outcome=Outcome.DUPLICATE, reason="")
        for gseq, (event_id, outcome, reason) in self._decided.items():
            if not (outcome is Outcome.DUPLICATE and event_id in twins):
                self._find("effect-differs", f"log entry {gseq}", outcome=outcome, reason=reason)

    def _own_with_effect(self, own_no: int) -> set[EventId]:
        silent = without_effect.positions(self._connection)
        return {
            log_store.envelope(raw).id
            for run in log_store.chain_runs(self._connection, own_no)
            for position, raw in enumerate(run.events, start=run.first)
            if position not in silent
        }

    # --- inside ---------------------------------------------------------------------------------

    def _find(self, code: str, place: str, **facts: Fact) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Problem(code, place, facts))

    def _checkpoints(self) -> Iterator[Checkpoint]:
        for signed in held_log.checkpoints(self._connection):
            try:
                yield read_checkpoint(self._server_key, signed)
            except Damaged as error:
                self._find("checkpoint-wrong", error.place, **error.facts)

    def _leaves(self, piece: LogBatch) -> list[bytes]:
        read = read_events(piece.batch)[piece.known :]
        self._note(piece, read)
        header = piece.batch.header
        events = [(one.id, one.hash) for one in read]
        return leaves_of(piece.gseq, events, piece.verdicts, (header.replica, header.first + piece.known), piece.at)

    def _note(self, piece: LogBatch, read: Sequence[ReadEvent]) -> None:
        for at, (one, verdict) in enumerate(zip(read, piece.verdicts, strict=True)):
            if verdict.outcome is not Outcome.ACCEPTED:
                self._decided[piece.gseq + at] = (one.id, verdict.outcome, verdict.reason)
            elif one.event is not None and isinstance(one.event.body, KeyAdded):
                self._added.add(one.event.body.key)

    def _check_signer(self, piece: LogBatch, replica_no: int) -> None:
        header, row = piece.batch.header, self._replicas.get(replica_no)
        known = row is not None and row.id == header.replica
        if not known or header.signer not in self._keys[header.replica] | self._added:
            self._find("batch-signer-unknown", f"log entry {piece.gseq}", replica=header.replica)

    def _check_root(self, tree: Frontier, said: Checkpoint) -> None:
        if (said.tenant, said.root) != (self._tenant, tree.root().hex()):
            self._find("checkpoint-differs", f"log entry {said.size}")

    def _is_kept(self, receipt: Receipt) -> bool:
        """Whether every event of a receipt stands in the log held where the receipt says, with that verdict."""
        if receipt.tenant != self._tenant:
            return False
        no = next((row.no for row in self._replicas.values() if row.id == receipt.replica), None)
        held: dict[int, tuple[int, Verdict]] = {}
        rows = self._connection.execute(
            """SELECT first_gseq, last_gseq, first_seq, known, verdicts FROM server_batch
               WHERE replica_no = ? AND last_seq >= ? AND first_seq <= ?""",
            (no, receipt.first, receipt.last),
        )
        for first, last, first_seq, known, raw in rows:
            for at, verdict in enumerate(unpack_verdicts(raw, last - first + 1)):
                held[first_seq + known + at] = (first + at, verdict)
        said = [(run.gseq + at, verdict) for run in receipt.results for at, verdict in enumerate(_spread(run))]
        return said == [held.get(seq) for seq in range(receipt.first, receipt.last + 1)]


def _spread(run: ReceiptRun) -> list[Verdict]:
    return [Verdict(one.outcome, one.reason, one.of) for one in run.verdicts for _ in range(one.count)]
