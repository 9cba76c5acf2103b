"""One open company: its masters in memory, its log and tables on disk, and the only door to change them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.calendar import day_number
from ledgerflow_core.errors import Damaged, LedgerFlowError
from ledgerflow_core.events.chain import Author, version_hash
from ledgerflow_core.events.event import VoucherAltered, VoucherPosted, decode_event
from ledgerflow_core.identifiers import AccountId, ReplicaId, VoucherId, VoucherTypeId, to_bytes
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.vouchers.numbering import NumberSeries
from ledgerflow_core.vouchers.validation import PostingRules
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import (
    catching_up,
    log_store,
    master_store,
    moving_in,
    rehoming,
    row_store,
    schema,
    signing_keys,
    sync_facts,
)
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock
from ledgerflow_desktop.storage.encrypted_database import (
    CACHE_KIB,
    CACHE_KIB_BULK,
    Connection,
    checkpoint,
    connect,
    data_version,
    one_state,
    transaction,
)
from ledgerflow_desktop.storage.failures import ReadOnly, UpdateNeeded, translated
from ledgerflow_desktop.storage.guard import Guard
from ledgerflow_desktop.storage.key_slots import Keys
from ledgerflow_desktop.storage.preparing import BookFacts, WritePoint
from ledgerflow_desktop.storage.voucher_versions import version_at
from ledgerflow_desktop.storage.writing import StoredVoucher, Writing, write_point


class Book:
    """An open company file. `open_book` makes one; close it, or use it in a `with`.

    Masters are read once and kept; vouchers are read as they are asked for. Not safe for two threads at
    once: a program gives each thread that works on the books its own, or one worker to all of them.
    """

    def __init__(
        self, folder: CompanyFolder, connection: Connection, machine: Machine, keys: Keys, book_key: bytes,
        lock: WriterLock | None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.machine = machine
        self.connection = connection
        self.keys = keys
        self.book_key = book_key
        self._lock = lock
        self._signing_key: Ed25519PrivateKey | None = None
        self._point: WritePoint | None = None
        self._guard: Guard | None = None
        self._hindrance: LedgerFlowError | None = None
        self.replica_no: int
        self.replica_tag: str
        self.replica: ReplicaId
        self.company: Company
        self.chart: Chart
        self.no_by_id: dict[str, int]
        self.locked_until: date | None
        with translated(str(folder.database)):
            self._load_identity()
            self._load()

    @property
    def writable(self) -> bool:
        """Whether this book may be changed."""
        return self._lock is not None

    def _load_identity(self) -> None:
        self.replica_no = int(master_store.get_meta(self.connection, "replica_no") or 0)
        self.replica_tag = master_store.get_meta(self.connection, "replica_tag")
        self.replica = log_store.replica(self.connection, self.replica_no).id
        self._needs_update = bool(master_store.get_meta(self.connection, sync_facts.TOO_NEW))

    def _load(self) -> None:
        # Asked first: what changes while the rest is read is then read again.
        self._loaded_at = data_version(self.connection)
        self.company = master_store.read_company(self.connection)
        self.chart, self.no_by_id = master_store.load(self.connection)
        locked = master_store.get_meta(self.connection, "locked_until")
        self.locked_until = date.fromisoformat(locked) if locked else None

    def rules(self, *, strict: bool = True) -> PostingRules:
        """Return what a voucher of this book is checked against."""
        return PostingRules(self.chart, self.company.books_begin, self.locked_until, strict)

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """This replica's key, opened when first needed. Raises `SigningKeyMissing`, `SigningKeyOutOfReach`."""
        if self._hindrance is not None:
            raise self._hindrance.with_traceback(None)
        if self._signing_key is None:
            self._signing_key = signing_keys.read(self.keys, self.book_key, self.machine)
        return self._signing_key

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Answer a question from one state of the file, masters included, whatever another program writes meanwhile.

        Inside another one, and inside `writing`, it does nothing.
        """
        with one_state(self.connection) as began:
            if began:
                self.know_changes()
            yield

    def know_changes(self) -> None:
        """Load the masters again if another program has changed the file since; for inside a transaction."""
        with translated(str(self.folder.database)):
            if data_version(self.connection) != self._loaded_at:
                self._load()

    @contextmanager
    def writing(self, *, cause: str = "", bulk: bool = False) -> Iterator[Writing]:
        """Change the books in one transaction: on return it is on the disk and signed, after an error undone.

        Refuses `not-permitted` what this device's user has no right to at the server.
        """
        if not self.writable:
            raise ReadOnly(str(self.folder.path))
        if self._needs_update:
            # The log says something this program cannot read: what is posted now might contradict it.
            raise UpdateNeeded(str(self.folder.path))
        key = self.signing_key  # asked for first: without it nothing can be kept
        try:
            if bulk:
                self.connection.execute(f"PRAGMA cache_size = -{CACHE_KIB_BULK}")
            with transaction(self.connection, str(self.folder.database)):
                if self._point is None:
                    self._point = write_point(self.connection, self.replica_no, self.no_by_id)
                facts = BookFacts(
                    company=self.company,
                    voucher_types=self.chart.voucher_types,
                    no_by_id=self.no_by_id,
                    author=Author(self.replica, self.machine.user),
                    replica_tag=self.replica_tag,
                    at=self.machine.timestamp(),
                    cause=cause,
                    role=sync_facts.role(self.connection),
                    merged=self.chart.merged,
                )
                unit = Writing(
                    self.connection,
                    facts,
                    self._point,
                    chart=self.chart,
                    replica_no=self.replica_no,
                    new_ids=self.machine.identifiers().many,
                )
                yield unit
                unit.finish(key)
            # One writer: where this transaction ended the next one begins, without asking the file.
            self._point = unit.preparer.point
            if self._guard is not None:
                self._guard.write(self._point.head)
        except BaseException:
            # What was put into the chart in memory did not happen.
            self._point = None
            self._load()
            raise
        finally:
            if bulk:
                self.connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if unit.masters_changed:
            self._load()

    def voucher(self, voucher_id: VoucherId) -> StoredVoucher | None:
        """Return a voucher's current version, None where the book has no such voucher."""
        row = self.connection.execute(
            "SELECT no, version, position FROM voucher WHERE id = ?", (to_bytes(voucher_id),)
        ).fetchone()
        return self._stored(*row) if row else None

    def version_at(self, position: int) -> Voucher:
        """Return the voucher as the event at `position` of the log left it."""
        return version_at(self.connection, log_store.Reader(self.connection), position)

    def _stored(self, no: int, version: int, position: int) -> StoredVoucher:
        raw = log_store.read(self.connection, position)
        return StoredVoucher(self.version_at(position), no, version, position, version_hash(raw).hex())

    def vouchers_in_order(self) -> Iterator[Voucher]:
        """Yield every voucher's current version by date, then in order of entry, in bounded memory."""
        rows = self.connection.execute("SELECT position FROM voucher ORDER BY day, no")
        reader = log_store.Reader(self.connection)
        for (position,) in rows:
            body = decode_event(reader.read(position)).body
            match body:
                case VoucherPosted() | VoucherAltered():
                    yield body.voucher
                case _:
                    yield self.version_at(position)

    def positions_of(self, voucher_id: VoucherId) -> list[int]:
        """Return the log positions of every version of a voucher, oldest first."""
        rows = self.connection.execute(
            """SELECT position FROM voucher_version WHERE voucher_no = (SELECT no FROM voucher WHERE id = :id)
               UNION ALL SELECT position FROM voucher WHERE id = :id ORDER BY 1""",
            {"id": to_bytes(voucher_id)},
        )
        return [int(row[0]) for row in rows]

    def last_serial(self, voucher_type: VoucherTypeId, day: date) -> int:
        """Return the last serial given in a type's automatic series for the year of `day`, 0 before the first."""
        year = day_number(self.company.financial_year.year_of(day).first)
        row = self.connection.execute(
            "SELECT serial FROM number_series WHERE type_no = ? AND year = ?", (self.no_by_id[voucher_type], year)
        ).fetchone()
        return int(row[0]) if row else 0

    def next_serial(self, voucher_type: VoucherTypeId, day: date, series: NumberSeries, last: int) -> int:
        """Return the serial a voucher of a type dated `day` gets after `last`: the next whose number nobody typed."""
        year = day_number(self.company.financial_year.year_of(day).first)
        return row_store.free_serial(self.connection, self.no_by_id[voucher_type], year, series, last + 1)

    def has_vouchers(self) -> bool:
        """Whether any voucher was ever posted."""
        return self.connection.execute("SELECT 1 FROM voucher LIMIT 1").fetchone() is not None

    def account_in_use(self, account: AccountId) -> bool:
        """Whether any entry stands on an account."""
        no = self.no_by_id.get(account)
        return self.connection.execute("SELECT 1 FROM entry WHERE account_no = ? LIMIT 1", (no,)).fetchone() is not None

    def current_versions(self, voucher_ids: list[VoucherId]) -> dict[VoucherId, Voucher]:
        """Return the current versions of those of these vouchers that the book has."""
        found: dict[VoucherId, Voucher] = {}
        reader = log_store.Reader(self.connection)
        for voucher_id in voucher_ids:
            row = self.connection.execute(
                "SELECT position FROM voucher WHERE id = ?", (to_bytes(voucher_id),)
            ).fetchone()
            if row:
                body = decode_event(reader.read(row[0])).body
                match body:
                    case VoucherPosted() | VoucherAltered():
                        found[voucher_id] = body.voucher
                    case _:
                        found[voucher_id] = self.version_at(row[0])
        return found

    def closing_balances(self) -> dict[AccountId, int]:
        """Return every account's balance over all vouchers in the books, opening included; minor units."""
        moved = dict(self.connection.execute("SELECT account_no, sum(debit + credit) FROM month_total GROUP BY 1"))
        return {
            account.id: account.opening + moved.get(self.no_by_id[account.id], 0)
            for account in self.chart.accounts.values()
        }

    def checkpoint(self) -> None:
        """Bring the file up to date with its write-ahead log; for idle moments."""
        if self.writable:
            with translated(str(self.folder.database)):
                checkpoint(self.connection)

    def moved_on(self) -> None:
        """Read again what this connection changed past `writing`: the log is longer, and masters may be others."""
        self._point = None
        with translated(str(self.folder.database)):
            self._load_identity()
            self._load()
        self._remember_head()

    def _remember_head(self) -> None:
        if self._guard is not None:
            self._guard.write(log_store.replica(self.connection, self.replica_no).head)

    def watch(self) -> None:
        """Let the machine remember from now on how far this book's chain is written here, if it syncs at all."""
        if (
            self._guard is None
            and self._hindrance is None
            and self.writable
            and sync_facts.is_enrolled(self.connection)
        ):
            self._guard = moving_in.open_guard(self.connection, self.machine)
            if self._guard is not None:
                moving_in.begin_guarding(self.connection, self._guard, str(self.folder.database))

    def leave_alone(self, hindrance: LedgerFlowError) -> None:
        """Sign nothing under the identity of the file, which may be another's: asked for its key, say what hinders."""
        self._hindrance = hindrance

    def connect_again(self, keys: Keys, book_key: bytes) -> None:
        """Go on with the file that now stands there, under its key; what was read from the former is void."""
        self.connection.close()
        self._stop_watching()
        self.connection = connect(self.folder.database, book_key)
        self.keys, self.book_key, self._signing_key, self._hindrance = keys, book_key, None, None
        self.moved_on()
        self.watch()  # under the identity it has now
        self._remember_head()

    def _stop_watching(self) -> None:
        if self._guard is not None:
            self._guard.close()
            self._guard = None

    def close(self) -> None:
        """Leave the company closed and whole in one file."""
        try:
            if self.writable:
                checkpoint(self.connection)
        finally:
            self.connection.close()
            self._stop_watching()
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_book(folder: CompanyFolder, keys: Keys, book_key: bytes, machine: Machine, *, read_only: bool = False) -> Book:
    """Open a company whose key is known.

    `InUse` when another program writes to it, `FileTooNew` or `UpgradeNeeded` when its tables are of another
    version, `Damaged` when it does not open or is another company's file.
    """
    folder.require()
    lock = None if read_only else WriterLock(folder)
    try:
        connection = connect(folder.database, book_key, read_only=read_only)
        try:
            with translated(str(folder.database)):
                revision = schema.revision_of(connection)
            schema.require_current(revision, str(folder.path))
            book = Book(folder, connection, machine, keys, book_key, lock)
            if book.company.id != keys.company:
                raise Damaged(str(folder.path), reason="keys.json belongs to another company")
            if lock is not None:
                book = _at_home(book, lock)
        except BaseException:
            connection.close()
            raise
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return book


