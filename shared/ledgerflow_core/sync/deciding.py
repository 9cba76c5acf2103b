"""The server's decision about each event, as a pure function of what the log says so far.

Replicas use the same one to foresee what will become of events the server has not seen. A verdict, once
recorded, is never computed again. Nothing is refused for a reason of business: what cannot take effect is
parked with the reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ledgerflow_core.calendar import month_number
from ledgerflow_core.errors import Problem
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
from ledgerflow_core.identifiers import EventId, MasterId, VoucherId
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.validation import (
    problems_in_company,
    problems_in_master,
    problems_of_lock,
    problems_of_lock_on_merge,
)
from ledgerflow_core.posting.month_totals import AccountMonth
from ledgerflow_core.sync.facts import Facts, KnownEvent, Replaced
from ledgerflow_core.sync.log import ACCEPTED, Outcome, Verdict
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.roles import Role, may
from ledgerflow_core.vouchers.lifecycle import problems_in_alteration
from ledgerflow_core.vouchers.validation import PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher

# What changes nothing a voucher is checked against.
_LEAVES_RULES = (VoucherPosted, VoucherAltered, VoucherCancelled, ConflictResolved)


@dataclass(slots=True)
class Needs:
    """What has to be looked up before a list of events can be decided."""

    events: list[EventId] = field(default_factory=list)
    vouchers: list[VoucherId] = field(default_factory=list)
    numbers: list[tuple[str, date, str]] = field(default_factory=list)  # type, date of the voucher, number
    conflicts: list[EventId] = field(default_factory=list)


def needs_of(events: Iterable[Event]) -> Needs:
    """Return what deciding these events needs to know, so that a store can fetch it in a few questions."""
    needs = Needs()
    for event in events:
        needs.events.append(event.id)
        match event.body:
            case VoucherPosted(voucher=voucher):
                needs.vouchers.append(voucher.id)
                if voucher.number:
                    needs.numbers.append((voucher.type, voucher.date, voucher.number))
            case VoucherAltered(voucher=voucher):
                needs.vouchers.append(voucher.id)
            case VoucherCancelled(voucher=voucher_id):
                needs.vouchers.append(voucher_id)
            case ConflictResolved(event=parked):
                needs.conflicts.append(parked)
            case _:
                pass
    return needs


class TotalsNeeded(NamedTuple):
    """The month totals to look up: of some accounts in some months, and of those to be merged in all months.

    Accounts are those that count, at the end of all merges so far.
    """

    months: set[AccountMonth]
    accounts: set[str]


def totals_needed(events: Iterable[Event], chart: Chart) -> TotalsNeeded:
    """Return which totals these events may make larger than a store can keep."""
    needed = TotalsNeeded(set(), set())
    for event in events:
        match event.body:
            case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
                month = month_number(voucher.date)
                needed.months.update((chart.counted_on(entry.account), month) for entry in voucher.entries)
            case MasterMerged(merged=merged, into=into):
                needed.accounts.update((chart.counted_on(merged), chart.counted_on(into)))
            case _:
                pass
    return needed


class Decision(NamedTuple):
    """A verdict and, where it changed a voucher, the versions before and after."""

    verdict: Verdict
    replaced: Replaced | None = None


class Decider:
    """Decides events one after another; each decision knows those before it. `facts` moves on with them.

    The chart that `facts` came with is left as it was: it is copied before the first change to a master.
    """

    def __init__(self, facts: Facts, role: Role = Role.OWNER) -> None:
        self.facts = facts
        self._role = role
        self._chart_is_own = False
        self._rules: PostingRules | None = None

    def decide(self, event: Event, version: str, gseq: int) -> Decision:
        """Decide an event that is about to become `gseq`; `version` is its version hash (hex).

        Refuses `event-id-reused` when the log has another event by this id.
        """
        duplicate = self.duplicate(event.id, version)
        if duplicate is not None:
            return Decision(duplicate)
        reason = self._reason(event)
        return self.follow(event, version, gseq, Verdict(Outcome.PARKED, reason) if reason else ACCEPTED)

    def duplicate(self, event_id: EventId, version: str) -> Verdict | None:
        """Return the verdict of an event the log has already, None of a new one; refuses `event-id-reused`."""
        known = self.facts.events.get(event_id)
        if known is None:
            return None
        if known.version != version:
            raise Refused("event-id-reused", f"event {event_id}", log_entry=known.gseq)
        return Verdict(Outcome.DUPLICATE, of=known.gseq)

    def follow(self, event: Event, version: str, gseq: int, verdict: Verdict) -> Decision:
        """Take an event in with the verdict it was given once."""
        facts = self.facts
        if verdict.outcome is Outcome.DUPLICATE:
            return Decision(verdict)
        facts.events[event.id] = KnownEvent(gseq, version)
        if verdict.outcome is Outcome.PARKED:
            facts.open_conflicts[event.id] = True
            return Decision(verdict)
        if not isinstance(event.body, _LEAVES_RULES):
            self._prepare_for_change(event.body)
        return Decision(verdict, facts.apply(event, version))

    def _prepare_for_change(self, body: Body) -> None:
        self._rules = None
        changes_chart = isinstance(body, MasterCreated | MasterChanged | MasterMerged | MasterRetired)
        if changes_chart and not self._chart_is_own:
            self.facts.chart = self.facts.chart.copied()
            self._chart_is_own = True

    def _reason(self, event: Event) -> str:
        """Return why an event cannot take effect, empty where it can."""
        body, facts = event.body, self.facts
        if not may(self._role, body):
            return "not-permitted"
        match body:
            case VoucherPosted(voucher=voucher):
                return self._against_posting(voucher)
            case VoucherAltered(voucher=voucher, base=base):
                return self._against_version(voucher.id, base) or self._against_alteration(voucher)
            case VoucherCancelled(voucher=voucher_id, base=base):
                return self._against_version(voucher_id, base)
            case MasterCreated(master=master):
                return "master-exists" if master.id in facts.chart.masters else self._against_master(master)
            case MasterChanged(master=master, base=base):
                return self._against_base(master.id, base) or self._against_master(master)
            case MasterRetired(master=master_id, base=base):
                return self._against_base(master_id, base)
            case MasterMerged():
                return self._against_merge(body)
            case CompanyCreated(company=company):
                return self._against_company(company) if facts.company is None else "company-exists"
            case CompanyChanged(company=company, base=base):
                known = facts.company is not None and base == facts.company_version
                return self._against_company(company) if known else "stale-base"
            case PeriodLocked(base=base) | PeriodUnlocked(base=base):
                return "" if base == facts.lock_version else "stale-base"
            case ConflictResolved(event=parked):
                waits = facts.open_conflicts.get(parked)
                return "unknown-event" if waits is None else "" if waits else "already-resolved"
            case _:
                return ""

    # --- vouchers -------------------------------------------------------------------------------

    def _against_posting(self, voucher: Voucher) -> str:
        if voucher.id in self.facts.vouchers:
            return "voucher-exists"
        reason = self._against_voucher(voucher)
        if reason:
            return reason
        key = self.facts.number_key(voucher)
        if key is not None and key in self.facts.numbers:
            return "number-duplicate"
        return self._against_totals(None, voucher)

    def _against_version(self, voucher: VoucherId, base: str) -> str:
        now = self.facts.vouchers.get(voucher)
        if now is None:
            return "unknown-voucher"
        if now.version != base:
            return "stale-base"
        locked = self.facts.locked_until
        return "period-locked" if locked is not None and now.voucher.date <= locked else ""

    def _against_alteration(self, after: Voucher) -> str:
        company = self.facts.company
        before = self.facts.vouchers[after.id].voucher
        if company is None or problems_in_alteration(before, after, company.financial_year):
            return "not-allowed-change"
        return self._against_voucher(after) or self._against_totals(before, after)

    def _against_totals(self, before: Voucher | None, after: Voucher) -> str:
        totals = self.facts.totals
        return "" if totals is None or totals.fit(before, after, self.facts.chart) else "amount-too-large"

    def _against_voucher(self, voucher: Voucher) -> str:
        if self._rules is None:
            company = self.facts.company
            if company is None:
                return "unknown-master"
            self._rules = PostingRules(self.facts.chart, company.books_begin, self.facts.locked_until, strict=False)
        problems = problems_in_voucher(voucher, self._rules)
        return _reason_of(problems) if problems else ""

    # --- company and masters --------------------------------------------------------------------------------

    def _against_company(self, company: Company) -> str:
        problems = problems_in_company(company, self.facts.company)
        if any(problem.code == "company-field-fixed" for problem in problems):
            return "not-allowed-change"
        return "invalid" if problems else ""

    def _against_base(self, master: MasterId, base: str) -> str:
        version = self.facts.master_version(master)
        return "unknown-master" if version is None else "" if version == base else "stale-base"

    def _against_master(self, master: Master) -> str:
        # Two offices may give one name to two masters; both stay until someone merges them.
        chart = self.facts.chart
        problems = [p for p in problems_in_master(master, chart) if p.code != "name-taken"]
        if problems:
            return _reason_of(problems)
        locked = problems_of_lock(chart.masters.get(master.id), master, self.facts.locked_until)
        return "period-locked" if locked else ""

    def _against_merge(self, body: MasterMerged) -> str:
        reason = self._against_base(body.merged, body.base) or self._against_base(body.into, body.into_base)
        if reason:
            return reason
        facts, chart = self.facts, self.facts.chart
        if chart.problems_of_merge(body.merged, body.into):
            return "not-allowed-change"
        one, other = chart.masters[body.merged], chart.masters[body.into]
        if problems_of_lock_on_merge(one, other, facts.locked_until):
            return "period-locked"
        fits = facts.totals is None or facts.totals.fit_merged(body.merged, body.into)
        return "" if fits else "amount-too-large"


def _reason_of(problems: list[Problem]) -> str:
    """Return the reason an event is parked for: what mends itself first, a fault of a client last."""
    codes = {problem.code for problem in problems}
    if "period-locked" in codes:
        return "period-locked"
    if any(code.startswith("unknown-") for code in codes):
        return "unknown-master"
    return "unbalanced" if "unbalanced" in codes else "invalid"
