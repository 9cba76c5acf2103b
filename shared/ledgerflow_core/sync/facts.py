"""What the log says of everything some events speak about, and how an accepted event moves it on."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    ConflictResolved,
    Event,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    ReplicaOpened,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import EventId, MasterId, ReplicaId, VoucherId
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.posting.month_totals import MonthTotals
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher

# (voucher type, first day of the financial year, number)
NumberKey = tuple[str, date, str]


class VoucherNow(NamedTuple):
    """A voucher's version in effect and its version hash (hex)."""

    version: str
    voucher: Voucher


class KnownEvent(NamedTuple):
    """Where the log has an event, and its version hash (hex)."""

    gseq: int
    version: str


class Replaced(NamedTuple):
    """What an accepted event did to a voucher: the version before (None where it was posted) and after.

    `is_unique` is whether a voucher that was posted took its number for itself, by its type as it was then.
    """

    before: Voucher | None
    after: Voucher
    is_unique: bool = False


@dataclass(slots=True)
class Facts:
    """The registers of one company: what each is now and, in hex, the version hash it got that from.

    `chart` holds every master, with `master_versions` (empty for one the company was born with). The other mappings
    may hold just what `needs_of` names. `open_conflicts` tells for each parked event whether it still waits;
    `tags` are the number tags of all replicas. `totals` are followed where it is in question whether they fit, and
    then hold what `totals_needed` names.
    """

    company: Company | None = None
    company_version: str = ""
    chart: Chart = field(default_factory=predefined_chart)
    master_versions: dict[MasterId, str] = field(default_factory=dict)
    locked_until: date | None = None
    lock_version: str = ""
    vouchers: dict[VoucherId, VoucherNow] = field(default_factory=dict)
    numbers: set[NumberKey] = field(default_factory=set)
    events: dict[EventId, KnownEvent] = field(default_factory=dict)
    open_conflicts: dict[EventId, bool] = field(default_factory=dict)
    tags: dict[ReplicaId, str] = field(default_factory=dict)
    totals: MonthTotals | None = None

    def master_version(self, master: MasterId) -> str | None:
        """Return the version hash (hex) of a master, None where there is no such master."""
        version = self.master_versions.get(master)
        return "" if version is None and master in self.chart.masters else version

    def number_key(self, voucher: Voucher) -> NumberKey | None:
        """Return what no other voucher may share with this one, None where its number may repeat."""
        kind = self.chart.voucher_types[voucher.type]
        if not voucher.number or kind.numbering is Numbering.MANUAL_REPEATABLE or self.company is None:
            return None
        return voucher.type, self.company.financial_year.year_of(voucher.date).first, voucher.number

    def apply(self, event: Event, version: str) -> Replaced | None:
        """Take an accepted event in; `version` is its version hash (hex). Returns what it did to a voucher."""
        body = event.body
        match body:
            case VoucherPosted(voucher=voucher):
                key = self.number_key(voucher)
                if key is not None:
                    self.numbers.add(key)
                return self._replace(None, voucher, version)._replace(is_unique=key is not None)
            case VoucherAltered(voucher=voucher):
                return self._replace(self.vouchers[voucher.id].voucher, voucher, version)
            case VoucherCancelled(voucher=voucher_id):
                before = self.vouchers[voucher_id].voucher
                return self._replace(before, cancelled(before), version)
            case _:
                self._apply_other(event, body, version)
                return None

    def _replace(self, before: Voucher | None, after: Voucher, version: str) -> Replaced:
        if self.totals is not None:
            self.totals.replace(before, after, self.chart)
        self.vouchers[after.id] = VoucherNow(version, after)
        return Replaced(before, after)

    def _apply_other(self, event: Event, body: Body, version: str) -> None:
        match body:
            case MasterCreated(master=master) | MasterChanged(master=master):
                self.chart.put(master)
                self.master_versions[master.id] = version
            case MasterRetired(master=master_id):
                self.chart.retire(master_id)
                self.master_versions[master_id] = version
            case MasterMerged(merged=merged, into=into):
                self.chart.merge(merged, into)
                if self.totals is not None:
                    self.totals.merge(merged, into)
                self.master_versions[merged] = self.master_versions[into] = version
            case CompanyCreated(company=company):
                # In a log that lost its beginning, a change may stand before it.
                self.company = self.company if self.company_version else company
            case CompanyChanged(company=company):
                self.company, self.company_version = company, version
            case PeriodLocked(until=until) | PeriodUnlocked(until=until):
                self.locked_until, self.lock_version = until, version
            case ConflictResolved(event=parked):
                self.open_conflicts[parked] = False
            case ReplicaOpened(tag=tag):
                self.tags[event.replica] = tag
            case _:
                pass
