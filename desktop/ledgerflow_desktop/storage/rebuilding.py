"""Makes a company file anew from its own log: in the order of the server, own events it lacks behind, then swapped in.

Seldom needed: when the server lost part of its log and goes on without it, and when a file turns out to be a copy. So
it is the plain way: everything is laid again in a new file beside the old one, proved, and given its name by one
rename. Until then the old file is untouched.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Author, Head, genesis, next_event
from ledgerflow_core.events.event import CloseAcknowledged, ReplicaOpened, decode_event
from ledgerflow_core.identifiers import EventId, ReplicaId, to_bytes
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.log import LogBatch, Outcome
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import held_log, log_store, sync_facts
from ledgerflow_desktop.storage.arriving import Arrival
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.encrypted_database import Connection, checkpoint_whole, connect, transaction
from ledgerflow_desktop.storage.failures import translated
from ledgerflow_desktop.storage.master_store import (
    ATTACHMENTS_READ_TO,
    COMPANY_CREATED_AT,
    get_meta,
    insert,
    load,
    set_meta,
)
from ledgerflow_desktop.storage.replay import Replay
from ledgerflow_desktop.storage.resigning import add_own, count_numbers, resigned
from ledgerflow_desktop.storage.row_comparison import compare_rows
from ledgerflow_desktop.storage.snapshot import make_durable, remove_database
from ledgerflow_desktop.storage.swapping import close_whole, put_in_place

_BATCHES_AT_ONCE = 50
# What a replica says of itself is nobody else's to say.
_OF_ITSELF = (ReplicaOpened, CloseAcknowledged)
# What its author might not do is not done by who hands it in; the author may send it again.
_OF_NO_RIGHT = ("not-permitted", "revoked-signer")
# Facts the log says anew; every other is taken over.
_MADE_ANEW = (
    "company", "company_version", "lock_version", "locked_until", "next_voucher_no", "replica_no", "replica_tag",
    "copied_at", "last_reserved_master_no", sync_facts.FRONTIER, sync_facts.TOO_NEW, sync_facts.CLOSE_ANSWERED_TO,
    ATTACHMENTS_READ_TO,
)  # fmt: skip


class NewHome(NamedTuple):
    """The identity a copy goes on under."""

    replica: ReplicaId
    key: Ed25519PrivateKey
    tag: str


class Rebuilding:
    """One new file in the making.

    `size` is how much of the server's log it keeps, `more` what it takes in behind that.
    """

    def __init__(
        self, folder: CompanyFolder, old: Connection, book_key: bytes, machine: Machine, *, size: int,
        more: Sequence[LogBatch] = (),
    ) -> None:  # fmt: skip
        self._folder = folder
        self._old = old
        self._book_key = book_key
        self._machine = machine
        self._size = size
        self._more = more
        self._kept = 0
        self._own_no = int(get_meta(old, "replica_no"))
        self._copy = folder.path / "books.db.rebuilding"

    def build(
        self, key: Ed25519PrivateKey, home: NewHome | None = None, *, incarnation: str | None = None,
        close: Callable[[Connection, Frontier], None] | None = None,
    ) -> None:  # fmt: skip
        """Make the file beside the old one and prove it; under another identity when `home` is given.

        `close` is called before the new file is committed, with the tree over the log it holds.
        The connection to the old file is open afterwards: `swap` closes it.
        """
        with translated(str(self._copy)):
            remove_database(self._copy)
            new = connect(self._copy, self._book_key)
            try:
                with transaction(new, str(self._copy)):
                    self._lay(new)
                    if incarnation is not None:
                        set_meta(new, sync_facts.INCARNATION, incarnation)
                    self._take_log(new)
                    self._add_own(new, key, home)
                    if close is not None:
                        close(new, sync_facts.frontier(new))
                self._prove(new)
                checkpoint_whole(new, str(self._copy))
            finally:
                new.close()
            make_durable(self._copy)

    def swap(self) -> None:
        """Give the new file the place of the old one."""
        close_whole(self._folder, self._old)
        put_in_place(self._copy, self._folder)

    # --- what is taken over ---------------------------------------------------------------------

    def _lay(self, new: Connection) -> None:
        """Lay the same tables, with everything in them that the log does not say."""
        for (statement,) in self._old.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"):
            new.execute(statement)
        for name, value in self._old.execute("SELECT name, value FROM meta"):
            if name not in _MADE_ANEW:
                set_meta(new, name, value)
        # Until the log brings it, the company is what it was: there may be no other copy of it.
        set_meta(new, "company", get_meta(self._old, "company"))
        set_meta(new, sync_facts.COMPANY_LENT, "1")
        insert(new, predefined_chart().masters.values(), position=COMPANY_CREATED_AT)
        for row in log_store.replicas(self._old):
            start = genesis(row.id)
            new.execute(
                "INSERT INTO replica VALUES (?, ?, ?, ?, ?, ?)",
                (row.no, to_bytes(row.id), row.public_key, start.seq, start.hash, b""),
            )
        for table, order in (("alembic_version", "1"), ("draft", "1"), ("receipt", "rowid"), ("pool", "1")):
            self._copy_rows(new, table, order)

    def _copy_rows(self, new: Connection, table: str, order: str) -> None:
        rows = self._old.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()  # noqa: S608 - fixed names
        if rows:
            marks = ",".join("?" * len(rows[0]))
            new.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608

    # --- the log --------------------------------------------------------------------------------

    def _take_log(self, new: Connection) -> None:
        pieces = held_log.batches(self._old)
        kept = self._kept_of(pieces, new)
        while some := list(islice(kept, _BATCHES_AT_ONCE)):
            Arrival(new, None).take(some)
        size = self._kept = sync_facts.frontier(new).size
        if self._more:
            Arrival(new, None).take(self._more)
        for found, statement in self._old.execute("SELECT size, statement FROM checkpoint WHERE size <= ?", (size,)):
            new.execute("INSERT INTO checkpoint VALUES (?, ?)", (found, statement))
        if held_log.checkpoint(new, size) is None:
            set_meta(new, sync_facts.UNSIGNED_SIZE, str(size))

    def _kept_of(self, pieces: Iterator[LogBatch], new: Connection) -> Iterator[LogBatch]:
        """Yield the batches that stay; what others wrote in those behind goes to the pool."""
        for piece in pieces:
            if piece.last <= self._size:
                yield piece
            else:
                self._pool(new, piece)

    def _pool(self, new: Connection, piece: LogBatch) -> None:
        own = log_store.replica(self._old, self._own_no).id
        if piece.batch.header.replica == own:
            return
        for read, verdict in zip(read_events(piece.batch)[piece.known :], piece.verdicts, strict=True):
            of_itself = read.event is not None and isinstance(read.event.body, _OF_ITSELF)
            if not of_itself and verdict.outcome is not Outcome.DUPLICATE and verdict.reason not in _OF_NO_RIGHT:
                new.execute("INSERT OR IGNORE INTO pool (event_id, raw) VALUES (?, ?)", (to_bytes(read.id), read.raw))

    # --- own events -----------------------------------------------------------------------------

    def _add_own(self, new: Connection, key: Ed25519PrivateKey, home: NewHome | None) -> None:
        lacking = list(self._lacking(held_log.last_seq(new, self._own_no)))
        if home is None:
            set_meta(new, "replica_no", str(self._own_no))
            set_meta(new, "replica_tag", get_meta(self._old, "replica_tag"))
            add_own(new, self._own_no, lacking, key)
            self._take_series(new)
            return
        self._move_in(new, home)
        lacking = [raw for raw in lacking if not isinstance(decode_event(raw).body, ReplicaOpened)]
        opening, head = self._opening(home)
        again = [opening, *resigned(lacking, home.replica, head)]
        no = int(get_meta(new, "replica_no"))
        add_own(new, no, again, home.key)
        count_numbers(new, [decode_event(raw) for raw in again], home.tag)

    def _lacking(self, in_log: int) -> Iterator[bytes]:
        """Yield what the log lacks of the own chain; where no server has the others, of all chains of the file."""
        is_alone = not sync_facts.is_enrolled(self._old)
        runs = log_store.chain_runs(self._old, self._own_no, after_seq=in_log)
        for run in log_store.runs(self._old) if is_alone else runs:
            yield from run.events[0 if is_alone else max(0, in_log + 1 - run.first_seq) :]

    def _move_in(self, new: Connection, home: NewHome) -> None:
        """Open the new chain, and remember which replica the server still takes this book for."""
        public = home.key.public_key().public_bytes_raw()
        no = log_store.open_replica(new, home.replica, public, genesis(home.replica))
        set_meta(new, "replica_no", str(no))
        set_meta(new, "replica_tag", home.tag)
        set_meta(new, sync_facts.GUARDED, "")

    def _opening(self, home: NewHome) -> tuple[bytes, Head]:
        machine = self._machine
        body = ReplicaOpened(
            device=machine.device,
            user=machine.user,
            user_name=machine.user_name,
            key=home.key.public_key().public_bytes_raw().hex(),
            tag=home.tag,
            reason="restored",
        )
        return next_event(
            genesis(home.replica),
            body,
            author=Author(home.replica, machine.user),
            event_id=EventId(machine.identifiers().new()),
            at=machine.timestamp(),
        )

    def _take_series(self, new: Connection) -> None:
        """Take over how far the own series are given: what was given once stays given, whatever became of it."""
        _, old_nos = load(self._old)
        _, new_nos = load(new)
        id_by_no = {no: master_id for master_id, no in old_nos.items()}
        for type_no, year, serial in self._old.execute("SELECT type_no, year, serial FROM number_series"):
            if id_by_no[type_no] in new_nos:
                row = (new_nos[id_by_no[type_no]], year, serial)
                new.execute("INSERT INTO number_series VALUES (?, ?, ?)", row)

    # --- proof ----------------------------------------------------------------------------------

    def _prove(self, new: Connection) -> None:
        """Raise `Damaged` unless the rows are what the log says and the log is the one that was held."""
        replay = Replay(new)
        findings = compare_rows(new, replay) + replay.findings
        if findings or held_log.root_at(new, self._kept) != held_log.root_at(self._old, self._kept):
            facts = {
                "reason": "the rebuilt file says something else",
                "found": findings[0].code if findings else "root",
            }
            raise Damaged(str(self._copy), **facts)
