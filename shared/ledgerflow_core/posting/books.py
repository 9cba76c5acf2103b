"""The books as a fold over accepted events, in memory: the plainest statement of what a log means.

`fold(a + b) = fold(fold(a), b)`: applying events one after another from any point gives the same books.
Stores project the same events to tables; tests and `verify` hold them to this.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ledgerflow_core.calendar import day_number
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.posting.effect import entries_in_books
from ledgerflow_core.posting.kept_totals import DayTotals, add_entries
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher


@dataclass
class Books:
    """Everything a log says: the company, its masters, each voucher's current version, and the totals."""

    company: Company | None = None
    chart: Chart = field(default_factory=predefined_chart)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    totals: DayTotals = field(default_factory=dict)
    locked_until: date | None = None

    def apply(self, body: Body) -> None:
        """Take one event in. `Damaged` when it speaks of a voucher that was never posted."""
        match body:
            case CompanyCreated() | CompanyChanged():
                self.company = body.company
            case MasterCreated() | MasterChanged():
                self.chart.put(body.master)
            case MasterMerged():
                self._merge(body.merged, body.into)
            case MasterRetired():
                self.chart.retire(body.master)
            case VoucherPosted():
                self._set(body.voucher)
            case VoucherAltered():
                self._take_back(body.voucher.id)
                self._set(body.voucher)
            case VoucherCancelled():
                self._set(cancelled(self._take_back(body.voucher)))
            case PeriodLocked() | PeriodUnlocked():
                self.locked_until = body.until
            case _:
                pass  # says nothing about amounts

    def fold(self, bodies: Iterable[Body]) -> "Books":
        """Take events in, in order; returns itself."""
        for body in bodies:
            self.apply(body)
        return self

    def _merge(self, merged: str, into: str) -> None:
        self.chart.merge(merged, into)
        for account, day in [key for key in self.totals if key[0] == merged]:
            moved, kept = self.totals.pop((account, day)), self.totals.setdefault((into, day), [0, 0, 0])
            kept[:] = [one + other for one, other in zip(kept, moved, strict=True)]

    def _set(self, voucher: Voucher) -> None:
        self.vouchers[voucher.id] = voucher
        self._count(voucher, 1)

    def _take_back(self, voucher_id: str) -> Voucher:
        voucher = self.vouchers.get(voucher_id)
        if voucher is None:
            raise Damaged("voucher", reason="altered or cancelled before it was posted", voucher=voucher_id)
        self._count(voucher, -1)
        return voucher

    def _count(self, voucher: Voucher, sign: int) -> None:
        entries = entries_in_books(voucher, self.chart.voucher_types[voucher.type])
        counted = ((self.chart.counted_on(entry.account), entry.amount) for entry in entries)
        add_entries(self.totals, day_number(voucher.date), counted, sign=sign)
