"""Holds every row of a company's books against its log, which is proven by then, a stretch of the log at a time.

A stretch is read with all that later entries change of it, and compared with the rows of the vouchers it posted; so
memory does not grow with the log. Kept totals are held against the entries they are the sums of, in the database.
"""

from collections.abc import AsyncIterator, Iterator, Mapping

from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import Body, EventTooNew, decode_event
from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.batch import from_wire
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import ACCEPTED
from ledgerflow_server.ledger.repository import kept_sums, log, rows
from ledgerflow_server.ledger.repository import registers as register_rows
from ledgerflow_server.ledger.repository.log import BareBatch
from ledgerflow_server.ledger.service.findings import Verification
from ledgerflow_server.ledger.service.refolding import Registers, Row, Stretch
from ledgerflow_server.ledger.service.registers import ENCODE
from ledgerflow_server.ledger.service.wire import body_in, expand_stored
from ledgerflow_server.tenancy.session import TenantSession

# Entries that are held at once, with all the rows their vouchers make: some fifty megabytes. Vouchers of many lines
# are few to a stretch: held, they take some six times the bytes of their events.
STRETCH_ENTRIES = 20_000
STRETCH_BYTES = 32 * 2**20
_BATCHES_AT_ONCE = 8
# Beyond every number a row may have.
_FIRST, _END = -(2**63), 2**63 - 1
# What a later event says that changes a voucher, or what is parked. Few do: the others are not read.
_CHANGES = (b'"voucher.altered"', b'"voucher.cancelled"', b'"conflict.resolved"')


async def compare_rows(
    session: TenantSession,
    company_no: int,
    end: Registers,
    size: int,
    result: Verification,
    stretch_entries: int,
    stretch_bytes: int,
) -> None:
    """Compare every row with what the log of `size` entries says; `end` are the registers it ends in."""
    masters = await register_rows.masters(session, company_no)
    numbers = {row.public_id: row.master_no for row in masters}
    made: list[Row] = [
        (master.id, end.facts.master_versions.get(master.id, ""), ENCODE(master))
        for master in end.facts.chart.masters.values()
        if numbers
    ]
    await _compare("master", made, rows.masters(session, company_no), result)
    registers, first, changed = Registers(), 1, 0
    while first == 1 or first <= size:
        stretch = await _stretch_from(session, company_no, first, registers, stretch_entries, stretch_bytes)
        for gseq in stretch.broken:
            result.found("verdicts-wrong", gseq, "cannot take effect")
        changed += stretch.changed
        await _compare_stretch(session, company_no, stretch, end.facts, numbers, size, result)
        first = max(stretch.last, first) + 1
        del stretch  # or it would be held while the next one is read
    if changed != end.changed:
        result.found("verdicts-wrong", None, "changes of vouchers that were never posted")
    if not result.has("row-missing", "row-extra", "row-differs"):
        # Sums say something of themselves only where what they are sums of is right.
        for code, table, key in await kept_sums.differing(session, company_no):
            result.found(code, None, f"{table} {key}")


async def _stretch_from(
    session: TenantSession, company_no: int, first: int, registers: Registers, entries: int, most_bytes: int
) -> Stretch:
    """Return the stretch that begins at `first`, with all that the log changes of it later.

    It ends behind about so many entries, or with the batch that brings its events to `most_bytes`.
    """
    stretch, held = Stretch(first), 0
    async for batch in _batches(session, company_no, first - 1):
        if not stretch.last or (batch.last_gseq < first + entries and held < most_bytes):
            sealed = from_wire(batch.sealed, expand_stored)
            held += len(sealed.body)
            events = read_events(sealed)[batch.known :]
            registers.take(events, batch.verdicts(), batch.first_gseq)
            stretch.take(events, batch.verdicts(), batch.first_gseq, registers)
        else:
            for body, gseq, version in _changes_in(batch):
                stretch.follow(body, gseq, version)
    return stretch


async def _batches(session: TenantSession, company_no: int, after: int) -> AsyncIterator[BareBatch]:
    while found := await log.bare(session, company_no, after, _BATCHES_AT_ONCE):
        for batch in found:
            yield batch
        after = found[-1].first_gseq


def _changes_in(batch: BareBatch) -> Iterator[tuple[Body, int, str]]:
    """Yield (body, entry, version hash) of the accepted events of a batch that may change something posted before."""
    body = body_in(batch.sealed)
    if not any(change in body for change in _CHANGES):
        return
    raws = body.split(b"\n")[batch.known :]
    for gseq, (raw, verdict) in enumerate(zip(raws, batch.verdicts(), strict=True), start=batch.first_gseq):
        if verdict == ACCEPTED and any(change in raw for change in _CHANGES):
            try:
                yield decode_event(raw).body, gseq, version_hash(raw).hex()
            except EventTooNew:
                continue


async def _compare_stretch(
    session: TenantSession,
    company_no: int,
    stretch: Stretch,
    facts: Facts,
    numbers: Mapping[str, int],
    size: int,
    result: Verification,
) -> None:
    try:
        expected = stretch.expected(facts, numbers)
    except KeyError:
        result.found("verdicts-wrong", stretch.first, "speaks of masters that are not there")
        return
    begins = _FIRST if stretch.first == 1 else stretch.first
    ends = _END if stretch.last >= size else stretch.last + 1
    for table in rows.TABLES:
        kept = rows.every(session, company_no, table, begins, ends)
        await _compare(table, expected.get(table, []), kept, result)


async def _compare(table: str, expected: list[Row], kept: AsyncIterator[Row], result: Verification) -> None:
    """Compare the rows that are kept in a table, or in a part of it, with those that should be."""
    wanted = {_key(table, row): row for row in expected}
    async for row in kept:
        key = _key(table, row)
        meant = wanted.pop(key, None)
        if meant is None:
            result.found("row-extra", _entry_of(table, row), f"{table} {key}")
        elif tuple(meant) != tuple(row):
            result.found("row-differs", _entry_of(table, row), f"{table} {key}")
    for key, row in wanted.items():
        result.found("row-missing", _entry_of(table, row), f"{table} {key}")


# How many of a row's first columns name it, and which column holds the entry that made it (None: many did).
_SHAPES: Mapping[str, tuple[int, int | None]] = {
    "voucher": (1, 11),
    "voucher_number": (3, 3),
    "voucher_version": (2, 2),
    "posting": (4, 2),
    "bill_entry": (6, 3),
    "cost_entry": (5, 2),
    "foreign_entry": (4, 2),
    "event_key": (2, 0),
    "parked": (1, 0),
    "master": (1, None),
}


def _key(table: str, row: Row) -> Row:
    return row[: _SHAPES[table][0]]


def _entry_of(table: str, row: Row) -> int | None:
    column = _SHAPES[table][1]
    entry = None if column is None else row[column]
    return entry if isinstance(entry, int) else None
