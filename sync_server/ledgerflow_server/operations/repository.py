"""The rows of tenants, out of a database that serves meanwhile and into another one.

Out: as one moment has them all, by the read-only role and, for people, the role of sign-ins, each tenant inside its
own signed context: the policies hold here, too. In: as whoever owns the tables, in one transaction.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from graphlib import TopologicalSorter

import psycopg
from psycopg import sql

from ledgerflow_server.database.connecting import Connection, Database, connect
from ledgerflow_server.operations.archive import Table, TenantEntry
from ledgerflow_server.tenancy.context import ContextSigner
from ledgerflow_server.tenancy.principal import Principal

# Everything of tenants but partitions, which are read and written through their parent.
_TABLES = """
    SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE n.nspname IN ('lf', 'idn') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'schema_version'
    GROUP BY 1, 2 ORDER BY 1, 2
"""
_REFERENCES = """
    SELECT one.relnamespace::regnamespace || '.' || one.relname,
           other.relnamespace::regnamespace || '.' || other.relname
    FROM pg_constraint AS c
    JOIN pg_class AS one ON one.oid = c.conrelid JOIN pg_class AS other ON other.oid = c.confrelid
    WHERE c.contype = 'f' AND c.connamespace IN ('lf'::regnamespace, 'idn'::regnamespace)
"""
_MONTHS = "SELECT DISTINCT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') FROM lf.audit_event"
_PATIENT = (
    "SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)"
)

# Adds a member to a backup: its name, its bytes.
Add = Callable[[str, Iterable[bytes]], None]


@contextmanager
def snapshot(database: Database) -> Iterator[str]:
    """Hold one moment of the database while the block runs; give its name."""
    with connect(database, "lf_ro") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute(_PATIENT)
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None, "a query without a table has a row"
        yield str(row[0])


def tenants(database: Database) -> list[TenantEntry]:
    """Return every tenant by number."""
    with connect(database, "lf_auth") as connection:
        rows = connection.execute("SELECT tenant_no, public_id::text FROM lf.all_tenants() ORDER BY 1").fetchall()
    return [TenantEntry(*row) for row in rows]


def dump(database: Database, moment: str, tenant: TenantEntry, add: Add) -> tuple[list[Table], set[str]]:
    """Add every table of a tenant that has rows; return them in the order to load them in, and the audit's months."""
    done: list[Table] = []
    with ExitStack() as stack:
        roles = {"lf": "lf_ro", "idn": "lf_auth"}
        readers = {
            schema: stack.enter_context(_reading(database, role, moment, tenant)) for schema, role in roles.items()
        }
        for schema, name, columns in _ordered(readers["lf"]):
            member = f"tenants/{tenant.tenant_no}/{schema}.{name}"
            counted = _Counted()
            source = counted(_copied(readers[schema], schema, name, columns))
            first = next(source, None)
            if first is not None:
                add(member, _with(first, source))
                done.append(Table(tenant.tenant_no, f"{schema}.{name}", columns, counted.rows, member))
        months = {str(row[0]) for row in readers["lf"].execute(_MONTHS)}
    return done, months


@contextmanager
def loading(database: Database, administration: str) -> Iterator[Connection]:
    """Give a connection that may write every row, in one transaction that is committed at the end.

    A superuser asks no policy. Without one the tables' owner lifts the policies from itself, inside the transaction
    and behind its locks: whoever else uses the tables waits until they hold again.
    """
    with psycopg.connect(administration) as admin:
        row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if row == (True,):
            yield admin
            return
    with connect(database, "lf_migrate") as connection:
        connection.execute("SET LOCAL ROLE lf_owner")
        tables = [sql.Identifier(schema, name) for schema, name, _ in connection.execute(_TABLES).fetchall()]
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(table))
        yield connection
        for table in tables:
            connection.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table))


def known_tenants(connection: Connection) -> list[tuple[int, str]]:
    """Return number and id of every tenant, through a connection of `loading`."""
    rows = connection.execute("SELECT tenant_no, public_id::text FROM lf.tenant ORDER BY 1").fetchall()
    return [(int(number), str(public_id)) for number, public_id in rows]


def load(connection: Connection, table: Table, content: Iterable[bytes]) -> None:
    """Write the rows of one table."""
    schema, name = table.table.split(".")
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(schema, name), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in content:
            copy.write(part)


def make_months(connection: Connection, months: Iterable[str]) -> None:
    """Make the partitions of the audit log that rows of these months (YYYY-MM) go to."""
    for month in months:
        connection.execute("SELECT lf.make_audit_month(%s)", [f"{month}-01T00:00:00Z"])


@contextmanager
def _reading(database: Database, role: str, moment: str, tenant: TenantEntry) -> Iterator[Connection]:
    """Give a connection that sees one tenant as the moment has it. A context must be fresh where its work begins."""
    with connect(database, role) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(moment)))
        connection.execute(_PATIENT)
        signer = ContextSigner(database.secrets.context_keys[0], time.time, os.urandom)
        connection.execute("SELECT set_config('lf.ctx', %s, true)", [signer.token(Principal(tenant.tenant_no))])
        yield connection


def _copied(connection: Connection, schema: str, name: str, columns: list[str]) -> Iterator[bytes]:
    chosen = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(chosen, sql.Identifier(schema, name))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        yield from map(bytes, copy)


def _ordered(connection: Connection) -> list[tuple[str, str, list[str]]]:
    """Return (schema, table, columns) so that a table comes behind those it refers to."""
    connection.execute("SELECT set_config('search_path', 'pg_catalog', true)")
    found = {f"{schema}.{name}": (schema, name, columns) for schema, name, columns in connection.execute(_TABLES)}
    graph: dict[str, set[str]] = {name: set() for name in found}
    for name, referred in connection.execute(_REFERENCES):
        if name in graph:
            graph[name].add(referred)
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


class _Counted:
    """Counts the rows that pass: PostgreSQL hands out one row at a time."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, source: Iterator[bytes]) -> Iterator[bytes]:
        for row in source:
            self.rows += 1
            yield row
