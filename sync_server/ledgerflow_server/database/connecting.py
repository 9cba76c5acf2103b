"""Connections to PostgreSQL as one of our roles: single ones, and the pool the server works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

from ledgerflow_server.database.secrets import DatabaseSecrets

CONNECT_SECONDS = 5
WAIT_SECONDS = 5.0
_WITHOUT_A_ROLE = ("user", "password", "passfile", "options")

# psycopg's rows are as wide as their query: what stands in a row is checked where it is used.
Row = tuple[Any, ...]
AsyncConnection = psycopg.AsyncConnection[Row]
AsyncCursor = psycopg.AsyncCursor[Row]
Connection = psycopg.Connection[Row]
Pool = AsyncConnectionPool[AsyncConnection]


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is and how our roles log in. `pooled`: a pooler in transaction mode stands in between."""

    place: Mapping[str, str]
    secrets: DatabaseSecrets = field(repr=False)
    pooled: bool = False

    def conninfo(self, role: str) -> str:
        """Return libpq's connection string of a role. It holds the password: for connecting, never for showing."""
        return make_conninfo(
            **dict(self.place),
            user=role,
            password=self.secrets.passwords[role],
            application_name=f"ledgerflow {role}",
            connect_timeout=CONNECT_SECONDS,
        )

    def options(self) -> dict[str, Any]:
        """Return psycopg's options: behind a pooler nothing may be prepared for a connection that is not ours."""
        return {"prepare_threshold": None} if self.pooled else {}


def place_of(url: str) -> dict[str, str]:
    """Return where a URL's database is, without the role and password that stand in it."""
    return {name: str(value) for name, value in conninfo_to_dict(url).items() if name not in _WITHOUT_A_ROLE}


def connect(database: Database, role: str, *, autocommit: bool = False) -> Connection:
    """Open one connection as `role`. Limits and search path come with the role (see `roles`)."""
    return psycopg.connect(database.conninfo(role), autocommit=autocommit, **database.options())


def pool_of(database: Database, role: str, *, least: int = 1, most: int = 10) -> Pool:
    """Return a pool of connections as `role`, not yet open: ``async with pool_of(...) as pool``."""
    return AsyncConnectionPool(
        database.conninfo(role),
        min_size=least,
        max_size=most,
        timeout=WAIT_SECONDS,
        open=False,
        kwargs=database.options(),
        name=role,
    )
