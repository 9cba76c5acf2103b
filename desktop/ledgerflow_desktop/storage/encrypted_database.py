"""Open one encrypted database: the key, and every pragma with its reason.

SQL is written as text for the driver (docs/decisions/0004): the queries that matter are few and hot, and
importing SQLAlchemy costs a cold start more than answering the report. Alembic alone uses it, to migrate.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlcipher3.dbapi2 as sqlcipher

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.storage.failures import InUse, translated

Connection = Any  # sqlcipher3 has no types
Cursor = Any

PAGE_SIZE = 4096
# Memory for pages, in KiB: enough that the totals and the tail of every index stay in.
CACHE_KIB = 32 * 1024
CACHE_KIB_BULK = 160 * 1024
# Pages in the write-ahead log before a commit also moves them into the file (32 MiB).
WAL_PAGES = 4096


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Connection:
    """Open the database of a company with its 32-byte key. Transactions are begun and ended by hand.

    `Damaged` when the file does not open with the key: the key slots have proved the key right before.
    """
    with translated(str(path)):
        try:
            return _open(path, key, read_only=read_only, immutable=False)
        except sqlcipher.OperationalError as error:
            if not (read_only and _refused(error) and _stands_still(path)):
                raise
            return _open(path, key, read_only=True, immutable=True)


def _refused(error: sqlcipher.OperationalError) -> bool:
    return (error.sqlite_errorcode & 0xFF) in (sqlcipher.SQLITE_CANTOPEN, sqlcipher.SQLITE_READONLY)


def _stands_still(path: Path) -> bool:
    """Whether a file is on read-only media, which have no room for the shared memory of readers, and at rest."""
    log, shared = path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")
    unfinished = log.exists() and log.stat().st_size > 0
    return not (os.access(path.parent, os.W_OK) or shared.exists() or unfinished)


def _open(path: Path, key: bytes, *, read_only: bool, immutable: bool) -> Connection:
    mode = "mode=ro" if read_only else "mode=rwc"
    uri = f"file:{quote(str(path))}?{mode}{'&immutable=1' if immutable else ''}"
    connection = sqlcipher.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        _configure(connection, key, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: Connection, key: bytes, *, read_only: bool) -> None:
    # SQLCipher writes its own lines to standard error; what is wrong is said once, by name, in ours.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # A raw key: the passphrase was stretched for its slot; SQLCipher must not stretch again at every open.
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    # SQLCipher's own default. A commit encrypts every page it touched: with 8 KiB an import is no faster and
    # a save a third slower (benchmarks/bench_save.py, docs/decisions).
    connection.execute(f"PRAGMA cipher_page_size = {PAGE_SIZE}")
    # The first read proves the key and the first page's MAC.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    # Sorting and temporary tables stay in memory: nothing of the books is written unencrypted.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    # A master that is referred to cannot vanish.
    connection.execute("PRAGMA foreign_keys = ON")
    # A name from a hostile file must not become a function or table in disguise.
    connection.execute("PRAGMA trusted_schema = OFF")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    # Readers go on while one writer writes, and a commit appends instead of rewriting pages.
    connection.execute("PRAGMA journal_mode = WAL")
    # "Saved" on screen means on the disk: fsync at every commit (NORMAL may lose the last ones).
    connection.execute("PRAGMA synchronous = FULL")
    # macOS: fsync does not reach the platter without this. No effect elsewhere.
    connection.execute("PRAGMA fullfsync = ON")
    # Checkpoints come seldom enough that hardly any save waits for one.
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    # What is deleted is overwritten: a cancelled draft or a removed key leaves no bytes behind.
    connection.execute("PRAGMA secure_delete = FAST")


@contextlib.contextmanager
def transaction(connection: Connection, place: str) -> Iterator[None]:
    """Run the block in one write transaction: all of it is durable on return, none of it after an error."""
    with translated(place):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # After a full disk SQLite has rolled back by itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def one_state(connection: Connection) -> Iterator[bool]:
    """Let everything inside read one state of the file, whatever others write meanwhile.

    Inside another one, and inside a write transaction, it does nothing; yields whether it began anything.
    """
    if connection.in_transaction:
        yield False
        return
    connection.execute("BEGIN")
    try:
        # The state is that of the first read, not of BEGIN.
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        yield True
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def data_version(connection: Connection) -> int:
    """Return a number that changes when another connection changes the file; it says nothing of this one's writes."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def checkpoint(connection: Connection) -> bool:
    """Move the write-ahead log into the file and empty it. Called when closing and when idle.

    Returns whether the file now stands for itself: not while somebody reads what the log holds.
    """
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def checkpoint_whole(connection: Connection, place: str) -> None:
    """Do the same for a file that is copied, renamed or packed next: `InUse` unless it stands for itself."""
    with translated(place):
        if not checkpoint(connection):
            raise InUse(place)


def check_every_page(connection: Connection, place: str) -> list[Damaged]:
    """Return one `Damaged` for each page whose MAC does not match and each broken tree. Reads the whole file."""
    with translated(place):
        wrong = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
        if not wrong:
            wrong = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
    return [Damaged(place, reason=reason) for reason in wrong]
