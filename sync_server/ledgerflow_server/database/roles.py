"""The database roles: who may log in, what comes with each login, and what a database lets them do at its door.

Roles belong to the whole cluster, so they are no migration: making them is safe to repeat and repairs what drifted.
"""

import psycopg
from psycopg import sql

from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.database.failures import DatabaseTooOld
from ledgerflow_server.database.secrets import LOGIN_ROLES, DatabaseSecrets

OWNER = "lf_owner"
OLDEST = 15
# Temporary tables come last: without being named at all they would come first and shadow ours.
SEARCH_PATH = "lf, jobs, pg_temp"

_PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
_SHORT = {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "5s"}
_LONG = {"lock_timeout": "3s", "statement_timeout": "0", "idle_in_transaction_session_timeout": "60s"}

# What every login begins with.
_BEGINNINGS: dict[str, dict[str, str]] = {
    "lf_migrate": {"search_path": "pg_catalog, pg_temp", **_LONG},
    "lf_app": {"search_path": SEARCH_PATH, **_SHORT},
    "lf_ro": {"search_path": SEARCH_PATH, **_SHORT, "default_transaction_read_only": "on"},
    "lf_auth": {"search_path": "idn, lf, pg_temp", **_SHORT},
    "lf_queue": {"search_path": "jobs, pg_temp", **_SHORT},
    "lf_backup": {"search_path": "pg_catalog, pg_temp", **_LONG},
}


def make_roles(admin: Connection, secrets: DatabaseSecrets) -> None:
    """Make or repair every role and its password, through a role that may (superuser, or CREATEROLE and the database).

    Raises `DatabaseTooOld` before PostgreSQL 15.
    """
    version = admin.info.server_version // 10000
    if version < OLDEST:
        raise DatabaseTooOld(version=version, wanted=OLDEST)
    _make(admin, OWNER, "NOLOGIN NOINHERIT")
    for role in LOGIN_ROLES:
        if not _may_alter(admin, role):
            continue
        _make(admin, role, "LOGIN INHERIT" if role == "lf_migrate" else "LOGIN NOINHERIT")
        _set_password(admin, role, secrets.passwords[role])
        for name, value in _BEGINNINGS[role].items():
            path = sql.SQL(value) if name == "search_path" else sql.Literal(value)
            admin.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(name), path))
    # The tables' owner is reached by migrations only; the queue's own migrations run as the queue.
    admin.execute("GRANT lf_owner, lf_queue TO lf_migrate")
    _allow_replication(admin)


def open_database(admin: Connection) -> None:
    """Let our roles, and nobody else by default, into the database `admin` is connected to."""
    database = sql.Identifier(admin.info.dbname)
    roles = sql.SQL(", ").join(map(sql.Identifier, LOGIN_ROLES))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, roles))
    admin.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO lf_migrate, lf_owner").format(database))
    # Bulk writes go through temporary tables: COPY into a table under row-level security is refused.
    admin.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO lf_app").format(database))
    # Before PostgreSQL 15 everybody could create there, and an upgraded cluster keeps that.
    admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")


def _make(admin: Connection, role: str, can: str) -> None:
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    # Who is no superuser may not even say NOSUPERUSER, and cannot make a role that has these powers: the guard looks.
    powers = sql.SQL(_PLAIN if _is_superuser(admin) else "")
    admin.execute(sql.SQL("{} ROLE {} {} {}").format(verb, sql.Identifier(role), sql.SQL(can), powers))


def _set_password(admin: Connection, role: str, password: str) -> None:
    # Scrambled here: the server, its log and its statistics never see the password itself.
    scrambled = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(scrambled.decode()))
    admin.execute(statement)


def _allow_replication(admin: Connection) -> None:
    """Let the backup role stream, where the administrator may give that; otherwise IT backs up by its own means."""
    try:
        with admin.transaction():
            admin.execute("ALTER ROLE lf_backup REPLICATION")
    except psycopg.errors.InsufficientPrivilege:
        return


def _may_alter(admin: Connection, role: str) -> bool:
    """Return whether a role is ours to repair. Before PostgreSQL 16 one that may replicate is a superuser's alone."""
    query = (
        "SELECT current_setting('server_version_num')::int < 160000 AND rolreplication FROM pg_roles WHERE rolname = %s"
    )
    return _is_superuser(admin) or admin.execute(query, [role]).fetchone() != (True,)


def _is_superuser(admin: Connection) -> bool:
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return row is not None and bool(row[0])
