"""Setting an amount to bills: what is open, what is proposed, and what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.reports.figures import BillMovement
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, BillRow, Line

_OPENS_BILLS = (VoucherNature.SALES, VoucherNature.PURCHASE)
KINDS = (BillKind.AGAINST, BillKind.NEW, BillKind.ADVANCE, BillKind.ON_ACCOUNT)


@dataclass(frozen=True, slots=True)
class PendingBill:
    """A bill of a party with something left of it; `pending` debit positive."""

    name: str
    dated: date
    due: date
    pending: int


def pending_bills(account: Account, movements: Iterable[BillMovement], *, without: str = "") -> list[PendingBill]:
    """Return the open bills of one account, the longest due first; the voucher `without` (being altered) left out."""
    sums: dict[str, int] = {}
    opened: dict[str, BillMovement] = {}
    for movement in movements:
        if movement.kind is BillKind.ON_ACCOUNT or (without and movement.voucher == without):
            continue
        sums[movement.name] = sums.get(movement.name, 0) + movement.amount
        if movement.name not in opened or movement.kind is not BillKind.AGAINST:
            opened[movement.name] = movement
    days = (account.party.credit_days if account.party else None) or 0
    found = [
        PendingBill(name, first.date, first.due or first.date + timedelta(days), sums[name])
        for name, first in opened.items()
        if sums[name]
    ]
    found.sort(key=lambda bill: (bill.due, bill.dated, bill.name))
    return found


class BillSheet:
    """The bills of one line while they are being set. Amounts count on the side of the line."""

    def __init__(self, line: Line, pending: Sequence[PendingBill], *, nature: VoucherNature, account: Account,
                 day: date) -> None:  # fmt: skip
        self.line = line
        self.account: AccountId = account.id
        self._nature = nature
        self._credit_days = account.party.credit_days if account.party else None
        self._day = day
        sign = line.side.sign * (-1 if line.amount.value < 0 else 1)
        # What this line settles stands on the other side.
        self.pending = [bill for bill in pending if bill.pending * sign < 0]

    @property
    def rows(self) -> list[BillRow]:
        """The rows as they stand in the line."""
        return self.line.bills

    @property
    def left(self) -> int:
        """What of the line is set to no bill yet, on the side of the line."""
        return self.line.amount.value - sum(row.amount.value for row in self.rows)

    def open_bills(self, at: int) -> list[PendingBill]:
        """Return the bills that row `at` can be set against: those no other row settles whole."""
        taken: dict[str, int] = {}
        for place, row in enumerate(self.rows):
            if place != at and row.kind is BillKind.AGAINST:
                taken[row.name] = taken.get(row.name, 0) + abs(row.amount.value)
        rest = []
        for bill in self.pending:
            left = abs(bill.pending) - taken.get(bill.name, 0)
            if left > 0:
                rest.append(PendingBill(bill.name, bill.dated, bill.due, left if bill.pending > 0 else -left))
        return rest

    def proposed_kind(self) -> BillKind:
        """Return what the last row most likely does."""
        if self._nature in _OPENS_BILLS:
            return BillKind.NEW
        if self.open_bills(len(self.rows) - 1):
            return BillKind.AGAINST
        if self._nature in (VoucherNature.RECEIPT, VoucherNature.PAYMENT):
            return BillKind.ADVANCE if not self.pending else BillKind.ON_ACCOUNT
        return BillKind.NEW

    def add_row(self) -> int:
        """Add a row with what is proposed for it; return its place."""
        self.rows.append(BillRow())
        self.set_kind(len(self.rows) - 1, self.proposed_kind())
        return len(self.rows) - 1

    def proposed_amount(self, at: int) -> int:
        """Return the amount a row most likely takes: what is left, of one bill no more than is pending of it."""
        row = self.rows[at]
        left = self.left + row.amount.value
        if row.kind is BillKind.AGAINST:
            for bill in self.open_bills(at):
                if bill.name == row.name:
                    return min(left, abs(bill.pending)) if left > 0 else -min(-left, abs(bill.pending))
        return left

    def proposed_due(self) -> date:
        """Return when a new bill falls due, by the party's credit days."""
        return self._day + timedelta(self._credit_days or 0)

    def set_kind(self, at: int, kind: BillKind) -> None:
        """Change what a row does; a name that belonged to the other kind goes."""
        row = self.rows[at]
        if row.kind is not kind:
            row.kind, row.name, row.due = kind, "", None
        if kind is BillKind.NEW and row.due is None:
            row.due = self.proposed_due()

    def fill_oldest_first(self) -> None:
        """Set what is left to the open bills in the order they fell due, and the rest on account."""
        rows = self.rows
        rows[:] = [row for row in rows if row.amount.value]
        for bill in self.open_bills(len(rows)):
            if self.left <= 0:
                return
            amount = min(self.left, abs(bill.pending))
            rows.append(BillRow(kind=BillKind.AGAINST, name=bill.name, amount=AmountField(minor=amount)))
        if self.left:
            rows.append(BillRow(kind=BillKind.ON_ACCOUNT, amount=AmountField(minor=self.left)))

    def drop_empty(self) -> None:
        """Take out rows in which nothing was set."""
        self.rows[:] = [row for row in self.rows if row.amount.value or row.name.strip()]


def less_taken(pending: Sequence[PendingBill], lines: Iterable[Line]) -> list[PendingBill]:
    """Return open bills less what other lines of the same voucher settle of them."""
    taken: dict[str, int] = {}
    for line in lines:
        for row in line.bills:
            if row.kind is BillKind.AGAINST:
                taken[row.name] = taken.get(row.name, 0) + line.side.sign * row.amount.value
    rest = [PendingBill(bill.name, bill.dated, bill.due, bill.pending + taken.get(bill.name, 0)) for bill in pending]
    return [bill for bill in rest if bill.pending]
