"""What replica and server say to each other besides batches: requests and answers as they travel (docs/protocol.md)."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.sync.batch import from_wire
from ledgerflow_core.sync.log import LogBatch, VerdictRun, unpack_verdicts
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.statements import Signed


class _Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    pass


class Hello(_Message, frozen=True):
    """Where a replica stands. Hashes in hex; `at` and `oldest` are its own clock's UTC and decide nothing.

    `seq` and `head` are its own chain, `size` and `root` the part of the server's log it holds, `pending` its own
    events the server has not acknowledged, `oldest` when the first of them was written, `digest` what the books of
    the log it holds come to (empty where it did not compute it), `app` the program's version.
    """

    v: int
    company: CompanyId
    replica: ReplicaId
    incarnation: str
    seq: int
    head: str
    size: int
    root: str
    pending: int
    at: str
    app: str
    oldest: str = ""
    digest: str = ""


class HelloAnswer(_Message, frozen=True):
    """Where the server stands towards this replica.

    `state` is ``normal``, ``recovering`` or ``read-only``; `seq` and `head` the end of the replica's chain as the
    server has it (0 and empty where it has none); `consistent` whether the log at the replica's `size` had the
    replica's `root`; `checkpoint` the signed statement of the log now (`Signed.to_bytes` as text); `role` what the
    device's user is by now (`roles.Role`).
    """

    v: int
    state: str
    incarnation: str
    seq: int
    head: str
    size: int
    consistent: bool
    checkpoint: str
    role: str = ""


class LogItem(_Message, frozen=True):
    """The line before each batch of the log on its way down; `bytes` is the length of the batch that follows it."""

    gseq: int
    known: int
    at: str
    verdicts: tuple[VerdictRun, ...]
    bytes: int


class LogEnd(_Message, frozen=True):
    """The last line of a piece of the log: the signed checkpoint, and the size the log has by now."""

    size: int
    checkpoint: str


_ENCODE = msgspec.json.Encoder().encode
_ITEM = msgspec.json.Decoder(LogItem)
_END = msgspec.json.Decoder(LogEnd)
_Line = TypeVar("_Line", LogItem, LogEnd)


def log_to_wire(items: Iterable[tuple[LogItem, bytes]], end: LogEnd) -> bytes:
    """Return a piece of the log as one body: for each batch its line and its wire bytes, then the end's line."""
    parts: list[bytes] = []
    for item, wire in items:
        parts += (_ENCODE(item), b"\n", wire)
    parts += (_ENCODE(end), b"\n")
    return b"".join(parts)


def log_from_wire(raw: bytes, expand: Callable[[bytes], bytes]) -> tuple[list[LogBatch], LogEnd]:
    """Read `log_to_wire` back, every seal checked; `Damaged` when it is cut off, altered or not this at all."""
    batches: list[LogBatch] = []
    at = 0
    while True:
        line_end = raw.find(b"\n", at)
        if line_end < 0:
            raise Damaged("log from the server", reason="cut off", bytes=len(raw))
        line = raw[at:line_end]
        at = line_end + 1
        if at == len(raw):
            return batches, _decoded(_END, line)
        item = _decoded(_ITEM, line)
        wire = raw[at : at + item.bytes]
        if len(wire) != item.bytes:
            raise Damaged("log from the server", reason="cut off", bytes=len(raw))
        at += item.bytes
        batches.append(_log_batch(item, wire, expand))


def _log_batch(item: LogItem, wire: bytes, expand: Callable[[bytes], bytes]) -> LogBatch:
    try:
        batch = from_wire(wire, expand)
    except Refused as error:
        raise Damaged(f"log entry {item.gseq}", reason=error.code) from None
    count = batch.header.last - batch.header.first + 1 - item.known
    if item.known < 0 or count < 1:
        raise Damaged(f"log entry {item.gseq}", reason="takes nothing from its batch")
    return LogBatch(item.gseq, item.known, item.at, unpack_verdicts(_ENCODE(item.verdicts), count), batch)


def _decoded(decoder: "msgspec.json.Decoder[_Line]", line: bytes) -> _Line:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged("log from the server", reason="not readable") from None


def signed_of(text: str, place: str) -> Signed:
    """Return a signed statement that travelled as text; `Damaged` when it is none."""
    return Signed.from_bytes(text.encode(), place)
