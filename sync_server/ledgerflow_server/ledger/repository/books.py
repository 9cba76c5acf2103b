"""The rows of vouchers: what deciding a batch asks of them, and how a batch changes them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ledgerflow_core.posting.projection import Rows
from ledgerflow_server.ledger.repository import arrays, totals
from ledgerflow_server.ledger.repository.arrays import Columns
from ledgerflow_server.tenancy.session import TenantSession

_OF_COMPANY = "tenant_no = %s AND company_no = %s"
_EVENTS = f"""
    SELECT event_id::text, gseq FROM lf.event_key WHERE {_OF_COMPANY} AND event_id = ANY(%s::uuid[])
"""  # noqa: S608 - constants, here and below
# LIMIT 1 keeps the planner to the index, one voucher at a time.
_VOUCHERS = f"""
    SELECT found.* FROM unnest(%s::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
        SELECT public_id::text AS public_id, voucher_no, version, version_hash, gseq, state = 3 AS cancelled,
            CASE WHEN state = 3 THEN (SELECT gseq FROM lf.voucher_version AS earlier
                WHERE (earlier.tenant_no, earlier.company_no, earlier.voucher_no, earlier.version)
                    = (voucher.tenant_no, voucher.company_no, voucher.voucher_no, voucher.version - 1))
            ELSE gseq END AS content_gseq
        FROM lf.voucher WHERE {_OF_COMPANY} AND public_id = wanted.id LIMIT 1) AS found
"""  # noqa: S608
_NUMBERS = """
    SELECT wanted.type_no, wanted.year, wanted.number
    FROM unnest(%s::int4[], %s::int4[], %s::text[]) AS wanted (type_no, year, number)
    CROSS JOIN LATERAL (
        SELECT FROM lf.voucher_number AS taken WHERE taken.tenant_no = %s AND taken.company_no = %s
            AND (taken.type_no, taken.year, taken.number) = (wanted.type_no, wanted.year, wanted.number)
        LIMIT 1) AS one
"""
_PARKED = f"""
    SELECT event_id::text, resolved_gseq IS NULL FROM lf.parked
    WHERE {_OF_COMPANY} AND gseq = ANY(ARRAY(
        SELECT gseq FROM lf.event_key WHERE {_OF_COMPANY} AND event_id = ANY(%s::uuid[])))
"""  # noqa: S608
_RESOLVE = f"""
    UPDATE lf.parked SET resolved_gseq = resolving.gseq
    FROM unnest(%s::uuid[], %s::int8[]) AS resolving (event_id, gseq)
    WHERE {_OF_COMPANY} AND parked.event_id = resolving.event_id AND parked.gseq = ANY(ARRAY(
        SELECT gseq FROM lf.event_key WHERE {_OF_COMPANY} AND event_id = ANY(%s::uuid[])))
"""  # noqa: S608
_WANTED = Columns("voucher", type_no="int4", year="int4", number="text")
_KEYS = Columns("event_key", event_id="uuid", gseq="int8")
_PARKED_ROWS = Columns("parked", gseq="int8", event_id="uuid", reason="text", voucher_id="uuid", replica_no="int4")
_VOUCHER_ROWS = Columns(
    "voucher", day="int4", voucher_no="int8", public_id="uuid", type_no="int4", year="int4", number="text",
    account_no="int4", amount="int8", state="int2", version="int4", gseq="int8", narration="text", version_hash="bytea",
)  # fmt: skip
_NUMBER_ROWS = Columns("voucher_number", type_no="int4", year="int4", number="text", voucher_no="int8")
_VERSIONS = Columns("voucher_version", voucher_no="int8", version="int4", gseq="int8")
_POSTINGS = Columns(
    "posting", account_no="int4", day="int4", voucher_no="int8", line="int2", amount="int8", against_no="int4"
)
_BILLS = Columns(
    "bill_entry", account_no="int4", name="text", day="int4", voucher_no="int8", line="int2", part="int2", kind="int2",
    due="int4", amount="int8",
)  # fmt: skip
_COSTS = Columns(
    "cost_entry", centre_no="int4", day="int4", voucher_no="int8", line="int2", part="int2", account_no="int4",
    amount="int8",
)  # fmt: skip
_FOREIGN = Columns(
    "foreign_entry", account_no="int4", day="int4", voucher_no="int8", line="int2", currency="text", amount="int8",
    base="int8",
)  # fmt: skip
# A version that replaces another keeps type and number: these two never change once given.
_REPLACED = Columns(
    "voucher", day="int4", public_id="uuid", account_no="int4", amount="int8", state="int2", version="int4",
    gseq="int8", narration="text", version_hash="bytea",
)  # fmt: skip
_REPLACE = f"""
    UPDATE lf.voucher SET day = new.day, account_no = new.account_no, amount = new.amount, state = new.state,
        version = new.version, version_hash = new.version_hash, gseq = new.gseq, narration = new.narration
    FROM unnest(%s::int4[], %s::uuid[], %s::int4[], %s::int8[], %s::int2[], %s::int4[], %s::int8[], %s::text[],
                %s::bytea[]) AS new (day, public_id, account_no, amount, state, version, gseq, narration, version_hash)
    WHERE {_OF_COMPANY} AND voucher.public_id = new.public_id
