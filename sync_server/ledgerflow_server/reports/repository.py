"""The SQL of reports: what one company's rows and kept totals answer. Numbers and days as the tables have them.

Nothing here adds up entries: sums come from `month_total` and `day_total`, windows by the order of a key. `late` are
the numbers of the vouchers that are not due yet; they stand in the totals at their date.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from ledgerflow_core.posting.stretches import Stretch
from ledgerflow_server.database.connecting import Row

# Asks the database one question of the open transaction.
Ask = Callable[[LiteralString, Mapping[str, Any]], list[Row]]

_MINE = "tenant_no = %(tenant)s AND company_no = %(company)s"

# One question whatever the period: the stretches that it does not have are empty.
_SUMS = f"""
    SELECT account_no, sum(debit)::int8, sum(credit)::int8, sum(entries)::int8 FROM (
        SELECT account_no, debit, credit, entries FROM lf.month_total
        WHERE {_MINE} AND month BETWEEN %(month_low)s AND %(month_high)s
        UNION ALL SELECT account_no, debit, credit, entries FROM lf.day_total
        WHERE {_MINE} AND day BETWEEN %(before_low)s AND %(before_high)s
        UNION ALL SELECT account_no, debit, credit, entries FROM lf.day_total
        WHERE {_MINE} AND day BETWEEN %(after_low)s AND %(after_high)s) AS kept
    GROUP BY account_no
"""  # noqa: S608 - constants, here and below
_NET = f"""
    SELECT coalesce(sum(net), 0)::int8 FROM (
        SELECT debit + credit AS net FROM lf.month_total
        WHERE {_MINE} AND month = ANY(%(months)s) AND account_no = %(account)s
        UNION ALL SELECT debit + credit FROM lf.day_total
        WHERE {_MINE} AND day = ANY(%(days)s) AND account_no = %(account)s) AS kept
"""  # noqa: S608
_EXTENT = f"""
    SELECT (SELECT min(day) FROM lf.day_count WHERE {_MINE} AND vouchers > 0),
        (SELECT max(day) FROM lf.day_count WHERE {_MINE} AND vouchers > 0),
        coalesce(array_agg(day), '{{}}'), coalesce(array_agg(voucher_no), '{{}}')
    FROM lf.voucher WHERE {_MINE} AND day > %(today)s AND state = 2
"""  # noqa: S608
_LAST_DAY = f"""
    SELECT day FROM lf.day_count LEFT JOIN (
        SELECT late_day, count(*) AS vouchers FROM unnest(%(late_days)s::int4[]) AS late_day GROUP BY 1) AS late
        ON late_day = day
    WHERE {_MINE} AND day_count.vouchers > coalesce(late.vouchers, 0) ORDER BY day DESC LIMIT 1
"""  # noqa: S608
_DAY_COUNTS = f"""
    SELECT day, vouchers FROM lf.day_count WHERE {_MINE} AND day BETWEEN %(first)s AND %(last)s ORDER BY day
"""  # noqa: S608
_LINES = f"""
    SELECT day, entries FROM lf.day_total WHERE {_MINE} AND day = ANY(%(days)s) AND account_no = %(account)s
    ORDER BY day
"""  # noqa: S608
_LATE_ENTRIES = f"""
    SELECT account_no, day, voucher_no, amount
    FROM unnest(%(accounts)s::int4[]) AS account_no
    CROSS JOIN unnest(%(late_days)s::int4[], %(late)s::int8[]) AS late (day, voucher_no)
    JOIN (SELECT account_no, day, voucher_no, amount FROM lf.posting WHERE {_MINE}) AS entry
        USING (account_no, day, voucher_no)
"""  # noqa: S608
_VOUCHERS = f"""
    SELECT day, public_id::text, type_no, number, account_no, narration, amount, state FROM lf.voucher
    WHERE {_MINE} AND day BETWEEN %(first)s AND %(last)s
    ORDER BY day, voucher_no LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608
_WINDOW = f"""
    SELECT day, voucher_no, line, amount, against_no FROM lf.posting
    WHERE {_MINE} AND account_no = %(account)s AND day BETWEEN %(first)s AND %(last)s
        AND voucher_no <> ALL(%(late)s::int8[])
    ORDER BY day, voucher_no, line LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608
_ENTRIES = f"""
    SELECT entry.day, public_id::text, type_no, number, entry.amount, narration, against_no
    FROM ({_WINDOW}) AS entry
    JOIN (SELECT voucher_no, public_id, type_no, number, narration FROM lf.voucher WHERE {_MINE}) AS voucher
        USING (voucher_no)
    ORDER BY entry.day, voucher_no, line
"""  # noqa: S608
_NET_OF_WINDOW = f"SELECT coalesce(sum(amount), 0)::int8 FROM ({_WINDOW}) AS entry"  # noqa: S608
_BILLS = f"""
    SELECT account_no, name, kind, bill.day, due, bill.amount, public_id::text
    FROM lf.bill_entry AS bill
    JOIN (SELECT voucher_no, public_id FROM lf.voucher WHERE {_MINE}) AS voucher USING (voucher_no)
    WHERE {_MINE} AND account_no = ANY(%(accounts)s) AND day <= %(day)s AND voucher_no <> ALL(%(late)s::int8[])
    ORDER BY day, voucher_no, line, part
"""  # noqa: S608
_COSTS = f"""
    SELECT centre_no, account_no, coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::int8,
        coalesce(sum(amount) FILTER (WHERE amount < 0), 0)::int8, count(*)
    FROM lf.cost_entry
    WHERE {_MINE} AND centre_no = ANY(%(centres)s) AND day BETWEEN %(first)s AND %(last)s
        AND voucher_no <> ALL(%(late)s::int8[])
    GROUP BY centre_no, account_no ORDER BY centre_no, account_no
