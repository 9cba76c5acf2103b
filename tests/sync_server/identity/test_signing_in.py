"""Signing in over HTTP: who gets in, what outsiders learn, and what becomes of stolen tokens."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.identity import session_repository, throttling
from sync_server.people_app import PASSWORD, World, bearer, code_of, ids, world

pytestmark = pytest.mark.anyio
REFUSED = (401, "sign-in-refused")


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


async def test_somebody_signs_in_and_is_known(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant, Role.VIEWER, (1,))
    answer = await w.sign_in(tenant_id, user.login.upper())
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 600)
    me = (await w.client.get("/v1/me", headers=bearer(answer.json()["access_token"]))).json()
    assert me == {
        "id": user.public_id,
        "login": user.login,
        "name": "Asha",
        "role": "viewer",
        "state": "active",
        "companies": [1],
        "second_factor": False,
    }
    line = (await w.audit(tenant))[0]
    assert (line.action, line.subject) == ("signed-in", f"user/{user.user_no}")


async def test_whatever_is_wrong_the_answer_is_the_same(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    _, other_id = await w.tenant()
    user, gone = await w.user(tenant), await w.user(tenant)
    await w.change_user(tenant, replace(gone, state="disabled"))
    answers = [
        await w.sign_in(tenant_id, user.login, "wrong horse battery"),
        await w.sign_in(tenant_id, "nobody"),
        await w.sign_in(tenant_id, gone.login),
        await w.sign_in(other_id, user.login),
        await w.sign_in(ids.new(), user.login),
        await w.sign_in(tenant_id, "x'OR'1'='1"),
    ]
    assert {code_of(answer) for answer in answers} == {REFUSED}
    bodies = {answer.text.replace(answer.json()["instance"], "") for answer in answers}
    assert len(bodies) == 1
    said = [(line.action, line.subject) for line in await w.audit(tenant)]
    assert sorted(said) == sorted(
        [("sign-in-refused", f"user/{user.user_no}"), ("sign-in-refused", f"user/{gone.user_no}")]
        + [("sign-in-refused", "unknown")] * 2
    )


async def test_an_unknown_name_costs_a_whole_password_check(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is counted, not timed: each way to be wrong checks one hash."""
    checked: list[object] = []
    hasher = w.services.password_hasher
    verify = type(hasher).verify

    def counted(self: object, password: str | bytes, kept: str | bytes) -> bool:
        checked.append(kept)
        return verify(hasher, password, kept)

    monkeypatch.setattr(type(hasher), "verify", counted)
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    for tenant_given, login in ((tenant_id, user.login), (tenant_id, "nobody"), (ids.new(), "nobody")):
        await w.sign_in(tenant_given, login, "wrong horse battery")
    assert len(checked) == 3


