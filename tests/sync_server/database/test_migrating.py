"""Migrations: the same tables however often, and no other secrets than those there are."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from ledgerflow_server.database import migrating
from ledgerflow_server.database.connecting import Connection, Database, connect, place_of
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.failures import SchemaBehind
from ledgerflow_server.database.migrating import HEAD, migrate, require_current, revision
from ledgerflow_server.database.secrets import DatabaseSecrets, make_secrets
from ledgerflow_server.tenancy.context import ContextSigner
from ledgerflow_server.tenancy.guard import violations
from ledgerflow_server.tenancy.principal import Principal


def administration(postgres: EmbeddedPostgres, database: Database) -> str:
    return postgres.administration(database.place["dbname"])


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrating_again_changes_nothing(postgres: EmbeddedPostgres, database: Database) -> None:
    migrate(database, administration(postgres, database))
    with connect(database, "lf_app") as connection:
        require_current(connection)
        assert violations(connection) == []


def test_a_migration_that_stopped_half_way_goes_on(
    postgres: EmbeddedPostgres, database_secrets: DatabaseSecrets
) -> None:
    postgres.ensure_database("half_way")
    database = Database(postgres.place("half_way"), database_secrets)
    migrate(database, postgres.administration("half_way"), target="0002")
    with connect(database, "lf_app") as connection, pytest.raises(SchemaBehind, match="schema=0002"):
        require_current(connection)
    migrate(database, postgres.administration("half_way"))
    with connect(database, "lf_app") as connection:
        assert revision(connection) == HEAD


def test_a_database_without_tables_has_no_revision(
    postgres: EmbeddedPostgres, database_secrets: DatabaseSecrets
) -> None:
    postgres.ensure_database("bare")
    with psycopg.connect(postgres.administration("bare")) as connection:
        assert revision(connection) == ""


def test_an_administrator_who_is_no_superuser_is_enough(
    postgres: EmbeddedPostgres, database: Database, database_secrets: DatabaseSecrets
) -> None:
    office = f"office_{os.urandom(4).hex()}"
    with psycopg.connect(postgres.administration(), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {office} CREATEROLE LOGIN PASSWORD 'office'")
        admin.execute(f"CREATE DATABASE of_{office} OWNER {office}")
        for role in ("lf_owner", "lf_migrate", "lf_app", "lf_ro", "lf_auth", "lf_queue", "lf_backup"):
            admin.execute(f"GRANT {role} TO {office} WITH ADMIN OPTION")
    theirs = Database(postgres.place(f"of_{office}"), database_secrets)
    place = postgres.place(f"of_{office}")
    migrate(theirs, psycopg.conninfo.make_conninfo(**place, user=office, password="office"))
    with connect(theirs, "lf_app") as connection:
        require_current(connection)
        assert violations(connection) == []


def test_passwords_are_in_no_catalogue_as_they_are(as_administrator: Connection, database: Database) -> None:
    kept = as_administrator.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'lf_%'").fetchall()
    assert len(kept) == 7
    for role, scrambled in kept:
        assert (role == "lf_owner" and scrambled is None) or scrambled.startswith("SCRAM-SHA-256$")
        assert database.secrets.passwords.get(role, "-") not in (scrambled or "")


def test_every_login_begins_with_limits_and_a_fixed_search_path(database: Database) -> None:
    with connect(database, "lf_app") as connection:
        names = ["search_path", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]
        found = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    assert found == [("lf, jobs, pg_temp",), ("3s",), ("10s",), ("5s",)]


def test_other_secrets_take_the_place_of_those_that_others_have_read(
    own_cluster: Callable[[], EmbeddedPostgres],
) -> None:
    cluster = own_cluster()
    cluster.ensure_database("books")

    def signed_by(secrets: DatabaseSecrets) -> int | None:
        token = ContextSigner(secrets.context_keys[0], time.time, os.urandom).token(Principal(1))
        with connect(after, "lf_app") as connection:
            connection.execute("SELECT set_config('lf.ctx', %s, true)", [token])
            row = connection.execute("SELECT lf.current_tenant()").fetchone()
            return row[0] if row else None

    before, after = (Database(cluster.place("books"), make_secrets(os.urandom)) for _ in range(2))
    for database in (before, after):
        migrate(database, cluster.administration("books"))
        connect(database, "lf_app").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(before, "lf_app")
    assert signed_by(after.secrets) == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        signed_by(before.secrets)


def test_a_url_gives_a_place_without_its_password() -> None:
    place = place_of("postgresql://admin:secret@db.example:6432/books?sslmode=verify-full")
    assert place == {"host": "db.example", "port": "6432", "dbname": "books", "sslmode": "verify-full"}


def test_the_audit_log_gets_its_month(as_administrator: Connection, database: Database) -> None:
    with connect(database, "lf_app") as connection:
        for _ in range(2):
            made = connection.execute("SELECT lf.make_audit_month('2031-05-17 23:59:59+00')").fetchone()
            assert made == ("audit_event_203105",)
        connection.commit()
        assert violations(connection) == []
    as_administrator.execute(
        "INSERT INTO lf.audit_event (tenant_no, at, seq, actor, action, subject, prev, hash)"
        " VALUES (1, '2031-05-31 23:59:59+00', 1, 'a', 'b', 'c', '', sha256(''))"
    )
    assert as_administrator.execute("SELECT count(*) FROM lf.audit_event_203105").fetchone() == (1,)
