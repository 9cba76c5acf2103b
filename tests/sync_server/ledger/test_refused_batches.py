"""What is not taken: by whom it is sent, where it stands, and what its bytes are. Nothing of it reaches the log."""

import hashlib

import httpx
import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_sale
from ledgerflow_core.events.chain import genesis
from ledgerflow_core.events.event import VoucherPosted
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.receipts import Receipt
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.app import devices_of
from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.tenancy.principal import Principal
from sync_server.ledger.office import Branch, Office, an_office, compress, outcomes
from sync_server.people_app import code_of, ids

pytestmark = pytest.mark.anyio


async def refusal(branch: Branch, wire: bytes) -> tuple[int, str]:
    """Send what must be refused; see that the log is as it was."""
    before = await branch.entries()
    answer = await branch.send_wire(wire)
    assert await branch.entries() == before
    return code_of(answer)


async def test_a_batch_with_a_hole_before_it_waits_for_what_is_missing(pune: Branch) -> None:
    pune.post(a_sale("one"), a_sale("two"))
    answer = await pune.send_wire(to_wire(pune.batch(first=pune.sent + 2), compress))
    assert code_of(answer) == (409, "chain-gap")
    assert answer.json()["problems"][0]["facts"] == {"expected": pune.sent + 1}


async def test_a_copy_of_the_file_that_wrote_something_else_is_told_apart(
    pune: Branch, as_administrator: Connection
) -> None:
    copy = msgspec.json.decode(msgspec.json.encode(pune.sent)), list(pune.events), pune.head
    pune.post(a_sale("the original's"))
    await pune.send()
    pune.sent, pune.events, pune.head = copy
    pune.post(a_sale("the copy's"))
    assert await refusal(pune, to_wire(pune.batch(), compress)) == (409, "replica-forked")
    assert (await pune.world.audit(pune.tenant))[0].action == "replica-forked"
    kept = as_administrator.execute("SELECT code FROM lf.refused_request WHERE tenant_no = %s", [pune.tenant.tenant_no])
    assert kept.fetchall() == [("replica-forked",)]


async def test_what_was_sent_before_and_more_is_taken_from_where_it_is_new(pune: Branch) -> None:
    pune.post(a_sale("one", number="1"), a_sale("two", number="2"), a_sale("three", number="3"))
    before = pune.sent
    await pune.send(pune.batch(last=before + 2))
    receipt = await pune.send(pune.batch(first=before + 1))
    assert outcomes(receipt) == ["accepted"] * 3
    assert [raw for raw, _ in await pune.entries()] == pune.events


async def test_events_the_log_has_under_another_header_are_answered_and_not_taken_twice(pune: Branch) -> None:
    pune.post(a_sale("one"), a_sale("two"))
    first = await pune.send()
    again = await pune.send(pune.batch(first=first.first, last=first.last, receipt="ab" * 32))
    assert outcomes(again) == outcomes(first)
    assert places(again) == places(first)
    part = await pune.send(pune.batch(first=2, last=4))
    assert places(part) == [2, 3, 4]
    assert len(await pune.entries()) == len(pune.events)


def places(receipt: Receipt) -> list[int]:
    return [result.gseq + at for result in receipt.results for at in range(sum(run.count for run in result.verdicts))]


async def test_a_company_one_does_not_have_is_like_one_that_does_not_exist(office: Office, pune: Branch) -> None:
    stranger = await (await an_office(office.world)).first_branch()
    unknown = await pune.world.client.get(f"/v1/companies/{ids.new()}/log", headers=pune.headers)
    for path in (
        "/log",
        "/checkpoint",
        "/proofs/inclusion?entry=1&size=1",
        "/proofs/consistency?first=1&second=1",
        "/feed",
    ):
        answer = await stranger.world.client.get(f"{pune.path}{path}", headers=stranger.headers)
        assert without_request(answer) == without_request(unknown)
    pune.post(a_sale())
    wire = to_wire(pune.batch(), compress)
    headers = {**stranger.headers, "Content-Type": "application/vnd.ledgerflow.batch"}
    answer = await stranger.world.client.post(f"{pune.path}/batches", content=wire, headers=headers)
    assert without_request(answer) == without_request(unknown)


def without_request(answer: httpx.Response) -> object:
    said = answer.json()
    said.pop("instance", None)
    return answer.status_code, said


async def test_a_batch_for_another_company_or_tenant_is_not_taken(office: Office, pune: Branch) -> None:
    pune.post(a_sale())
    for wrong in ({"tenant": ids.new()}, {"company": CompanyId(ids.new())}):
        assert await refusal(pune, to_wire(pune.batch(**wrong), compress)) == (404, "not-found")


