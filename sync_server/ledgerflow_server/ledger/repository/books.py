"""The rows of vouchers: what deciding a batch asks of them, and how a batch changes them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ledgerflow_core.posting.projection import Rows
from ledgerflow_server.database import bulk
from ledgerflow_server.ledger.repository import totals
from ledgerflow_server.tenancy.session import TenantSession

_OF_COMPANY = "tenant_no = %s AND company_no = %s"
_EVENTS = f"""
    SELECT event_id::text, gseq FROM lf.event_key WHERE {_OF_COMPANY} AND event_id = ANY(%s::uuid[])
"""  # noqa: S608 - constants, here and below
_VOUCHERS = f"""
    SELECT public_id::text AS public_id, voucher_no, version, version_hash, gseq, state = 3 AS cancelled,
        CASE WHEN state = 3 THEN (SELECT gseq FROM lf.voucher_version AS earlier
            WHERE (earlier.tenant_no, earlier.company_no, earlier.voucher_no, earlier.version)
                = (voucher.tenant_no, voucher.company_no, voucher.voucher_no, voucher.version - 1))
        ELSE gseq END AS content_gseq
    FROM lf.voucher WHERE {_OF_COMPANY} AND public_id = ANY(%s::uuid[])
"""  # noqa: S608
_NUMBERS = """
    SELECT taken.type_no, taken.year, taken.number
    FROM unnest(%s::int4[], %s::int4[], %s::text[]) AS wanted (type_no, year, number)
    JOIN lf.voucher AS taken ON taken.tenant_no = %s AND taken.company_no = %s
        AND (taken.type_no, taken.year, taken.number) = (wanted.type_no, wanted.year, wanted.number)
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
# A version that is replaced keeps type and number: these two never change once given.
_REPLACE = f"""
    UPDATE lf.voucher SET day = new.day, account_no = new.account_no, amount = new.amount, state = new.state,
        version = new.version, version_hash = new.version_hash, gseq = new.gseq, narration = new.narration
    FROM unnest(%s::int8[], %s::int4[], %s::int4[], %s::int8[], %s::int2[], %s::int4[], %s::bytea[], %s::int8[],
                %s::text[]) AS new (voucher_no, day, account_no, amount, state, version, version_hash, gseq, narration)
    WHERE {_OF_COMPANY} AND voucher.voucher_no = new.voucher_no
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
    return dict(await session.fetch_all(_EVENTS, [session.tenant_no, company_no, list(events)]))


async def vouchers(session: TenantSession, company_no: int, ids: Sequence[str]) -> dict[str, StoredVoucher]:
    """Return those of these vouchers that are in the books, by id."""
    found = await session.fetch_as(StoredVoucher, _VOUCHERS, [session.tenant_no, company_no, list(ids)])
    return {row.public_id: row for row in found}


async def taken_numbers(
    session: TenantSession, company_no: int, wanted: Collection[tuple[int, int, str]]
) -> set[tuple[int, int, str]]:
    """Return those of these numbers (type's number, first day of the year, number) that a voucher has; at least one."""
    rows = await session.fetch_all(_NUMBERS, [*_columns(wanted), session.tenant_no, company_no])
    return {(type_no, year, number) for type_no, year, number in rows}


async def parked(session: TenantSession, company_no: int, events: Sequence[str]) -> dict[str, bool]:
    """Return those of these events that were parked, with whether they still wait."""
    of_company = [session.tenant_no, company_no]
    return dict(await session.fetch_all(_PARKED, [*of_company, *of_company, list(events)]))


async def add_keys(session: TenantSession, company_no: int, keys: Iterable[tuple[str, int]]) -> None:
    """Remember where the log has each new event."""
    of_company = (session.tenant_no, company_no)
    await session.bulk_insert(bulk.EVENT_KEY, [(*of_company, *key) for key in keys])


async def add_parked(session: TenantSession, company_no: int, replica_no: int, rows: Iterable[ParkedRow]) -> None:
    """Put events where a person finds them."""
    of_company = (session.tenant_no, company_no)
    await session.bulk_insert(
        bulk.PARKED, [(*of_company, row.gseq, row.event_id, row.reason, row.voucher_id, replica_no) for row in rows]
    )


async def resolve(session: TenantSession, company_no: int, resolved: dict[str, int]) -> None:
    """Close parked events; `resolved` gives for each the entry that decided about it."""
    of_company, events = [session.tenant_no, company_no], list(resolved)
    await session.execute(_RESOLVE, [events, list(resolved.values()), *of_company, *of_company, events])


async def add_vouchers(session: TenantSession, company_no: int, rows: Rows, hashes: Sequence[bytes]) -> None:
    """Write new vouchers; `hashes` are their version hashes in the order of `rows.vouchers`."""
    of_company = (session.tenant_no, company_no)
    made = [
        (
            *of_company,
            no,
            public_id.hex(),
            day,
            kind,
            year,
            number,
            account,
            amount,
            state,
            version,
            hashed,
            gseq,
            told,
        )
        for (day, no, public_id, kind, year, number, account, amount, state, version, gseq, told), hashed in zip(
            rows.vouchers, hashes, strict=True
        )
    ]
    await session.bulk_insert(bulk.VOUCHER, made)


async def replace_vouchers(session: TenantSession, company_no: int, rows: Rows, hashes: Sequence[bytes]) -> None:
    """Give vouchers their new versions."""
    columns: list[list[Any]] = [
        list(column)
        for column in zip(
            *(
                (no, day, account, amount, state, version, hashed, gseq, told)
                for (day, no, _, _, _, _, account, amount, state, version, gseq, told), hashed in zip(
                    rows.vouchers, hashes, strict=True
                )
            ),
            strict=True,
        )
    ]
    await session.execute(_REPLACE, [*columns, session.tenant_no, company_no])


async def keep_versions(session: TenantSession, company_no: int, replaced: Iterable[tuple[int, int, int]]) -> None:
    """Remember versions that were replaced: (voucher, version, entry)."""
    of_company = (session.tenant_no, company_no)
    await session.bulk_insert(bulk.VOUCHER_VERSION, [(*of_company, *row) for row in replaced])


async def add_rows(session: TenantSession, company_no: int, rows: Rows) -> None:
    """Write the entries of vouchers with their details, and add them to the kept totals; each sorted by its key."""
    of_company = (session.tenant_no, company_no)
    for table, made in (
        (bulk.POSTING, rows.entries),
        (bulk.BILL_ENTRY, rows.bills),
        (bulk.COST_ENTRY, rows.costs),
        (bulk.FOREIGN_ENTRY, rows.foreign),
    ):
        if made:
            await session.bulk_insert(table, [(*of_company, *row) for row in sorted(made)])
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
