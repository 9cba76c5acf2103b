"""The books of a file while events are applied to them, or taken back, inside one transaction.

Masters and facts are written as they change, vouchers all at once at the end (`VoucherFold`), so that a device that
takes a whole log in does so at the pace of an import.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import date

from ledgerflow_core.calendar import day_number
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import version_hash
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
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import MasterId
from ledgerflow_core.masters.chart import Chart, Master, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.posting.month_totals import AccountMonth, MonthTotals
from ledgerflow_core.posting.projection import Projector
from ledgerflow_core.sync.deciding import needs_of, totals_needed
from ledgerflow_core.sync.facts import Facts, VoucherNow
from ledgerflow_desktop.storage import log_store, master_store, sync_facts, without_effect
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import (
    COMPANY_CREATED_AT,
    COMPANY_VERSION,
    LOCK_VERSION,
    get_meta,
    set_meta,
)
from ledgerflow_desktop.storage.merging import project_again, vouchers_on
from ledgerflow_desktop.storage.registers import registers_without
from ledgerflow_desktop.storage.voucher_fold import Place, VoucherFold
from ledgerflow_desktop.storage.without_effect import Numbers

# What decides about others: a change of one of these may change what becomes of anything pending.
REGISTER_BODIES = (
    CompanyCreated, CompanyChanged, MasterCreated, MasterChanged, MasterMerged, MasterRetired, PeriodLocked,
    PeriodUnlocked,
)  # fmt: skip


class LogFold:
    """Masters, facts and vouchers of a file, moved on event by event. `finish` leaves the tables where it is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._log = log_store.Reader(connection)
        self.company: Company | None = None
        self.chart = Chart()
        self.no_by_id: dict[str, int] = {}
        if get_meta(connection, "company"):
            self.company = master_store.read_company(connection)
            self.chart, self.no_by_id = master_store.load(connection)
        self._no_by_master = self.no_by_id | without_effect.reserved_masters(connection)
        self._next_voucher_no = int(get_meta(connection, "next_voucher_no") or 1)
        self.vouchers = VoucherFold(connection)
        self._projector = self._new_projector()

    def finish(self) -> None:
        """Leave the tables where the fold is."""
        self.write()
        set_meta(self._connection, "next_voucher_no", str(self._next_voucher_no))

    def write(self) -> None:
        """Write the vouchers that are not written yet."""
        if self._projector is not None:
            self.vouchers.write(self._projector)

    # --- local numbers --------------------------------------------------------------------------

    def numbers_of(self, event: Event | None) -> Numbers:
        """Give a new event of the log the local numbers of what it makes, whether it has effect or not."""
        match None if event is None else event.body:
            case VoucherPosted():
                self._next_voucher_no += 1
                return Numbers(voucher=self._next_voucher_no - 1)
            case MasterCreated(master=master):
                no = self._no_by_master.setdefault(master.id, max(self._no_by_master.values(), default=0) + 1)
                return Numbers(master=no)
            case _:
                return Numbers()

    def given_to(self, event: Event, taken_back: int | None) -> Numbers:
        """Return the numbers an event was given before; `taken_back` is that of the voucher it posted."""
        master = event.body.master.id if isinstance(event.body, MasterCreated) else ""
        return Numbers(taken_back, self._no_by_master.get(master))

    # --- forward --------------------------------------------------------------------------------

    def apply(self, event: Event, version: str, position: int, numbers: Numbers) -> None:
        """Take an event with effect in; `version` is its version hash (hex). `Damaged` where it does not fit."""
        body = event.body
        try:
            match body:
                case VoucherPosted(voucher=voucher):
                    assert numbers.voucher is not None, "a voucher has a number"
                    self.vouchers.post(voucher, Place(numbers.voucher, 1, position), version)
                case VoucherAltered(voucher=voucher):
                    self.vouchers.replace(voucher.id, voucher, position, version)
                case VoucherCancelled(voucher=voucher_id):
                    self.vouchers.replace(voucher_id, None, position, version)
                case ConflictResolved(event=parked):
                    without_effect.resolve(self._connection, parked, position)
                case _:
                    self._apply_register(body, version, position)
        except KeyError as error:
            reason = "names a master that is not there"
            raise Damaged(f"log position {position}", reason=reason, master=str(error.args[0])[:60]) from None

    def _apply_register(self, body: Body, version: str, position: int) -> None:
        connection = self._connection
        match body:
            case MasterCreated(master=master) | MasterChanged(master=master):
                if isinstance(master, VoucherType):
                    self.write()  # those before were made by the rules of then
                self._put(master, position)
            case MasterRetired(master=master_id):
                self.chart.retire(master_id)
                master_store.update(connection, self.chart.masters[master_id], position=position)
            case MasterMerged(merged=merged, into=into):
                self._merge(merged, into, position)
            case CompanyCreated(company=company):
                self._begin(company)
            case CompanyChanged(company=company):
                self.write()
                self._set_company(company, version)
            case PeriodLocked(until=until) | PeriodUnlocked(until=until):
                self._set_lock(until, version)
            case _:
                pass  # changes no row

    def _begin(self, company: Company) -> None:
        if self.company is None:
            self.chart = predefined_chart()
            given = master_store.insert(self._connection, self.chart.masters.values(), position=COMPANY_CREATED_AT)
            self.no_by_id.update(given)
            self._no_by_master.update(given)
        set_meta(self._connection, sync_facts.COMPANY_LENT, "")
        self._set_company(company, "")

    def _put(self, master: Master, position: int) -> None:
        if master.id in self.no_by_id:
            master_store.update(self._connection, master, position=position)
        else:
            no = self._no_by_master[master.id]
            master_store.insert_numbered(self._connection, no, master, position=position)
            self.no_by_id[master.id] = no
        self.chart.put(master)

    def _merge(self, merged: MasterId, into: MasterId, position: int) -> None:
        self.write()
        touched = vouchers_on(self._connection, self.no_by_id[merged])
        before = self._new_projector(self.chart.merged.copy())
        self.chart.merge(merged, into)
        for master in (merged, into):
            master_store.update(self._connection, self.chart.masters[master], position=position)
        self._projector = self._new_projector()
        if before is not None and self._projector is not None:
            project_again(self._connection, touched, before, self._projector)

    def _set_company(self, company: Company, version: str) -> None:
        self.company = company
        master_store.write_company(self._connection, company)
        set_meta(self._connection, COMPANY_VERSION, version)
        self._projector = self._new_projector()

    def _set_lock(self, until: date | None, version: str) -> None:
        set_meta(self._connection, "locked_until", until.isoformat() if until else "")
        set_meta(self._connection, LOCK_VERSION, version)

    def _new_projector(self, merged: dict[str, str] | None = None) -> Projector | None:
        if self.company is None:
            return None
        now = self.chart.merged if merged is None else merged
        return Projector(self.chart.voucher_types, self.no_by_id, self.company.financial_year, now)

    # --- back -----------------------------------------------------------------------------------

    def take_back(self, event: Event, position: int) -> Numbers:
        """Undo an event that has effect; nothing later may stand on it. Returns the numbers it keeps.

        Masters, company and lock are not undone one by one: `fold_registers` brings them back together.
        """
        body = event.body
        posted: int | None = None
        match body:
            case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
                posted = self.vouchers.take_back(voucher.id, position)
            case VoucherCancelled(voucher=voucher_id):
                posted = self.vouchers.take_back(voucher_id, position)
            case ConflictResolved(event=parked):
                without_effect.resolve(self._connection, parked, None)
            case _:
                pass
        return self.given_to(event, posted)

    def fold_registers(self, left_out: Container[int], *, last: int) -> None:
        """Bring masters, company and lock to what the log up to `last` says without the events at some positions."""
        self.write()
        right, positions = registers_without(self._connection, left_out, last=last)
        before, wrong = self._new_projector(self.chart.merged.copy()), self.chart
        self._write_masters(right.chart, positions)
        self.chart = right.chart
        if right.company is not None:
            self._set_company(right.company, right.company_version)
        self._set_lock(right.locked_until, right.lock_version)
        self._projector = self._new_projector()
        if before is not None and self._projector is not None:
            # A voucher may stand on several of them, and is moved once.
            ends = self._moved(wrong, right.chart)
            found = {one.no: one for end in ends for one in vouchers_on(self._connection, end)}
            project_again(self._connection, list(found.values()), before, self._projector)
        for master_id in [known for known in self.no_by_id if known not in right.chart.masters]:
            master_store.remove(self._connection, master_id)
            del self.no_by_id[master_id]

    def _moved(self, wrong: Chart, right: Chart) -> Sequence[int]:
        """Return the masters that hold what belongs elsewhere."""
        ends = {wrong.counted_on(master) for master in wrong.merged if wrong.merged[master] != right.merged.get(master)}
        return sorted(self.no_by_id[end] for end in ends)

    def _write_masters(self, right: Chart, positions: Mapping[str, int]) -> None:
        connection = self._connection
        for master_id, master in right.masters.items():
            if self.chart.masters.get(master_id) != master or (
                master_store.position_of(connection, master_id) != positions[master_id]
            ):
                master_store.update(connection, master, position=positions[master_id])

    # --- what decisions need to know ------------------------------------------------------------

    def facts(self, events: Sequence[Event]) -> Facts:
        """Return what has to be known of the books to decide about events."""
        connection, needs = self._connection, needs_of(events)
        locked = get_meta(connection, "locked_until")
        is_lent = get_meta(connection, sync_facts.COMPANY_LENT)
        begins = any(isinstance(event.body, CompanyCreated) for event in events)
        facts = Facts(
            company=None if is_lent and begins else self.company,
            company_version=get_meta(connection, COMPANY_VERSION),
            chart=self.chart,
            locked_until=date.fromisoformat(locked) if locked else None,
            lock_version=get_meta(connection, LOCK_VERSION),
            open_conflicts=without_effect.conflicts(connection, needs.conflicts),
            totals=self._totals(events),
        )
        for master in {master for event in events for master in _masters_changed(event.body)}:
            if master in self.no_by_id:
                facts.master_versions[master] = self.master_version(master)
        for voucher_id in needs.vouchers:
            now = self.vouchers.get(voucher_id)
            if now is not None:
                facts.vouchers[voucher_id] = VoucherNow(now.hash, now.voucher)
        if self.company is not None:
            year = self.company.financial_year
            for kind, day, number in needs.numbers:
                first = year.year_of(day).first
                if kind in self.no_by_id and self.is_taken(kind, first, number):
                    facts.numbers.add((kind, first, number))
        return facts

    def _totals(self, events: Sequence[Event]) -> MonthTotals:
        """Return the totals in the tables that these events may make too large."""
        needed, found = totals_needed(events, self.chart), self._connection.execute
        kept: dict[AccountMonth, tuple[int, int]] = {}
        for account, month in needed.months:
            one = "SELECT debit, credit FROM month_total WHERE month = ? AND account_no = ?"
            row = found(one, (month, self.no_by_id.get(account))).fetchone()
            if row is not None:
                kept[account, month] = row
        for account in needed.accounts:
            every = "SELECT month, debit, credit FROM month_total WHERE account_no = ?"
            for month, debit, credit in found(every, (self.no_by_id.get(account),)):
                kept[account, month] = debit, credit
        return MonthTotals(kept)

    def is_taken(self, kind: str, year: date, number: str) -> bool:
        """Whether a voucher in the tables has a number; `year` is the first day of its financial year."""
        return self.vouchers.holder_of((self.no_by_id[kind], day_number(year), number)) is not None

    def master_version(self, master: MasterId) -> str:
        """Return the version hash (hex) of a master, empty where it came with the company's creation."""
        position = master_store.position_of(self._connection, master)
        return "" if position == COMPANY_CREATED_AT else version_hash(self._log.read(position)).hex()


def _masters_changed(body: Body) -> tuple[MasterId, ...]:
    match body:
        case MasterChanged(master=master):
            return (master.id,)
        case MasterRetired(master=master_id):
            return (master_id,)
        case MasterMerged(merged=merged, into=into):
            return merged, into
        case _:
            return ()
