"""Whether requests should be sent here: the database answers, its tables are ours, and tenants are kept apart."""

import asyncio
from collections.abc import Callable, Mapping

import psycopg

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_server.database import migrating
from ledgerflow_server.database.connecting import Database, Pool, connect
from ledgerflow_server.observing.health import Check
from ledgerflow_server.tenancy import guard

_WAIT_SECONDS = 1.0
# The catalogue changes by migrations and by hands only: looking once a minute finds either soon enough.
_GUARD_SECONDS = 60.0


def require_sound(database: Database) -> None:
    """Refuse to serve from tables of another version (`SchemaBehind`) or without their guards (`TenancyUnsafe`)."""
    with connect(database, "lf_app", autocommit=True) as connection:
        migrating.require_current(connection)
        guard.require_safe(connection)


def checks(pool: Pool, database: Database, seconds: Callable[[], float]) -> Mapping[str, Check]:
    """Return what `/health/ready` asks, in order."""
    return {"database": _Answers(pool), "tenancy": _Guarded(database, seconds)}


class _Answers:
    """Asks through the pool, as every request does."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self) -> str:
        try:
            async with self._pool.connection(timeout=_WAIT_SECONDS) as connection:
                cursor = await connection.execute("SELECT version_num FROM lf.schema_version")
                found = await cursor.fetchone()
        except psycopg.OperationalError:
            return "database-unavailable"
        return "" if found and found[0] == migrating.HEAD else "schema-behind"


class _Guarded:
    """Reads the catalogue now and then; in between, what it found last stands."""

    def __init__(self, database: Database, seconds: Callable[[], float]) -> None:
        self._database, self._seconds = database, seconds
        self._last, self._until = "", 0.0

    async def __call__(self) -> str:
        if self._seconds() >= self._until:
            self._until = self._seconds() + _GUARD_SECONDS
            self._last = await asyncio.to_thread(self._look)
        return self._last

    def _look(self) -> str:
        try:
            require_sound(self._database)
        except psycopg.OperationalError:
            self._until = 0.0
            return "database-unavailable"
        except LedgerFlowError as error:
            self._until = 0.0
            return error.code
        return ""
