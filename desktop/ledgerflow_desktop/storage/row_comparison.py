"""Compares the rows of the voucher tables with those a replay makes, in bounded memory, and names what differs.

Rows of both sides are hashed and the hashes added up, so neither side has to be sorted or kept. Where the
sums of a table differ, the same is done again by stretches of voucher numbers, and the stretches that differ
are then made row by row.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from ledgerflow_core.errors import Fact, Problem
from ledgerflow_core.identifiers import to_text
from ledgerflow_core.posting.projection import Rows
from ledgerflow_desktop.storage.encrypted_database import Connection, Cursor
from ledgerflow_desktop.storage.replay import FINDINGS_MAX, Progress, Replay

Row = tuple[object, ...]
_BUCKET_BITS = 11
_ROWS_AT_ONCE = 2_000
_HASHED_ALIKE = frozenset({-1, -2})
_MASK = (1 << 64) - 1


class Table(NamedTuple):
    """A table whose rows belong to vouchers: its columns, the key's length, and where the voucher's number is."""

    name: str
    columns: tuple[str, ...]
    key: tuple[int, ...]
    number_at: int
    of: Callable[[Rows], Sequence[Row]]


def _table(name: str, columns: str, key: str, of: Callable[[Rows], Sequence[Row]], number: str = "voucher_no") -> Table:
    names = tuple(columns.split())
    return Table(name, names, tuple(map(names.index, key.split())), names.index(number), of)


TABLES = (
    _table(
        "voucher",
        "day no id type_no year number account_no amount state version position narration",
        "no",
        lambda rows: rows.vouchers,
        "no",
    ),
    _table("entry", "account_no day voucher_no line amount against_no", "voucher_no line", lambda rows: rows.entries),
    _table(
        "bill_entry",
        "account_no name day voucher_no line part kind due amount",
        "voucher_no line part",
        lambda rows: rows.bills,
    ),
    _table(
        "cost_entry",
        "centre_no day voucher_no line part account_no amount",
        "voucher_no line part",
        lambda rows: rows.costs,
    ),
    _table(
        "foreign_entry",
        "account_no day voucher_no line currency amount base",
        "voucher_no line",
        lambda rows: rows.foreign,
    ),
)
VERSIONS = _table("voucher_version", "voucher_no version position", "voucher_no version", lambda _: ())


class _Sums:
    """The sum of the hashes of a table's rows, whatever their order."""

    def __init__(self, table: Table) -> None:
        self._amount_at = table.columns.index("amount") if "amount" in table.columns else None
        self._sum = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take rows in."""
        self._sum += sum(map(hash, rows))
        at = self._amount_at
        if at is not None:
            # Python hashes -1 as -2: rows of these two amounts are told apart by their text.
            self._sum += sum([hash(repr(row)) for row in rows if row[at] in _HASHED_ALIKE])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sums) and (self._sum - other._sum) & _MASK == 0

    __hash__ = None  # type: ignore[assignment]  # a sum changes


def _bucket(number: object) -> int:
    return number >> _BUCKET_BITS if isinstance(number, int) else -1


def compare_rows(connection: Connection, replay: Replay, progress: Progress | None = None) -> list[Problem]:
    """Replay the log and return what the voucher tables say otherwise, voucher by voucher."""
    made = {table.name: _Sums(table) for table in (*TABLES, VERSIONS)}
    for rows in replay.rows(progress):
        for table in TABLES:
            made[table.name].add(table.of(rows))
    made[VERSIONS.name].add(replay.versions)
    if not replay.is_readable:
        return []
    unlike = [table for table in (*TABLES, VERSIONS) if _sums_of(connection, table) != made[table.name]]
    return _named(connection, unlike) if unlike else []


def _sums_of(connection: Connection, table: Table) -> _Sums:
    sums, cursor = _Sums(table), _read(connection, table)
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        sums.add(rows)
    return sums


def _read(connection: Connection, table: Table) -> Cursor:
    return connection.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}")  # noqa: S608 - fixed names


def _named(connection: Connection, tables: Sequence[Table]) -> list[Problem]:
    """Find the stretches of voucher numbers that differ, make them again row by row, and say what differs."""
    differing = _differing(connection, tables)
    buckets = set().union(*differing.values())
    made: dict[str, Counter[Row]] = {table.name: Counter() for table in tables}
    vouchers: dict[object, Row] = {}
    again = Replay(connection)
    for rows in again.rows():
        vouchers.update((row[1], row) for row in rows.vouchers if _bucket(row[1]) in buckets)
        for table in tables:
            _count(made, differing, table, table.of(rows))
    if VERSIONS in tables:
        _count(made, differing, VERSIONS, again.versions)
    findings: list[Problem] = []
    for table in tables:
        kept: dict[str, Counter[Row]] = {table.name: Counter()}
        _count(kept, differing, table, _read(connection, table))
        missing = made[table.name] - kept[table.name]
        unexpected = kept[table.name] - made[table.name]
        found = _of_vouchers(table, missing, unexpected, vouchers)
        findings += islice(found, FINDINGS_MAX - len(findings))
    return findings


def _differing(connection: Connection, tables: Sequence[Table]) -> dict[str, set[int]]:
    """Return by table the stretches of voucher numbers whose rows differ."""
    made: dict[str, defaultdict[int, int]] = {table.name: defaultdict(int) for table in tables}
    again = Replay(connection)
    for rows in again.rows():
        for table in tables:
            _spread(made[table.name], table, table.of(rows))
    if VERSIONS in tables:
        _spread(made[VERSIONS.name], VERSIONS, again.versions)
    found: dict[str, set[int]] = {}
    for table in tables:
        kept: defaultdict[int, int] = defaultdict(int)
        _spread(kept, table, _read(connection, table))
        sums = made[table.name]
        found[table.name] = {bucket for bucket in sums.keys() | kept.keys() if (sums[bucket] - kept[bucket]) & _MASK}
    return found


def _spread(sums: defaultdict[int, int], table: Table, rows: Iterable[Row]) -> None:
    for row in rows:
        sums[_bucket(row[table.number_at])] += hash(repr(row))


def _count(
    counters: dict[str, Counter[Row]], differing: dict[str, set[int]], table: Table, rows: Iterable[Row]
) -> None:
    buckets = differing.get(table.name, set())
    counters[table.name].update(row for row in rows if _bucket(row[table.number_at]) in buckets)


def _of_vouchers(
    table: Table, missing: Counter[Row], unexpected: Counter[Row], vouchers: dict[object, Row]
) -> Iterable[Problem]:
    # One finding a row key: a changed row is missing in its old form and unexpected in its new one.
    def key(row: Row) -> Row:
        return tuple(row[at] for at in table.key)

    wanted = {key(row): row for row in missing}
    there = {key(row): row for row in unexpected}
    for row_key in sorted(wanted.keys() | there.keys(), key=repr):
        right, wrong = wanted.get(row_key), there.get(row_key)
        row = right or wrong
        assert row is not None
        number = row[table.number_at]
        voucher = vouchers.get(number)
        facts: dict[str, Fact] = {"table": table.name}
        if voucher is not None:
            facts |= {"voucher": to_text(voucher[2]), "log_position": _fact(voucher[10])}  # type: ignore[arg-type]
        if right is None:
            code = "row-not-in-log"
        elif wrong is None:
            code = "row-missing"
        else:
            code = "row-differs"
            at = next((at for at, name in enumerate(table.columns) if right[at] != wrong[at]), 0)
            facts |= {"column": table.columns[at], "log_says": _fact(right[at]), "table_says": _fact(wrong[at])}
        yield Problem(code, f"voucher {voucher[5] or number}" if voucher else f"voucher no {number}", facts)


def _fact(value: object) -> Fact:
    if value is None or isinstance(value, int | str):
        return value
    return value.hex() if isinstance(value, bytes) else repr(value)[:80]
