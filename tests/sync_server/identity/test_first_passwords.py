"""A password that somebody else gave lets its owner do one thing: sign in with a new one in its place."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pyotp
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.app import people_of
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.identity import repository, throttling
from ledgerflow_server.identity.passwords import Checked, Passwords
from ledgerflow_server.identity.repository import User
from ledgerflow_server.tenancy.principal import Principal
from sync_server.people_app import PASSWORD, World, bearer, code_of, world

pytestmark = pytest.mark.anyio
GIVEN, OWN = "printed on a paper", "eight little tigers"


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


async def given_to_somebody(w: World, tenant: Principal, user: User) -> None:
    """Give a user the password `GIVEN`, as the command that prints one does."""
    await people_of(w.services).reset_password(replace(tenant, role=Role.OWNER), user.public_id, GIVEN)


async def test_it_opens_nothing_until_there_is_a_new_one(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    await given_to_somebody(w, tenant, user)
    refused = await w.sign_in(tenant_id, user.login, GIVEN)
    assert code_of(refused) == (403, "password-to-be-changed")
    assert "token" not in refused.text
    done = await w.sign_in(tenant_id, user.login, GIVEN, new=OWN)
    assert done.status_code == 201
    assert (await w.client.get("/v1/me", headers=bearer(done.json()["access_token"]))).status_code == 200
    assert code_of(await w.sign_in(tenant_id, user.login, GIVEN)) == (401, "sign-in-refused")
    assert (await w.sign_in(tenant_id, user.login, OWN)).status_code == 201
    actions = [line.action for line in reversed(await w.audit(tenant))]
    later = ["password-changed", "signed-in", "sign-in-refused", "signed-in"]
    assert actions == ["password-changed", "sign-in-refused", *later]


async def test_that_somebody_was_right_with_it_is_written_down(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    await given_to_somebody(w, tenant, user)
    await w.sign_in(tenant_id, user.login, GIVEN, address="198.51.100.7")
    line = (await w.audit(tenant))[0]
    assert (line.action, line.subject) == ("sign-in-refused", f"user/{user.user_no}")
    assert line.facts == {"address": "198.51.100.7", "reason": "password-to-be-changed"}


async def test_of_several_who_come_with_it_at_once_one_gets_in(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    await given_to_somebody(w, tenant, user)
    new = [f"{OWN} {at}" for at in range(4)]
    answers = await asyncio.gather(*(w.sign_in(tenant_id, user.login, GIVEN, new=one) for one in new))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]
    [taken] = [one for one, answer in zip(new, answers, strict=True) if answer.status_code == 201]
    assert (await w.sign_in(tenant_id, user.login, taken)).status_code == 201


async def test_a_password_that_is_reset_while_it_is_checked_opens_nothing(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    headers = await w.headers(tenant_id, user)
    check = Passwords.check

    async def overtaken(self: Passwords, password: str, kept: str | None) -> Checked:
        checked = await check(self, password, kept)
        await given_to_somebody(w, tenant, user)
        return checked

    monkeypatch.setattr(Passwords, "check", overtaken)
    assert code_of(await w.sign_in(tenant_id, user.login, new=OWN)) == (401, "sign-in-refused")
    monkeypatch.setattr(Passwords, "check", check)
    assert code_of(await w.sign_in(tenant_id, user.login, GIVEN)) == (403, "password-to-be-changed")
    assert (await w.client.get("/v1/me", headers=headers)).status_code == 401


async def test_who_does_not_know_it_learns_nothing_and_changes_nothing(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    await given_to_somebody(w, tenant, user)
    for new in (None, OWN):
        assert code_of(await w.sign_in(tenant_id, user.login, PASSWORD, new=new)) == (401, "sign-in-refused")
    assert (await w.sign_in(tenant_id, user.login, GIVEN, new=OWN)).status_code == 201


@pytest.mark.parametrize(
    ("new", "code"),
    [(GIVEN, "password-not-new"), ("short", "password-too-short"), ("aaaaaaaaaaaaaaa", "password-too-simple")],
)
async def test_the_new_one_must_be_good_and_another(w: World, new: str, code: str) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    await given_to_somebody(w, tenant, user)
    assert code_of(await w.sign_in(tenant_id, user.login, GIVEN, new=new)) == (422, code)
    assert code_of(await w.sign_in(tenant_id, user.login, GIVEN)) == (403, "password-to-be-changed")


async def test_a_code_of_the_second_factor_is_asked_for_and_not_used_up_in_vain(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    headers = await w.headers(tenant_id, user)
    begun = await w.client.post("/v1/me/totp", headers=headers)
    totp = pyotp.parse_uri(unquote(begun.json()["uri"]))
    assert isinstance(totp, pyotp.TOTP)
    step = int(time.time()) // 30
    body = {"code": totp.generate_otp(step)}
    assert (await w.client.post("/v1/me/totp/confirmation", json=body, headers=headers)).status_code == 200
    await given_to_somebody(w, tenant, user)
    assert code_of(await w.sign_in(tenant_id, user.login, GIVEN, new=OWN)) == (401, "sign-in-refused")
    code = totp.generate_otp(step + 1)
    assert code_of(await w.sign_in(tenant_id, user.login, GIVEN, code)) == (403, "password-to-be-changed")
    assert (await w.sign_in(tenant_id, user.login, GIVEN, code, new=OWN)).status_code == 201


async def test_asking_again_and_again_without_a_new_one_is_throttled(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    await given_to_somebody(w, tenant, user)
    codes = [code_of(await w.sign_in(tenant_id, user.login, GIVEN))[1] for _ in range(throttling.MOST_OF_BOTH + 1)]
    assert codes == ["password-to-be-changed"] * throttling.MOST_OF_BOTH + ["too-many-attempts"]


async def test_anybody_may_change_theirs_when_signing_in_which_ends_the_other_sessions(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    other = await w.headers(tenant_id, user)
    assert (await w.sign_in(tenant_id, user.login, new=OWN)).status_code == 201
    assert (await w.client.get("/v1/me", headers=other)).status_code == 401
    assert (await w.sign_in(tenant_id, user.login, OWN)).status_code == 201


async def test_a_stronger_hash_of_the_same_password_leaves_it_their_own(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant)
    weaker = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=16)
    async with w.services.people.session(tenant) as session:
        now = w.services.now()
        await repository.set_password_hash(session, user.user_no, weaker.hash(OWN), now, must_change=False)
    assert (await w.sign_in(tenant_id, user.login, OWN)).status_code == 201
    async with w.services.people.session(tenant) as session:
        kept = await repository.password_hash(session, user.user_no)
    assert kept is not None and not w.services.password_hasher.check_needs_rehash(kept)
    assert (await w.sign_in(tenant_id, user.login, OWN)).status_code == 201
