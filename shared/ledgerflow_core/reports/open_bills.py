"""Open bills of parties at the end of a day: allocations by bill reference, and what belongs to no bill.

What an account carries beyond its allocations (a party that is not kept bill by bill, an opening balance
without bills) counts as on account, so the lines of a party always add up to its balance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.account import Account
from ledgerflow_core.reports.figures import BillMovement, Figures


class LineKind(StrEnum):
    """What a line of an outstanding report is."""

    BILL = "bill"
    ADVANCE = "advance"
    ON_ACCOUNT = "on-account"


@dataclass(frozen=True, slots=True)
class OpenBill:
    """A bill, an advance, or the one line on account of a party; amounts debit positive.

    `original` is what the bill was opened with, `pending` what is left of it. `opened_by` is the voucher
    that opened it; None for an opening bill and for on account.
    """

    account: AccountId
    kind: LineKind
    name: str
    dated: date | None
    due: date | None
    original: int
    pending: int
    opened_by: str | None


def open_bills(figures: Figures, accounts: Sequence[Account], day: date) -> dict[AccountId, list[OpenBill]]:
    """Return every line of each account by date of bill, settled ones included, on account last."""
    balances = figures.balances(day)
    movements: dict[AccountId, list[BillMovement]] = {account.id: [] for account in accounts}
    for movement in figures.bill_movements([account.id for account in accounts], day):
        movements[movement.account].append(movement)
    return {account.id: _of_account(account, movements[account.id], balances) for account in accounts}


def _of_account(
    account: Account, movements: Sequence[BillMovement], balances: Mapping[AccountId, int]
) -> list[OpenBill]:
    by_name: dict[str, list[BillMovement]] = {}
    for movement in movements:
        if movement.kind is not BillKind.ON_ACCOUNT:
            by_name.setdefault(movement.name, []).append(movement)
    bills = [_bill(account, name, of_name) for name, of_name in by_name.items()]
    bills.sort(key=lambda bill: (bill.dated or date.max, bill.name))

    on_account = balances.get(account.id, 0) - sum(bill.pending for bill in bills)
    if on_account:
        bills.append(
            OpenBill(
                account=account.id,
                kind=LineKind.ON_ACCOUNT,
                name="On account",
                dated=None,
                due=None,
                original=0,
                pending=on_account,
                opened_by=None,
            )
        )
    return bills


def _bill(account: Account, name: str, movements: Sequence[BillMovement]) -> OpenBill:
    openings = [m for m in movements if m.kind in (BillKind.NEW, BillKind.ADVANCE)]
    # An allocation against a bill nobody opened stands as a bill of its own from the day it was made.
    first = min(openings or movements, key=lambda m: m.date)
    is_advance = bool(openings) and all(m.kind is BillKind.ADVANCE for m in openings)
    return OpenBill(
        account=account.id,
        kind=LineKind.ADVANCE if is_advance else LineKind.BILL,
        name=name,
        dated=first.date,
        due=None if is_advance else _due(account, first),
        original=sum(m.amount for m in openings),
        pending=sum(m.amount for m in movements),
        opened_by=first.voucher,
    )


def _due(account: Account, opening: BillMovement) -> date:
    """Return the day a bill falls due: as agreed on it, else by the party's credit days, else its own day."""
    if opening.due is not None:
        return opening.due
    days = account.party.credit_days if account.party else None
    return opening.date + timedelta(days or 0)
