"""Kept totals held against what they are the sums of. The database adds up: its memory is bounded, and it is there."""

from typing import LiteralString

from ledgerflow_server.tenancy.session import TenantSession

_MONTH = """(extract(year FROM date '1970-01-01' + day) * 12 + extract(month FROM date '1970-01-01' + day) - 1)::int4"""


def _sums(table: LiteralString, period: LiteralString, of_day: LiteralString) -> LiteralString:
    return f"""
        SELECT {period}, account_no, kept.entries IS NULL, made.entries IS NULL
        FROM (SELECT {period}, account_no, debit, credit, entries FROM lf.{table}
              WHERE tenant_no = %(tenant)s AND company_no = %(company)s AND entries <> 0) AS kept
        FULL JOIN (SELECT {of_day} AS {period}, account_no, count(*) AS entries,
                       coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debit,
                       coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS credit
                   FROM lf.posting WHERE tenant_no = %(tenant)s AND company_no = %(company)s GROUP BY 1, 2) AS made
        USING ({period}, account_no)
        WHERE (kept.debit, kept.credit, kept.entries) IS DISTINCT FROM (made.debit, made.credit, made.entries)
        ORDER BY 1, 2 LIMIT %(most)s
    """  # noqa: S608 - constants


_DIFFERING = {
    "day_total": _sums("day_total", "day", "day"),
    "month_total": _sums("month_total", "month", _MONTH),
    "day_count": """
        SELECT day, NULL, kept.vouchers IS NULL, made.vouchers IS NULL
        FROM (SELECT day, vouchers FROM lf.day_count
              WHERE tenant_no = %(tenant)s AND company_no = %(company)s AND vouchers <> 0) AS kept
        FULL JOIN (SELECT day, count(*) AS vouchers FROM lf.voucher
                   WHERE tenant_no = %(tenant)s AND company_no = %(company)s GROUP BY day) AS made USING (day)
        WHERE kept.vouchers IS DISTINCT FROM made.vouchers
        ORDER BY 1 LIMIT %(most)s
    """,
}


async def differing(
    session: TenantSession, company_no: int, most: int = 100
) -> list[tuple[str, str, tuple[int | None, ...]]]:
    """Return (row-missing, row-extra or row-differs; table; period and account) of totals, at most so many a table."""
    found: list[tuple[str, str, tuple[int | None, ...]]] = []
    for table, query in _DIFFERING.items():
        given = {"tenant": session.tenant_no, "company": company_no, "most": most}
        for period, account_no, missing, extra in await session.fetch_all(query, given):
            code = "row-missing" if missing else "row-extra" if extra else "row-differs"
            found.append((code, table, (period, account_no)))
    return found
