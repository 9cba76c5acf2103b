"""The company file as a replica of the server's log: what the sync engine asks for, and what it wants stored.

Each call is one transaction. A crash leaves the file before it or after it; cursor, log and rows move together.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, event_hash, genesis
from ledgerflow_core.events.event import (
    Event,
    EventTooNew,
    VoucherAltered,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.sync.batch import SealedBatch, Sender, how_many_fit, seal
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import read_checkpoint, read_receipt, receipt_hash
from ledgerflow_core.sync.replica import Standing
from ledgerflow_core.sync.statements import Signed, public_key
from ledgerflow_desktop.storage import attachment_index, held_log, log_store, sync_facts, without_effect
from ledgerflow_desktop.storage.arriving import Arrival
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import (
    CACHE_KIB,
    CACHE_KIB_BULK,
    Connection,
    one_state,
    transaction,
)
from ledgerflow_desktop.storage.failures import ReadOnly
from ledgerflow_desktop.storage.master_store import get_meta, set_meta
from ledgerflow_desktop.storage.moving_in import move_in
from ledgerflow_desktop.storage.pending import OutOfOrder
from ledgerflow_desktop.storage.rebuilding import Rebuilding
from ledgerflow_desktop.storage.resigning import add_own, count_numbers, resigned
from ledgerflow_desktop.storage.row_store import TotalTooLarge
from ledgerflow_desktop.storage.without_effect import WithoutEffect

# How far beyond what was asked for a piece to hand back may go: compressed, a server still takes it in one request.
HAND_BACK_BYTES_MOST = 16 * 2**20


class Conflict(NamedTuple):
    """A parked event nobody has decided about; `at` is the server's time when it took it (UTC)."""

    event: Event
    reason: str
    gseq: int
    at: str

    @property
    def id(self) -> EventId:
        """What a person names it by."""
        return self.event.id


@dataclass(frozen=True, slots=True)
class Pending:
    """Own events the server has not acknowledged: how many, when the first was written (UTC), the last date in them."""

    count: int
    oldest: str
    latest_voucher: date | None


