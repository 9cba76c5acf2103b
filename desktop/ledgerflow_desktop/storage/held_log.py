"""The server's log as far as a file holds it: batches, what the server signed, and what waits to be sent.

The bytes of the events stand in the log of the file and are put together again when a batch is asked for.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.sync.batch import SealedBatch, open_batch
from ledgerflow_core.sync.log import LogBatch, pack_verdicts, unpack_verdicts
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.replica import leaves_in
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import Connection


class _OfLife(msgspec.Struct):
    """What a statement says of the life of the log it is about."""

    incarnation: str


_OF_LIFE = msgspec.json.Decoder(_OfLife)


class HeldBatch(NamedTuple):
    """A batch of the server's log as its row has it."""

    first_gseq: int
    last_gseq: int
    replica_no: int
    first_seq: int
    last_seq: int
    known: int
    at: str
    header: bytes
    signature: bytes
    verdicts: bytes


# --- batches --------------------------------------------------------------------------------------


def add(connection: Connection, piece: LogBatch, replica_no: int) -> None:
    """Take a batch in behind those held."""
    header, signed = piece.batch.header, piece.batch.signed
    row = HeldBatch(
        piece.gseq, piece.last, replica_no, header.first, header.last, piece.known, piece.at,
        signed.statement, signed.signature, pack_verdicts(piece.verdicts),
    )  # fmt: skip
    connection.execute("INSERT INTO server_batch VALUES (?,?,?,?,?,?,?,?,?,?)", row)


def rows(connection: Connection, *, after: int = 0) -> Iterator[HeldBatch]:
    """Yield the rows of the batches behind the entry `after`, in order."""
    cursor = connection.execute(
        """SELECT first_gseq, last_gseq, replica_no, first_seq, last_seq, known, at, header, signature, verdicts
           FROM server_batch WHERE first_gseq > ? ORDER BY first_gseq""",
        (after,),
    )
    yield from map(HeldBatch._make, cursor)


def batches(connection: Connection, *, after: int = 0) -> Iterator[LogBatch]:
    """Yield the whole batches behind the entry `after`, every seal checked; `Damaged` where one does not hold."""
    for row in rows(connection, after=after):
        yield opened(connection, row)


def opened(connection: Connection, row: HeldBatch) -> LogBatch:
    """Return a batch with its events; `Damaged` where its seal does not hold."""
    events = log_store.chain_events(connection, row.replica_no, row.first_seq, row.last_seq)
    try:
        batch = open_batch(Signed(row.header, row.signature), b"\n".join(events))
    except Refused as error:
        raise Damaged(f"log entry {row.first_gseq}", reason=error.code) from None
    verdicts = unpack_verdicts(row.verdicts, row.last_gseq - row.first_gseq + 1)
    return LogBatch(row.first_gseq, row.known, row.at, verdicts, batch)


def last_seq(connection: Connection, replica_no: int) -> int:
    """Return the last event of a chain that is in the log held, 0 where there is none of it."""
    row = connection.execute("SELECT max(last_seq) FROM server_batch WHERE replica_no = ?", (replica_no,)).fetchone()
    return int(row[0] or 0)


def taken_at(connection: Connection, gseq: int) -> str:
    """Return when the server took an entry of the log held (its own time, UTC)."""
    row = connection.execute(
        "SELECT at FROM server_batch WHERE first_gseq <= ? ORDER BY first_gseq DESC LIMIT 1", (gseq,)
    ).fetchone()
    return str(row[0]) if row else ""


def root_at(connection: Connection, size: int) -> bytes:
    """Return the root of the first `size` entries held. Reads and hashes all of them."""
    tree = Frontier.empty()
    for piece in batches(connection):
        if tree.size >= size:
            break
        tree = tree.extend(leaves_in(piece)[: size - tree.size])
    return tree.root()


# --- what the server signed -----------------------------------------------------------------------