def _at_home(book: Book, lock: WriterLock) -> Book:
    """Return the book under an identity that is its own: a copy takes a new one before it is written to.

    One that cannot is left as it is, to be read: nothing is signed in it (`moving_in.hindrance`).
    """
    folder, connection, keys, book_key, machine = book.folder, book.connection, book.keys, book.book_key, book.machine
    if sync_facts.is_enrolled(connection):
        guard = moving_in.open_guard(connection, machine)
        try:
            is_a_copy = moving_in.is_a_copy(connection, keys, book_key, guard)
        finally:
            if guard is not None:
                guard.close()
        if is_a_copy:
            hindrance = moving_in.hindrance(connection, keys, book_key, machine)
            if hindrance is not None:
                book.leave_alone(hindrance)
                return book
            keys = moving_in.move_in(folder, connection, keys, book_key, machine, may_lose_key=True)
            book = Book(folder, connect(folder.database, book_key), machine, keys, book_key, lock)
        elif catching_up.understands_more(connection) and signing_keys.within_reach(keys, book_key, machine):
            catching_up.catch_up(folder, connection, keys, book_key, machine)
            book = Book(folder, connect(folder.database, book_key), machine, keys, book_key, lock)
        book.watch()
    elif rehoming.copied_at(connection):
        keys = rehoming.rehome(folder, connection, keys, book_key, machine)
        book = Book(folder, connection, machine, keys, book_key, lock)
    return book


def read_beside(book: Book) -> Book:
    """Open the same company once more, for reading, on a connection of its own; close it after use."""
    connection = connect(book.folder.database, book.book_key, read_only=True)
    try:
        return Book(book.folder, connection, book.machine, book.keys, book.book_key, None)
    except BaseException:
        connection.close()
        raise


def backups_of(folder: CompanyFolder) -> list[Path]:
    """Return the backups kept inside the folder, newest first."""
    return sorted(folder.backups.glob("*.lfbackup"), reverse=True)