"""  # noqa: S608
_TAKE_BACK = {
    "posting": ("account_no", "day", "voucher_no"),
    "bill_entry": ("account_no", "name", "day", "voucher_no"),
    "cost_entry": ("centre_no", "day", "voucher_no"),
    "foreign_entry": ("account_no", "day", "voucher_no"),
}
_TYPES = {"account_no": "int4", "centre_no": "int4", "day": "int4", "voucher_no": "int8", "name": "text"}


@dataclass(frozen=True, slots=True)
class StoredVoucher:
    """A voucher's row. `content_gseq` is the entry that holds its content: for a cancelled one, the version before."""

    public_id: str
    voucher_no: int
    version: int
    version_hash: bytes
    gseq: int
    cancelled: bool
    content_gseq: int


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """An event that waits for a person."""

    gseq: int
    event_id: str
    reason: str
    voucher_id: str | None


async def event_places(session: TenantSession, company_no: int, events: Sequence[str]) -> dict[str, int]:
    """Return which of these events the log has, and where."""
    return dict(await session.fetch_all(_EVENTS, [session.tenant_no, company_no, arrays.ids(events)]))


async def vouchers(session: TenantSession, company_no: int, ids: Sequence[str]) -> dict[str, StoredVoucher]:
    """Return those of these vouchers that are in the books, by id."""
    wanted = arrays.ids(list(set(ids)))
    found = await session.fetch_as(StoredVoucher, _VOUCHERS, [wanted, session.tenant_no, company_no])
    return {row.public_id: row for row in found}


async def taken_numbers(
    session: TenantSession, company_no: int, wanted: Collection[tuple[int, int, str]]
) -> set[tuple[int, int, str]]:
    """Return those of these numbers (type's number, first day of the year, number) that a voucher has; at least one."""
    rows = await session.fetch_all(_NUMBERS, [*_WANTED.arrays(wanted), session.tenant_no, company_no])
    return {(type_no, year, number) for type_no, year, number in rows}


async def parked(session: TenantSession, company_no: int, events: Sequence[str]) -> dict[str, bool]:
    """Return those of these events that were parked, with whether they still wait."""
    of_company = [session.tenant_no, company_no]
    return dict(await session.fetch_all(_PARKED, [*of_company, *of_company, arrays.ids(events)]))


async def add_keys(session: TenantSession, company_no: int, keys: Collection[tuple[str, int]]) -> None:
    """Remember where the log has each new event."""
    await _KEYS.insert(session, company_no, keys)


async def add_parked(session: TenantSession, company_no: int, replica_no: int, rows: Iterable[ParkedRow]) -> None:
    """Put events where a person finds them."""
    made = [(row.gseq, row.event_id, row.reason, row.voucher_id, replica_no) for row in rows]
    await _PARKED_ROWS.insert(session, company_no, made)


async def resolve(session: TenantSession, company_no: int, resolved: dict[str, int]) -> None:
    """Close parked events; `resolved` gives for each the entry that decided about it."""
    of_company, events = [session.tenant_no, company_no], list(resolved)
    await session.execute(_RESOLVE, [events, list(resolved.values()), *of_company, *of_company, events])


async def add_vouchers(session: TenantSession, company_no: int, rows: Rows, versions: Sequence[bytes]) -> None:
    """Write new vouchers; `versions` are their version hashes in the order of `rows.vouchers`."""
    made = [(*row[:2], row[2].hex(), *row[3:], version) for row, version in zip(rows.vouchers, versions, strict=True)]
    await _VOUCHER_ROWS.insert(session, company_no, made)
    numbers = [(row[3], row[4], row[5], row[1]) for row in rows.vouchers if row[4] is not None]
    await _NUMBER_ROWS.insert(session, company_no, sorted(numbers))


async def replace_vouchers(session: TenantSession, company_no: int, rows: Rows, versions: Sequence[bytes]) -> None:
    """Give vouchers their new versions."""
    made = [(row[0], row[2].hex(), *row[6:], version) for row, version in zip(rows.vouchers, versions, strict=True)]
    await session.execute(_REPLACE, [*_REPLACED.arrays(made), session.tenant_no, company_no])


async def keep_versions(session: TenantSession, company_no: int, replaced: Collection[tuple[int, int, int]]) -> None:
    """Remember versions that were replaced: (voucher, version, entry)."""
    await _VERSIONS.insert(session, company_no, replaced)


async def add_rows(session: TenantSession, company_no: int, rows: Rows) -> None:
    """Write the entries of vouchers with their details, and add them to the kept totals; each sorted by its key."""
    await _POSTINGS.insert(session, company_no, sorted(rows.entries))
    await _BILLS.insert(session, company_no, sorted(rows.bills))
    await _COSTS.insert(session, company_no, sorted(rows.costs))
    await _FOREIGN.insert(session, company_no, sorted(rows.foreign))
    await totals.add(session, company_no, rows)


async def take_back_rows(session: TenantSession, company_no: int, rows: Rows) -> None:
    """Remove what `add_rows` wrote for these rows."""
    of_company = [session.tenant_no, company_no]
    for table, made, width in (
        ("posting", rows.entries, 3),
        ("bill_entry", rows.bills, 4),
        ("cost_entry", rows.costs, 3),
        ("foreign_entry", rows.foreign, 3),
    ):
        if made:
            keys = _columns(sorted({row[:width] for row in made}))
            await session.execute(_take_back(table), [*keys, *of_company])
    await totals.subtract(session, company_no, rows)


def _take_back(table: str) -> str:
    key = _TAKE_BACK[table]
    arrays = ", ".join(f"%s::{_TYPES[column]}[]" for column in key)
    same = " AND ".join(f"kept.{column} = gone.{column}" for column in key)
    return (
        f"DELETE FROM lf.{table} AS kept USING unnest({arrays}) AS gone ({', '.join(key)}) "  # noqa: S608 - constants
        f"WHERE kept.tenant_no = %s AND kept.company_no = %s AND {same}"
    )


def _columns(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
