"""Enrolment over HTTP: what a code opens, once, and what it does not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.sync.enrolment import rehoming_statement
from ledgerflow_server.audit.service import verify
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.keys import certificates
from sync_server.people_app import Laptop, World, code_of, ids, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


async def test_anybody_may_ask_for_the_authority_and_what_the_server_is(w: World) -> None:
    answer = await w.client.get("/v1/authority")
    authority = x509.load_pem_x509_certificate(answer.content)
    kept = certificates.read_certificate(w.services.settings.key_folder / certificates.AUTHORITY)
    assert certificates.fingerprint(authority) == certificates.fingerprint(kept)
    said = (await w.client.get("/v1/server")).json()
    assert (said["name"], said["protocols"]) == ("ledgerflow-server", [1])


async def test_the_first_book_makes_the_company_and_keeps_its_plain_numbers(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    company_no, user, book, laptop = await w.company(tenant), await w.user(tenant), ids.new(), Laptop()
    code = await w.code(tenant, company_no, user)
    answer = await w.client.post("/v1/enrolments", json=laptop.enrolment(code, book))
    assert answer.status_code == 201
    assert answer.json() == {
        "tenant": tenant_id,
        "company": book,
        "server_key": w.services.keys.log.public_key().public_bytes_raw().hex(),
        "tag": "",
        "user": {"id": user.public_id, "name": user.name, "role": "accountant"},
        "device": laptop.device,
    }
    assert [line.action for line in await w.audit(tenant)] == ["device-enrolled", "company-bound"]


async def test_every_further_replica_gets_a_tag_of_its_own(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user, book = await w.company(tenant), await w.user(tenant), ids.new()
    given = [(await w.enrolled(tenant, company_no, user, book if n % 2 else None if n else book))[1] for n in range(6)]
    assert given[0] == "" and len(set(given)) == 6
    assert all(len(tag) == 2 for tag in given[1:])


async def test_another_book_is_not_taken_for_the_company(w: World) -> None:
    tenant, _ = await w.tenant()
    first, second, user, book = await w.company(tenant), await w.company(tenant), await w.user(tenant), ids.new()
    await w.enrolled(tenant, first, user, book)
    code = await w.code(tenant, first, user)
    laptop = Laptop()
    assert code_of(await w.client.post("/v1/enrolments", json=laptop.enrolment(code, ids.new()))) == (
        409,
        "company-differs",
    )
    other = await w.code(tenant, second, user)
    assert code_of(await w.client.post("/v1/enrolments", json=laptop.enrolment(other, book))) == (
        409,
        "company-differs",
    )
    assert code_of(await w.client.post("/v1/enrolments", json=laptop.enrolment(other, None))) == (409, "company-empty")
    # A refusal uses nothing up.
    assert (await w.client.post("/v1/enrolments", json=laptop.enrolment(code, book))).status_code == 201


async def test_a_used_code_opens_nothing_more_and_the_attempt_is_written_down(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user, book, laptop = await w.company(tenant), await w.user(tenant), ids.new(), Laptop()
    code = await w.code(tenant, company_no, user)
    assert (await w.client.post("/v1/enrolments", json=laptop.enrolment(code, book))).status_code == 201
    thief = Laptop()
    assert code_of(await w.client.post("/v1/enrolments", json=thief.enrolment(code, book))) == (409, "code-used")
    line = (await w.audit(tenant))[0]
    assert (line.action, line.facts) == ("code-reused", {"device": thief.device})


async def test_the_same_device_whose_answer_was_lost_gets_it_again(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user, book = await w.company(tenant), await w.user(tenant), ids.new()
    await w.enrolled(tenant, company_no, user, book)
    code, laptop = await w.code(tenant, company_no, user), Laptop()
    first = await w.client.post("/v1/enrolments", json=laptop.enrolment(code, None))
    again = await w.client.post("/v1/enrolments", json=laptop.enrolment(code, None))
    assert (again.status_code, again.json()) == (201, first.json())
    other_key = replace(laptop, key=Ed25519PrivateKey.generate())
    assert code_of(await w.client.post("/v1/enrolments", json=other_key.enrolment(code, None))) == (409, "code-used")


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE lf.enrolment_code SET used_at = used_at - interval '61 minutes'",
        "UPDATE lf.replica SET last_hello = now()",
    ],
)
async def test_a_used_code_opens_nothing_after_an_hour_or_once_its_device_has_said_hello(
    w: World, meanwhile: str
) -> None:
    tenant, _ = await w.tenant()
    company_no, user = await w.company(tenant), await w.user(tenant)
    code, laptop = await w.code(tenant, company_no, user), Laptop()
    first = laptop.enrolment(code, ids.new())
    assert (await w.client.post("/v1/enrolments", json=first)).status_code == 201
    async with w.services.tenants.session(tenant) as session:
        assert await session.execute(f"{meanwhile} WHERE tenant_no = %s", [tenant.tenant_no]) == 1
    assert code_of(await w.client.post("/v1/enrolments", json=first)) == (409, "code-used")
    assert (await w.audit(tenant))[0].action == "code-reused"


async def test_of_two_devices_with_one_code_one_wins(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user, book = await w.company(tenant), await w.user(tenant), ids.new()
    code = await w.code(tenant, company_no, user)
    answers = await asyncio.gather(
        *(w.client.post("/v1/enrolments", json=Laptop().enrolment(code, book)) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_devices_that_enrol_at_once_never_share_a_tag(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user, book = await w.company(tenant), await w.user(tenant), ids.new()
    codes = [await w.code(tenant, company_no, user) for _ in range(8)]
    answers = await asyncio.gather(
        *(w.client.post("/v1/enrolments", json=Laptop().enrolment(code, book)) for code in codes)
    )
    tags = [answer.json()["tag"] for answer in answers]
    assert tags.count("") == 1 and len(set(tags)) == 8


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"proof": "00" * 64}, (422, "signature-wrong")),
        ({"replica": "018f0000-0000-7000-8000-000000000000"}, (422, "signature-wrong")),
        ({"key": "00" * 32}, (422, "signature-wrong")),
        ({"code": "0000-1000-0000-0000"}, (422, "signature-wrong")),
        ({"code": "not-a-code-of-any-kind"}, (422, "bad-code")),
        ({"role": "owner"}, (422, "unknown-field")),
        ({"user": 1}, (422, "unknown-field")),
        ({"tag": ""}, (422, "unknown-field")),
        ({"company": 7}, (422, "invalid-field")),
        ({"key": "AB" * 32}, (422, "invalid-field")),
    ],
)
async def test_what_is_wrong_with_a_request_opens_nothing(
    w: World, change: dict[str, object], refusal: tuple[int, str]
) -> None:
    tenant, _ = await w.tenant()
    company_no, user = await w.company(tenant), await w.user(tenant)
    code = await w.code(tenant, company_no, user)
    body = Laptop().enrolment(code, ids.new()) | change
    assert code_of(await w.client.post("/v1/enrolments", json=body)) == refusal


async def test_an_unknown_an_expired_and_a_foreign_code_open_nothing(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user = await w.company(tenant), await w.user(tenant)
    late = await w.code(tenant, company_no, user, timedelta(seconds=-1))
    assert code_of(await w.client.post("/v1/enrolments", json=Laptop().enrolment(late, ids.new()))) == (
        409,
        "code-expired",
    )
    for code in ("0000-1000-0000-0000", "ZZZZ-Z000-0000-0000", "0000-0000-0000-0000"):
        answer = await w.client.post("/v1/enrolments", json=Laptop().enrolment(code, ids.new()))
        assert code_of(answer) == (403, "code-wrong")


async def test_a_code_of_somebody_who_was_disabled_opens_nothing(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user = await w.company(tenant), await w.user(tenant)
    code = await w.code(tenant, company_no, user)
    await w.change_user(tenant, replace(user, state="disabled"))
    answer = await w.client.post("/v1/enrolments", json=Laptop().enrolment(code, ids.new()))
    assert code_of(answer) == (403, "code-wrong")


async def test_a_tenant_that_is_suspended_lets_nobody_in(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    company_no, user = await w.company(tenant), await w.user(tenant)
    laptop, _ = await w.enrolled(tenant, company_no, user, ids.new())
    code = await w.code(tenant, company_no, user)
    await w.services.directory.set_state(tenant_id, "suspended")
    answer = await w.client.post("/v1/enrolments", json=Laptop().enrolment(code, None))
    assert code_of(answer) == (403, "tenant-suspended")
    assert code_of(await w.device_token(tenant_id, laptop)) == (403, "tenant-suspended")


async def test_a_device_keeps_its_person_and_a_key_its_device(w: World) -> None:
    tenant, _ = await w.tenant()
    company_no, user, other, book = await w.company(tenant), await w.user(tenant), await w.user(tenant), ids.new()
    laptop, _ = await w.enrolled(tenant, company_no, user, book)
    same_device = replace(laptop, replica=ids.new(), key=Ed25519PrivateKey.generate())
    code = await w.code(tenant, company_no, other)
    answer = await w.client.post("/v1/enrolments", json=same_device.enrolment(code, book))
    assert code_of(answer) == (409, "device-of-another-user")
    code = await w.code(tenant, company_no, user)
    same_key = replace(laptop, replica=ids.new(), device=ids.new())
    assert code_of(await w.client.post("/v1/enrolments", json=same_key.enrolment(code, book))) == (409, "key-in-use")
    same_replica = replace(laptop, device=ids.new(), key=Ed25519PrivateKey.generate())
    assert code_of(await w.client.post("/v1/enrolments", json=same_replica.enrolment(code, book))) == (
        409,
        "replica-known",
    )


async def test_a_rehomed_replica_is_registered_with_the_tag_it_took_or_a_free_one(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    company_no, user, book = await w.company(tenant), await w.user(tenant), ids.new()
    laptop, _ = await w.enrolled(tenant, company_no, user, book)
    _, taken = await w.enrolled(tenant, company_no, user, book)
    token = (await w.device_token(tenant_id, laptop)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    async def rehome(wanted: str, former: str, moved: Laptop) -> dict[str, object]:
        body = {
            "replica": moved.replica,
            "key": moved.public,
            "tag": wanted,
            "former": former,
            "proof": moved.key.sign(rehoming_statement(former, moved.replica, moved.public)).hex(),
        }
        answer = await w.client.post(f"/v1/companies/{book}/replicas", json=body, headers=headers)
        return {"status": answer.status_code, **answer.json()}

    moved = Laptop(device=laptop.device)
    free = "K7" if taken != "K7" else "K8"
    assert await rehome(free, laptop.replica, moved) == {"status": 201, "replica": moved.replica, "tag": free}
    assert await rehome(free, laptop.replica, moved) == {"status": 201, "replica": moved.replica, "tag": free}
    clash = await rehome(taken, moved.replica, Laptop(device=laptop.device))
    assert clash["status"] == 201 and clash["tag"] not in ("", taken, free)
    stranger = await rehome("", ids.new(), Laptop(device=laptop.device))
    assert stranger["status"] == 404
    async with w.services.tenants.session(tenant) as session:
        assert (await verify(session)).fault == ""
    # The new key signs in as the device.
    assert (await w.device_token(tenant_id, moved)).status_code == 200