def add_checkpoint(connection: Connection, size: int, checkpoint: Signed) -> None:
    """Keep a checkpoint over the log at a size."""
    connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", (size, checkpoint.to_bytes()))


def checkpoint(connection: Connection, size: int | None = None) -> Signed | None:
    """Return the checkpoint over the log at a size, or the newest; None where there is none."""
    row = connection.execute(
        "SELECT statement FROM checkpoint WHERE size = coalesce(?, size) ORDER BY size DESC LIMIT 1", (size,)
    ).fetchone()
    return Signed.from_bytes(row[0], "checkpoint") if row else None


def checkpoints(connection: Connection) -> Iterator[Signed]:
    """Yield every checkpoint kept, by size."""
    for (statement,) in connection.execute("SELECT statement FROM checkpoint ORDER BY size"):
        yield Signed.from_bytes(statement, "checkpoint")


def add_receipt(connection: Connection, replica_no: int, first: int, last: int, receipt: Signed) -> None:
    """Keep a receipt for the events `first` to `last` of a chain, for ever."""
    connection.execute(
        "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?)", (replica_no, first, last, receipt.to_bytes())
    )


def newest_receipt(connection: Connection) -> Signed | None:
    """Return the receipt that came last, None before the first."""
    row = connection.execute("SELECT statement FROM receipt ORDER BY rowid DESC LIMIT 1").fetchone()
    return Signed.from_bytes(row[0], "receipt") if row else None


def life_of(said: Signed) -> str:
    """Return the life of the log that a checkpoint or receipt is about."""
    return _OF_LIFE.decode(said.statement).incarnation


def receipts(connection: Connection) -> Iterator[Signed]:
    """Yield every receipt, in the order they came."""
    for (statement,) in connection.execute("SELECT statement FROM receipt ORDER BY rowid"):
        yield Signed.from_bytes(statement, "receipt")


def acknowledged(connection: Connection, replica_no: int, incarnation: str) -> int:
    """Return the last event of a chain that the server has, by the log held and the receipts of this life of it.

    What was acknowledged in a life that ended may be lost: it is to be sent until the log held has it.
    """
    held = last_seq(connection, replica_no)
    rows = connection.execute(
        "SELECT last_seq, statement FROM receipt WHERE replica_no = ? AND last_seq > ? ORDER BY last_seq DESC",
        (replica_no, held),
    )
    for last, statement in rows:
        if life_of(Signed.from_bytes(statement, "receipt")) == incarnation:
            return int(last)
    return held


# --- what waits to be sent ------------------------------------------------------------------------


def sealed(connection: Connection, replica_no: int, first: int) -> SealedBatch | None:
    """Return the batch sealed before that begins at `first`, None where there is none."""
    row = connection.execute(
        "SELECT last_seq, header, signature FROM outbox_batch WHERE replica_no = ? AND first_seq = ?",
        (replica_no, first),
    ).fetchone()
    if row is None:
        return None
    try:
        events = log_store.chain_events(connection, replica_no, first, row[0])
        return open_batch(Signed(row[1], row[2]), b"\n".join(events))
    except Refused as error:
        raise Damaged(f"batch from event {first}", reason=error.code) from None


def keep_sealed(connection: Connection, replica_no: int, batch: SealedBatch) -> None:
    """Keep a batch before it is sent, in the place of whatever was sealed from there on."""
    header = batch.header
    connection.execute("DELETE FROM outbox_batch WHERE replica_no = ? AND first_seq >= ?", (replica_no, header.first))
    connection.execute(
        "INSERT INTO outbox_batch VALUES (?, ?, ?, ?, ?)",
        (replica_no, header.first, header.last, batch.signed.statement, batch.signed.signature),
    )


def forget_sealed(connection: Connection, replica_no: int, up_to: int) -> None:
    """Drop the batches of a chain that the log held has by now."""
    connection.execute("DELETE FROM outbox_batch WHERE replica_no = ? AND last_seq <= ?", (replica_no, up_to))
