"""A PostgreSQL that somebody else runs, for the server's tests: ``LEDGERFLOW_TEST_DATABASE_URL`` names it.

The URL is of a superuser, to any database but a template. The tests make roles `lf_*` and databases there and leave
the roles: it is one for tests alone.
"""

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledgerflow_server.database.connecting import place_of

VARIABLE = "LEDGERFLOW_TEST_DATABASE_URL"


class NamedPostgres:
    """Gives the ways in that `EmbeddedPostgres` gives, and neither starts nor stops anything."""

    def __init__(self, url: str) -> None:
        self._url = url

    def place(self, database: str) -> dict[str, str]:
        """Return where a database is, without a role."""
        return place_of(self._url) | {"dbname": database}

    def administration(self, database: str = "postgres") -> str:
        """Return how the superuser connects."""
        return make_conninfo(**conninfo_to_dict(self._url) | {"dbname": database})

    def ensure_database(self, name: str) -> None:
        """Make a database anew: what an earlier run left under its name is gone."""
        with psycopg.connect(self.administration(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
