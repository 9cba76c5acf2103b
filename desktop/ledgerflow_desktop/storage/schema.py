"""The version of the tables, and the way from one to the next (Alembic, loaded only when there is a way to go)."""

import importlib
from pathlib import Path

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.failures import FileTooNew, UpgradeNeeded

# The newest migration. A test holds this to the folder of migrations.
HEAD = "0005"
_MIGRATIONS = Path(__file__).with_name("migrations")


def revision_of(connection: Connection) -> str:
    """Return the version of an open file's tables; empty text when it has none yet."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return row[0] if row else ""


def require_current(revision: str, place: str) -> None:
    """Raise `FileTooNew` for a version this program does not know, `UpgradeNeeded` for an older one."""
    if not revision:
        raise Damaged(place, reason="no tables")
    if revision > HEAD:
        raise FileTooNew(place, format=revision, known=HEAD)
    if revision < HEAD:
        raise UpgradeNeeded(place, format=revision, known=HEAD)


def migrate(connection: Connection, target: str = HEAD) -> None:
    """Bring the tables of an open file to `target`. The caller holds a copy: see `upgrade`."""
    command = importlib.import_module("alembic.command")
    config = importlib.import_module("alembic.config").Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    engine = _engine_over(connection)
    database_error = importlib.import_module("sqlalchemy.exc").DBAPIError
    try:
        with engine.connect() as over:
            config.attributes["connection"] = over
            command.upgrade(config, target)
            over.commit()
    except database_error as error:
        # The driver's own error is the one that gets a name (`failures.translated`): a full disk is one.
        raise error.orig from error


def _engine_over(connection: Connection):  # type: ignore[no-untyped-def]  # SQLAlchemy is loaded late
    sqlalchemy = importlib.import_module("sqlalchemy")
    pool = importlib.import_module("sqlalchemy.pool")
    driver = importlib.import_module("sqlcipher3.dbapi2")
    return sqlalchemy.create_engine(
        "sqlite://", module=driver, creator=lambda: connection, poolclass=pool.StaticPool, pool_reset_on_return=None
    )
