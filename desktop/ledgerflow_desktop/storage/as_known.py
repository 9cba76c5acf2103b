"""What the books said on a given day: the same questions, over the tables as they were.

What was recorded since is taken back in temporary tables of a connection of its own (in memory, never on the
disk), and views of the same names as the tables put them over what is kept. So the answers come from the same
code and the same queries as today's, and cost what was recorded since that day, not what the book holds.
"""

from collections.abc import Container, Hashable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType

from ledgerflow_core.reports.figures import StatementEntry
from ledgerflow_desktop.storage.book import Book, read_beside
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.failures import translated
from ledgerflow_desktop.storage.figures import BookFigures
from ledgerflow_desktop.storage.row_store import month_totals
from ledgerflow_desktop.storage.undone import Undone, undo_since

Sums = dict[tuple[Hashable, ...], list[int]]
# Tables whose rows belong to a voucher, and where its number stands.
_OF_VOUCHERS = {"voucher": "no", "entry": "voucher_no", "bill_entry": "voucher_no", "cost_entry": "voucher_no"}
_KEPT_TOTALS = {"day_total": ("account_no", "day"), "month_total": ("account_no", "month"), "day_count": ("day",)}


class AsKnownFigures(BookFigures):
    """The figures as the books stood at the end of `day`, in the zone of this machine; close them after use.

    Masters, the company and their opening balances are those of then as well, and a voucher dated after `day`
    that was post-dated is not due yet.
    """

    def __init__(self, book: Book, day: date) -> None:
        self._beside = read_beside(book)
        try:
            with translated(str(book.folder.database)):
                self._beside.connection.execute("BEGIN")
                self._beside.know_changes()
                undone = undo_since(self._beside, end_of_day(day))
                _put_over(self._beside.connection, undone)
                super().__init__(self._beside, day)
        except BaseException:
            self.close()
            raise
        self.company = undone.company
        self.chart = undone.chart

    def _window(
        self, account_no: int, first: int, last: int, offset: int, limit: int, skipped: Container[tuple[int, int]]
    ) -> list[StatementEntry]:
        # Joined to a view, SQLite would make an index over all vouchers first: each line's is looked up instead.
        entries = self._execute(
            """SELECT day, voucher_no, line, amount, against_no FROM entry WHERE account_no = ? AND day BETWEEN ? AND ?
               ORDER BY day, voucher_no, line LIMIT ? OFFSET ?""",
            (account_no, first, last, limit, offset),
        ).fetchall()
        found = []
        for day, no, _, amount, against in entries:
            if (day, no) not in skipped:
                voucher, type_no, number, narration = self._execute(
                    "SELECT id, type_no, number, narration FROM voucher WHERE day = ? AND no = ?", (day, no)
                ).fetchone()
                line = (day, voucher, type_no, number, amount, narration, against)
                found.append(self._statement_entry(*line))
        return found

    def close(self) -> None:
        """Forget what was taken back."""
        self._beside.close()

    def __enter__(self) -> "AsKnownFigures":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def end_of_day(day: date) -> str:
    """Return the first moment after a local day, as events carry time (UTC)."""
    midnight = datetime.combine(day + timedelta(1), time()).astimezone().astimezone(UTC)
    return f"{midnight:%Y-%m-%dT%H:%M:%S}.000Z"


def _put_over(connection: Connection, undone: Undone) -> None:
    connection.execute("PRAGMA query_only = OFF")  # of this connection; the file itself is open for reading alone
    # What arrived at once may not have fitted one by one: a total on the way may be larger than the tables keep.
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("CREATE TEMP TABLE undone (no INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO temp.undone VALUES (?)", [(no,) for no in undone.voucher_nos])
    then = undone.then
    rows: dict[str, Sequence[tuple[object, ...]]] = {
        "voucher": then.vouchers, "entry": then.entries, "bill_entry": then.bills, "cost_entry": then.costs
    }  # fmt: skip
    for table, number in _OF_VOUCHERS.items():
        _copy_shape(connection, table, rows[table])
        connection.execute(
            f"""CREATE TEMP VIEW {table} AS
                SELECT * FROM main.{table} WHERE {number} NOT IN (SELECT no FROM temp.undone)
                UNION ALL SELECT * FROM temp.then_{table}"""  # noqa: S608 - fixed names
        )
    for table, changes in _total_changes(undone).items():
        key = _KEPT_TOTALS[table]
        _copy_shape(connection, table, _changed_totals(connection, table, changes))
        same = " AND ".join(f"t.{column} = k.{column}" for column in key)
        count = "vouchers" if table == "day_count" else "entries"
        connection.execute(
            f"""CREATE TEMP VIEW {table} AS
                SELECT * FROM main.{table} k WHERE NOT EXISTS (SELECT 1 FROM temp.then_{table} t WHERE {same})
                UNION ALL SELECT * FROM temp.then_{table} WHERE {count} > 0"""  # noqa: S608 - fixed names
        )
    connection.execute("PRAGMA query_only = ON")


def _copy_shape(connection: Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Make ``then_<table>`` with the columns and the key of the table, and fill it."""
    made = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    connection.execute(made[0].replace(f"CREATE TABLE {table}", f"CREATE TEMP TABLE then_{table}", 1))
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO temp.then_{table} VALUES ({marks})", rows)  # noqa: S608 - fixed names


def _total_changes(undone: Undone) -> dict[str, Sums]:
    """Return what to add to each kept total to bring it back."""
    days: Sums = {}
    months: Sums = {}
    counts: Sums = {}
    for rows, sign in ((undone.now, -1), (undone.then, 1)):
        _add(days, rows.totals.items(), sign)
        _add(months, month_totals(rows.totals).items(), sign)
        _add(counts, (((day,), [count]) for day, count in rows.day_counts.items()), sign)
    return {"day_total": days, "month_total": months, "day_count": counts}


def _add(sums: Sums, totals: Iterable[tuple[tuple[Hashable, ...], list[int]]], sign: int) -> None:
    for key, kept in totals:
        before = sums.get(key, [0] * len(kept))
        sums[key] = [one + sign * other for one, other in zip(before, kept, strict=True)]


def _changed_totals(connection: Connection, table: str, changes: Sums) -> list[tuple[object, ...]]:
    key = _KEPT_TOTALS[table]
    where = " AND ".join(f"{column} = ?" for column in key)
    query = f"SELECT * FROM main.{table} WHERE {where}"  # noqa: S608 - fixed names
    rows: list[tuple[object, ...]] = []
    for at, change in changes.items():
        kept = connection.execute(query, at).fetchone()
        values = kept[len(key) :] if kept else [0] * len(change)
        rows.append((*at, *(one + other for one, other in zip(values, change, strict=True))))
    return rows
