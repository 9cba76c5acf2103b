"""The only way to rows: a transaction that belongs to one tenant from its first statement to its COMMIT."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.pq import PipelineStatus
from psycopg.rows import class_row
from psycopg.sql import SQL, Composed
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout

from ledgerflow_server.database.committing import commit
from ledgerflow_server.database.connecting import AsyncConnection, AsyncCursor, Pool, Row
from ledgerflow_server.database.failures import DatabaseUnavailable, StorageFull
from ledgerflow_server.database.roles import SEARCH_PATH
from ledgerflow_server.database.secrets import ContextKey
from ledgerflow_server.tenancy.context import ContextSigner
from ledgerflow_server.tenancy.principal import Principal

Query = LiteralString | SQL | Composed
Parameters = Sequence[Any] | Mapping[str, Any]
T = TypeVar("T")

# Everything is said for this transaction alone: behind a pooler the connection is somebody else's right after it.
_ENTER = """
    SELECT set_config('search_path', %s, true), set_config('lock_timeout', %s, true),
           set_config('statement_timeout', %s, true), set_config('idle_in_transaction_session_timeout', %s, true),
           set_config('transaction_read_only', %s, true), set_config('lf.ctx', %s, true)
"""
# To be said before the first query of a transaction, and over with it.
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
_DEFER = """
    SELECT jobs.procrastinate_defer_jobs_v1(
        ARRAY[ROW(%s, %s, %s, %s, %s, %s, NULL)]::jobs.procrastinate_job_to_defer_v1[])
"""

# Waited too long, or one of two that waited for each other: nothing was written.
_MAY_BE_SENT_AGAIN = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a transaction may wait for locks, run one statement, and do nothing: milliseconds, 0 for ever."""

    lock: int = 3_000
    statement: int = 10_000
    idle: int = 5_000


SHORT = Limits()


