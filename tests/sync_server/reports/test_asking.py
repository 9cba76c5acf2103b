"""A report that is drawn in a thread asks the session of its request, and never outlives it."""

import asyncio
import threading

import pytest

from ledgerflow_server.database.connecting import Row
from ledgerflow_server.reports.asking import drawn
from ledgerflow_server.reports.repository import Ask
from ledgerflow_server.tenancy.session import Tenants
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio


async def test_each_question_is_answered_by_the_session_in_its_transaction(
    sessions: Tenants, tenants: TwoTenants
) -> None:
    def draw(ask: Ask) -> list[Row]:
        return ask("SELECT count(*) FROM lf.company WHERE tenant_no = %(tenant)s", {"tenant": 1}) + ask(
            "SELECT count(*) FROM lf.company WHERE tenant_no = %(tenant)s", {"tenant": 2}
        )

    async with sessions.session(tenants.first, read_only=True) as session:
        assert await drawn(session, draw) == [(2,), (0,)]


async def test_what_a_report_refuses_reaches_the_request(sessions: Tenants, tenants: TwoTenants) -> None:
    def draw(ask: Ask) -> None:
        raise LookupError("no such account")

    async with sessions.session(tenants.first, read_only=True) as session:
        with pytest.raises(LookupError, match="no such account"):
            await drawn(session, draw)


async def test_a_request_that_is_cancelled_waits_for_its_thread(sessions: Tenants, tenants: TwoTenants) -> None:
    begun, go_on = threading.Event(), threading.Event()
    said: list[object] = []

    def draw(ask: Ask) -> None:
        begun.set()
        assert go_on.wait(20)
        said.append(ask("SELECT count(*) FROM lf.company WHERE tenant_no = %(tenant)s", {"tenant": 1}))

    async def request() -> None:
        async with sessions.session(tenants.first, read_only=True) as session:
            try:
                await drawn(session, draw)
            finally:
                said.append("the session ends")

    asked = asyncio.create_task(request())
    assert await asyncio.to_thread(begun.wait, 20)
    asked.cancel()
    await asyncio.wait([asked], timeout=0.05)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert said == [[(2,)], "the session ends"]
