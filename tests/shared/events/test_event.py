"""Events: written once, read strictly, one of a closed set of kinds."""

import json
from datetime import date
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_company, a_sale
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import (
    EVENT_BYTES_MAX,
    Body,
    CloseAcknowledged,
    CloseRequested,
    CompanyChanged,
    CompanyCreated,
    ConflictResolved,
    Event,
    EventTooNew,
    KeyAdded,
    KeyRevoked,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    ReplicaClosed,
    SeriesClosed,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
    decode_foreign_event,
    encode_event,
)
from ledgerflow_core.identifiers import DeviceId, EventId, MasterId, ReplicaId, UserId, VoucherTypeId, named


def an_event(body: Body, *, seq: int = 1, prev: str = "00" * 32, cause: str = "") -> Event:
    return Event(
        v=1,
        id=EventId(named("test-event", str(seq))),
        replica=ReplicaId(named("test-replica", "desk")),
        seq=seq,
        prev=prev,
        at="2026-06-01T06:00:00.000Z",
        user=UserId(named("user", "asha")),
        body=body,
        cause=cause,
    )


def test_an_event_is_compact_json_that_leaves_out_what_is_unsaid() -> None:
    raw = encode_event(an_event(VoucherPosted(voucher=a_sale(amount=500))))
    said = json.loads(raw)
    assert raw == json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    assert list(said) == ["v", "id", "replica", "seq", "prev", "at", "user", "body"]
    assert list(said["body"]) == ["type", "voucher"]
    assert list(said["body"]["voucher"]) == ["id", "type", "date", "party", "entries"]
    assert said["body"]["type"] == "voucher.posted"


def test_the_kinds_of_events_are_these_and_their_names_never_change() -> None:
    names = {body.__struct_config__.tag for body in get_args(Body)}
    assert names == {
        "company.created", "company.changed", "replica.opened", "master.created", "master.changed",
        "master.merged", "master.retired", "voucher.posted", "voucher.altered", "voucher.cancelled",
        "period.locked", "period.unlocked", "period.close-requested", "period.close-acknowledged",
        "conflict.resolved", "replica.closed", "series.closed", "key.added", "key.revoked", "import.completed",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        CompanyCreated(company=a_company()),
        VoucherPosted(voucher=a_sale(number="S/1")),
        PeriodLocked(until=a_sale().date),
        PeriodUnlocked(until=None, reason="audit"),
    ],
)
def test_what_is_written_is_read_back(body: Body) -> None:
    event = an_event(body, cause="import")
    assert decode_event(encode_event(event)) == event
    assert decode_event(memoryview(encode_event(event))) == event


def changed(change: str) -> bytes:
    """Return the bytes of a sound event after `change`, an assignment to a part of ``said``."""
    said = json.loads(encode_event(an_event(VoucherPosted(voucher=a_sale(amount=500)))))
    exec(change, {"said": said})
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    "change",
    [
        "said['note'] = 'x'",
        "said['body']['note'] = 'x'",
        "said['body']['voucher']['discount'] = 1",
        "said['body']['voucher']['entries'][0]['tax'] = '5'",
        "said['body']['type'] = 'voucher.deleted'",
        "said['body']['voucher']['entries'][0]['amount'] = 5.0",
        "said['body']['voucher']['entries'][0]['amount'] = '5'",
        "said['body']['voucher']['entries'][0]['amount'] = None",
        "said['body']['voucher']['date'] = '2026-02-30'",
        "said['body']['voucher']['state'] = 'deleted'",
        "said['seq'] = '1'",
        "del said['prev']",
        "del said['body']",
        "said.clear()",
        "said['v'] = 0",
        "said['v'] = -1",
    ],
)
def test_anything_this_version_does_not_know_is_damage(change: str) -> None:
    with pytest.raises(Damaged) as refused:
        decode_event(changed(change))
    assert refused.value.code == "damaged"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"{}" * 2, b"\x00" * 64])
def test_bytes_that_are_no_event_are_damage(raw: bytes) -> None:
    with pytest.raises(Damaged):
        decode_event(raw)


@given(st.data())
def test_a_truncated_event_is_damage(data: st.DataObject) -> None:
    raw = encode_event(an_event(VoucherPosted(voucher=a_sale(number="S/1"))))
    with pytest.raises(Damaged):
        decode_event(raw[: data.draw(st.integers(0, len(raw) - 1))])


def test_amounts_stay_whole_however_large() -> None:
    event = an_event(VoucherPosted(voucher=a_sale(amount=2**53 - 1)))
    body = decode_event(encode_event(event)).body
    assert isinstance(body, VoucherPosted)
    assert [entry.amount for entry in body.voucher.entries] == [2**53 - 1, -(2**53 - 1)]
    assert msgspec.json.decode(encode_event(event))["body"]["voucher"]["entries"][0]["amount"] == 2**53 - 1


