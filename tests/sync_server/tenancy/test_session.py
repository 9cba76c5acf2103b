"""Sessions of tenants: what they see, what outlives them, and what becomes of a transaction that goes wrong."""

import asyncio
import contextlib
import itertools
import os
import time
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import waiting

from ledgerflow_server.database.connecting import Connection, Database, pool_of
from ledgerflow_server.database.failures import DatabaseUnavailable, TransactionBroken
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits, Tenants
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio
# ruff: noqa: PT012 - a session is a block, and it is the block that raises

NAMES = "SELECT name FROM lf.company WHERE company_no < 3 ORDER BY company_no"
ADD = "INSERT INTO lf.company (tenant_no, company_no, name) VALUES (%s, %s, 'Added')"


@dataclass
class Company:
    company_no: int
    name: str


def companies(administrator: Connection, tenant_no: int) -> set[int]:
    query = "SELECT company_no FROM lf.company WHERE tenant_no = %s"
    return {row[0] for row in administrator.execute(query, [tenant_no])}


async def test_a_tenant_sees_its_own_rows_and_no_others(sessions: Tenants, tenants: TwoTenants) -> None:
    async with sessions.session(tenants.first) as session:
        assert await session.fetch_all(NAMES) == [("Company 1 of 1",), ("Company 2 of 1",)]
    async with sessions.session(tenants.second) as session:
        assert await session.fetch_all(NAMES) == [("Company 1 of 2",), ("Company 2 of 2",)]


