"""The server's answers to what reports ask (`ledgerflow_core.reports.figures.Figures`), over PostgreSQL.

The questions and the way to answer them are those of the desktop (`storage/figures.py`): whole months from kept
totals, the days at the edges, vouchers that are not due yet taken out.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from ledgerflow_core.calendar import Period, day_number, day_of
from ledgerflow_core.identifiers import AccountId, CostCentreId, MasterId, VoucherId, VoucherTypeId
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
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
from ledgerflow_server.reports.repository import BookRows


class ServerFigures:
    """The figures of one company as of `today`. `numbers` are those of the master rows, by id."""

    def __init__(self, rows: BookRows, company: Company, chart: Chart, numbers: dict[str, int], today: date) -> None:
        self.company = company
        self.chart = chart
        self._rows = rows
        self._no_by_id = numbers
        self._id_by_no = {no: master_id for master_id, no in numbers.items()}
        self._first_day, self._last_day, self._late = rows.extent(day_number(today))
        self._late_vouchers = [no for _, no in self._late]
        # A report may need the same sums or counts twice; at one moment of the log they are the same. Plain
        # mappings: nothing leads from them back to these figures, so all goes when the report is made.
        self._sums: dict[tuple[int, int], dict[int, list[int]]] = {}
        self._lines: dict[tuple[AccountId, Period], list[tuple[int, int]]] = {}
        self._day_counts: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def movements(self, period: Period) -> dict[AccountId, Movement]:
        """Return what moved on each account in the period."""
        sums = self._added_up(day_number(period.first), day_number(period.last))
        return {self._id(no): Movement(*kept) for no, kept in sums.items() if kept[2]}

    def balances(self, day: date) -> dict[AccountId, int]:
        """Return each account's balance at the end of `day`, opening included."""
        sums = self._added_up(LONG_AGO, day_number(day))
        found: dict[AccountId, int] = {}
        for account in self.chart.accounts.values():
            kept = sums.get(self._no_by_id[account.id])
            balance = account.opening + (kept[0] + kept[1] if kept else 0)
            if balance:
                found[account.id] = balance
        return found

    def first_and_last_day(self) -> tuple[date, date] | None:
        """Return the dates of the first and last voucher that is there by today; None when there are none."""
        last = self._rows.last_day([day for day, _ in self._late]) if self._late else self._last_day
        if last is None or self._first_day is None:
            return None
        return day_of(self._first_day), day_of(last)

    def entries(self, account: AccountId, period: Period, *, offset: int, limit: int) -> list[StatementEntry]:
        """Return a window of an account's entries; finds its first line by the kept counts."""
        days, inside = _window(self._counted(account, period), period, offset, limit)
        found = self._rows.entries(self._no_by_id[account], days, self._late_vouchers, limit, inside)
        return [
            StatementEntry(
                day_of(day),
                VoucherId(voucher),
                VoucherTypeId(self._id(type_no)),
                number,
                amount,
                narration,
                self._id(abs(against)),
                against < 0,
            )
            for day, voucher, type_no, number, amount, narration, against in found
        ]

    def net_before(self, account: AccountId, period: Period, *, offset: int) -> int:
        """Return the sum of the first `offset` entries of an account: whole days from totals, the rest counted."""
        if offset <= 0:
            return 0
        no = self._no_by_id[account]
        first = day_number(period.first)
        (begin, end), inside = _window(self._counted(account, period), period, offset, 0)
        whole = self._rows.net_of_account(no, list(stretches(first, begin - 1))) if begin > first else 0
        late = sum(amount for at, day, _, amount in self._late_entries if at == no and first <= day < begin)
        return whole - late + self._rows.net_of_entries(no, (begin, end), self._late_vouchers, inside)

    def vouchers(self, period: Period, *, offset: int, limit: int) -> list[DayBookLine]:
        """Return a window of the day book; finds its first line by the count of each day."""
        first, last = day_number(period.first), day_number(period.last)
        if (first, last) not in self._day_counts:
            self._day_counts[first, last] = self._rows.day_counts(first, last)
        counts = self._day_counts[first, last]
        days, inside = _window(counts, period, offset, limit)
        return [
            DayBookLine(
                day_of(day),
                VoucherId(voucher),
                VoucherTypeId(self._id(type_no)),
                number,
                None if account_no is None else self._id(account_no),
                narration,
                amount,
                STATES[state],
            )
            for day, voucher, type_no, number, account_no, narration, amount, state in self._rows.vouchers(
                days, limit, inside
            )
        ]

    def bill_movements(self, accounts: Sequence[AccountId], day: date) -> list[BillMovement]:
        """Return allocations and opening bills of accounts up to `day`. Costs what those accounts hold."""
        found = [
            BillMovement(account, BILL_KINDS[0], bill.name, bill.date, bill.due, bill.amount, None)
            for account in accounts
            for bill in self.chart.accounts[account].opening_bills
        ]
        numbers = [self._no_by_id[account] for account in accounts]
        found += [
            BillMovement(
                self._id(no),
                BILL_KINDS[kind],
                name,
                day_of(when),
                None if due is None else day_of(due),
                amount,
                VoucherId(voucher),
            )
            for no, name, kind, when, due, amount, voucher in self._rows.bills(
                numbers, day_number(day), self._late_vouchers
            )
        ]
        found.sort(key=lambda bill: (bill.account, bill.name, bill.date))
        return found

    def cost_movements(self, period: Period) -> list[CostMovement]:
        """Return cost allocations of the period by centre and account. Costs what was allocated in it."""
        centres = [self._no_by_id[centre] for centre in self.chart.cost_centres]
        first, last = day_number(period.first), day_number(period.last)
        return [
            CostMovement(CostCentreId(self._id(centre)), self._id(account), Movement(*kept))
            for centre, account, *kept in self._rows.costs(centres, first, last, self._late_vouchers)
        ]

    def cash_counter_movements(self, period: Period) -> list[CashMovement]:
        """Return what stood over against cash, by month and account. Reads the entries of the period."""
        cash: list[int] = []
        others: list[int] = []
        for account in self.chart.accounts:
            (cash if self.chart.is_cash_or_bank(AccountId(MasterId(account))) else others).append(
                self._no_by_id[account]
            )
        first, last = day_number(period.first), day_number(period.last)
        return [
            CashMovement(month, self._id(account), Movement(*kept))
            for month, account, *kept in self._rows.cash_counters(cash, others, first, last, self._late_vouchers)
        ]

    # --- how ------------------------------------------------------------------------------------

    def _id(self, no: int) -> AccountId:
        return AccountId(MasterId(self._id_by_no[no]))

    @cached_property
    def _late_entries(self) -> list[tuple[int, int, int, int]]:
        """(account, day, voucher, amount) of every entry that is not due; rare, so read once and held."""
        if not self._late:
            return []
        accounts = [self._no_by_id[account] for account in self.chart.accounts]
        return [
            (account, day, no, amount) for account, day, no, amount in self._rows.late_entries(accounts, self._late)
        ]

    def _added_up(self, first: int, last: int) -> dict[int, list[int]]:
        """Return debit, credit and count by account number over days first..last, due vouchers only."""
        known = self._sums.get((first, last))
        if known is not None:
            return known
        sums: dict[int, list[int]] = {}
        for account, debit, credit, entries in self._rows.sums(list(stretches(first, last))):
            sums[account] = [debit, credit, entries]
        for account, day, _, amount in self._late_entries:
            if first <= day <= last:
                kept = sums[account]
                kept[amount < 0] -= amount
                kept[2] -= 1
        self._sums[first, last] = sums
        return sums

    def _counted(self, account: AccountId, period: Period) -> list[tuple[int, int]]:
        """Return how many entries an account has on each day of a period that has any, due vouchers only."""
        first, last = day_number(period.first), day_number(period.last)
        if self._first_day is None or self._last_day is None:
            return []
        known = self._lines.get((account, period))
        if known is not None:
            return known
        no = self._no_by_id[account]
        days = list(range(max(first, self._first_day), min(last, self._last_day) + 1))
        late = Counter(day for at, day, _, _ in self._late_entries if at == no)
        counted = [(day, lines - late[day]) for day, lines in self._rows.lines_of_account(no, days)]
        self._lines[account, period] = counted
        return counted


def _window(
    lines_by_day: Sequence[tuple[int, int]], period: Period, offset: int, limit: int
) -> tuple[tuple[int, int], int]:
    """Return the days that hold `limit` lines from `offset` on and the next, and how many of the first come before.

    The days are few, so what is read does not depend on how long the period is.
    """
    first, last = day_number(period.first), day_number(period.last)
    begin, inside = day_of_line(lines_by_day, offset, first, last)
    end, _ = day_of_line(lines_by_day, offset + limit, first, last)
    return (begin, min(end, last)), inside
