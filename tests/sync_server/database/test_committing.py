"""COMMIT: what is reported when a task is cancelled, a line breaks or a standby stays silent meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from ledgerflow_server.database.committing import commit
from ledgerflow_server.database.connecting import AsyncConnection, Connection, Database
from ledgerflow_server.database.failures import CommitUnknown, TransactionBroken

pytestmark = pytest.mark.anyio

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()"


@pytest.fixture
def silent_standby(as_administrator: Connection) -> Connection:
    """Makes every COMMIT wait for a standby that does not exist, until the test is over."""
    as_administrator.execute(f"ALTER DATABASE {as_administrator.info.dbname} SET synchronous_commit = on")
    as_administrator.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    as_administrator.execute("SELECT pg_reload_conf()")
    yield as_administrator
    as_administrator.execute("ALTER SYSTEM RESET synchronous_standby_names")
    as_administrator.execute("SELECT pg_reload_conf()")


@pytest.fixture
async def connection(database: Database, as_administrator: Connection) -> AsyncIterator[AsyncConnection]:
    as_administrator.execute(
        "CREATE TABLE IF NOT EXISTS public.kept (number int4 UNIQUE DEFERRABLE INITIALLY DEFERRED)"
    )
    as_administrator.execute("GRANT USAGE ON SCHEMA public TO lf_app; GRANT INSERT ON public.kept TO lf_app")
    opened = await psycopg.AsyncConnection.connect(database.conninfo("lf_app"))
    yield opened
    await opened.close()


async def waiting(administrator: Connection) -> int:
    while True:
        row = administrator.execute(WAITING).fetchone()
        if row:
            return int(row[0])
        await asyncio.sleep(0)


def kept(administrator: Connection) -> set[int]:
    return {row[0] for row in administrator.execute("SELECT number FROM public.kept")}


async def test_a_commit_that_returns_is_there(connection: AsyncConnection, as_administrator: Connection) -> None:
    await connection.execute("INSERT INTO public.kept VALUES (1)")
    await commit(connection)
    assert 1 in kept(as_administrator)


async def test_a_commit_postgresql_refuses_is_known_to_have_failed(
    connection: AsyncConnection, as_administrator: Connection
) -> None:
    await connection.execute("INSERT INTO public.kept VALUES (2), (2)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await commit(connection)
    assert 2 not in kept(as_administrator)


async def test_there_must_be_a_sound_transaction(connection: AsyncConnection) -> None:
    with pytest.raises(TransactionBroken, match="status=idle"):
        await commit(connection)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await connection.execute("SELECT 1 / 0")
    with pytest.raises(TransactionBroken, match="status=inerror"):
        await commit(connection)


async def test_a_cancelled_task_does_not_cut_its_commit_short(
    connection: AsyncConnection, silent_standby: Connection
) -> None:
    await connection.execute("INSERT INTO public.kept VALUES (3)")
    committing = asyncio.create_task(commit(connection))
    await waiting(silent_standby)
    for _ in range(3):
        committing.cancel()
        await asyncio.sleep(0)
    assert not committing.done()
    silent_standby.execute("ALTER SYSTEM RESET synchronous_standby_names")
    silent_standby.execute("SELECT pg_reload_conf()")
    with pytest.raises(asyncio.CancelledError):
        await committing
    assert 3 in kept(silent_standby)


async def test_a_commit_that_is_only_local_is_unknown(connection: AsyncConnection, silent_standby: Connection) -> None:
    await connection.execute("INSERT INTO public.kept VALUES (4)")
    committing = asyncio.create_task(commit(connection))
    silent_standby.execute("SELECT pg_cancel_backend(%s)", [await waiting(silent_standby)])
    with pytest.raises(CommitUnknown, match="standby"):
        await committing


async def test_a_commit_whose_connection_dies_is_unknown(
    connection: AsyncConnection, silent_standby: Connection
) -> None:
    await connection.execute("INSERT INTO public.kept VALUES (5)")
    committing = asyncio.create_task(commit(connection))
    silent_standby.execute("SELECT pg_terminate_backend(%s)", [await waiting(silent_standby)])
    with pytest.raises(CommitUnknown):
        await committing