class TenantSession:
    """One open transaction of one tenant. Made by `Tenants.session`; of no use after it ended."""

    def __init__(self, connection: AsyncConnection, principal: Principal) -> None:
        self._connection = connection
        self.principal = principal

    @property
    def tenant_no(self) -> int:
        """The number every row of this session carries first."""
        return self.principal.tenant_no

    async def execute(self, query: Query, parameters: Parameters | None = None) -> int:
        """Run a statement; return how many rows it touched."""
        return (await self._connection.execute(query, parameters)).rowcount

    async def fetch_all(self, query: Query, parameters: Parameters | None = None) -> list[Row]:
        """Run a query; return its rows."""
        return await (await self._connection.execute(query, parameters)).fetchall()

    async def fetch_one(self, query: Query, parameters: Parameters | None = None) -> Row | None:
        """Run a query; return its first row, None where there is none."""
        return await (await self._connection.execute(query, parameters)).fetchone()

    async def fetch_value(self, query: Query, parameters: Parameters | None = None) -> Any:
        """Run a query; return the first column of its first row, None where there is none."""
        row = await self.fetch_one(query, parameters)
        return None if row is None else row[0]

    async def fetch_as(self, kind: type[T], query: Query, parameters: Parameters | None = None) -> list[T]:
        """Run a query; return its rows as `kind`, whose fields are called as the columns are."""
        async with self._connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()

    async def ask(self, query: Query, parameters: Parameters | None = None) -> AsyncCursor:
        """Send a query of a `together` block. Its rows are to be fetched from the cursor when the block has ended."""
        return await self._connection.execute(query, parameters)

    async def stream(self, query: Query, parameters: Parameters | None = None) -> AsyncIterator[Row]:
        """Run a query; yield its rows as they arrive, never all of them in memory."""
        async with self._connection.cursor() as cursor:
            async for row in cursor.stream(query, parameters):
                yield row

    @contextlib.asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Send the statements of the block one behind the other, without a wait for each answer.

        What PostgreSQL says against one of them leaves the block, at that statement or at one after it. How many rows
        a statement touched is not known inside (`execute` returns -1).
        """
        async with self._connection.pipeline():
            yield

    async def defer(
        self,
        task: str,
        arguments: Mapping[str, int | str],
        *,
        queue: str = "default",
        priority: int = 0,
        lock: str | None = None,
        queueing_lock: str | None = None,
    ) -> None:
        """Add a job to the queue if, and only if, this transaction commits. Arguments are numbers and ids alone."""
        await self._connection.execute(_DEFER, [queue, task, priority, lock, queueing_lock, Jsonb(dict(arguments))])


class Tenants:
    """Opens sessions over a pool. One for each role: the server's, and that of the people's secrets."""

    def __init__(
        self, pool: Pool, key: ContextKey, seconds: Callable[[], float], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._pool = pool
        self._signer = ContextSigner(key, seconds, random_bytes)

    @contextlib.asynccontextmanager
    async def session(
        self,
        principal: Principal,
        *,
        read_only: bool = False,
        snapshot: bool = False,
        limits: Limits = SHORT,
        search_path: str = SEARCH_PATH,
    ) -> AsyncIterator[TenantSession]:
        """Open a transaction of the principal's tenant; commit it at the end, undo it when an exception leaves.

        With `snapshot` every question is answered as of one moment (REPEATABLE READ).

        Returning means durable. Raises `DatabaseUnavailable` when no connection is to be had, `StorageFull` when
        PostgreSQL has no room, `CommitUnknown` when the outcome of COMMIT is open, `TransactionBroken` when a failed
        statement was swallowed inside.
        """
        settings = _settings(search_path, limits, read_only=read_only)
        connection = await self._entered(principal, settings, snapshot=snapshot)
        try:
            async with connection:
                yield TenantSession(connection, principal)
                await commit(connection)
        except _MAY_BE_SENT_AGAIN as error:
            raise DatabaseUnavailable(reason=type(error).__name__) from error
        except psycopg.errors.DiskFull as error:
            raise StorageFull from error
        except psycopg.OperationalError as error:
            # Before COMMIT: a lost connection has written nothing.
            raise DatabaseUnavailable(reason="the connection was lost") from error
        finally:
            await self._give_back(connection)

    async def answer(
        self, principal: Principal, kind: type[T], query: Query, parameters: Parameters | None = None
    ) -> list[T]:
        """Return the rows of one query as `TenantSession.fetch_as` does, read in a transaction of its own.

        A question that every request asks waits half as often as in a session. COMMIT goes by itself: PgBouncer 1.18
        stops answering where one stands in the middle of what is sent. Raises `DatabaseUnavailable`.
        """
        settings = _settings(SEARCH_PATH, SHORT, read_only=True)

        async def asked(connection: AsyncConnection) -> list[T]:
            cursor = connection.cursor(row_factory=class_row(kind))
            async with connection:
                async with connection.pipeline():
                    await connection.execute(_ENTER, [*settings, self._signer.token(principal)])
                    await cursor.execute(query, parameters)
                return await cursor.fetchall()

        connection, rows = await self._with_a_connection(asked)
        await self._give_back(connection)
        return rows

    async def _entered(self, principal: Principal, settings: list[str], *, snapshot: bool) -> AsyncConnection:
        """Return a connection inside a transaction of the tenant."""

        async def enter(connection: AsyncConnection) -> None:
            async with connection.pipeline():
                if snapshot:
                    await connection.execute(_SNAPSHOT)
                await connection.execute(_ENTER, [*settings, self._signer.token(principal)])

        return (await self._with_a_connection(enter))[0]

    async def _with_a_connection(self, begin: Callable[[AsyncConnection], Awaitable[T]]) -> tuple[AsyncConnection, T]:
        """Return a connection and what `begin` makes of it. Dead ones, after a restart of PostgreSQL, go."""
        for fresh in (False, True):
            if fresh:
                await self._pool.check()
            try:
                connection = await self._pool.getconn()
            except PoolTimeout as error:
                raise DatabaseUnavailable(reason="no connection in time") from error
            try:
                return connection, await begin(connection)
            except psycopg.OperationalError:
                await self._give_back(connection)
            except BaseException:
                await self._give_back(connection)
                raise
        raise DatabaseUnavailable(reason="the connection was lost")

    async def _give_back(self, connection: AsyncConnection) -> None:
        # Psycopg leaves a pipeline open that was cancelled as it began, and whoever came next would be inside.
        if connection.info.pipeline_status is not PipelineStatus.OFF:
            await connection.close()
        await self._pool.putconn(connection)


def _settings(search_path: str, limits: Limits, *, read_only: bool) -> list[str]:
    times = [f"{limits.lock}ms", f"{limits.statement}ms", f"{limits.idle}ms"]
    return [search_path, *times, "on" if read_only else "off"]
