"""The append-only log of events in runs: written once, read by position, verified from the first to the last."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import msgspec
import zstandard

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head
from ledgerflow_core.events.event import EVENT_BYTES_MAX
from ledgerflow_core.identifiers import EventId, ReplicaId, to_bytes, to_text
from ledgerflow_desktop.storage.encrypted_database import Connection

# As many events, and bytes of them, as one batch of the wire holds.
RUN_EVENTS_MAX = 500
RUN_BYTES_MAX = EVENT_BYTES_MAX
# An expanded run never exceeds what it was made from; this bounds what a damaged or hostile one may ask for.
_EXPANDED_BYTES_MAX = 1 << 30
# Runs a reader keeps expanded: about half a megabyte each.
_RUNS_KEPT = 8

_compress = zstandard.ZstdCompressor(level=3).compress
_decompress = zstandard.ZstdDecompressor().decompress


class Run(NamedTuple):
    """Consecutive events of one replica, as bytes, from position `first` of this file."""

    first: int
    replica_no: int
    first_seq: int
    events: list[bytes]


class ReplicaRow(NamedTuple):
    """One chain: who, its public key, and where it ends."""

    no: int
    id: ReplicaId
    public_key: bytes
    head: Head
    signature: bytes


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What every version of an event says of itself: which it is, and where it stands in which chain."""

    id: EventId
    replica: ReplicaId
    seq: int


_ENVELOPE = msgspec.json.Decoder(Envelope)


def envelope(raw: bytes) -> Envelope:
    """Return which event these bytes are, whatever version of the program wrote them; `Damaged` when they are none."""
    try:
        return _ENVELOPE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged("event", reason=str(error)[:200]) from None


def append(connection: Connection, events: Sequence[bytes], *, replica_no: int, first: int, first_seq: int) -> None:
    """Write events at the end of the log; `first` and `first_seq` are the position and chain number of the first."""
    at = 0
    while at < len(events):
        run = _next_run(events, at)
        connection.execute(
            "INSERT INTO log_run (first, events, replica_no, first_seq, body) VALUES (?, ?, ?, ?, ?)",
            (first + at, len(run), replica_no, first_seq + at, _compress(b"\n".join(run))),
        )
        at += len(run)


def _next_run(events: Sequence[bytes], at: int) -> Sequence[bytes]:
    run = events[at : at + RUN_EVENTS_MAX]
    if sum(map(len, run)) <= RUN_BYTES_MAX:
        return run
    ends = list(accumulate(map(len, run)))
    return run[: max(1, bisect_right(ends, RUN_BYTES_MAX))]


