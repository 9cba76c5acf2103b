"""Devices over HTTP: tokens for those that are in, codes for those that come, and the end of one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.app import devices_of
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.devices.challenges import Challenges
from ledgerflow_server.devices.repository import Device, active, add_device, server_device
from ledgerflow_server.devices.service import Devices
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession
from sync_server.people_app import Laptop, World, code_of, ids, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


async def one_device(w: World, role: Role = Role.BRANCH) -> tuple[Principal, str, Laptop, str]:
    """Return a tenant, its id, a laptop that is in, and the id of its book."""
    tenant, tenant_id = await w.tenant()
    book = ids.new()
    laptop, _ = await w.enrolled(tenant, await w.company(tenant), await w.user(tenant, role), book)
    return tenant, tenant_id, laptop, book


async def test_a_device_is_who_its_person_is_in_the_companies_it_has(w: World) -> None:
    tenant, tenant_id, laptop, _ = await one_device(w)
    await w.company(tenant)
    token = (await w.device_token(tenant_id, laptop)).json()
    assert token["expires_in"] == 600
    claims = w.services.tokens.read(token["access_token"])
    assert (claims.tenant, claims.user, claims.device, claims.role, claims.companies) == (
        tenant.tenant_no,
        1,
        1,
        "branch",
        (1,),
    )
    listed = await w.client.get("/v1/companies", headers=await w.device_headers(tenant_id, laptop))
    assert [company["number"] for company in listed.json()] == [1]


async def test_whoever_lacks_the_key_learns_nothing(w: World) -> None:
    _, tenant_id, laptop, _ = await one_device(w)
    _, other_id = await w.tenant()
    stranger = Laptop()
    assert code_of(await w.device_token(tenant_id, replace(laptop, key=stranger.key))) == (403, "signer-unknown")
    assert code_of(await w.device_token(tenant_id, stranger)) == (403, "signer-unknown")
    assert code_of(await w.device_token(other_id, laptop)) == (403, "signer-unknown")
    assert code_of(await w.device_token(ids.new(), laptop)) == (403, "signer-unknown")
    challenge = (await w.client.post("/v1/devices/challenge")).json()["challenge"]
    body = laptop.token_request(tenant_id, challenge) | {"signature": "00" * 64}
    assert code_of(await w.client.post("/v1/devices/token", json=body)) == (422, "signature-wrong")
    body = laptop.token_request(tenant_id, challenge) | {"device": ids.new()}
    assert code_of(await w.client.post("/v1/devices/token", json=body)) == (422, "signature-wrong")


@pytest.mark.parametrize("challenge", ["", "1.2.3", "9999999999.00", "é", "9999999999." + "00" * 16 + "." + "00" * 32])
async def test_a_challenge_that_is_not_ours_is_not_taken(w: World, challenge: str) -> None:
    body = Laptop().token_request(ids.new(), challenge)
    assert code_of(await w.client.post("/v1/devices/token", json=body)) == (401, "challenge-expired")


def test_a_challenge_holds_for_two_minutes_and_for_its_server() -> None:
    now = [1_790_000_000_000]
    challenges = Challenges(b"s" * 32, lambda: now[0], lambda count: b"r" * count)
    given = challenges.new()
    assert challenges.holds(given)
    assert not Challenges(b"t" * 32, lambda: now[0], lambda count: b"r" * count).holds(given)
    assert not challenges.holds(given.replace("179", "189", 1))
    now[0] += 119_000
    assert challenges.holds(given)
    now[0] += 1_000
    assert not challenges.holds(given)


async def test_an_admin_gives_a_code_that_names_the_authority_and_is_kept_nowhere(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    company_no, user = await w.company(tenant), await w.user(tenant)
    headers = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    body = {"company": company_no, "user": user.public_id}
    answer = await w.client.post("/v1/enrolment-codes", json=body, headers=headers)
    secret, _, fingerprint = answer.json()["code"].partition(".")
    assert answer.status_code == 201 and len(secret) == 19 and len(fingerprint) == 16
    async with w.services.tenants.session(tenant) as session:
        [row] = await session.fetch_all("SELECT enrolment_code::text FROM lf.enrolment_code")
    assert secret not in row[0] and secret.replace("-", "") not in row[0]
    given = Laptop().enrolment(answer.json()["code"], ids.new())
    assert (await w.client.post("/v1/enrolments", json=given)).status_code == 201


async def test_a_code_is_for_a_company_and_a_person_who_are_there_and_belong_together(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    first, second = await w.company(tenant), await w.company(tenant)
    of_second = await w.user(tenant, Role.BRANCH, (second,))
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN, (first,)))
    owner = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))

    async def ask(company_no: int, user: str, headers: dict[str, str]) -> tuple[int, str]:
        body = {"company": company_no, "user": user}
        return code_of(await w.client.post("/v1/enrolment-codes", json=body, headers=headers))

    assert await ask(first, of_second.public_id, owner) == (404, "not-found")
    assert await ask(second, of_second.public_id, admin) == (404, "not-found")
    assert await ask(99, of_second.public_id, owner) == (404, "not-found")
    assert await ask(first, ids.new(), owner) == (404, "not-found")


async def test_a_revoked_device_is_out_at_once_with_the_token_it_holds(w: World) -> None:
    tenant, tenant_id, laptop, _ = await one_device(w)
    held = await w.device_headers(tenant_id, laptop)
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    assert (await w.client.delete(f"/v1/devices/{laptop.device}", headers=held)).status_code == 403
    assert (await w.client.delete(f"/v1/devices/{laptop.device}", headers=admin)).status_code == 204
    assert (await w.client.delete(f"/v1/devices/{laptop.device}", headers=admin)).status_code == 204
    assert code_of(await w.client.get("/v1/companies", headers=held)) == (403, "device-revoked")
    assert code_of(await w.device_token(tenant_id, laptop)) == (403, "device-revoked")
    actions = [line.action for line in await w.audit(tenant)]
    assert actions.count("device-revoked") == 1 and actions[0] == "revoked-device-came"


async def test_who_is_disabled_takes_their_devices_along(w: World) -> None:
    tenant, tenant_id, laptop, _ = await one_device(w)
    held = await w.device_headers(tenant_id, laptop)
    async with w.services.people.session(tenant) as session:
        await session.execute("UPDATE idn.user SET state = 'disabled' WHERE tenant_no = %s", [tenant.tenant_no])
    assert code_of(await w.client.get("/v1/companies", headers=held)) == (403, "device-revoked")
    assert code_of(await w.device_token(tenant_id, laptop)) == (403, "device-revoked")


async def test_a_device_comes_back_with_a_new_code_and_a_new_key_alone(w: World) -> None:
    tenant, tenant_id, laptop, book = await one_device(w)
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    await w.client.delete(f"/v1/devices/{laptop.device}", headers=admin)
    async with w.services.people.session(tenant) as session:
        user = await w.user_of(session, 1)
    code = await w.code(tenant, 1, user)
    assert code_of(await w.client.post("/v1/enrolments", json=laptop.enrolment(code, book))) == (409, "replica-known")
    back = replace(laptop, replica=ids.new(), key=Ed25519PrivateKey.generate())
    assert (await w.client.post("/v1/enrolments", json=back.enrolment(code, book))).status_code == 201
    assert (await w.device_token(tenant_id, back)).status_code == 200
    assert code_of(await w.device_token(tenant_id, laptop)) == (403, "device-revoked")


async def test_nothing_is_taken_from_a_device_after_its_revocation(w: World) -> None:
    """Work that checked the device is waited for; what checks afterwards is refused. No order in between."""
    tenant, tenant_id, laptop, _ = await one_device(w)
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def batch() -> None:
        async with w.services.tenants.session(tenant) as session:
            assert await active(session, 1)
            begun.set()
            await go_on.wait()
        ended.append("batch")

    async def revoke() -> None:
        assert (await w.client.delete(f"/v1/devices/{laptop.device}", headers=admin)).status_code == 204
        ended.append("revocation")

    under_way = asyncio.create_task(batch())
    await begun.wait()
    revoking = asyncio.create_task(revoke())
    await w.waiting_for_locks(1)
    go_on.set()
    await asyncio.gather(under_way, revoking)
    assert ended == ["batch", "revocation"]
    async with w.services.tenants.session(tenant) as session:
        assert not await active(session, 1)


async def test_of_many_requests_none_succeeds_after_one_was_refused(w: World) -> None:
    tenant, tenant_id, laptop, _ = await one_device(w)
    held = await w.device_headers(tenant_id, laptop)
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    statuses: list[int] = []
    running = True

    async def ask() -> None:
        while running:
            statuses.append((await w.client.get("/v1/companies", headers=held)).status_code)

    asking = asyncio.create_task(ask())
    with contextlib.suppress(asyncio.TimeoutError):
        while len(statuses) < 5:
            await asyncio.sleep(0)
    assert (await w.client.delete(f"/v1/devices/{laptop.device}", headers=admin)).status_code == 204
    revoked_at = len(statuses)
    while len(statuses) < revoked_at + 5:
        await asyncio.sleep(0)
    running = False
    await asking
    # One may have been under way at the moment of the answer.
    assert set(statuses[revoked_at + 1 :]) == {403} and statuses[:5] == [200] * 5


async def test_the_devices_are_listed_with_their_replicas_to_those_who_see_them(w: World) -> None:
    tenant, tenant_id, laptop, book = await one_device(w)
    second = await w.company(tenant)
    other_book = ids.new()
    other, _ = await w.enrolled(tenant, second, await w.user(tenant), other_book)
    async with w.services.tenants.session(tenant) as session:
        await session.execute(
            "UPDATE lf.replica SET last_hello = '2026-04-01T00:00:00Z', outbox_count = 3 WHERE public_id = %s",
            [laptop.replica],
        )
    owner = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    listed = (await w.client.get("/v1/devices", headers=owner)).json()
    assert [(line["id"], line["state"], line["pending"], line["last_seen"]) for line in listed] == [
        (laptop.device, "active", 3, "2026-04-01T00:00:00.000Z"),
        (other.device, "active", 0, None),
    ]
    assert [(one["company"], one["replica"]) for one in listed[0]["replicas"]] == [(book, laptop.replica)]
    auditor = await w.headers(tenant_id, await w.user(tenant, Role.AUDITOR, (second,)))
    assert [line["id"] for line in (await w.client.get("/v1/devices", headers=auditor)).json()] == [other.device]
    part = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN, (second,)))
    assert (await w.client.delete(f"/v1/devices/{laptop.device}", headers=part)).status_code == 404
    assert (await w.client.delete(f"/v1/devices/{other.device}", headers=part)).status_code == 204


async def test_the_server_itself_is_no_device_to_list_or_to_shut_out(w: World) -> None:
    tenant, tenant_id, laptop, _ = await one_device(w)
    server = server_device(tenant_id)
    async with w.services.tenants.session(tenant) as session:
        device_no = await add_device(session, server, "Server", 1, w.services.now())
    owner = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    listed = (await w.client.get("/v1/devices", headers=owner)).json()
    assert [line["id"] for line in listed] == [laptop.device]
    assert code_of(await w.client.delete(f"/v1/devices/{server}", headers=owner)) == (409, "server-itself")
    branch = await w.headers(tenant_id, await w.user(tenant, Role.BRANCH))
    assert code_of(await w.client.delete(f"/v1/devices/{server}", headers=branch)) == (403, "not-permitted")
    assert await w.services.directory.set_state(tenant_id, "suspended")
    with pytest.raises(Refused, match="server-itself"):
        await devices_of(w.services).revoke(replace(tenant, role=Role.OWNER), server)
    async with w.services.tenants.session(tenant) as session:
        assert await active(session, device_no)
    assert "device-revoked" not in [line.action for line in await w.audit(tenant)]


async def test_what_follows_a_revocation_is_done_with_it_or_not_at_all(w: World) -> None:
    tenant, _, laptop, _ = await one_device(w)
    services = w.services
    seen: list[str] = []

    async def follow(session: TenantSession, device: Device) -> None:
        seen.append(device.public_id)
        state = await session.fetch_value("SELECT state FROM lf.device WHERE device_no = %s", [device.device_no])
        if len(seen) == 1:
            raise Refused(503, "busy", state=state)

    devices = Devices(
        services.tenants,
        services.people,
        services.directory,
        services.tokens,
        Challenges(services.keys.seal, services.milliseconds, services.random_bytes),
        now=services.now,
        random_bytes=services.random_bytes,
        on_revoked=follow,
    )
    owner = replace(tenant, role=Role.OWNER)
    with pytest.raises(Refused, match="busy") as caught:
        await devices.revoke(owner, laptop.device)
    assert caught.value.facts == {"state": "revoked"}
    async with services.tenants.session(tenant) as session:
        assert await active(session, 1)
    await devices.revoke(owner, laptop.device)
    await devices.revoke(owner, laptop.device)
    assert seen == [laptop.device] * 2


async def test_whoever_reads_a_company_sees_who_takes_part_in_it_by_name(w: World) -> None:
    tenant, tenant_id, laptop, book = await one_device(w)
    other, tag = await w.enrolled(tenant, 1, await w.user(tenant), None)
    answer = await w.client.get(f"/v1/companies/{book}/replicas", headers=await w.device_headers(tenant_id, laptop))
    assert answer.json() == [
        {"replica": laptop.replica, "tag": "", "state": "open", "user": "Asha", "device": "Till 2"},
        {"replica": other.replica, "tag": tag, "state": "open", "user": "Asha", "device": "Till 2"},
    ]
    elsewhere = await w.client.get(
        f"/v1/companies/{ids.new()}/replicas", headers=await w.device_headers(tenant_id, laptop)
    )
    assert code_of(elsewhere) == (404, "not-found")
