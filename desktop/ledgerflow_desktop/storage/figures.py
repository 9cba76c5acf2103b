"""The books' answers to what reports ask (`ledgerflow_core.reports.figures.Figures`), by SQL over the tables.

A question about a period adds the whole months inside it and the days at its edges, so it costs the same in
a book of ten thousand vouchers and of a million. Post-dated vouchers stand in the totals at their date; the
few that are not due yet are taken out of each answer.
"""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from datetime import date
from itertools import groupby

from ledgerflow_core.calendar import Period, day_number, day_of
from ledgerflow_core.identifiers import AccountId, CostCentreId, MasterId, VoucherId, VoucherTypeId, to_text
from ledgerflow_core.posting.projection import BILL_KINDS, STATES
from ledgerflow_core.posting.stretches import LONG_AGO, day_of_line, stretches
from ledgerflow_core.reports.figures import (
    BillMovement,
    CashMovement,
    CostMovement,
    DayBookLine,
    Movement,
    StatementEntry,
)
from ledgerflow_desktop.storage.book import Book

_POST_DATED = 2


class BookFigures:
    """The figures of an open book as of `today`."""

    def __init__(self, book: Book, today: date) -> None:
        self.company = book.company
        self.chart = book.chart
        self._no_by_id = book.no_by_id
        self._id_by_no = {no: master_id for master_id, no in book.no_by_id.items()}
        self._execute = book.connection.execute
        self._today = day_number(today)
        self._not_due: list[tuple[int, int]] = [
            (day, no)
            for day, no in self._execute(
                "SELECT day, no FROM voucher WHERE state = ? AND state IN (1, 2) AND day > ?",
                (_POST_DATED, self._today),
            )
        ]

    def movements(self, period: Period) -> dict[AccountId, Movement]:
        """Return what moved on each account in the period."""
        sums = self._sums(day_number(period.first), day_number(period.last))
        return {self._id(no): Movement(*kept) for no, kept in sums.items() if kept[2]}

    def balances(self, day: date) -> dict[AccountId, int]:
        """Return each account's balance at the end of `day`, opening included."""
        sums = self._sums(LONG_AGO, day_number(day))
        found: dict[AccountId, int] = {}
        for account in self.chart.accounts.values():
            kept = sums.get(self._no_by_id[account.id])
            balance = account.opening + (kept[0] + kept[1] if kept else 0)
            if balance:
                found[account.id] = balance
        return found

    def first_and_last_day(self) -> tuple[date, date] | None:
        """Return the dates of the first and last voucher that is there by today; None when there are none."""
        not_due = Counter(day for day, _ in self._not_due)
        first = self._execute("SELECT min(day) FROM day_count").fetchone()[0]
        for day, vouchers in self._execute("SELECT day, vouchers FROM day_count ORDER BY day DESC"):
            if vouchers > not_due[day]:
                return day_of(first), day_of(day)
        return None

    def entries(self, account: AccountId, period: Period, *, offset: int, limit: int) -> list[StatementEntry]:
        """Return a window of an account's entries; finds its first line by the kept counts."""
        no = self._no_by_id[account]
        first, last = day_number(period.first), day_number(period.last)
        skipped = self._not_due_entries(no, first, last)
        if skipped:
            # Rare: a few post-dated vouchers ahead. Read a little more and leave them out.
            more = offset + limit + sum(skipped.values())
            return self._window(no, first, last, 0, more, skipped.keys())[offset : offset + limit]
        begin, inside = day_of_line(self._lines_of_account(no, first, last), offset, first, last)
        return self._window(no, begin, last, inside, limit, set())

    def vouchers(self, period: Period, *, offset: int, limit: int) -> list[DayBookLine]:
        """Return a window of the day book; finds its first line by the count of each day."""
        first, last = day_number(period.first), day_number(period.last)
        counts = self._execute(
            "SELECT day, vouchers FROM day_count WHERE day BETWEEN ? AND ? ORDER BY day", (first, last)
        )
        begin, inside = day_of_line(counts, offset, first, last)
        rows = self._execute(
            """SELECT day, no, id, type_no, number, account_no, narration, amount, state FROM voucher
               WHERE day BETWEEN ? AND ? ORDER BY day, no LIMIT ? OFFSET ?""",
            (begin, last, limit, inside),
        )
        return [
            DayBookLine(
                day_of(day),
                VoucherId(to_text(voucher)),
                VoucherTypeId(self._id(type_no)),
                number,
                self._id(account_no) if account_no is not None else None,
                narration,
                amount,
                STATES[state],
            )
            for day, _, voucher, type_no, number, account_no, narration, amount, state in rows
        ]

    def count_vouchers(self, period: Period) -> int:
        """Return how many lines the day book of a period has."""
        return int(
            self._execute(
                "SELECT coalesce(sum(vouchers), 0) FROM day_count WHERE day BETWEEN ? AND ?",
                (day_number(period.first), day_number(period.last)),
            ).fetchone()[0]
        )

    def bill_movements(self, accounts: Sequence[AccountId], day: date) -> list[BillMovement]:
        """Return allocations and opening bills of accounts up to `day`. Costs what those accounts hold."""
        found: list[BillMovement] = []
        not_due = {no for _, no in self._not_due}
        for account in accounts:
            for bill in self.chart.accounts[account].opening_bills:
                found.append(BillMovement(account, BILL_KINDS[0], bill.name, bill.date, bill.due, bill.amount, None))
            rows = self._execute(
                """SELECT b.name, b.kind, b.day, b.due, b.amount, b.voucher_no, v.id FROM bill_entry b
                   JOIN voucher v ON v.day = b.day AND v.no = b.voucher_no
                   WHERE b.account_no = ? AND b.day <= ? ORDER BY b.name, b.day, b.voucher_no""",
                (self._no_by_id[account], day_number(day)),
            )
            for name, kind, when, due, amount, voucher_no, voucher in rows:
                if voucher_no not in not_due:
                    found.append(
                        BillMovement(
                            account,
                            BILL_KINDS[kind],
                            name,
                            day_of(when),
                            day_of(due) if due is not None else None,
                            amount,
                            VoucherId(to_text(voucher)),
                        )
                    )
        found.sort(key=lambda bill: (bill.account, bill.name, bill.date))
        return found

    def cost_movements(self, period: Period) -> list[CostMovement]:
        """Return cost allocations of the period by centre and account. Costs what was allocated in it."""
        not_due = {no for _, no in self._not_due}
        rows = self._execute(
            """SELECT centre_no, account_no, voucher_no, amount FROM cost_entry
               WHERE day BETWEEN ? AND ? ORDER BY centre_no, account_no""",
            (day_number(period.first), day_number(period.last)),
        )
        found = []
        for (centre, account), group in groupby(rows, key=lambda row: (row[0], row[1])):
            amounts = [amount for _, _, voucher_no, amount in group if voucher_no not in not_due]
            if amounts:
                movement = Movement(sum(a for a in amounts if a > 0), sum(a for a in amounts if a < 0), len(amounts))
                found.append(CostMovement(CostCentreId(self._id(centre)), self._id(account), movement))
        return found

    def net_before(self, account: AccountId, period: Period, *, offset: int) -> int:
        """Return the sum of the first `offset` entries of an account: whole days from totals, the rest counted."""
        if offset <= 0:
            return 0
        no = self._no_by_id[account]
        first, last = day_number(period.first), day_number(period.last)
        if self._not_due_entries(no, first, last):
            return sum(entry.amount for entry in self.entries(account, period, offset=0, limit=offset))
        day, inside = day_of_line(self._lines_of_account(no, first, last), offset, first, last)
        whole = self._net_of_account(no, first, day - 1)
        part = self._execute(
            """SELECT coalesce(sum(amount), 0) FROM (
                   SELECT day, voucher_no, line, amount FROM entry WHERE account_no = ? AND day BETWEEN ? AND ?
                   ORDER BY day, voucher_no, line LIMIT ?)""",
            (no, day, last, inside),
        ).fetchone()[0]
        return int(whole + part)

    def cash_counter_movements(self, period: Period) -> list[CashMovement]:
        """Return what stood over against cash, by month and account. Reads the entries of the period."""
        cash = [no for no in map(self._no_by_id.get, self.chart.accounts) if no and self._is_cash(no)]
        marks = ",".join(map(str, cash))
        rows = self._execute(
            f"""WITH touching AS MATERIALIZED (
                    SELECT DISTINCT voucher_no FROM entry
                    WHERE account_no IN ({marks}) AND day BETWEEN :first AND :last)
                SELECT account_no, day, voucher_no, amount FROM entry
                WHERE account_no NOT IN ({marks}) AND day BETWEEN :first AND :last
                  AND voucher_no IN (SELECT voucher_no FROM touching)""",  # noqa: S608 - whole numbers of our own
            {"first": day_number(period.first), "last": day_number(period.last)},
        )
        not_due = {no for _, no in self._not_due}
        month_by_day: dict[int, date] = {}
        sums: dict[tuple[date, int], list[int]] = {}
        for account, day, voucher_no, amount in rows:
            if voucher_no in not_due:
                continue
            month = month_by_day.setdefault(day, day_of(day).replace(day=1))
            kept = sums.setdefault((month, account), [0, 0, 0])
            kept[amount < 0] += amount
            kept[2] += 1
        return [CashMovement(month, self._id(no), Movement(*kept)) for (month, no), kept in sorted(sums.items())]

    def _is_cash(self, no: int) -> bool:
        return self.chart.is_cash_or_bank(self._id(no))

    # --- how ------------------------------------------------------------------------------------

    def _id(self, no: int) -> AccountId:
        return AccountId(MasterId(self._id_by_no[no]))

    def _sums(self, first: int, last: int) -> dict[int, list[int]]:
        """Return debit, credit and count by account number over days first..last, due vouchers only."""
        sums: dict[int, list[int]] = {}
        for table, key, low, high in _totals_of(first, last):
            rows = self._execute(
                f"SELECT account_no, sum(debit), sum(credit), sum(entries) FROM {table}"  # noqa: S608 - fixed names
                f" WHERE {key} BETWEEN ? AND ? GROUP BY account_no",
                (low, high),
            )
            for account, debit, credit, entries in rows:
                kept = sums.setdefault(account, [0, 0, 0])
                kept[0] += debit
                kept[1] += credit
                kept[2] += entries
        for account, amount in self._entries_not_due(first, last):
            kept = sums[account]
            kept[amount < 0] -= amount
            kept[2] -= 1
        return sums

    def _entries_not_due(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        for day, no in self._not_due:
            if first <= day <= last:
                for account in self.chart.accounts:
                    yield from (
                        (row[0], row[1])
                        for row in self._execute(
                            "SELECT account_no, amount FROM entry WHERE account_no = ? AND day = ? AND voucher_no = ?",
                            (self._no_by_id[account], day, no),
                        )
                    )

    def _not_due_entries(self, account_no: int, first: int, last: int) -> dict[tuple[int, int], int]:
        """Return how many entries on an account each voucher has that is not due yet, by day and number."""
        counts = {
            (day, no): self._execute(
                "SELECT count(*) FROM entry WHERE account_no = ? AND day = ? AND voucher_no = ?", (account_no, day, no)
            ).fetchone()[0]
            for day, no in self._not_due
            if first <= day <= last
        }
        return {at: entries for at, entries in counts.items() if entries}

    def _net_of_account(self, account_no: int, first: int, last: int) -> int:
        """Return debits less credits of one account over days first..last, vouchers that are not due included."""
        net = 0
        for table, key, low, high in _totals_of(first, last) if first <= last else ():
            keys = ",".join(map(str, range(low, high + 1)))
            net += self._execute(
                f"SELECT coalesce(sum(debit + credit), 0) FROM {table}"  # noqa: S608 - fixed names and whole numbers
                f" WHERE {key} IN ({keys}) AND account_no = ?",
                (account_no,),
            ).fetchone()[0]
        return net

    def _lines_of_account(self, account_no: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield how many entries an account has on each day it has any: one look for each day of the stretch."""
        begin, end = self._execute("SELECT min(day), max(day) FROM day_count").fetchone()
        if begin is not None:
            days = ",".join(map(str, range(max(first, begin), min(last, end) + 1)))
            query = f"SELECT day, entries FROM day_total WHERE day IN ({days}) AND account_no = ?"  # noqa: S608
            yield from sorted(self._execute(query, (account_no,)))

    def _window(
        self, account_no: int, first: int, last: int, offset: int, limit: int, skipped: Container[tuple[int, int]]
    ) -> list[StatementEntry]:
        rows = self._execute(
            """SELECT e.day, e.voucher_no, v.id, v.type_no, v.number, e.amount, v.narration, e.against_no
               FROM (SELECT * FROM entry WHERE account_no = ? AND day BETWEEN ? AND ?
                     ORDER BY day, voucher_no, line LIMIT ? OFFSET ?) e
               CROSS JOIN voucher v ON v.day = e.day AND v.no = e.voucher_no
               ORDER BY e.day, e.voucher_no, e.line""",
            (account_no, first, last, limit, offset),
        )
        return [
            self._statement_entry(day, voucher, type_no, number, amount, narration, against)
            for day, no, voucher, type_no, number, amount, narration, against in rows
            if (day, no) not in skipped
        ]

    def _statement_entry(
        self, day: int, voucher: bytes, type_no: int, number: str, amount: int, narration: str, against: int
    ) -> StatementEntry:
        return StatementEntry(
            day_of(day),
            VoucherId(to_text(voucher)),
            VoucherTypeId(self._id(type_no)),
            number,
            amount,
            narration,
            self._id(abs(against)),
            against < 0,
        )


def _totals_of(first: int, last: int) -> Iterator[tuple[str, str, int, int]]:
    """Yield where the kept totals of days first..last stand: (table, key column, low, high)."""
    for whole_months, low, high in stretches(first, last):
        yield ("month_total", "month", low, high) if whole_months else ("day_total", "day", low, high)
