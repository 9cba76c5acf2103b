"""Events to rows: what each voucher puts into the tables of a store, as pure functions over local numbers.

What reaches the books is decided by `posting.effect`; here it only becomes rows. One path serves a single voucher,
an import of a million and the server, so there is nothing that could differ between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from ledgerflow_core.calendar import FinancialYear, day_number
from ledgerflow_core.ledger.entry import BillKind, Entry
from ledgerflow_core.masters.voucher_type import Numbering, VoucherType
from ledgerflow_core.posting.effect import against, as_merged, entries_in_books, naming_entry
from ledgerflow_core.posting.kept_totals import DayTotals
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

# Numbers in the file; the order is part of the format.
STATES = (VoucherState.REGULAR, VoucherState.OPTIONAL, VoucherState.POST_DATED, VoucherState.CANCELLED)
BILL_KINDS = (BillKind.NEW, BillKind.AGAINST, BillKind.ADVANCE, BillKind.ON_ACCOUNT)
_STATE_NO = {state: number for number, state in enumerate(STATES)}
_BILL_KIND_NO = {kind: number for number, kind in enumerate(BILL_KINDS)}

# How much of a narration the lists show; the whole of it stands in the log.
NARRATION_SHOWN = 200


class VoucherRow(NamedTuple):
    """A row of the table `voucher`, its columns in order. Rows are made as plain tuples, which travel faster."""

    day: int
    no: int
    id: bytes
    type_no: int
    year: int | None
    number: str
    account_no: int | None
    amount: int
    state: int
    version: int
    position: int
    narration: str


# A `VoucherRow` as a plain tuple, and where the type stands in it.
VoucherTuple = tuple[int, int, bytes, int, int | None, str, int | None, int, int, int, int, str]
TYPE_NO: Final = 3


@dataclass(slots=True)
class Rows:
    """Rows for each table, in the order of their columns, and what they add to the kept totals."""

    vouchers: list[VoucherTuple] = field(default_factory=list)
    entries: list[tuple[int, ...]] = field(default_factory=list)
    bills: list[tuple[object, ...]] = field(default_factory=list)
    costs: list[tuple[int, ...]] = field(default_factory=list)
    foreign: list[tuple[object, ...]] = field(default_factory=list)
    totals: DayTotals = field(default_factory=dict)
    day_counts: dict[int, int] = field(default_factory=dict)


class Projector:
    """Turns vouchers into rows. `no_by_id` gives the local number of every master, `merged` is `Chart.merged`."""

    def __init__(
        self,
        types: Mapping[str, VoucherType],
        no_by_id: Mapping[str, int],
        year: FinancialYear,
        merged: Mapping[str, str] | None = None,
    ) -> None:
        self._types = types
        self._no_by_id = no_by_id
        self._year = year
        self._merged = merged
        self._days: dict[date, tuple[int, int]] = {}

    def days_of(self, day: date) -> tuple[int, int]:
        """Return the day number of a date and of the first day of its financial year."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = (day_number(day), day_number(self._year.year_of(day).first))
        return known

    def add(
        self, rows: Rows, voucher: Voucher, *, no: int, version: int, position: int, is_unique: bool | None = None
    ) -> None:
        """Add the rows of one version of a voucher, stored at `position` of the log.

        Whether it has its number for itself was settled when it was posted: `is_unique`, None for a voucher that is
        posted now. A type that changes its numbering afterwards changes nothing about it.
        """
        # Which entry names a voucher stays, whatever is merged later.
        naming = naming_entry(voucher)
        if self._merged:
            voucher = as_merged(voucher, self._merged)
        voucher_type = self._types[voucher.type]
        number_of = self._no_by_id
        day, year = self.days_of(voucher.date)
        if is_unique is None:
            is_unique = bool(voucher.number) and voucher_type.numbering is not Numbering.MANUAL_REPEATABLE
        rows.vouchers.append(
            (
                day,
                no,
                bytes.fromhex(voucher.id.replace("-", "")),
                number_of[voucher.type],
                year if is_unique else None,
                voucher.number,
                None if naming is None else number_of[voucher.entries[naming].account],
                voucher.debit_total,
                _STATE_NO[voucher.state],
                version,
                position,
                voucher.narration[:NARRATION_SHOWN],
            )
        )
        rows.day_counts[day] = rows.day_counts.get(day, 0) + 1
        entries = entries_in_books(voucher, voucher_type)
        if entries:
            self._add_entries(rows, entries, day, no)

    def _add_entries(self, rows: Rows, entries: tuple[Entry, ...], day: int, no: int) -> None:
        # The loop an import spends its time in: one pass for rows, totals and details.
        number_of, totals, made = self._no_by_id, rows.totals, rows.entries
        against_debit, against_credit = self._other_sides(entries)
        for line, entry in enumerate(entries):
            account, amount = number_of[entry.account], entry.amount
            made.append((account, day, no, line, amount, against_credit if amount < 0 else against_debit))
            kept = totals.get((account, day))
            if kept is None:
                kept = totals[account, day] = [0, 0, 0]
            kept[amount < 0] += amount
            kept[2] += 1
            if entry.bills or entry.costs or entry.foreign:
                self._add_details(rows, entry, account, (day, no, line))

    def _add_details(self, rows: Rows, entry: Entry, account: int, at: tuple[int, int, int]) -> None:
        for part, bill in enumerate(entry.bills):
            due = day_number(bill.due) if bill.due else None
            rows.bills.append((account, bill.name, *at, part, _BILL_KIND_NO[bill.kind], due, bill.amount))
        for part, cost in enumerate(entry.costs):
            rows.costs.append((self._no_by_id[cost.centre], *at, part, account, cost.amount))
        if entry.foreign:
            rows.foreign.append((account, *at, entry.foreign.currency, entry.foreign.amount, entry.amount))

    def _other_sides(self, entries: tuple[Entry, ...]) -> tuple[int, int]:
        """Return the account numbers shown against debits and against credits, negative where a side has several."""
        number_of = self._no_by_id
        if len(entries) == 2:
            one, two = (number_of[entry.account] for entry in entries)
            difference = entries[0].amount - entries[1].amount
            return (two, one) if difference > 0 else (one, two) if difference else (one, one)
        debit, credit = against(entries)
        against_debit, against_credit = number_of[entries[credit].account], number_of[entries[debit].account]
        if len(entries) > 2:
            debits, credits = entries[debit].account, entries[credit].account
            for entry in entries:
                if entry.amount >= 0:
                    if entry.account != debits:
                        against_credit = -abs(against_credit)
                elif entry.account != credits:
                    against_debit = -abs(against_debit)
        return against_debit, against_credit
