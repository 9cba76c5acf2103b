"""Users over HTTP: made and changed by those who may, never above themselves, with an owner always left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Connection, Database
from sync_server.people_app import PASSWORD, World, code_of, ids, world

pytestmark = pytest.mark.anyio
NEW = {"login": "Ravi", "name": "Ravi Kumar", "role": "branch", "companies": [1], "password": "eight little tigers"}


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


async def test_an_admin_makes_a_user_who_signs_in(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    await w.company(tenant)
    headers = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    answer = await w.client.post("/v1/users", json=NEW, headers=headers)
    made = answer.json()
    assert answer.status_code == 201
    assert made | {"id": ""} == {
        "id": "",
        "login": "ravi",
        "name": "Ravi Kumar",
        "role": "branch",
        "state": "active",
        "companies": [1],
    }
    assert (await w.sign_in(tenant_id, "RAVI", "eight little tigers", new=PASSWORD)).status_code == 201
    assert code_of(await w.client.post("/v1/users", json=NEW | {"login": "rAvi"}, headers=headers)) == (
        409,
        "login-taken",
    )
    assert made in (await w.client.get("/v1/users", headers=headers)).json()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMIN)])
async def test_nobody_else_has_a_say(w: World, role: Role) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant, role)
    headers = await w.headers(tenant_id, user)
    path = f"/v1/users/{user.public_id}"
    answers = [
        await w.client.get("/v1/users", headers=headers),
        await w.client.post("/v1/users", json=NEW, headers=headers),
        await w.client.patch(path, json={"role": "owner"}, headers=headers),
        await w.client.put(f"{path}/password", json={"password": PASSWORD}, headers=headers),
    ]
    assert {code_of(answer) for answer in answers} == {(403, "not-permitted")}


async def test_an_admin_of_some_companies_has_no_say_in_people(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN, (await w.company(tenant),)))
    assert (await w.client.get("/v1/users", headers=headers)).status_code == 403
    assert (await w.client.get("/v1/audit", headers=headers)).status_code == 403


async def test_an_admin_neither_becomes_nor_touches_an_owner(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    owner, admin = await w.user(tenant, Role.OWNER), await w.user(tenant, Role.ADMIN)
    headers = await w.headers(tenant_id, admin)
    company_no = await w.company(tenant)
    answers = [
        await w.client.patch(f"/v1/users/{admin.public_id}", json={"role": "owner"}, headers=headers),
        await w.client.patch(f"/v1/users/{owner.public_id}", json={"role": "viewer"}, headers=headers),
        await w.client.patch(f"/v1/users/{owner.public_id}", json={"state": "disabled"}, headers=headers),
        await w.client.put(f"/v1/users/{owner.public_id}/password", json={"password": PASSWORD}, headers=headers),
        await w.client.delete(f"/v1/users/{owner.public_id}/totp", headers=headers),
        await w.client.post("/v1/users", json=NEW | {"role": "owner"}, headers=headers),
        await w.client.post(
            "/v1/enrolment-codes", json={"company": company_no, "user": owner.public_id}, headers=headers
        ),
    ]
    assert {code_of(answer) for answer in answers} == {(403, "not-permitted")}


async def test_the_last_owner_stays_whatever_happens_at_once(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    owners = [await w.user(tenant, Role.OWNER) for _ in range(3)]
    headers = [await w.headers(tenant_id, owner) for owner in owners]
    changes: list[dict[str, object]] = [{"role": "admin"}, {"state": "disabled"}, {"companies": []}]
    answers = await asyncio.gather(
        *(
            w.client.patch(f"/v1/users/{owner.public_id}", json=change, headers=given)
            for owner, given, change in zip(owners, headers, changes, strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409]


async def test_a_role_that_is_taken_away_is_gone_at_the_next_request(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    owner, admin = await w.user(tenant, Role.OWNER), await w.user(tenant, Role.ADMIN)
    by_owner, by_admin = await w.headers(tenant_id, owner), await w.headers(tenant_id, admin)
    assert (await w.client.get("/v1/users", headers=by_admin)).status_code == 200
    await w.client.patch(f"/v1/users/{admin.public_id}", json={"role": "viewer"}, headers=by_owner)
    assert (await w.client.get("/v1/users", headers=by_admin)).status_code == 403
    await w.client.patch(f"/v1/users/{admin.public_id}", json={"state": "disabled"}, headers=by_owner)
    assert (await w.client.get("/v1/me", headers=by_admin)).status_code == 401


async def test_no_column_can_be_set_that_is_not_asked_for(w: World, as_administrator: Connection) -> None:
    tenant, tenant_id = await w.tenant()
    owner = await w.user(tenant, Role.OWNER)
    headers = await w.headers(tenant_id, owner)
    columns = {
        row[0]
        for row in as_administrator.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'idn'"
        )
    }
    allowed = {"name", "role", "state", "companies"}
    assert columns > allowed | {"tenant_no", "user_no", "password_hash", "login"}
    for column in columns - allowed:
        answer = await w.client.patch(f"/v1/users/{owner.public_id}", json={column: 1}, headers=headers)
        assert code_of(answer) == (422, "unknown-field"), column
    for column in columns - allowed - {"login"}:
        answer = await w.client.post("/v1/users", json=NEW | {column: 1}, headers=headers)
        assert code_of(answer) == (422, "unknown-field"), column


async def test_access_is_given_to_companies_that_are_there(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    company_no = await w.company(tenant)
    user = await w.user(tenant, Role.BRANCH, ())
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    path = f"/v1/users/{user.public_id}"
    answer = await w.client.patch(path, json={"companies": [company_no, company_no + 1]}, headers=headers)
    assert code_of(answer) == (404, "not-found")
    answer = await w.client.patch(path, json={"companies": [company_no]}, headers=headers)
    assert answer.json()["companies"] == [company_no]
    assert (await w.client.patch(path, json={"companies": None}, headers=headers)).json()["companies"] is None
    assert (await w.client.patch(path, json={"name": "Asha B"}, headers=headers)).json()["companies"] is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-too-short"),
        ("aaaaaaaaaaaaaa", "password-too-simple"),
        ("my-ravi-ravi-2", "password-too-simple"),
    ],
)
async def test_a_password_that_is_guessed_at_once_is_not_taken(w: World, password: str, code: str) -> None:
    tenant, tenant_id = await w.tenant()
    await w.company(tenant)
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    answer = await w.client.post("/v1/users", json=NEW | {"password": password}, headers=headers)
    assert code_of(answer) == (422, code)


async def test_a_password_is_changed_with_the_old_one_and_ends_the_other_sessions(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    headers, other = await w.headers(tenant_id, user), await w.headers(tenant_id, user)
    new = "eight little tigers"
    answer = await w.client.put("/v1/me/password", json={"old": new, "new": new}, headers=headers)
    assert code_of(answer) == (403, "wrong-password")
    answer = await w.client.put("/v1/me/password", json={"old": PASSWORD, "new": new}, headers=headers)
    assert answer.status_code == 204
    assert (await w.client.get("/v1/me", headers=headers)).status_code == 200
    assert (await w.client.get("/v1/me", headers=other)).status_code == 401
    assert (await w.sign_in(tenant_id, user.login)).status_code == 401
    assert (await w.sign_in(tenant_id, user.login, new)).status_code == 201


async def test_a_password_that_is_reset_ends_every_session(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    headers = await w.headers(tenant_id, user)
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    body = {"password": "eight little tigers"}
    assert (await w.client.put(f"/v1/users/{user.public_id}/password", json=body, headers=admin)).status_code == 204
    assert (await w.client.get("/v1/me", headers=headers)).status_code == 401
    assert code_of(await w.sign_in(tenant_id, user.login, "eight little tigers")) == (403, "password-to-be-changed")


async def test_who_is_not_there_cannot_be_changed(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    assert code_of(await w.client.patch(f"/v1/users/{ids.new()}", json={"name": "A"}, headers=headers)) == (
        404,
        "not-found",
    )
    assert (await w.client.patch("/v1/users/1", json={"name": "A"}, headers=headers)).status_code == 422
