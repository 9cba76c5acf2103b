"""The kept totals: debits, credits and entries of each account by day and month, and vouchers by day.

Added and taken back in the order of their keys, so that two transactions never wait for each other in a ring. The
tables keep no total above 2**53 - 1: what writes one fails with `CheckViolation`.
"""

from collections.abc import Collection, Mapping
from typing import cast

from ledgerflow_core.calendar import day_of, month_number
from ledgerflow_core.posting.projection import Rows
from ledgerflow_server.ledger.repository import arrays
from ledgerflow_server.tenancy.session import TenantSession

_ADD = """
    INSERT INTO lf.{table} AS kept (tenant_no, company_no, {when}, account_no, debit, credit, entries)
    SELECT %s, %s, * FROM unnest(%s::int4[], %s::int4[], %s::int8[], %s::int8[], %s::int8[])
    ON CONFLICT (tenant_no, company_no, {when}, account_no) DO UPDATE SET debit = kept.debit + excluded.debit,
        credit = kept.credit + excluded.credit, entries = kept.entries + excluded.entries
"""
_SUBTRACT = """
    UPDATE lf.{table} AS kept SET debit = kept.debit - gone.debit, credit = kept.credit - gone.credit,
        entries = kept.entries - gone.entries
    FROM (SELECT %s::int4 AS tenant_no, %s::int4 AS company_no, * FROM unnest(%s::int4[], %s::int4[], %s::int8[],
        %s::int8[], %s::int8[]) AS given ({when}, account_no, debit, credit, entries)) AS gone
    WHERE (kept.tenant_no, kept.company_no, kept.{when}, kept.account_no)
        = (gone.tenant_no, gone.company_no, gone.{when}, gone.account_no)
"""
_ADD_COUNTS = """
    INSERT INTO lf.day_count AS kept (tenant_no, company_no, day, vouchers)
    SELECT %s, %s, * FROM unnest(%s::int4[], %s::int8[])
    ON CONFLICT (tenant_no, company_no, day) DO UPDATE SET vouchers = kept.vouchers + excluded.vouchers
"""
_SUBTRACT_COUNTS = """
    UPDATE lf.day_count AS kept SET vouchers = kept.vouchers - gone.vouchers
    FROM (SELECT %s::int4 AS tenant_no, %s::int4 AS company_no, *
          FROM unnest(%s::int4[], %s::int8[]) AS given (day, vouchers)) AS gone
    WHERE (kept.tenant_no, kept.company_no, kept.day) = (gone.tenant_no, gone.company_no, gone.day)
"""

_MONTHS = """
    SELECT kept.account_no, kept.month, kept.debit, kept.credit
    FROM unnest(%s::int4[], %s::int4[]) AS wanted (account_no, month)
    CROSS JOIN LATERAL (
        SELECT * FROM lf.month_total AS total WHERE total.tenant_no = %s AND total.company_no = %s
            AND (total.month, total.account_no) = (wanted.month, wanted.account_no)
        LIMIT 1) AS kept
"""
_EVERY_MONTH = """
    SELECT account_no, month, debit, credit FROM lf.month_total
    WHERE tenant_no = %s AND company_no = %s AND account_no = ANY(%s::int4[])
"""


async def months(
    session: TenantSession, company_no: int, wanted: Collection[tuple[int, int]], whole: Collection[int]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return (debits, credits) of these (account, month), and of every month of the accounts `whole`."""
    of_company, found = [session.tenant_no, company_no], []
    if wanted:
        accounts, numbers = zip(*sorted(wanted), strict=True)
        found += await session.fetch_all(_MONTHS, [arrays.numbers(accounts), arrays.numbers(numbers), *of_company])
    if whole:
        found += await session.fetch_all(_EVERY_MONTH, [*of_company, arrays.numbers(sorted(whole))])
    return {(account, month): (debit, credit) for account, month, debit, credit in found}


async def add(session: TenantSession, company_no: int, rows: Rows) -> None:
    """Add what these rows come to."""
    await _change(session, company_no, rows, _ADD, _ADD_COUNTS)


async def subtract(session: TenantSession, company_no: int, rows: Rows) -> None:
    """Take back what `add` was given once."""
    await _change(session, company_no, rows, _SUBTRACT, _SUBTRACT_COUNTS)


async def _change(session: TenantSession, company_no: int, rows: Rows, totals: str, counts: str) -> None:
    # An account is a number here, whatever a store may call it.
    by_day = cast("Mapping[tuple[int, int], list[int]]", rows.totals)
    month_of = {day: month_number(day_of(day)) for day in rows.day_counts}
    by_month: dict[tuple[int, int], list[int]] = {}
    for (account, day), (debit, credit, entries) in by_day.items():
        kept = by_month.setdefault((month_of[day], account), [0, 0, 0])
        kept[0] += debit
        kept[1] += credit
        kept[2] += entries
    days = sorted([(day, account, *kept) for (account, day), kept in by_day.items()])
    months = sorted([(month, account, *kept) for (month, account), kept in by_month.items()])
    for table, when, changed in (("day_total", "day", days), ("month_total", "month", months)):
        if changed:
            columns = [arrays.numbers(column) for column in zip(*changed, strict=True)]
            statement = totals.format(table=table, when=when)
            await session.execute(statement, [session.tenant_no, company_no, *columns])
    day_counts = sorted(rows.day_counts.items())
    columns = [arrays.numbers(column) for column in zip(*day_counts, strict=True)]
    await session.execute(counts, [session.tenant_no, company_no, *columns])