"""  # noqa: S608
_CASH_COUNTERS = f"""
    WITH touching AS MATERIALIZED (
        SELECT DISTINCT voucher_no FROM lf.posting
        WHERE {_MINE} AND account_no = ANY(%(cash)s) AND day BETWEEN %(first)s AND %(last)s
            AND voucher_no <> ALL(%(late)s::int8[]))
    SELECT date_trunc('month', date '1970-01-01' + day)::date AS month, account_no,
        coalesce(sum(amount) FILTER (WHERE amount >= 0), 0)::int8,
        coalesce(sum(amount) FILTER (WHERE amount < 0), 0)::int8, count(*)
    FROM lf.posting
    WHERE {_MINE} AND account_no = ANY(%(others)s) AND day BETWEEN %(first)s AND %(last)s
        AND voucher_no IN (SELECT voucher_no FROM touching)
    GROUP BY month, account_no ORDER BY month, account_no
"""  # noqa: S608

_NOTHING = (1, 0)


class Extent(NamedTuple):
    """The first and last day that has a voucher (None where there is none), and (day, voucher) of what is not due."""

    first: int | None
    last: int | None
    late: list[tuple[int, int]]


class BookRows:
    """The rows of one company as one transaction sees them."""

    def __init__(self, ask: Ask, tenant_no: int, company_no: int) -> None:
        self._ask_database = ask
        self._of_company = {"tenant": tenant_no, "company": company_no}

    def _ask(self, query: LiteralString, **given: object) -> list[Row]:
        return self._ask_database(query, self._of_company | given)

    def sums(self, period: Sequence[Stretch]) -> list[Row]:
        """Return (account, debit, credit, entries) over the stretches of a period."""
        months = next(((part.low, part.high) for part in period if part.whole_months), _NOTHING)
        edges = [(part.low, part.high) for part in period if not part.whole_months]
        before, after = (*edges, _NOTHING, _NOTHING)[:2]
        return self._ask(
            _SUMS,
            month_low=months[0],
            month_high=months[1],
            before_low=before[0],
            before_high=before[1],
            after_low=after[0],
            after_high=after[1],
        )

    def net_of_account(self, account_no: int, period: Sequence[Stretch]) -> int:
        """Return debits less credits of one account over the stretches of a period."""
        months = [n for part in period if part.whole_months for n in range(part.low, part.high + 1)]
        days = [n for part in period if not part.whole_months for n in range(part.low, part.high + 1)]
        return int(self._ask(_NET, months=months, days=days, account=account_no)[0][0])

    def extent(self, today: int) -> Extent:
        """Return from when to when there are vouchers, and which are post-dated and not due on day `today`."""
        first, last, late_days, late = self._ask(_EXTENT, today=today)[0]
        return Extent(first, last, list(zip(late_days, late, strict=True)))

    def late_entries(self, accounts: Sequence[int], late: Sequence[tuple[int, int]]) -> list[Row]:
        """Return (account, day, voucher, amount) of the entries of late vouchers."""
        days, numbers = [day for day, _ in late], [no for _, no in late]
        return self._ask(_LATE_ENTRIES, accounts=accounts, late_days=days, late=numbers)

    def last_day(self, late_days: Sequence[int]) -> int | None:
        """Return the last day that has a voucher which is not late; `late_days` names a day once for each late one."""
        found = self._ask(_LAST_DAY, late_days=late_days)
        return found[0][0] if found else None

    def day_counts(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return (day, vouchers) of the days that have any."""
        return [(day, vouchers) for day, vouchers in self._ask(_DAY_COUNTS, first=first, last=last)]

    def lines_of_account(self, account_no: int, days: Sequence[int]) -> list[tuple[int, int]]:
        """Return (day, entries) of an account on those of the days on which it has any, in order."""
        return [(day, entries) for day, entries in self._ask(_LINES, account=account_no, days=days)]

    def vouchers(self, days: tuple[int, int], limit: int, offset: int) -> list[Row]:
        """Return (day, id, type, number, account, narration, amount, state) by date, then in order of entry."""
        first, last = days
        return self._ask(_VOUCHERS, first=first, last=last, limit=limit, offset=offset)

    def entries(
        self, account_no: int, days: tuple[int, int], late: Sequence[int], limit: int, offset: int
    ) -> list[Row]:
        """Return (day, voucher, type, number, amount, narration, against) by date, then in order of entry."""
        first, last = days
        return self._ask(_ENTRIES, account=account_no, first=first, last=last, late=late, limit=limit, offset=offset)

    def net_of_entries(self, account_no: int, days: tuple[int, int], late: Sequence[int], limit: int) -> int:
        """Return the sum of the first `limit` of `entries`."""
        first, last = days
        given = self._ask(_NET_OF_WINDOW, account=account_no, first=first, last=last, late=late, limit=limit, offset=0)
        return int(given[0][0])

    def bills(self, accounts: Sequence[int], day: int, late: Sequence[int]) -> list[Row]:
        """Return (account, name, kind, day, due, amount, voucher) up to a day, by date, then in order of entry."""
        return self._ask(_BILLS, accounts=accounts, day=day, late=late)

    def costs(self, centres: Sequence[int], first: int, last: int, late: Sequence[int]) -> list[Row]:
        """Return (centre, account, debit, credit, entries)."""
        return self._ask(_COSTS, centres=centres, first=first, last=last, late=late)

    def cash_counters(
        self, cash: Sequence[int], others: Sequence[int], first: int, last: int, late: Sequence[int]
    ) -> list[Row]:
        """Return (first of the month, account, debit, credit, entries) of other accounts' entries beside cash."""
        return self._ask(_CASH_COUNTERS, cash=cash, others=others, first=first, last=last, late=late)
