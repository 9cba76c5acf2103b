"""The rows of a tenant as they were one night, and the way back to them: what a restored database is."""

from psycopg import sql

from ledgerflow_server.database.connecting import Connection

_TABLES = """
    SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'lf'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname = 'tenant_no' AND c.relname <> 'tenant'
"""
Night = dict[str, bytes]


def rows_of(database: Connection, tenant_no: int) -> Night:
    """Return every row of a tenant, by table. The connection is a superuser's."""
    night: Night = {}
    for (table,) in database.execute(_TABLES).fetchall():
        rows = sql.SQL("COPY (SELECT * FROM lf.{} WHERE tenant_no = {}) TO STDOUT").format(
            sql.Identifier(table), sql.Literal(tenant_no)
        )
        with database.cursor().copy(rows) as copy:
            night[table] = b"".join(bytes(part) for part in copy)
    return night


def put_back(database: Connection, tenant_no: int, night: Night) -> None:
    """Make the rows of a tenant those of a night; what lies outside the database stays as it is."""
    with database.transaction():
        database.execute("SET LOCAL session_replication_role = replica")
        for table, rows in night.items():
            name = sql.Identifier(table)
            database.execute(sql.SQL("DELETE FROM lf.{} WHERE tenant_no = %s").format(name), [tenant_no])
            with database.cursor().copy(sql.SQL("COPY lf.{} FROM STDIN").format(name)) as copy:
                copy.write(rows)
