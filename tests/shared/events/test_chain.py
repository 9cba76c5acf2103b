"""The chain: each event holds the one before, one signature holds them all, bytes are never made twice."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from builders import a_sale
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import (
    Author,
    Head,
    check_head,
    event_hash,
    follow,
    genesis,
    next_event,
    payload_of,
    sign_head,
    version_hash,
)
from ledgerflow_core.events.event import VoucherPosted, decode_event, encode_event
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId, named

DESK, SHOP = (ReplicaId(named("test-replica", name)) for name in ("desk", "shop"))
AUTHOR = Author(DESK, UserId(named("user", "asha")))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def a_chain(length: int = 5) -> list[bytes]:
    head, events = genesis(DESK), []
    for at in range(1, length + 1):
        raw, head = next_event(
            head,
            VoucherPosted(voucher=a_sale(f"s{at}", at)),
            author=AUTHOR,
            event_id=EventId(named("test-event", str(at))),
            at="2026-06-01T06:00:00.000Z",
        )
        events.append(raw)
    return events


def followed(events: list[bytes], replica: ReplicaId = DESK) -> Head:
    head = genesis(replica)
    for raw in events:
        head = follow(head, decode_event(raw), raw, replica=replica)
    return head


def test_a_chain_leads_from_its_genesis_to_its_head() -> None:
    events = a_chain()
    head = followed(events)
    assert head.seq == 5
    assert head.hash == hashlib.sha256(b"ledgerflow/event/v1\n" + events[-1]).digest()
    assert json.loads(events[0])["prev"] == hashlib.sha256(b"ledgerflow/genesis/v1\n" + DESK.encode()).hexdigest()
    assert genesis(DESK) != genesis(SHOP)


BREAKS = {
    "an event left out": (lambda e: [*e[:2], *e[3:]], "event 3"),
    "two events changed places": (lambda e: [e[0], e[2], e[1], *e[3:]], "event 2"),
    "an event twice": (lambda e: [*e[:3], *e[2:]], "event 4"),
    "an amount changed": (lambda e: [*e[:2], e[2].replace(b'"amount":3', b'"amount":4'), *e[3:]], "event 4"),
    "a blank added": (lambda e: [*e[:2], e[2].replace(b'"seq":3', b'"seq": 3'), *e[3:]], "event 4"),
    "the first left out": (lambda e: e[1:], "event 1"),
    "another replica's event": (lambda e: [e[0], e[1].replace(DESK.encode(), SHOP.encode())], "event 2"),
}


@pytest.mark.parametrize(("broken", "place"), BREAKS.values(), ids=BREAKS.keys())
def test_a_break_is_named_by_the_first_event_that_does_not_follow(broken: object, place: str) -> None:
    with pytest.raises(Damaged) as refused:
        followed(broken(a_chain()))  # type: ignore[operator]
    assert refused.value.place == place


def test_a_chain_of_another_replica_does_not_follow() -> None:
    with pytest.raises(Damaged):
        followed(a_chain(), SHOP)


def test_the_hash_is_of_the_bytes_as_they_are_not_of_what_they_mean() -> None:
    raw = a_chain(1)[0]
    spaced = json.dumps(json.loads(raw)).encode()
    assert decode_event(spaced) == decode_event(raw)
    assert event_hash(spaced) != event_hash(raw)


def test_one_signature_over_the_head_verifies_and_for_nothing_else() -> None:
    head = followed(a_chain())
    signature = sign_head(KEY, DESK, head)
    check_head(KEY.public_key(), DESK, head, signature)
    others = [
        (KEY.public_key(), SHOP, head, signature),
        (KEY.public_key(), DESK, Head(head.seq - 1, head.hash), signature),
        (KEY.public_key(), DESK, Head(head.seq, event_hash(b"")), signature),
        (KEY.public_key(), DESK, head, bytes(64)),
        (KEY.public_key(), DESK, head, signature[:63]),
        (KEY.public_key(), DESK, head, bytes([signature[0] ^ 1]) + signature[1:]),
        (Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key(), DESK, head, signature),
    ]
    for key, replica, at, given in others:
        with pytest.raises(Damaged) as refused:
            check_head(key, replica, at, given)
        assert refused.value.place == f"event {at.seq}"


def test_a_version_is_the_same_wherever_its_event_stands_in_a_chain() -> None:
    raw = a_chain(3)[2]
    event = decode_event(raw)
    moved = encode_event(structs.replace(event, replica=SHOP, seq=1, prev=genesis(SHOP).hash.hex()))
    assert event_hash(moved) != event_hash(raw)
    assert (payload_of(moved), version_hash(moved)) == (payload_of(raw), version_hash(raw))
    assert payload_of(raw).startswith(b'"at":"2026-06-01T06:00:00.000Z","user":')
    said = b"ledgerflow/version/v1\n" + event.id.encode() + b"\n" + raw[raw.index(b'"at":') :]
    assert version_hash(raw) == hashlib.sha256(said).digest()


@pytest.mark.parametrize(
    "changes", [{"id": named("test-event", "x")}, {"user": named("user", "ravi")}, {"cause": "x"}, {"at": "2026"}]
)
def test_another_id_author_time_or_content_is_another_version(changes: dict[str, str]) -> None:
    raw = a_chain(1)[0]
    assert version_hash(encode_event(structs.replace(decode_event(raw), **changes))) != version_hash(raw)


def test_what_is_no_event_has_no_version() -> None:
    with pytest.raises(Damaged):
        version_hash(b"{}")


def test_bytes_signed_or_hashed_for_one_purpose_are_of_no_use_for_another() -> None:
    head = followed(a_chain())
    # The bytes a head is signed as, without the name of their purpose: a signature over them must not pass.
    bare = f"{DESK}\n{head.seq}\n{head.hash.hex()}\n".encode()
    with pytest.raises(Damaged):
        check_head(KEY.public_key(), DESK, head, KEY.sign(bare))
    # An "event" whose bytes are a replica's id does not hash to that replica's genesis.
    assert event_hash(DESK.encode()) != genesis(DESK).hash
    assert event_hash(b"x") != hashlib.sha256(b"x").digest()
