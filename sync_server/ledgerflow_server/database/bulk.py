"""Many rows at once under row-level security, where COPY into a table is refused.

Rows go by COPY into a temporary table of the connection and from there by INSERT ... SELECT, which asks the policies.
Temporary tables are always named with ``pg_temp.``, everything else with its schema: neither can stand in for the
other. They are empty again after every transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from ledgerflow_server.database.connecting import AsyncConnection


@dataclass(frozen=True, slots=True)
class BulkTable:
    """A table of schema lf and the columns of its rows, in their order."""

    name: str
    columns: tuple[str, ...]


_BOOK = ("tenant_no", "company_no")
EVENT_KEY = BulkTable("event_key", (*_BOOK, *"event_id gseq".split()))
PARKED = BulkTable("parked", (*_BOOK, *"gseq event_id reason voucher_id replica_no".split()))
VOUCHER = BulkTable(
    "voucher",
    (
        *_BOOK,
        *"voucher_no public_id day type_no year number account_no amount state version".split(),
        *"version_hash gseq narration".split(),
    ),
)
VOUCHER_VERSION = BulkTable("voucher_version", (*_BOOK, *"voucher_no version gseq".split()))
POSTING = BulkTable("posting", (*_BOOK, *"account_no day voucher_no line amount against_no".split()))
BILL_ENTRY = BulkTable("bill_entry", (*_BOOK, *"account_no name day voucher_no line part kind due amount".split()))
COST_ENTRY = BulkTable("cost_entry", (*_BOOK, *"centre_no day voucher_no line part account_no amount".split()))
FOREIGN_ENTRY = BulkTable("foreign_entry", (*_BOOK, *"account_no day voucher_no line currency amount base".split()))
MASTER = BulkTable("master", (*_BOOK, *"master_no public_id version_hash gseq body".split()))
MONTH_TOTAL = BulkTable("month_total", (*_BOOK, *"account_no month debit credit entries".split()))
DAY_TOTAL = BulkTable("day_total", (*_BOOK, *"account_no day debit credit entries".split()))
DAY_COUNT = BulkTable("day_count", (*_BOOK, *"day vouchers".split()))


async def stage(connection: AsyncConnection, table: BulkTable, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows into ``pg_temp.stage_<table>``, made for this connection where it is missing."""
    staged = sql.Identifier("pg_temp", f"stage_{table.name}")
    columns = _names(table)
    found = await connection.execute("SELECT to_regclass(%s)", [f"pg_temp.stage_{table.name}"])
    if (await found.fetchone()) == (None,):
        # Asked each time: a transaction that is undone takes the table with it, and a pooler swaps connections.
        make = "CREATE TEMPORARY TABLE {} ON COMMIT DELETE ROWS AS SELECT {} FROM lf.{} WITH NO DATA"
        await connection.execute(sql.SQL(make).format(staged, columns, sql.Identifier(table.name)))
    async with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(staged, columns)) as copy,
    ):
        for row in rows:
            await copy.write_row(row)


async def insert(connection: AsyncConnection, table: BulkTable, rows: Iterable[Sequence[Any]]) -> int:
    """Write rows into a table, through its staging table; return how many. Rows of an earlier `stage` go with them."""
    await stage(connection, table, rows)
    columns = _names(table)
    done = await connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
            sql.Identifier("lf", table.name), columns, columns, sql.Identifier("pg_temp", f"stage_{table.name}")
        )
    )
    return done.rowcount


def _names(table: BulkTable) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))
