"""The hash chain of one replica's events and the signature over its head.

Each event carries the hash of the one before, so one Ed25519 signature over the head covers every event up
to it. SHA-256 and Ed25519 are domain-separated: bytes signed for one purpose never verify for another.
"""

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import EVENT_VERSION, Body, Event, encode_event
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId

_EVENT_DOMAIN = b"ledgerflow/event/v1\n"
_VERSION_DOMAIN = b"ledgerflow/version/v1\n"
_GENESIS_DOMAIN = b"ledgerflow/genesis/v1\n"
_HEAD_DOMAIN = b"ledgerflow/head/v1\n"

_ID_FIELD, _ID_LENGTH = b'"id":"', 36


def event_hash(raw: bytes) -> bytes:
    """Return the 32-byte hash of an event's bytes."""
    return hashlib.sha256(_EVENT_DOMAIN + raw).digest()


def payload_of(raw: bytes) -> bytes:
    """Return an event's bytes from its ``"at":`` field on: everything but which event it is and where it stands.

    Two events of the same id are the same event when they share these bytes. `Damaged` when there is none.
    """
    at = raw.find(b'"at":')
    if at < 0:
        raise Damaged("event", reason="has no time")
    return raw[at:]


def version_hash(raw: bytes) -> bytes:
    """Return the 32-byte hash that names the version an event makes of something.

    It leaves out the event's place in a chain, so an event that a replica signs anew is still the same version. Every
    version of the program begins an event alike up to the time, so this holds for events of later ones too.
    """
    payload = payload_of(raw)
    begin = raw.find(_ID_FIELD) + len(_ID_FIELD)
    return hashlib.sha256(_VERSION_DOMAIN + raw[begin : begin + _ID_LENGTH] + b"\n" + payload).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a replica's chain: how many events it has and the hash of the last one (32 bytes)."""

    seq: int
    hash: bytes


def genesis(replica: ReplicaId) -> Head:
    """Return the head of a replica that has no event yet."""
    return Head(0, hashlib.sha256(_GENESIS_DOMAIN + replica.encode()).digest())


@dataclass(frozen=True, slots=True)
class Author:
    """Whose events these are: one user on one replica."""

    replica: ReplicaId
    user: UserId


def next_event(
    head: Head, body: Body, *, author: Author, event_id: EventId, at: str, cause: str = ""
) -> tuple[bytes, Head]:
    """Return the bytes of the event that follows `head`, and the new head."""
    raw = encode_event(
        Event(
            v=EVENT_VERSION,
            id=event_id,
            replica=author.replica,
            seq=head.seq + 1,
            prev=head.hash.hex(),
            at=at,
            user=author.user,
            body=body,
            cause=cause,
        )
    )
    return raw, Head(head.seq + 1, event_hash(raw))


def follow(head: Head, event: Event, raw: bytes, *, replica: ReplicaId) -> Head:
    """Return the head after a stored event; `Damaged` names the first event that does not follow."""
    if event.replica != replica or event.seq != head.seq + 1 or event.prev != head.hash.hex():
        raise Damaged(f"event {head.seq + 1}", reason="does not follow the event before", replica=replica)
    return Head(event.seq, event_hash(raw))


def _signed_bytes(replica: ReplicaId, head: Head) -> bytes:
    return _HEAD_DOMAIN + f"{replica}\n{head.seq}\n{head.hash.hex()}\n".encode()


def sign_head(key: Ed25519PrivateKey, replica: ReplicaId, head: Head) -> bytes:
    """Return the 64-byte signature that covers every event up to `head`."""
    return key.sign(_signed_bytes(replica, head))


def check_head(key: Ed25519PublicKey, replica: ReplicaId, head: Head, signature: bytes) -> None:
    """Raise `Damaged` unless `signature` is the key's over this head."""
    try:
        key.verify(signature, _signed_bytes(replica, head))
    except InvalidSignature:
        raise Damaged(f"event {head.seq}", reason="signature over the head does not verify", replica=replica) from None
