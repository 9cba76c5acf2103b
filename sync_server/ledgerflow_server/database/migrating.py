"""Bring a database to this program's tables: roles, Alembic's steps, the keys of tenant contexts. Safe to repeat.

Interrupted anywhere, it goes on where it stopped: every step is one transaction, and what is done is done once.
"""

from pathlib import Path

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

from ledgerflow_server.database import roles
from ledgerflow_server.database.connecting import Connection, Database, connect
from ledgerflow_server.database.failures import SchemaBehind
from ledgerflow_server.database.secrets import DatabaseSecrets

# The newest migration. A test holds this to the folder of migrations.
HEAD = "0007"
_MIGRATIONS = Path(__file__).with_name("migrations")
_BLOCK = 64  # bytes SHA-256 works on at a time
_ONE_AT_A_TIME = 0x6C656467  # the advisory lock of migrations


def migrate(database: Database, administration: str, target: str = "head") -> None:
    """Make roles and tables, or bring them up to `target`.

    `administration` is the connection string of a role that may create roles and owns the database, or a superuser,
    to the same database. A second program that migrates meanwhile waits. Goes to PostgreSQL directly, not to a pooler.
    """
    with psycopg.connect(administration, autocommit=True) as admin:
        admin.execute("SET search_path = pg_catalog, pg_temp")
        admin.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        with admin.transaction():
            roles.make_roles(admin, database.secrets)
            roles.open_database(admin)
        _upgrade(database, target)
        _install_context_keys(database)


def revision(connection: Connection) -> str:
    """Return the version of the tables; empty where there are none yet."""
    try:
        row = connection.execute("SELECT version_num FROM lf.schema_version").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        connection.rollback()
        return ""
    return str(row[0]) if row else ""


def require_current(connection: Connection) -> None:
    """Raise `SchemaBehind` unless the tables are this program's."""
    found = revision(connection)
    if found != HEAD:
        raise SchemaBehind(schema=found, wanted=HEAD)


def _install_context_keys(database: Database) -> None:
    """Make the database accept exactly the context keys there are now."""
    with connect(database, "lf_migrate") as connection:
        connection.execute("SET LOCAL ROLE lf_owner")
        connection.execute("DELETE FROM priv.ctx_key WHERE kid <> ALL(%s)", [_kids(database.secrets)])
        for key in database.secrets.context_keys:
            inner, outer = (bytes(byte ^ pad for byte in key.key.ljust(_BLOCK, b"\0")) for pad in (0x36, 0x5C))
            connection.execute(
                "INSERT INTO priv.ctx_key (kid, inner_pad, outer_pad) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [key.kid, inner, outer],
            )


def _kids(secrets: DatabaseSecrets) -> list[str]:
    return [key.kid for key in secrets.context_keys]


def _upgrade(database: Database, target: str) -> None:
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: connect(database, "lf_migrate"), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, target)
    finally:
        engine.dispose()
