"""Writes and takes back the rows of vouchers, with the kept totals, inside the transaction of the book."""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from ledgerflow_core.calendar import day_of, month_number
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.posting.kept_totals import DayTotals
from ledgerflow_core.posting.projection import Rows
from ledgerflow_core.vouchers.numbering import NumberSeries
from ledgerflow_desktop.storage.encrypted_database import Connection

_ROWS_A_STATEMENT = 50
_by_time = itemgetter(1, 0)

_ADD_TOTAL = """
    INSERT INTO {table} VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        debit = debit + excluded.debit, credit = credit + excluded.credit, entries = entries + excluded.entries"""


class TotalTooLarge(InvalidInput):
    """The total of an account's day or month would leave the range of amounts (`amount-too-large`)."""

    def __init__(self) -> None:
        super().__init__([Problem("amount-too-large", "entries")])


def insert(connection: Connection, rows: Rows) -> None:
    """Write the rows of new versions; sorted, so that each tree is walked once.

    Raises `TotalTooLarge`.
    """
    try:
        _insert_many(connection, "voucher", rows.vouchers)
        _insert_many(connection, "entry", sorted(rows.entries))
        if rows.bills:
            connection.executemany("INSERT INTO bill_entry VALUES (?,?,?,?,?,?,?,?,?)", sorted(rows.bills))
        if rows.costs:
            connection.executemany("INSERT INTO cost_entry VALUES (?,?,?,?,?,?,?)", sorted(rows.costs))
        if rows.foreign:
            connection.executemany("INSERT INTO foreign_entry VALUES (?,?,?,?,?,?,?)", rows.foreign)
        _add_totals(connection, rows.totals, 1)
    except OverflowError:
        raise TotalTooLarge from None
    _add_day_counts(connection, rows.day_counts, 1)


def free_serial(connection: Connection, type_no: int, year: int, series: NumberSeries, serial: int) -> int:
    """Return the first serial from this one on whose number no voucher of a type has for itself in a financial year."""
    taken = "SELECT 1 FROM voucher WHERE type_no = ? AND year = ? AND number = ?"
    while connection.execute(taken, (type_no, year, series.number(serial))).fetchone():
        serial += 1
    return serial


def _insert_many(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows fifty to a statement: a third less time than one by one (benchmarks/bench_import.py)."""
    if not rows:
        return
    row = f"({','.join('?' * len(rows[0]))})"
    whole = len(rows) - len(rows) % _ROWS_A_STATEMENT
    statement = f"INSERT INTO {table} VALUES {','.join([row] * _ROWS_A_STATEMENT)}"  # noqa: S608 - our own names
    for at in range(0, whole, _ROWS_A_STATEMENT):
        connection.execute(statement, list(chain.from_iterable(rows[at : at + _ROWS_A_STATEMENT])))
    connection.executemany(f"INSERT INTO {table} VALUES {row}", rows[whole:])  # noqa: S608


def take_back(connection: Connection, rows: Rows) -> None:
    """Remove the rows of a version that is no longer the current one. `rows` is what `insert` was given."""
    connection.executemany("DELETE FROM voucher WHERE day = ? AND no = ?", [row[:2] for row in rows.vouchers])
    connection.executemany(
        "DELETE FROM entry WHERE account_no = ? AND day = ? AND voucher_no = ? AND line = ?",
        [row[:4] for row in rows.entries],
    )
    connection.executemany(
        """DELETE FROM bill_entry
           WHERE account_no = ? AND name = ? AND day = ? AND voucher_no = ? AND line = ? AND part = ?""",
        [row[:6] for row in rows.bills],
    )
    connection.executemany(
        "DELETE FROM cost_entry WHERE centre_no = ? AND day = ? AND voucher_no = ? AND line = ? AND part = ?",
        [row[:5] for row in rows.costs],
    )
    connection.executemany(
        "DELETE FROM foreign_entry WHERE account_no = ? AND day = ? AND voucher_no = ? AND line = ?",
        [row[:4] for row in rows.foreign],
    )
    _add_totals(connection, rows.totals, -1)
    _add_day_counts(connection, rows.day_counts, -1)
    emptied = list(rows.totals)
    connection.executemany("DELETE FROM day_total WHERE account_no = ? AND day = ? AND entries = 0", emptied)
    months = {(account, month_number(day_of(day))) for account, day in emptied}
    connection.executemany("DELETE FROM month_total WHERE account_no = ? AND month = ? AND entries = 0", list(months))
    connection.executemany("DELETE FROM day_count WHERE day = ? AND vouchers = 0", [(d,) for d in rows.day_counts])


def month_totals(totals: DayTotals) -> DayTotals:
    """Return day totals added up by month number."""
    months: DayTotals = {}
    month_by_day: dict[int, int] = {}
    for (account, day), kept in totals.items():
        month = month_by_day.get(day)
        if month is None:
            month = month_by_day[day] = month_number(day_of(day))
        sum_ = months.get((account, month))
        if sum_ is None:
            months[account, month] = list(kept)
        else:
            sum_[0] += kept[0]
            sum_[1] += kept[1]
            sum_[2] += kept[2]
    return months


def _add_totals(connection: Connection, totals: DayTotals, sign: int) -> None:
    for table, kept in (("day_total", totals), ("month_total", month_totals(totals))):
        rows = [(account, at, sign * k[0], sign * k[1], sign * k[2]) for (account, at), k in kept.items()]
        try:
            connection.executemany(_ADD_TOTAL.format(table=table), sorted(rows, key=_by_time))
        except sqlcipher.IntegrityError:
            # The tables' own check: they keep amounts and nothing larger.
            raise TotalTooLarge from None


def _add_day_counts(connection: Connection, counts: Mapping[int, int], sign: int) -> None:
    connection.executemany(
        "INSERT INTO day_count VALUES (?, ?) ON CONFLICT DO UPDATE SET vouchers = vouchers + excluded.vouchers",
        [(day, sign * count) for day, count in counts.items()],
    )