async def test_guessing_ends_even_in_parallel_and_others_go_on(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user, other = await w.user(tenant), await w.user(tenant)
    answers = await asyncio.gather(*(w.sign_in(tenant_id, user.login, f"wrong horse {n}") for n in range(24)))
    codes = [code_of(answer)[1] for answer in answers]
    assert codes.count("sign-in-refused") == throttling.MOST_OF_BOTH
    assert codes.count("too-many-attempts") == 24 - throttling.MOST_OF_BOTH
    # Now the right password does not help either, from there; the person elsewhere, and others there, get in.
    assert code_of(await w.sign_in(tenant_id, user.login)) == (429, "too-many-attempts")
    assert (await w.sign_in(tenant_id, user.login, address="198.51.100.7")).status_code == 201
    assert (await w.sign_in(tenant_id, other.login)).status_code == 201
    assert [line.action for line in await w.audit(tenant)].count("sign-in-throttled") == 1
    async with w.services.people.session(tenant) as session:
        assert await throttling.forget_before(session, w.services.now()) > 0
    assert (await w.sign_in(tenant_id, user.login)).status_code == 201


async def test_one_address_cannot_go_through_all_names_nor_all_addresses_one_name(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    async with w.services.people.session(tenant) as session:
        for n in range(throttling.MOST_OF_ADDRESS):
            await throttling.take(session, f"name {n}", "192.0.2.1", w.services.now())
        for n in range(throttling.MOST_OF_LOGIN):
            await throttling.take(session, user.login, f"198.51.100.{n}", w.services.now())
    other = await w.user(tenant)
    assert code_of(await w.sign_in(tenant_id, other.login)) == (429, "too-many-attempts")
    assert code_of(await w.sign_in(tenant_id, user.login, address="203.0.113.9")) == (429, "too-many-attempts")
    assert (await w.sign_in(tenant_id, other.login, address="203.0.113.9")).status_code == 201


async def test_each_use_of_a_refresh_token_makes_a_new_one(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    first = (await w.sign_in(tenant_id, (await w.user(tenant)).login)).json()
    answer = await w.client.post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    second = answer.json()
    assert answer.status_code == 200 and second["refresh_token"] != first["refresh_token"]
    assert (await w.client.get("/v1/me", headers=bearer(second["access_token"]))).status_code == 200


async def test_a_stolen_refresh_token_ends_the_session_of_thief_and_owner(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    stolen = (await w.sign_in(tenant_id, user.login)).json()
    other = (await w.sign_in(tenant_id, user.login)).json()
    thief = (await w.client.post("/v1/sessions/refresh", json={"refresh_token": stolen["refresh_token"]})).json()
    again = await w.client.post("/v1/sessions/refresh", json={"refresh_token": stolen["refresh_token"]})
    assert code_of(again) == (401, "refresh-reused")
    for tokens in (stolen, thief):
        assert (await w.client.get("/v1/me", headers=bearer(tokens["access_token"]))).status_code == 401
    refused = await w.client.post("/v1/sessions/refresh", json={"refresh_token": thief["refresh_token"]})
    assert code_of(refused) == (401, "token-wrong")
    assert (await w.client.get("/v1/me", headers=bearer(other["access_token"]))).status_code == 200
    assert (await w.audit(tenant))[0].action == "refresh-reused"


async def test_a_refresh_token_used_at_once_by_many_serves_one_and_ends(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    made = (await w.sign_in(tenant_id, (await w.user(tenant)).login)).json()
    body = {"refresh_token": made["refresh_token"]}
    answers = await asyncio.gather(*(w.client.post("/v1/sessions/refresh", json=body) for _ in range(6)))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert (await w.client.get("/v1/me", headers=bearer(made["access_token"]))).status_code == 401


@pytest.mark.parametrize(
    "token", ["", "1", "1.", "1.AAAA", "0." + "A" * 43, "99999999999." + "A" * 43, "²." + "A" * 43]
)
async def test_what_is_no_refresh_token_is_refused(w: World, token: str) -> None:
    answer = await w.client.post("/v1/sessions/refresh", json={"refresh_token": token})
    assert code_of(answer) == (401, "token-wrong")


async def test_a_refresh_token_of_one_tenant_is_none_of_another(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    other, _ = await w.tenant()
    made = (await w.sign_in(tenant_id, (await w.user(tenant)).login)).json()["refresh_token"]
    moved = f"{other.tenant_no}.{made.partition('.')[2]}"
    assert code_of(await w.client.post("/v1/sessions/refresh", json={"refresh_token": moved})) == (401, "token-wrong")


async def test_a_session_ends_after_its_days_without_use(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    made = (await w.sign_in(tenant_id, (await w.user(tenant)).login)).json()
    w.services.tokens.read(made["access_token"])
    async with w.services.people.session(tenant) as session:
        await session.execute("UPDATE idn.session SET expires_at = created_at WHERE tenant_no = %s", [tenant.tenant_no])
    answer = await w.client.post("/v1/sessions/refresh", json={"refresh_token": made["refresh_token"]})
    assert code_of(answer) == (401, "token-expired")


async def test_sessions_that_ended_can_be_forgotten_and_no_others(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    made = (await w.sign_in(tenant_id, (await w.user(tenant)).login)).json()
    now = w.services.now()
    async with w.services.people.session(tenant) as session:
        assert await session_repository.forget_before(session, now) == 0
        assert await session_repository.forget_before(session, now + timedelta(days=31)) == 1
    assert (await w.client.get("/v1/me", headers=bearer(made["access_token"]))).status_code == 401


async def test_signing_out_ends_the_tokens_at_once(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    made = (await w.sign_in(tenant_id, (await w.user(tenant)).login)).json()
    headers = bearer(made["access_token"])
    assert (await w.client.delete("/v1/sessions", headers=headers)).status_code == 204
    assert code_of(await w.client.get("/v1/me", headers=headers)) == (401, "token-wrong")
    answer = await w.client.post("/v1/sessions/refresh", json={"refresh_token": made["refresh_token"]})
    assert code_of(answer) == (401, "token-wrong")


async def test_nobody_can_choose_the_session_they_get(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    chosen = {"session": ids.new(), "family": ids.new(), "user_no": 1, "role": "owner", "refresh_token": "1.x"}
    for name, value in chosen.items():
        body = {"tenant": tenant_id, "login": user.login, "password": PASSWORD, name: value}
        assert code_of(await w.client.post("/v1/sessions", json=body)) == (422, "unknown-field")
    made = [(await w.sign_in(tenant_id, user.login)).json() for _ in range(2)]
    families = {w.services.tokens.read(one["access_token"]).session for one in made}
    assert len(families) == 2


async def test_a_tenant_that_is_suspended_is_shut(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    headers = await w.headers(tenant_id, user)
    await w.services.directory.set_state(tenant_id, "suspended")
    assert code_of(await w.client.get("/v1/me", headers=headers)) == (403, "tenant-suspended")
    assert code_of(await w.sign_in(tenant_id, user.login)) == REFUSED


async def test_a_request_says_who_asks_once(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    token = (await w.headers(tenant_id, await w.user(tenant)))["Authorization"]
    for headers in (
        [],
        [("Authorization", token), ("Authorization", token)],
        [("Authorization", token.replace("Bearer", "Basic"))],
        [("Authorization", token.removeprefix("Bearer "))],
        [("Authorization", "Bearer")],
    ):
        assert code_of(await w.client.get("/v1/me", headers=headers)) == (401, "token-wrong")
