"""The second factor over HTTP: a code counts once, whoever is first; a lost phone is no end."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pyotp
import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Connection, Database
from ledgerflow_server.identity.repository import User
from ledgerflow_server.tenancy.principal import Principal
from sync_server.people_app import World, bearer, code_of, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


def step() -> int:
    return int(time.time()) // 30


async def turned_on(w: World, headers: dict[str, str]) -> tuple[pyotp.TOTP, list[str]]:
    """Turn the second factor on with the code of this step; return it and the recovery codes."""
    begun = await w.client.post("/v1/me/totp", headers=headers)
    totp = pyotp.parse_uri(unquote(begun.json()["uri"]))
    assert begun.status_code == 201 and isinstance(totp, pyotp.TOTP)
    body = {"code": totp.generate_otp(step())}
    confirmed = await w.client.post("/v1/me/totp/confirmation", json=body, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    return totp, confirmed.json()["recovery_codes"]


async def person(w: World, role: Role = Role.ACCOUNTANT) -> tuple[Principal, str, User, dict[str, str]]:
    tenant, tenant_id = await w.tenant()
    user = await w.user(tenant, role)
    return tenant, tenant_id, user, await w.headers(tenant_id, user)


async def test_from_then_on_the_password_alone_does_not_do(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    totp, _ = await turned_on(w, headers)
    assert (await w.client.get("/v1/me", headers=headers)).json()["second_factor"] is True
    for code in ("", "x00000", totp.generate_otp(step() - 9), totp.generate_otp(step() + 9)):
        assert code_of(await w.sign_in(tenant_id, user.login, code=code)) == (401, "sign-in-refused")
    assert (await w.sign_in(tenant_id, user.login, code=totp.generate_otp(step() + 1))).status_code == 201


async def test_a_code_counts_once_even_in_parallel(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    totp, _ = await turned_on(w, headers)
    code = totp.generate_otp(step() + 1)
    answers = await asyncio.gather(*(w.sign_in(tenant_id, user.login, code=code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 5


async def test_no_earlier_code_counts_after_a_later_one(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    totp, _ = await turned_on(w, headers)
    now = step()
    assert (await w.sign_in(tenant_id, user.login, code=totp.generate_otp(now + 1))).status_code == 201
    for code in (totp.generate_otp(now - 1), totp.generate_otp(now)):
        assert (await w.sign_in(tenant_id, user.login, code=code)).status_code == 401


async def test_a_recovery_code_stands_in_once_and_is_written_down(w: World) -> None:
    tenant, tenant_id, user, headers = await person(w)
    _, recovery = await turned_on(w, headers)
    assert len(set(recovery)) == 8
    answers = await asyncio.gather(*(w.sign_in(tenant_id, user.login, code=recovery[0]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 3
    assert (await w.sign_in(tenant_id, user.login, code=recovery[1].lower())).status_code == 201
    assert [line.action for line in await w.audit(tenant)].count("recovery-code-used") == 2


async def test_guessing_codes_with_the_right_password_is_stopped(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    await turned_on(w, headers)
    codes = [code_of(await w.sign_in(tenant_id, user.login, code=f"x{n:05}"))[1] for n in range(14)]
    assert codes[-1] == "too-many-attempts"


async def test_it_is_not_taken_off_without_a_code_nor_guessed_off(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    totp, _ = await turned_on(w, headers)
    assert code_of(await w.client.post("/v1/me/totp", headers=headers)) == (409, "totp-is-on")

    async def remove(code: str) -> httpx.Response:
        return await w.client.post("/v1/me/totp/removal", json={"code": code}, headers=headers)

    assert code_of(await remove("x00000")) == (403, "wrong-code")
    assert (await remove(totp.generate_otp(step() + 1))).status_code == 204
    assert (await w.sign_in(tenant_id, user.login)).status_code == 201
    guesses = [code_of(await remove("x00000"))[1] for _ in range(12)]
    assert guesses[-1] == "too-many-attempts"


async def test_turning_it_on_ends_the_other_sessions(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    other = bearer((await w.sign_in(tenant_id, user.login)).json()["access_token"])
    await turned_on(w, headers)
    assert (await w.client.get("/v1/me", headers=other)).status_code == 401
    assert (await w.client.get("/v1/me", headers=headers)).status_code == 200


async def test_a_wrong_first_code_turns_nothing_on(w: World) -> None:
    _, tenant_id, user, headers = await person(w)
    await w.client.post("/v1/me/totp", headers=headers)
    answer = await w.client.post("/v1/me/totp/confirmation", json={"code": "x00000"}, headers=headers)
    assert code_of(answer) == (403, "wrong-code")
    assert (await w.sign_in(tenant_id, user.login)).status_code == 201


async def test_who_may_takes_it_off_for_somebody_who_lost_it(w: World) -> None:
    tenant, tenant_id, user, headers = await person(w)
    await turned_on(w, headers)
    admin = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    assert (await w.client.delete(f"/v1/users/{user.public_id}/totp", headers=headers)).status_code == 403
    assert (await w.client.delete(f"/v1/users/{user.public_id}/totp", headers=admin)).status_code == 204
    assert (await w.client.get("/v1/me", headers=headers)).status_code == 401
    assert (await w.sign_in(tenant_id, user.login)).status_code == 201


async def test_the_secret_lies_sealed_for_its_owner_alone(w: World, as_administrator: Connection) -> None:
    tenant, _, user, headers = await person(w)
    totp, recovery = await turned_on(w, headers)
    where = "WHERE tenant_no = %s AND user_no = %s"
    row = as_administrator.execute(
        f"SELECT secret, recovery FROM idn.totp {where}", [tenant.tenant_no, user.user_no]
    ).fetchone()
    assert row is not None
    assert totp.byte_secret() not in bytes(row[0])
    assert not any(code.encode() in bytes(kept) for code in recovery for kept in row[1])
    with pytest.raises(Exception, match="keys-damaged"):
        w.services.keys.unsealed(bytes(row[0]), f"totp/{tenant.tenant_no}/{user.user_no + 1}")
