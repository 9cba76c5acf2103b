"""The figures of a list of vouchers, worked out the plain way each time: the oracle reports are held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId, CostCentreId
from ledgerflow_core.ledger.entry import BillKind, Entry
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.reports.figures import (
    BillMovement,
    CashMovement,
    CostMovement,
    DayBookLine,
    Movement,
    StatementEntry,
)
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState


@dataclass
class MemoryFigures:
    """Answers from `vouchers`, which stand in the order in which they were entered; `today` dates the answers."""

    company: Company
    chart: Chart
    vouchers_entered: list[Voucher]
    today: date

    def in_books(self, voucher: Voucher) -> bool:
        if not self.chart.voucher_types[voucher.type].posts_to_books:
            return False
        if voucher.state is VoucherState.POST_DATED:
            return voucher.date <= self.today
        return voucher.state is VoucherState.REGULAR

    def _by_date(self) -> list[Voucher]:
        return sorted(self.vouchers_entered, key=lambda voucher: voucher.date)

    def _entries(self, period: Period) -> list[tuple[Voucher, Entry]]:
        return [
            (voucher, entry)
            for voucher in self._by_date()
            if self.in_books(voucher) and voucher.date in period
            for entry in voucher.entries
        ]

    def movements(self, period: Period) -> Mapping[AccountId, Movement]:
        return _movements([entry for _, entry in self._entries(period)])

    def balances(self, day: date) -> Mapping[AccountId, int]:
        balances = {account.id: account.opening for account in self.chart.accounts.values()}
        for _, entry in self._entries(Period(date.min, day)):
            balances[entry.account] += entry.amount
        return {account: balance for account, balance in balances.items() if balance}

    def first_and_last_day(self) -> tuple[date, date] | None:
        days = [voucher.date for voucher in self.vouchers_entered]
        return (min(days), max(days)) if days else None

    def entries(self, account: AccountId, period: Period, *, offset: int, limit: int) -> Sequence[StatementEntry]:
        found = []
        for voucher, entry in self._entries(period):
            if entry.account == account:
                others = [e for e in voucher.entries if (e.amount < 0) != (entry.amount < 0)]
                largest = max(others, key=lambda e: abs(e.amount)) if others else None
                found.append(
                    StatementEntry(
                        date=voucher.date,
                        voucher=voucher.id,
                        type=voucher.type,
                        number=voucher.number,
                        amount=entry.amount,
                        narration=voucher.narration,
                        against=largest.account if largest else None,
                        several=len(others) > 1,
                    )
                )
        return found[offset : offset + limit]

    def net_before(self, account: AccountId, period: Period, *, offset: int) -> int:
        amounts = [entry.amount for _, entry in self._entries(period) if entry.account == account]
        return sum(amounts[:offset])

    def vouchers(self, period: Period, *, offset: int, limit: int) -> Sequence[DayBookLine]:
        lines = [
            DayBookLine(
                date=voucher.date,
                voucher=voucher.id,
                type=voucher.type,
                number=voucher.number,
                account=voucher.party or (voucher.entries[0].account if voucher.entries else None),
                narration=voucher.narration,
                amount=voucher.debit_total,
                state=voucher.state,
            )
            for voucher in self._by_date()
            if voucher.date in period
        ]
        return lines[offset : offset + limit]

    def bill_movements(self, accounts: Sequence[AccountId], day: date) -> Sequence[BillMovement]:
        found = []
        for account in accounts:
            for opened in self.chart.accounts[account].opening_bills:
                made = BillMovement(account, BillKind.NEW, opened.name, opened.date, opened.due, opened.amount, None)
                found.append(made)
            for voucher, entry in self._entries(Period(date.min, day)):
                if entry.account == account:
                    for bill in entry.bills:
                        found.append(
                            BillMovement(account, bill.kind, bill.name, voucher.date, bill.due, bill.amount, voucher.id)
                        )
        return sorted(found, key=lambda movement: (accounts.index(movement.account), movement.name, movement.date))

    def cost_movements(self, period: Period) -> Sequence[CostMovement]:
        allocated: dict[tuple[CostCentreId, AccountId], list[Entry]] = {}
        for _, entry in self._entries(period):
            for cost in entry.costs:
                moved = Entry(account=entry.account, amount=cost.amount)
                allocated.setdefault((cost.centre, entry.account), []).append(moved)
        return [
            CostMovement(centre, account, _movements(entries)[account])
            for (centre, account), entries in sorted(allocated.items())
        ]

    def cash_counter_movements(self, period: Period) -> Sequence[CashMovement]:
        found = []
        for month in period.months():
            against_cash = []
            for voucher in self.vouchers_entered:
                touches_cash = any(self.chart.is_cash_or_bank(entry.account) for entry in voucher.entries)
                if touches_cash and self.in_books(voucher) and voucher.date in month:
                    against_cash += [e for e in voucher.entries if not self.chart.is_cash_or_bank(e.account)]
            for account, movement in sorted(_movements(against_cash).items()):
                found.append(CashMovement(month.first.replace(day=1), account, movement))
        return found


def _movements(entries: list[Entry]) -> dict[AccountId, Movement]:
    found = {}
    for account in {entry.account for entry in entries}:
        amounts = [entry.amount for entry in entries if entry.account == account]
        debits = sum(amount for amount in amounts if amount > 0)
        credits = sum(amount for amount in amounts if amount < 0)
        found[account] = Movement(debits, credits, len(amounts))
    return found
