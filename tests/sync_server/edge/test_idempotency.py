"""A write that comes twice happens once, whatever comes between."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from starlette.responses import Response

from ledgerflow_server.database.connecting import Database, pool_of
from ledgerflow_server.edge import repository
from ledgerflow_server.edge.idempotency import REPLAYED, Call, answer_once
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 4, 1, tzinfo=UTC)
PERSON = Principal(1, user_no=5)


class Deed:
    """Something that must happen once; counts how often it did, and may wait in the middle."""

    def __init__(self) -> None:
        self.done = 0
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self) -> Response:
        self.begun.set()
        await self.go_on.wait()
        self.done += 1
        return Response(f'{{"done":{self.done}}}'.encode(), 201)


async def ask(
    sessions: Tenants, call: Call, deed: Deed, principal: Principal = PERSON, now: datetime = NOW
) -> Response:
    async with sessions.session(principal) as session:
        return await answer_once(session, call, deed, now)


async def test_the_same_request_gets_the_same_answer(tenants: TwoTenants, sessions: Tenants) -> None:
    deed = Deed()
    first = await ask(sessions, Call("same", b"a" * 32), deed)
    again = await ask(sessions, Call("same", b"a" * 32), deed)
    assert (first.status_code, bytes(first.body), first.headers.get(REPLAYED)) == (201, b'{"done":1}', None)
    assert (again.status_code, bytes(again.body), again.headers.get(REPLAYED)) == (201, b'{"done":1}', "true")
    assert deed.done == 1


async def test_it_holds_for_writes_of_people_too(tenants: TwoTenants, database: Database) -> None:
    """Users and their secrets are written as lf_auth; the answer is kept in that very transaction."""
    deed = Deed()
    async with pool_of(database, "lf_auth", most=2) as pool:
        people = Tenants(pool, database.secrets.context_keys[0], time.time, os.urandom)
        first = await ask(people, Call("people", b"a" * 32), deed)
        again = await ask(people, Call("people", b"a" * 32), deed)
    assert bytes(first.body) == bytes(again.body)
    assert deed.done == 1


async def test_another_request_with_the_same_key_is_refused(tenants: TwoTenants, sessions: Tenants) -> None:
    deed = Deed()
    await ask(sessions, Call("other", b"a" * 32), deed)
    with pytest.raises(Refused) as caught:
        await ask(sessions, Call("other", b"b" * 32), deed)
    assert (caught.value.status, caught.value.problems[0].code) == (422, "idempotency-key-reused")
    assert deed.done == 1


async def test_a_key_belongs_to_one_person_of_one_tenant(tenants: TwoTenants, sessions: Tenants) -> None:
    deed = Deed()
    for principal in (PERSON, Principal(1, user_no=6), Principal(2, user_no=5), Principal(1, user_no=5, device_no=1)):
        await ask(sessions, Call("mine", b"a" * 32), deed, principal)
    assert deed.done == 4


async def test_while_one_is_under_way_its_twin_is_told_so_at_once(tenants: TwoTenants, sessions: Tenants) -> None:
    deed = Deed()
    deed.go_on.clear()
    first = asyncio.create_task(ask(sessions, Call("twin", b"a" * 32), deed))
    await deed.begun.wait()
    with pytest.raises(Refused) as caught:
        await ask(sessions, Call("twin", b"a" * 32), deed)
    assert (caught.value.status, caught.value.problems[0].code) == (409, "idempotency-key-in-flight")
    deed.go_on.set()
    assert bytes((await first).body) == b'{"done":1}'


async def test_what_failed_may_be_tried_again(tenants: TwoTenants, sessions: Tenants) -> None:
    async def fail() -> Response:
        raise Refused(403, "not-permitted")

    call = Call("failed", b"a" * 32)
    with pytest.raises(Refused, match="not-permitted"):
        async with sessions.session(PERSON) as session:
            await answer_once(session, call, fail, NOW)
    assert (await ask(sessions, call, Deed())).status_code == 201


async def test_old_answers_can_be_forgotten(tenants: TwoTenants, sessions: Tenants) -> None:
    deed = Deed()
    for days, key in ((0, "old"), (9, "new")):
        await ask(sessions, Call(key, b"a" * 32), deed, Principal(2, user_no=9), NOW - timedelta(days=90 - days))
    async with sessions.session(tenants.second) as session:
        assert await repository.forget_before(session, NOW - timedelta(days=82)) == 1
    await ask(sessions, Call("new", b"a" * 32), deed, Principal(2, user_no=9))
    assert deed.done == 2