async def test_what_a_session_wrote_is_there_after_it(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    async with sessions.session(tenants.first) as session:
        assert await session.execute(ADD, [session.tenant_no, 10]) == 1
    assert 10 in companies(as_administrator, 1)


async def test_statements_sent_together_are_all_there_and_in_order(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    async with sessions.session(tenants.first) as session, session.together():
        for company_no in (20, 21, 22):
            await session.execute(ADD, [session.tenant_no, company_no])
        assert await session.fetch_value("SELECT count(*) FROM lf.company WHERE company_no >= 20") == 3
    assert companies(as_administrator, 1) >= {20, 21, 22}


async def test_of_statements_sent_together_one_that_fails_undoes_all_and_is_the_one_named(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with sessions.session(tenants.first) as session, session.together():
            await session.execute(ADD, [session.tenant_no, 30])
            await session.execute(ADD, [session.tenant_no, 1])
            for company_no in range(31, 131):
                await session.execute(ADD, [session.tenant_no, company_no])
    assert not companies(as_administrator, 1) & set(range(30, 131))


async def test_an_exception_undoes_the_session(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with sessions.session(tenants.first) as session:
            await session.execute(ADD, [1, 11])
            raise ZeroDivisionError
    assert 11 not in companies(as_administrator, 1)


async def test_a_failed_statement_that_was_swallowed_is_no_success(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    with pytest.raises(TransactionBroken):
        async with sessions.session(tenants.first) as session:
            await session.execute(ADD, [1, 12])
            with contextlib.suppress(psycopg.errors.UniqueViolation):
                await session.execute(ADD, [1, 1])
    assert 12 not in companies(as_administrator, 1)


async def test_a_session_for_reading_writes_nothing(sessions: Tenants, tenants: TwoTenants) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with sessions.session(tenants.first, read_only=True) as session:
            await session.execute(ADD, [1, 14])
    async with sessions.session(tenants.first) as session:
        assert await session.fetch_value("SHOW transaction_read_only") == "off"


async def test_nothing_of_a_session_stays_on_its_connection(database: Database, tenants: TwoTenants) -> None:
    async with pool_of(database, "lf_app", most=1) as pool:
        sessions = Tenants(pool, database.secrets.context_keys[0], time.time, os.urandom)
        async with sessions.session(tenants.first, limits=Limits(lock=1, statement=2, idle=3000)):
            pass
        async with pool.connection() as connection:
            found = await connection.execute("SELECT name FROM lf.company")
            assert await found.fetchall() == []
            found = await connection.execute("SELECT current_setting('statement_timeout')")
            assert await found.fetchone() == ("10s",)


async def test_a_statement_that_takes_too_long_may_be_sent_again(sessions: Tenants, tenants: TwoTenants) -> None:
    with pytest.raises(DatabaseUnavailable, match="QueryCanceled"):
        async with sessions.session(tenants.first, limits=Limits(statement=20)) as session:
            await session.execute("SELECT pg_sleep(60)")


async def test_a_lock_that_is_held_too_long_may_be_asked_for_again(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    lock = "SELECT FROM lf.company WHERE company_no = 1 FOR UPDATE"
    with as_administrator.transaction():
        as_administrator.execute(lock)
        with pytest.raises(DatabaseUnavailable, match="LockNotAvailable"):
            async with sessions.session(tenants.first, limits=Limits(lock=20)) as session:
                await session.execute(lock)


async def test_one_question_is_answered_in_a_transaction_of_its_own(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    query = "SELECT company_no, name FROM lf.company WHERE company_no = %s"
    for principal, tenant_no in ((tenants.first, 1), (tenants.second, 2)):
        found = await sessions.answer(principal, Company, query, [1])
        assert found == [Company(1, f"Company 1 of {tenant_no}")]
    writing = "INSERT INTO lf.company (tenant_no, company_no, name) VALUES (1, 16, 'Added') RETURNING company_no, name"
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await sessions.answer(tenants.first, Company, writing)
    assert 16 not in companies(as_administrator, 1)
    assert await sessions.answer(tenants.first, Company, query, [16]) == []


async def test_one_question_over_a_connection_that_died_in_the_pool_is_asked_again(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    async with sessions.session(tenants.first) as session:
        pid = await session.fetch_value("SELECT pg_backend_pid()")
    as_administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    query = "SELECT company_no, name FROM lf.company WHERE company_no < 3"
    assert len(await sessions.answer(tenants.first, Company, query)) == 2


async def test_who_is_cancelled_leaves_nobody_after_them_inside_a_pipeline(
    sessions: Tenants, tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As psycopg does after a while without a wait: it lets others go first, so it may be cancelled there.
    monkeypatch.setattr(waiting, "MAX_BUSY_TIME", 0)

    async def answer() -> None:
        await sessions.answer(tenants.first, Company, "SELECT company_no, name FROM lf.company")

    async def together() -> None:
        async with sessions.session(tenants.first) as session, session.together():
            await session.ask(NAMES)

    for work, steps in itertools.product((answer, together), range(30)):
        task = asyncio.ensure_future(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with sessions.session(tenants.second) as session:
            # Inside a pipeline the count would not be known yet.
            assert await session.execute("UPDATE lf.company SET name = name WHERE company_no < 3") == 2


async def test_connections_that_died_in_the_pool_are_replaced(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    async with sessions.session(tenants.first) as session:
        pid = await session.fetch_value("SELECT pg_backend_pid()")
    as_administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    async with sessions.session(tenants.first) as session:
        assert len(await session.fetch_all(NAMES)) == 2


async def test_a_connection_that_dies_in_a_session_has_written_nothing(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with sessions.session(tenants.first) as session:
            await session.execute(ADD, [1, 15])
            pid = await session.fetch_value("SELECT pg_backend_pid()")
            as_administrator.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            await session.fetch_all(NAMES)
    assert 15 not in companies(as_administrator, 1)


async def test_many_sessions_at_once_see_each_their_own(sessions: Tenants, tenants: TwoTenants) -> None:
    async def seen(principal: Principal) -> set[int]:
        async with sessions.session(principal) as session:
            return {row[0] for row in await session.fetch_all("SELECT tenant_no FROM lf.company")}

    both = [tenants.first, tenants.second] * 20
    assert await asyncio.gather(*map(seen, both)) == [{principal.tenant_no} for principal in both]


async def test_rows_come_as_values_and_as_a_stream(sessions: Tenants, tenants: TwoTenants) -> None:
    query = "SELECT company_no, name FROM lf.company WHERE company_no < 3 ORDER BY 1"
    async with sessions.session(tenants.first) as session:
        assert await session.fetch_as(Company, query) == [Company(1, "Company 1 of 1"), Company(2, "Company 2 of 1")]
        assert [row[0] async for row in session.stream(query)] == [1, 2]


async def test_a_job_is_there_only_if_its_transaction_commits(
    sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    async with sessions.session(tenants.first) as session:
        await session.defer("kept", {"company_no": 1}, queue="ledger", lock="1/1")
    with pytest.raises(ZeroDivisionError):
        async with sessions.session(tenants.first) as session:
            await session.defer("undone", {})
            raise ZeroDivisionError
    jobs = as_administrator.execute("SELECT task_name, queue_name, lock, args FROM jobs.procrastinate_jobs").fetchall()
    assert jobs == [("kept", "ledger", "1/1", {"company_no": 1})]


async def test_a_snapshot_answers_everything_as_of_one_moment(sessions: Tenants, tenants: TwoTenants) -> None:
    names = "SELECT name FROM lf.company WHERE tenant_no = 1 AND company_no = 1"
    async with sessions.session(tenants.first, read_only=True, snapshot=True) as session:
        before = await session.fetch_value(names)
        async with sessions.session(tenants.first) as other:
            await other.execute("UPDATE lf.company SET name = 'Renamed' WHERE tenant_no = 1 AND company_no = 1")
        assert await session.fetch_value(names) == before
    async with sessions.session(tenants.first) as session:
        assert await session.fetch_value(names) == "Renamed"
        assert await session.fetch_value("SHOW transaction_isolation") == "read committed"