class ReplicaStore:
    """The replica in an open book. Writing calls need the book open for writing (`ReadOnly`)."""

    def __init__(self, book: Book) -> None:
        self._book = book

    # --- where it stands ------------------------------------------------------------------------

    def standing(self) -> Standing:
        """Return where the file stands; `hash_at` and `root_at` read the file when they are asked."""
        book = self._book
        with one_state(book.connection):
            return Standing(
                tenant=get_meta(book.connection, sync_facts.TENANT),
                company=book.company.id,
                replica=book.replica,
                incarnation=get_meta(book.connection, sync_facts.INCARNATION),
                head=self._head(),
                log=sync_facts.frontier(book.connection),
                to_contribute=len(self._contributable()),
                hash_at=self._hash_at,
                root_at=self._root_at,
            )

    def pending(self) -> Pending:
        """Return what the server has not acknowledged."""
        book = self._book
        with one_state(book.connection):
            incarnation = get_meta(book.connection, sync_facts.INCARNATION)
            done = held_log.acknowledged(book.connection, book.replica_no, incarnation)
            count, oldest, latest = 0, "", None
            for run in log_store.chain_runs(book.connection, book.replica_no, after_seq=done):
                for raw in run.events[max(0, done + 1 - run.first_seq) :]:
                    event = decode_event(raw)
                    count, oldest = count + 1, oldest or event.at
                    if isinstance(event.body, VoucherPosted | VoucherAltered):
                        day = event.body.voucher.date
                        latest = day if latest is None else max(latest, day)
        return Pending(count, oldest, latest)

    def conflicts(self) -> list[Conflict]:
        """Return what waits for a decision, in the order the server took it; what this program cannot read is left."""
        book, found = self._book, []
        reader = log_store.Reader(book.connection)
        for row in without_effect.waiting(book.connection):
            assert row.gseq is not None, "waiting means decided by the server"
            try:
                event = decode_event(reader.read(row.position))
            except EventTooNew:
                continue
            found.append(Conflict(event, row.reason, row.gseq, held_log.taken_at(book.connection, row.gseq)))
        return found

    def foreseen(self) -> list[WithoutEffect]:
        """Return own events that have no effect here and that the server has not decided yet."""
        return list(without_effect.foreseen(self._book.connection).values())

    def server_log(self, after: int = 0) -> Iterator[LogBatch]:
        """Yield the server's log as held behind entry `after`, seal by seal."""
        return held_log.batches(self._book.connection, after=after)

    def checkpoints(self) -> Iterator[Signed]:
        """Yield every checkpoint kept."""
        return held_log.checkpoints(self._book.connection)

    def receipts(self) -> Iterator[Signed]:
        """Yield every receipt kept."""
        return held_log.receipts(self._book.connection)

    def continuation(self, after: int, bytes_most: int) -> tuple[list[LogBatch], Signed]:
        """Return the log held behind `after`, and the checkpoint over its end, to hand back to a server that lost it.

        As many whole batches as stay within `bytes_most` and end where a checkpoint is kept; at least up to the first
        such end. A server takes a piece by a checkpoint of the life its log was in last, so one of the life this file
        knows is gone on for, though not without bound. `Damaged` where the log held goes no further.
        """
        life = get_meta(self._book.connection, sync_facts.INCARNATION)
        batches: list[LogBatch] = []
        total, good, end, is_of_life = 0, 0, None, False
        for piece in held_log.batches(self._book.connection, after=after):
            total += len(piece.batch.body)
            if end is not None and total > (bytes_most if is_of_life else max(bytes_most, HAND_BACK_BYTES_MOST)):
                break
            batches.append(piece)
            signed = held_log.checkpoint(self._book.connection, piece.last)
            if signed is not None and (held_log.life_of(signed) == life or not is_of_life):
                good, end, is_of_life = len(batches), signed, held_log.life_of(signed) == life
        if end is None:
            raise Damaged("log held", reason="ends before the place asked for", after=after)
        return batches[:good], end

    # --- what goes out --------------------------------------------------------------------------

    def outgoing(self, first: int, events_most: int) -> SealedBatch:
        """Return the batch that begins with own event `first`: as sealed before, or sealed and kept now.

        It is sealed anew only for another incarnation or a smaller limit.
        """
        book = self._book
        incarnation = get_meta(book.connection, sync_facts.INCARNATION)
        kept = held_log.sealed(book.connection, book.replica_no, first)
        if kept is not None and kept.header.incarnation == incarnation and len(kept.events()) <= events_most:
            return kept
        events = log_store.chain_events(book.connection, book.replica_no, first, first + events_most - 1)
        events = events[: how_many_fit([len(raw) for raw in events], events_most)]
        before = Head(first - 1, self._hash_at(first - 1))
        receipt = held_log.newest_receipt(book.connection)
        tenant = get_meta(book.connection, sync_facts.TENANT)
        quoted = receipt_hash(receipt) if receipt else ""
        sender = Sender(tenant, book.company.id, book.replica, incarnation, quoted)
        batch = seal(events, before, sender, book.signing_key)
        book.watch()
        with self._transaction():
            held_log.keep_sealed(book.connection, book.replica_no, batch)
        return batch

    # --- what is to be stored -------------------------------------------------------------------

    def keep(self, receipt: Signed) -> None:
        """Keep a receipt of this server for own events."""
        book = self._book
        said = read_receipt(self._server_key(), receipt)
        if said.replica != book.replica:
            raise Damaged("receipt", reason="of another replica")
        with self._transaction():
            held_log.add_receipt(book.connection, book.replica_no, said.first, said.last, receipt)

    def append(self, batches: Sequence[LogBatch], checkpoint: Signed) -> None:
        """Take a piece of the server's log in; `Damaged`, and nothing stored, where it is not what was signed."""
        self._writable().connection.execute(f"PRAGMA cache_size = -{CACHE_KIB_BULK}")
        try:
            try:
                self._append_behind(batches, checkpoint)
            except TotalTooLarge:
                # What the server has accepted fits by itself: own events it has not taken give way.
                self._append_behind(batches, checkpoint, gives_way=True)
        except OutOfOrder:
            self._append_in_order(batches, checkpoint)
        finally:
            self._book.connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._book.moved_on()

    def _append_behind(self, batches: Sequence[LogBatch], checkpoint: Signed, *, gives_way: bool = False) -> None:
        """Take a piece of the log in behind everything the file has."""
        with self._transaction():
            arrival = Arrival(self._book.connection, self._book.replica_no, gives_way=gives_way)
            arrival.take(batches)
            self._close_append(arrival.frontier, checkpoint)

    def _append_in_order(self, batches: Sequence[LogBatch], checkpoint: Signed) -> None:
        """Take a piece of the log in by making the file anew in the order of the server."""
        book = self._writable()
        size = sync_facts.frontier(book.connection).size
        rebuilding = Rebuilding(book.folder, book.connection, book.book_key, book.machine, size=size, more=batches)
        rebuilding.build(book.signing_key, close=lambda new, tree: self._close_append(tree, checkpoint, new))
        rebuilding.swap()
        book.connect_again(book.keys, book.book_key)

    def _close_append(self, tree: Frontier, checkpoint: Signed, connection: Connection | None = None) -> None:
        """Hold what was taken in against its checkpoint, and keep that; `Damaged` where it covers something else."""
        book = self._book
        connection = book.connection if connection is None else connection
        said = read_checkpoint(self._server_key(), checkpoint)
        tenant = get_meta(connection, sync_facts.TENANT)
        covered = (tenant, book.company.id, tree.size, tree.root().hex())
        if (said.tenant, said.company, said.size, said.root) != covered:
            raise Damaged("log from the server", reason="not what its checkpoint covers")
        held_log.add_checkpoint(connection, said.size, checkpoint)
        set_meta(connection, sync_facts.LAST_SYNC, book.machine.timestamp())

    def note_incarnation(self, incarnation: str) -> None:
        """Go on with the same log under another name; batches not sent are sealed for it when they are asked for."""
        with self._transaction():
            set_meta(self._book.connection, sync_facts.INCARNATION, incarnation)
            attachment_index.ask_server_again(self._book.connection)

    def note_recovering(self) -> None:
        """Note that the server was restored from a backup: it may lack files of vouchers as well."""
        with self._transaction():
            attachment_index.ask_server_again(self._book.connection)

    def contribute(self) -> None:
        """Sign what others wrote and the log lacks, behind the own events; ids and payloads stay."""
        book = self._book
        with self._transaction():
            found = self._contributable()
            again = resigned([raw for _, raw in found], book.replica, self._head())
            add_own(book.connection, book.replica_no, again, book.signing_key)
            count_numbers(book.connection, [decode_event(raw) for raw in again], book.replica_tag)
            book.connection.executemany("DELETE FROM pool WHERE no = ?", [(no,) for no, _ in found])
        book.moved_on()

    def rehome(self) -> None:
        """Take a new identity; what the log lacks of the own events comes along."""
        book = self._writable()
        keys = move_in(book.folder, book.connection, book.keys, book.book_key, book.machine)
        book.connect_again(keys, book.book_key)

    def rebuild(self, size: int, incarnation: str) -> None:
        """Fall back to the first `size` entries of the log held (whole batches of them) and make the books anew."""
        book = self._writable()
        rebuilding = Rebuilding(book.folder, book.connection, book.book_key, book.machine, size=size)
        rebuilding.build(book.signing_key, incarnation=incarnation)
        rebuilding.swap()
        book.connect_again(book.keys, book.book_key)

    # --- inside ---------------------------------------------------------------------------------

    def _writable(self) -> Book:
        if not self._book.writable:
            raise ReadOnly(str(self._book.folder.path))
        return self._book

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self._writable().connection, str(self._book.folder.database))

    def _server_key(self) -> Ed25519PublicKey:
        key = public_key(get_meta(self._book.connection, "sync.server_key"))
        if key is None:
            raise Damaged("meta", reason="no key of the server")
        return key

    def _head(self) -> Head:
        return log_store.replica(self._book.connection, self._book.replica_no).head

    def _hash_at(self, seq: int) -> bytes:
        book = self._book
        if seq == 0:
            return genesis(book.replica).hash
        (raw,) = log_store.chain_events(book.connection, book.replica_no, seq, seq)
        return event_hash(raw)

    def _root_at(self, size: int) -> str:
        connection = self._book.connection
        tree = sync_facts.frontier(connection)
        return (tree.root() if size == tree.size else held_log.root_at(connection, size)).hex()

    def _contributable(self) -> list[tuple[int, bytes]]:
        """Return the events of the pool that this program can read, with their numbers there."""
        found: list[tuple[int, bytes]] = []
        for no, raw in self._book.connection.execute("SELECT no, raw FROM pool ORDER BY no").fetchall():
            try:
                decode_event(raw)
            except EventTooNew:
                continue
            found.append((no, raw))
        return found
