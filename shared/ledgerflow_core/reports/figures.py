"""What a report may ask of the books. The desktop answers from SQLite, the server from PostgreSQL, tests from memory.

All amounts are base minor units, debit positive. Only vouchers that are in the books count (regular and
not cancelled; post-dated ones from their date on, given today's date when the figures were made).
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId, CostCentreId, VoucherId, VoucherTypeId
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.vouchers.voucher import VoucherState


class Movement(NamedTuple):
    """What moved on an account in a period: debits (>= 0), credits (<= 0) and how many entries."""

    debit: int
    credit: int
    entries: int

    @property
    def net(self) -> int:
        """Debits less credits."""
        return self.debit + self.credit


NO_MOVEMENT = Movement(0, 0, 0)


class StatementEntry(NamedTuple):
    """One entry of an account, with what a statement shows of its voucher.

    `against` is the account on the other side: the only one, or the largest of several; `several` says which.
    """

    date: date
    voucher: VoucherId
    type: VoucherTypeId
    number: str
    amount: int
    narration: str
    against: AccountId | None
    several: bool


class DayBookLine(NamedTuple):
    """One voucher in the day book. `amount` is its debit total; `account` the one that names the line."""

    date: date
    voucher: VoucherId
    type: VoucherTypeId
    number: str
    account: AccountId | None
    narration: str
    amount: int
    state: VoucherState


class BillMovement(NamedTuple):
    """One allocation to a bill reference, or an opening bill (then `voucher` is None)."""

    account: AccountId
    kind: BillKind
    name: str
    date: datetime.date
    due: datetime.date | None
    amount: int
    voucher: VoucherId | None


class CashMovement(NamedTuple):
    """What moved in a month on an account that stands over against cash: its credits came in, its debits went out.

    `month` is the first day of the calendar month, also where the period begins later in it.
    """

    month: date
    account: AccountId
    movement: Movement


@dataclass(frozen=True, slots=True)
class CostMovement:
    """What was allocated to a cost centre on one account in a period."""

    centre: CostCentreId
    account: AccountId
    movement: Movement


class Figures(Protocol):
    """The questions. A call's cost does not grow with the number of vouchers unless it says so."""

    company: Company
    chart: Chart

    def movements(self, period: Period) -> Mapping[AccountId, Movement]:
        """Return what moved in the period, accounts without entries left out. Answered from kept totals."""

    def balances(self, day: date) -> Mapping[AccountId, int]:
        """Return each account's balance at the end of `day`, its opening balance included; zeros left out."""

    def first_and_last_day(self) -> tuple[date, date] | None:
        """Return the dates of the first and last voucher in the books; None when there are none."""

    def entries(self, account: AccountId, period: Period, *, offset: int, limit: int) -> Sequence[StatementEntry]:
        """Return entries of an account by date, then in order of entry; cost grows with `limit` alone."""

    def net_before(self, account: AccountId, period: Period, *, offset: int) -> int:
        """Return the sum of the first `offset` of the account's `entries`; all of them where there are fewer.

        What a window of the statement that begins there carries forward.
        """

    def vouchers(self, period: Period, *, offset: int, limit: int) -> Sequence[DayBookLine]:
        """Return vouchers of every state by date, then in order of entry; cost grows with `limit` alone."""

    def bill_movements(self, accounts: Sequence[AccountId], day: date) -> Sequence[BillMovement]:
        """Return allocations and opening bills of accounts up to and including `day`, by account, name, date."""

    def cost_movements(self, period: Period) -> Sequence[CostMovement]:
        """Return cost allocations of the period by centre and account."""

    def cash_counter_movements(self, period: Period) -> Sequence[CashMovement]:
        """Return what stood over against cash in the period, by month and account.

        Counted is every entry that is not itself on a cash, bank or bank overdraft account
        (`Chart.is_cash_or_bank`), of every voucher that has at least one entry that is. As vouchers balance,
        all movements of a month together are the change of cash and bank in it with the sign turned round;
        a contra between them has no other entry and so does not appear. Cost may grow with the vouchers of
        the period that touch cash.
        """