@pytest.mark.parametrize("change", ["said['v'] = 2", "said['v'] = 2; said['colour'] = 'red'; del said['body']"])
def test_an_event_of_a_later_version_is_called_so_and_not_damage(change: str) -> None:
    for decode in (decode_event, decode_foreign_event):
        with pytest.raises(EventTooNew) as refused:
            decode(changed(change))
        assert (refused.value.code, refused.value.facts) == ("event-too-new", {"version": 2})


RAW = encode_event(an_event(VoucherPosted(voucher=a_sale(amount=500))))
EVENT_ID, VOUCHER_ID = an_event(PeriodLocked(until=a_sale().date)).id.encode(), a_sale().id.encode()


def test_bytes_from_elsewhere_that_are_as_we_write_them_are_taken() -> None:
    assert decode_foreign_event(RAW) == decode_event(RAW)
    telling = encode_event(an_event(PeriodUnlocked(until=None, reason="refs:9007199254740992,[99999999999999999")))
    assert decode_foreign_event(telling) == decode_event(telling)
    largest = encode_event(an_event(VoucherPosted(voucher=a_sale(amount=2**53 - 1))))
    assert decode_foreign_event(largest) == decode_event(largest)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (b',"seq"', b', "seq"'),
        (b',"seq"', b',\n"seq"'),
        (b'"seq":1,', b'"seq":1,"seq":1,'),
        (b'"seq":1,', b'"seq":0,'),
        (b'"seq":1,', b'"seq":-1,'),
        (b'"seq":1,', b'"seq":9007199254740992,'),
        (b":500}", b":500.0}"),
        (b":500}", b":5e2}"),
        (b":500}", b":9007199254740992}"),
        (b":-500}", b":-9007199254740992}"),
        (b'"date":"2026-05-04"', b'"date":"2026-05-04","number":""'),
        (EVENT_ID, EVENT_ID.upper()),
        (EVENT_ID, b"7"),
        (VOUCHER_ID, VOUCHER_ID.replace(b"-", b"")),
        (b'"at":"2026', b'"at":"\\u0032026'),
    ],
)
def test_bytes_from_elsewhere_are_refused_in_any_other_form(part: bytes, instead: bytes) -> None:
    assert RAW.count(part) >= 1
    with pytest.raises(Damaged):
        decode_foreign_event(RAW.replace(part, instead))


MASTERS = [MasterId(named("account", name)) for name in ("cash", "bank")]
DESK, SALES = (named("test", name) for name in ("desk", "sales"))
HASH = "ab" * 32
BODIES: list[Body] = [
    MasterMerged(merged=MASTERS[0], into=MASTERS[1], base=HASH, into_base=HASH),
    MasterRetired(master=MASTERS[0], base=HASH),
    ConflictResolved(event=EventId(DESK), decision="kept", reason="x"),
    CloseRequested(until=date(2026, 4, 30)),
    CloseAcknowledged(request=EventId(DESK), until=date(2026, 4, 30)),
    ReplicaClosed(replica=ReplicaId(DESK), reason="x"),
    SeriesClosed(
        replica=ReplicaId(DESK), voucher_type=VoucherTypeId(MasterId(SALES)), year=date(2026, 4, 1), last=7, reason="x"
    ),
    KeyAdded(key=HASH, device=DeviceId(DESK), user=UserId(SALES), user_name="asha"),
    KeyRevoked(key=HASH, replica=ReplicaId(DESK), last_seq=7),
    CompanyChanged(company=a_company(), base=HASH),
    PeriodLocked(until=date(2026, 4, 30), base=HASH),
    VoucherCancelled(base=HASH, voucher=a_sale().id),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_every_id_hash_key_day_and_count_from_elsewhere_is_checked(body: Body) -> None:
    raw = encode_event(an_event(body))
    assert decode_foreign_event(raw).body == body
    begin = raw.index(b'"body"')
    spoiled = [
        raw[:begin] + raw[begin:].replace(part, instead, 1)
        for part, instead in (
            (HASH.encode(), HASH.upper().encode()),
            (HASH.encode(), HASH[:-2].encode()),
            (HASH.encode(), b"zz" * 32),
            (b'"2026-04-', b'"1826-04-'),
            (b":7", b":-7"),
            (b'"kept"', b'"liked"'),
            *((found.encode(), found.upper().encode()) for found in (*MASTERS, DESK, SALES, a_sale().id)),
        )
        if part in raw[begin:]
    ]
    assert spoiled
    for bad in spoiled:
        with pytest.raises(Damaged):
            decode_foreign_event(bad)


def test_what_an_alteration_replaces_is_never_left_out_by_another() -> None:
    with pytest.raises(Damaged):
        decode_foreign_event(encode_event(an_event(VoucherCancelled(base="", voucher=a_sale().id))))


def test_bytes_from_elsewhere_are_no_more_than_a_batch() -> None:
    long = an_event(PeriodUnlocked(until=None, reason="x" * EVENT_BYTES_MAX))
    with pytest.raises(Damaged):
        decode_foreign_event(encode_event(long))