def last_position(connection: Connection) -> int:
    """Return the position of the newest event, 0 in an empty log."""
    row = connection.execute("SELECT first + events - 1 FROM log_run ORDER BY first DESC LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def read(connection: Connection, position: int) -> bytes:
    """Return the bytes of one event; `Damaged` when the log has no such position."""
    return Reader(connection).read(position)


class Reader:
    """Reads many events by position; neighbours come from the same few runs, which are kept expanded."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kept: dict[int, list[bytes]] = {}
        self._last = 0

    def read(self, position: int) -> bytes:
        """Return the bytes of one event; `Damaged` when the log has no such position."""
        events = self._kept.get(self._last, [])
        if not self._last <= position < self._last + len(events):
            events = self._find(position)
        event: bytes = events[position - self._last]
        return event

    def _find(self, position: int) -> list[bytes]:
        row = self._connection.execute(
            "SELECT first, events FROM log_run WHERE first <= ? ORDER BY first DESC LIMIT 1", (position,)
        ).fetchone()
        if row is None or position >= row[0] + row[1]:
            raise Damaged(f"log position {position}", reason="no such event")
        self._last = row[0]
        if row[0] not in self._kept:
            body = self._connection.execute("SELECT body FROM log_run WHERE first = ?", (row[0],)).fetchone()[0]
            if len(self._kept) >= _RUNS_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[row[0]] = _split(body, row[1], row[0])
        return self._kept[row[0]]


def runs(connection: Connection, *, after: int = 0) -> Iterator[Run]:
    """Yield the runs in order, from the one that holds position `after` + 1, in bounded memory."""
    begin = connection.execute("SELECT max(first) FROM log_run WHERE first <= ?", (after + 1,)).fetchone()[0] or 0
    cursor = connection.execute(
        "SELECT first, events, replica_no, first_seq, body FROM log_run WHERE first >= ? ORDER BY first", (begin,)
    )
    for first, events, replica_no, first_seq, body in cursor:
        yield Run(first, replica_no, first_seq, _split(body, events, first))


def runs_backwards(connection: Connection, *, before: int | None = None) -> Iterator[Run]:
    """Yield the runs from the newest, or from the one that holds position `before` - 1, to the oldest."""
    begin = last_position(connection) if before is None else before - 1
    cursor = connection.execute(
        "SELECT first, events, replica_no, first_seq, body FROM log_run WHERE first <= ? ORDER BY first DESC", (begin,)
    )
    for first, events, replica_no, first_seq, body in cursor:
        yield Run(first, replica_no, first_seq, _split(body, events, first))


def replicas(connection: Connection) -> list[ReplicaRow]:
    """Return every chain in the file."""
    rows = connection.execute("SELECT no, id, public_key, head_seq, head_hash, signature FROM replica ORDER BY no")
    return [ReplicaRow(no, ReplicaId(to_text(i)), key, Head(seq, head), sig) for no, i, key, seq, head, sig in rows]


def replica(connection: Connection, no: int) -> ReplicaRow:
    """Return one chain by its local number."""
    return next(row for row in replicas(connection) if row.no == no)


def first_of(connection: Connection, replica_no: int) -> list[bytes]:
    """Return the first run of events of one chain; empty where it has none."""
    row = connection.execute(
        "SELECT first, events, body FROM log_run WHERE replica_no = ? ORDER BY first LIMIT 1", (replica_no,)
    ).fetchone()
    return [] if row is None else _split(row[2], row[1], row[0])


def chain_runs(connection: Connection, replica_no: int, *, after_seq: int = 0) -> Iterator[Run]:
    """Yield the runs of one chain in order, from the one that holds number `after_seq` + 1, in bounded memory."""
    begin = connection.execute(
        "SELECT max(first_seq) FROM log_run WHERE replica_no = ? AND first_seq <= ?", (replica_no, after_seq + 1)
    ).fetchone()[0]
    cursor = connection.execute(
        """SELECT first, events, replica_no, first_seq, body FROM log_run
           WHERE replica_no = ? AND first_seq >= ? ORDER BY first_seq""",
        (replica_no, begin or 0),
    )
    for first, events, no, first_seq, body in cursor:
        yield Run(first, no, first_seq, _split(body, events, first))


def chain_events(connection: Connection, replica_no: int, first: int, last: int) -> list[bytes]:
    """Return the events `first` to `last` of one chain, both inside; fewer where the file has fewer."""
    found: list[bytes] = []
    for run in chain_runs(connection, replica_no, after_seq=first - 1):
        if run.first_seq > last:
            break
        found += run.events[max(0, first - run.first_seq) : last - run.first_seq + 1]
    return found


def open_replica(connection: Connection, replica: ReplicaId, public_key: bytes, head: Head) -> int:
    """Add a chain and return its local number."""
    cursor = connection.execute(
        "INSERT INTO replica (id, public_key, head_seq, head_hash, signature) VALUES (?, ?, ?, ?, ?)",
        (to_bytes(replica), public_key, head.seq, head.hash, b""),
    )
    return int(cursor.lastrowid)


def set_head(connection: Connection, replica_no: int, head: Head, signature: bytes) -> None:
    """Move a chain's head, with the signature over it."""
    connection.execute(
        "UPDATE replica SET head_seq = ?, head_hash = ?, signature = ? WHERE no = ?",
        (head.seq, head.hash, signature, replica_no),
    )


def _split(body: bytes, events: int, first: int) -> list[bytes]:
    try:
        found = _decompress(body, max_output_size=_EXPANDED_BYTES_MAX).split(b"\n")
    except zstandard.ZstdError as error:
        raise Damaged(f"log run {first}", reason=str(error)) from None
    if len(found) != events:
        raise Damaged(f"log run {first}", reason="number of events differs", found=len(found), expected=events)
    return found
