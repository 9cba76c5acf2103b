"""The sealed batch: a run of consecutive events of one replica under one signature.

Once sent, neither its boundaries nor its bytes change, so sending it again is always safe. Compression is the
shells' affair: the seal is over the bytes of the events themselves.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged, InvalidInput
from ledgerflow_core.events.chain import Head, event_hash
from ledgerflow_core.events.event import EVENT_BYTES_MAX
from ledgerflow_core.identifiers import CompanyId, ReplicaId, to_bytes
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.statements import Signed, public_key, sign, verifies

PROTOCOL_VERSION = 1
BATCH_EVENTS_MAX = 500
# A batch holds at least one event of the largest size.
BATCH_BYTES_MAX = EVENT_BYTES_MAX
HEADER_BYTES_MAX = 2_048

_BATCH_DOMAIN = b"ledgerflow/batch/v1\n"
_BATCH_HASH_DOMAIN = b"ledgerflow/batch-hash/v1\n"


class BatchHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a batch says of itself; hashes and keys in hex.

    `first` and `last` are the replica's sequence numbers, both inside; `prev` and `head` the chain's hash before
    the first and at the last event; `body` the SHA-256 of the event bytes joined by newlines; `signer` the public
    key; `receipt` the hash of the newest receipt this replica holds, so that a rewound server is noticed.
    """

    v: int
    tenant: str
    company: CompanyId
    replica: ReplicaId
    incarnation: str
    first: int
    last: int
    prev: str
    head: str
    body: str
    signer: str
    receipt: str


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(BatchHeader).decode


class SealedBatch(NamedTuple):
    """A batch as sealed. `signed.statement` is the header's bytes; `body` the event bytes joined by newlines."""

    header: BatchHeader
    signed: Signed
    body: bytes

    @property
    def hash(self) -> bytes:
        """The 32 bytes that name this batch."""
        return hashlib.sha256(_BATCH_HASH_DOMAIN + self.signed.statement).digest()

    def events(self) -> list[bytes]:
        """Return the bytes of its events, in order."""
        return self.body.split(b"\n")


class Sender(NamedTuple):
    """For whom and to whom a batch is sealed: fixed between two answers to hello."""

    tenant: str
    company: CompanyId
    replica: ReplicaId
    incarnation: str
    receipt: str = ""


def seal(events: Sequence[bytes], before: Head, sender: Sender, key: Ed25519PrivateKey) -> SealedBatch:
    """Seal consecutive events that follow `before`; at least one, within the limits."""
    body = b"\n".join(events)
    assert 0 < len(events) <= BATCH_EVENTS_MAX, "a batch has 1 to 500 events"
    header = BatchHeader(
        v=PROTOCOL_VERSION,
        tenant=sender.tenant,
        company=sender.company,
        replica=sender.replica,
        incarnation=sender.incarnation,
        first=before.seq + 1,
        last=before.seq + len(events),
        prev=before.hash.hex(),
        head=event_hash(events[-1]).hex(),
        body=hashlib.sha256(body).hexdigest(),
        signer=key.public_key().public_bytes_raw().hex(),
        receipt=sender.receipt,
    )
    return SealedBatch(header, sign(key, _BATCH_DOMAIN, _ENCODE(header)), body)


def how_many_fit(sizes: Sequence[int], most: int = BATCH_EVENTS_MAX) -> int:
    """Return how many leading events of these sizes (bytes) fit one batch: at least one."""
    total = count = 0
    for size in sizes[:most]:
        total += size + 1
        if total > BATCH_BYTES_MAX and count:
            break
        count += 1
    return count


def to_wire(batch: SealedBatch, compress: Callable[[bytes], bytes]) -> bytes:
    """Return the bytes of a request: header, newline, signature in hex, newline, compressed body."""
    return batch.signed.to_bytes() + b"\n" + compress(batch.body)


def from_wire(raw: bytes, expand: Callable[[bytes], bytes]) -> SealedBatch:
    """Read `to_wire` back and check everything that needs nothing but the bytes: form, limits, hash, signature.

    `expand` bounds what it returns and raises `ValueError` otherwise. Refuses `batch-malformed`,
    `batch-too-large`, `digest-differs`, `signature-wrong`.
    """
    parts = raw.split(b"\n", 2)
    if len(parts) != 3 or len(parts[0]) > HEADER_BYTES_MAX:
        raise Refused("batch-malformed", reason="not header, signature and body")
    try:
        signed = Signed.from_bytes(parts[0] + b"\n" + parts[1], "batch")
        body = expand(parts[2])
    except (Damaged, ValueError):
        raise Refused("batch-malformed", reason="body or signature unreadable") from None
    return open_batch(signed, body)


def open_batch(signed: Signed, body: bytes) -> SealedBatch:
    """Return the batch of a signed header and its body; refuses as `from_wire`."""
    try:
        header = _DECODE(signed.statement)
        for identifier in (header.tenant, header.company, header.replica):
            to_bytes(identifier)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidInput):
        raise Refused("batch-malformed", "header") from None
    if header.v != PROTOCOL_VERSION or _ENCODE(header) != signed.statement:
        raise Refused("batch-malformed", "header", reason="not in the form this version writes")
    count = header.last - header.first + 1
    if not 1 <= count <= BATCH_EVENTS_MAX or header.first < 1:
        raise Refused("batch-too-large", "header", events=count, most=BATCH_EVENTS_MAX)
    if len(body) > BATCH_BYTES_MAX + BATCH_EVENTS_MAX:
        raise Refused("batch-too-large", "body", bytes=len(body), most=BATCH_BYTES_MAX)
    if hashlib.sha256(body).hexdigest() != header.body or body.count(b"\n") != count - 1:
        raise Refused("digest-differs", "body")
    key = public_key(header.signer)
    if key is None or not verifies(key, _BATCH_DOMAIN, signed):
        raise Refused("signature-wrong", "header")
    return SealedBatch(header, signed, body)
