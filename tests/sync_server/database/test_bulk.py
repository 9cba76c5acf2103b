"""Bulk writes: as many rows as came, under the same policies, and nothing left for whoever comes next."""

import os
import time

import psycopg
import pytest

from ledgerflow_server.database import bulk
from ledgerflow_server.database.bulk import POSTING, VOUCHER, BulkTable
from ledgerflow_server.database.connecting import Connection, Database, pool_of
from ledgerflow_server.tenancy.session import Tenants
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio
# ruff: noqa: PT012 - a session is a block, and it is the block that raises
COUNT = "SELECT count(*), coalesce(sum(amount), 0) FROM lf.posting"
MOST = 2**53 - 1


def postings(tenant_no: int, vouchers: range, amount: int = 100) -> list[tuple[int, ...]]:
    return [(tenant_no, 1, 7, 20_000, no, line, sign, 8) for no in vouchers for line, sign in ((0, amount), (1, -50))]


async def test_rows_arrive_and_are_only_their_tenants(sessions: Tenants, tenants: TwoTenants) -> None:
    for principal in (tenants.first, tenants.second):
        async with sessions.session(principal) as session:
            assert await session.bulk_insert(POSTING, postings(session.tenant_no, range(500))) == 1000
    async with sessions.session(tenants.first) as session:
        assert await session.fetch_one(COUNT) == (1000, 25_000)


async def test_rows_of_another_tenant_are_refused(sessions: Tenants, tenants: TwoTenants) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        async with sessions.session(tenants.first) as session:
            await session.bulk_insert(POSTING, postings(2, range(9000, 9001)))


async def test_nothing_staged_is_left_after_a_commit_or_a_rollback(database: Database, tenants: TwoTenants) -> None:
    left = "SELECT count(*) FROM pg_temp.stage_posting"
    async with pool_of(database, "lf_app", most=1) as pool:
        sessions = Tenants(pool, database.secrets.context_keys[0], time.time, os.urandom)
        async with sessions.session(tenants.first) as session:
            await session.stage(POSTING, postings(1, range(5)))
            assert await session.fetch_value(left) == 10
        async with sessions.session(tenants.second) as session:
            assert await session.fetch_value(left) == 0
        with pytest.raises(ZeroDivisionError):
            async with sessions.session(tenants.first) as session:
                await session.stage(VOUCHER, [])
                raise ZeroDivisionError
        async with sessions.session(tenants.first) as session:
            await session.stage(VOUCHER, [])
            assert await session.fetch_value("SELECT count(*) FROM pg_temp.stage_voucher") == 0


async def test_any_text_and_any_bytes_survive(sessions: Tenants, tenants: TwoTenants) -> None:
    strange, sha = "tab\tline\nback\\slash ‘’ \\N", bytes(range(32))
    row = (1, 1, 1, "01890000-0000-7000-8000-000000000001", -1, 3, None, strange, None, MOST, 0, 1, sha, 1, "")
    async with sessions.session(tenants.first) as session:
        await session.bulk_insert(VOUCHER, [row])
        query = "SELECT number, year, amount, version_hash FROM lf.voucher"
        assert await session.fetch_one(query) == (strange, None, MOST, sha)


async def test_an_amount_that_is_too_large_is_refused(sessions: Tenants, tenants: TwoTenants) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        async with sessions.session(tenants.first) as session:
            await session.bulk_insert(POSTING, postings(1, range(9100, 9101), MOST + 1))


def test_every_table_that_is_written_in_bulk_has_these_columns(as_administrator: Connection) -> None:
    tables = [table for table in vars(bulk).values() if isinstance(table, BulkTable)]
    assert len(tables) == 12
    for table in tables:
        columns = as_administrator.execute(
            "SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_schema = 'lf'"
            " AND table_name = %s AND (is_nullable = 'NO' OR column_name = ANY(%s))",
            [table.name, list(table.columns)],
        ).fetchone()
        assert columns is not None
        assert set(columns[0]) == set(table.columns)