async def test_a_replica_may_not_be_written_for_by_another_device(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    pune.post(a_sale())
    wire = to_wire(pune.batch(), compress)
    answer = await dubai.send_wire(wire)
    assert code_of(answer) == (403, "signer-unknown")


async def test_a_replica_nobody_enrolled_is_unknown(pune: Branch) -> None:
    pune.laptop.replica = ids.new()
    pune.head, pune.events, pune.sent = genesis(pune.replica), [], 0
    pune.post(a_sale())
    assert code_of(await pune.send_wire(to_wire(pune.batch(), compress))) == (403, "signer-unknown")


async def test_a_key_of_nobody_signs_nothing(pune: Branch) -> None:
    pune.post(a_sale())
    pune.laptop.key = Ed25519PrivateKey.generate()
    assert await refusal(pune, to_wire(pune.batch(), compress)) == (403, "signer-unknown")


async def test_one_changed_byte_anywhere_is_noticed(pune: Branch) -> None:
    pune.post(a_sale())
    wire = to_wire(pune.batch(), compress)
    header, signature, _ = wire.split(b"\n", 2)
    places = {
        "header": header.index(b'"last"') + 8,
        "signature": len(header) + 10,
        "body": len(header) + len(signature) + 40,
    }
    for name, at in places.items():
        bent = bytearray(wire)
        bent[at] ^= 1
        status, code = await refusal(pune, bytes(bent))
        assert code in {"signature-wrong", "digest-differs", "batch-malformed", "batch-too-large"}, name
        assert status in {400, 413, 422}


async def test_a_bomb_is_not_expanded(pune: Branch) -> None:
    pune.post(a_sale())
    parts = to_wire(pune.batch(), compress).split(b"\n", 2)
    for bomb in (
        zstandard.ZstdCompressor(level=19).compress(bytes(64 * 2**20)),  # says its size
        zstandard.ZstdCompressor(level=19, write_content_size=False).compress(bytes(64 * 2**20)),  # does not
        compress(b"a") + compress(b"b"),  # two frames
    ):
        wire = b"\n".join([parts[0], parts[1], bomb])
        assert len(wire) < 2**20
        assert await refusal(pune, wire) == (400, "batch-malformed")


async def test_more_events_than_a_batch_holds_are_refused(pune: Branch) -> None:
    pune.post(*(a_sale(f"sale {n}") for n in range(501)))
    sealed = pune.batch(last=pune.sent + 500)
    body = b"\n".join(pune.events[pune.sent :])
    header = msgspec.structs.replace(
        sealed.header, last=len(pune.events), head=pune.head.hash.hex(), body=hashlib.sha256(body).hexdigest()
    )
    statement = msgspec.json.encode(header)
    signature = pune.laptop.key.sign(b"ledgerflow/batch/v1\n" + statement).hex().encode()
    wire = b"\n".join([statement, signature, compress(body)])
    assert await refusal(pune, wire) == (413, "batch-too-large")


async def test_a_batch_for_another_life_of_the_log_says_hello_first(pune: Branch) -> None:
    pune.post(a_sale())
    for other in ("", ids.new()):
        assert await refusal(pune, to_wire(pune.batch(incarnation=other), compress)) == (409, "incarnation-changed")


async def test_an_id_that_comes_again_for_another_event_is_a_fault(office: Office, pune: Branch) -> None:
    event_id = ids.new()
    pune.write(*postings("one"), event_ids=[event_id])
    await pune.send()
    pune.write(*postings("another"), event_ids=[event_id])
    assert await refusal(pune, to_wire(pune.batch(), compress)) == (422, "event-id-reused")
    assert (await pune.world.audit(pune.tenant))[0].action == "event-id-reused"


def postings(*names: str) -> list[VoucherPosted]:
    return [VoucherPosted(voucher=a_sale(name)) for name in names]


async def test_the_same_event_from_a_rehomed_copy_is_a_duplicate(office: Office, pune: Branch) -> None:
    event_id, twin = ids.new(), await office.branch()
    pune.write(*postings("one"), event_ids=[event_id])
    first = await pune.send()
    twin.user = pune.user
    twin.write(*postings("one"), event_ids=[event_id])
    assert outcomes(await twin.send()) == [f"duplicate of {first.size}"]


async def test_the_same_event_of_a_later_version_is_a_duplicate_too(office: Office, pune: Branch) -> None:
    event_id, twin = ids.new(), await office.branch()
    twin.user = pune.user
    for branch in (pune, twin):
        (raw,) = branch.write(*postings("one"), event_ids=[event_id])
        branch.events[-1] = raw.replace(b'{"v":1,', b'{"v":2,')
        branch.rehash()
    first = await pune.send()
    assert outcomes(await twin.send()) == [f"duplicate of {first.size}"]


async def test_a_device_shut_out_sends_nothing_more(office: Office, pune: Branch) -> None:
    person = await office.world.user(office.tenant, Role.OWNER)
    pune.post(a_sale("in flight"))
    wire = to_wire(pune.batch(), compress)
    owner = Principal(office.tenant.tenant_no, person.user_no, role=Role.OWNER)
    await devices_of(office.world.services).revoke(owner, pune.laptop.device)
    assert code_of(await pune.send_wire(wire)) == (403, "device-revoked")
    assert code_of(await pune.hello_response()) == (403, "device-revoked")


async def test_a_body_of_another_kind_is_not_looked_at(pune: Branch) -> None:
    headers = {**pune.headers, "Content-Type": "text/plain"}
    answer = await pune.world.client.post(f"{pune.path}/batches", content=b"x", headers=headers)
    assert code_of(answer) == (415, "content-type-not-accepted")


async def test_a_batch_the_rows_refuse_for_no_reason_known_stays_with_the_client_and_calls_somebody(
    pune: Branch, as_administrator: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = f"CHECK (tenant_no <> {pune.tenant.tenant_no} OR number <> 'S/77')"
    as_administrator.execute(f"ALTER TABLE lf.voucher ADD CONSTRAINT nobody_foresaw {rule}")
    pune.post(a_sale("one", number="S/77"))
    wire = to_wire(pune.batch(), compress)
    capsys.readouterr()
    assert await refusal(pune, wire) == (500, "not-storable")
    logged = capsys.readouterr().out
    assert "rows-refused" in logged and "nobody_foresaw" in logged
    assert "S/77" not in logged
    as_administrator.execute("ALTER TABLE lf.voucher DROP CONSTRAINT nobody_foresaw")
    assert outcomes(await pune.send()) == ["accepted"]
