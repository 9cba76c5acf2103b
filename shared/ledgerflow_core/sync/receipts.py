"""What the server signs: the checkpoint over its log, and the receipt for a batch.

A receipt is sent only after the batch is on the server's disk; its holder can prove that the server took these
events at these places with these verdicts. A checkpoint says what the whole log was at one size; two of one
incarnation that no log could both have are proof against the server.
"""

import hashlib
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.log import VerdictRun
from ledgerflow_core.sync.statements import Signed, sign, verifies

_CHECKPOINT_DOMAIN = b"ledgerflow/checkpoint/v1\n"
_RECEIPT_DOMAIN = b"ledgerflow/receipt/v1\n"
_RECEIPT_HASH_DOMAIN = b"ledgerflow/receipt-hash/v1\n"


class NotSigned(Damaged):
    """A statement that the server it should be of did not sign."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The log of a tenant's company at one size: RFC 6962 root (hex) over its entries. `at` is the server's time, UTC.

    Two tenants of one server may hold a book of one id; each has a log of its own.
    """

    v: int = 1
    tenant: str
    company: CompanyId
    incarnation: str
    size: int
    root: str
    at: str


class ReceiptRun(msgspec.Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Consecutive events of the batch whose places in the log are consecutive, from `gseq` on."""

    gseq: int
    verdicts: tuple[VerdictRun, ...]


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The server took a batch: `batch` is its hash, `head` the chain's at `last`; `results` cover each event in order.

    `size` and `root` are the log's right after the batch was taken.
    """

    v: int = 1
    tenant: str
    company: CompanyId
    incarnation: str
    batch: str
    replica: ReplicaId
    first: int
    last: int
    head: str
    results: tuple[ReceiptRun, ...]
    size: int
    root: str
    at: str


_ENCODE = msgspec.json.Encoder().encode
_CHECKPOINT = msgspec.json.Decoder(Checkpoint)
_RECEIPT = msgspec.json.Decoder(Receipt)
_Statement = TypeVar("_Statement", Checkpoint, Receipt)


def sign_checkpoint(key: Ed25519PrivateKey, checkpoint: Checkpoint) -> Signed:
    """Return the checkpoint signed by the server's log key."""
    return sign(key, _CHECKPOINT_DOMAIN, _ENCODE(checkpoint))


def sign_receipt(key: Ed25519PrivateKey, receipt: Receipt) -> Signed:
    """Return the receipt signed by the server's log key."""
    return sign(key, _RECEIPT_DOMAIN, _ENCODE(receipt))


def read_checkpoint(key: Ed25519PublicKey, signed: Signed) -> Checkpoint:
    """Return a checkpoint after checking its signature; `NotSigned` when it is not this server's."""
    return _read(key, signed, _CHECKPOINT_DOMAIN, _CHECKPOINT, "checkpoint")


def read_receipt(key: Ed25519PublicKey, signed: Signed) -> Receipt:
    """Return a receipt after checking its signature; `NotSigned` when it is not this server's."""
    return _read(key, signed, _RECEIPT_DOMAIN, _RECEIPT, "receipt")


def receipt_hash(signed: Signed) -> str:
    """Return the hash (hex) a replica quotes a receipt by."""
    return hashlib.sha256(_RECEIPT_HASH_DOMAIN + signed.statement).hexdigest()


def acknowledges(receipt: Receipt, batch: SealedBatch) -> bool:
    """Whether a receipt is for this very batch and speaks of each of its events."""
    header = batch.header
    spoken = sum(run.count for result in receipt.results for run in result.verdicts)
    return (
        receipt.batch == batch.hash.hex()
        and (receipt.tenant, receipt.company, receipt.replica, receipt.first, receipt.last, receipt.head)
        == (header.tenant, header.company, header.replica, header.first, header.last, header.head)
        and spoken == header.last - header.first + 1
    )


def _read(
    key: Ed25519PublicKey, signed: Signed, domain: bytes, decoder: "msgspec.json.Decoder[_Statement]", place: str
) -> _Statement:
    if not verifies(key, domain, signed):
        raise NotSigned(place, reason="not signed by this server")
    try:
        return decoder.decode(signed.statement)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged(place, reason="not readable") from None
