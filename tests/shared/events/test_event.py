"""Events: written once, read strictly, one of a closed set of kinds."""

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_company, a_sale
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import (
    Body,
    CompanyCreated,
    Event,
    PeriodLocked,
    PeriodUnlocked,
    VoucherPosted,
    decode_event,
    encode_event,
)
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId, named


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
        "voucher.posted", "voucher.altered", "voucher.cancelled", "period.locked", "period.unlocked",
        "import.completed",
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
