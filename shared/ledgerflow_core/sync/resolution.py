"""From a parked event, what stands now and what a person decided to what is recorded: for desktop and server alike.

A decision is a `ConflictResolved` event and, where something is applied, a change on the versions in effect now. The
parked event itself stays in the log for good.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from msgspec.structs import replace

from ledgerflow_core.errors import InvalidInput, Problem, refuse
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
from ledgerflow_core.identifiers import AccountId, MasterId, VoucherId
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.validation import problems_in_master, problems_of_lock, problems_of_lock_on_merge
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.posting.effect import as_merged, entries_in_books
from ledgerflow_core.sync.facts import Facts, VoucherNow
from ledgerflow_core.text_rules import REASON_LENGTH_MAX, problems_in_text
from ledgerflow_core.vouchers.lifecycle import cancelled, problems_in_alteration
from ledgerflow_core.vouchers.validation import PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

Kind = Literal["kept", "applied", "corrected"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person chose.

    `corrected` is the voucher that takes the parked one's place (for ``corrected``); `day` another date for it;
    `reopen` the reason to unlock the period for it, and lock it again behind it.
    """

    kind: Kind
    corrected: Voucher | None = None
    day: date | None = None
    reopen: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What to record, in this order: `reopened`, `change`, a lock at `lock_again`, `resolved`; None is left out.

    A `VoucherPosted` without a number gets the next of its series where it is written.
    """

    resolved: ConflictResolved
    change: Body | None = None
    reopened: PeriodUnlocked | None = None
    lock_again: date | None = None


def voucher_of(body: Body) -> VoucherId | None:
    """Return the voucher an event is about, None where it is about something else."""
    match body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return voucher.id
        case VoucherCancelled(voucher=voucher_id):
            return voucher_id
        case _:
            return None


class Effect(NamedTuple):
    """What one account gets from what stands and would get from what is parked; minor units, debit positive."""

    account: AccountId
    stands: int
    parked: int


def sides(body: Body, facts: Facts) -> tuple[Voucher | None, Voucher | None]:
    """Return the voucher as it stands and as a parked event would have it; None where there is none."""
    voucher_id = voucher_of(body)
    now = None if voucher_id is None else facts.vouchers.get(voucher_id)
    stands = None if now is None else now.voucher
    match body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return stands, voucher
        case VoucherCancelled():
            return stands, None if stands is None else cancelled(stands)
        case _:
            return None, None


def effects(stands: Voucher | None, parked: Voucher | None, chart: Chart) -> list[Effect]:
    """Return what two versions of a voucher do to each account either touches, in the order of their entries."""
    one, other = _moved(stands, chart), _moved(parked, chart)
    return [Effect(account, one.get(account, 0), other.get(account, 0)) for account in one | other]


def _moved(voucher: Voucher | None, chart: Chart) -> dict[AccountId, int]:
    kind = None if voucher is None else chart.voucher_types.get(voucher.type)
    moved: dict[AccountId, int] = {}
    if voucher is not None and kind is not None:
        for entry in entries_in_books(as_merged(voucher, chart.merged), kind):
            moved[entry.account] = moved.get(entry.account, 0) + entry.amount
    return moved


def resolution_of(parked: Event, reason: str, decision: Decision, facts: Facts) -> Resolution:
    """Return what a decision about an event that was parked for `reason` records; `InvalidInput` with every problem.

    `facts` need no more vouchers than the one the event is about. Refuses `correction-missing`,
    `nothing-to-correct`, `not-applicable`, `nothing-to-reopen` and what posting and altering refuse.
    """
    _require(problems_in_text(decision.reason or decision.reopen, "reason", length_max=REASON_LENGTH_MAX))
    resolved = ConflictResolved(event=parked.id, decision=decision.kind, reason=decision.reason or decision.reopen)
    if decision.kind == "kept":
        return Resolution(resolved)
    assert facts.company is not None, "nothing is decided before the company is there"
    body = _wanted(parked.body, reason, decision, facts.chart, facts.company)
    lock = facts.locked_until
    if not decision.reopen:
        return Resolution(resolved, _change(body, facts, lock, decision))
    days = _days(body, facts)
    if lock is None or not days or min(days) > lock:
        raise refuse("nothing-to-reopen")
    reopened = PeriodUnlocked(until=min(days) - timedelta(days=1), reason=decision.reopen, base=facts.lock_version)
    return Resolution(resolved, _change(body, facts, reopened.until, decision), reopened, lock)


def _wanted(body: Body, reason: str, decision: Decision, chart: Chart, company: Company) -> Body:
    """Return what is recorded anew: the parked body, its voucher corrected, re-dated or numbered afresh."""
    if decision.kind == "corrected" and decision.corrected is None:
        raise refuse("correction-missing", "correct")
    match body:
        case VoucherPosted(voucher=voucher):
            given = decision.corrected or voucher
            after = replace(given, id=voucher.id, date=decision.day or given.date)
            taken = reason == "number-duplicate" and after.number == voucher.number
            if taken or _leaves_its_series(voucher, after, chart, company):
                after = replace(after, number="")
            return VoucherPosted(voucher=after)
        case VoucherAltered(voucher=voucher):
            given = decision.corrected or voucher
            number = given.number or voucher.number
            return replace(body, voucher=replace(given, id=voucher.id, number=number, date=decision.day or given.date))
        case _:
            if decision.corrected is not None or decision.day is not None:
                raise refuse("nothing-to-correct")
            return body


def _leaves_its_series(before: Voucher, after: Voucher, chart: Chart, company: Company) -> bool:
    """Whether a number that was given by itself belongs to another year than the voucher does now."""
    kind, year = chart.voucher_types.get(after.type), company.financial_year
    automatic = kind is not None and kind.numbering is Numbering.AUTOMATIC
    return automatic and after.number == before.number and year.year_of(before.date) != year.year_of(after.date)


def _days(body: Body, facts: Facts) -> list[date]:
    """Return the days whose books a voucher event touches: of the version that stands and of the one that comes."""
    voucher_id = voucher_of(body)
    now = None if voucher_id is None else facts.vouchers.get(voucher_id)
    days = [] if now is None else [now.voucher.date]
    if isinstance(body, VoucherPosted | VoucherAltered):
        days.append(body.voucher.date)
    return days


# --- onto what stands now, checked against everything but other vouchers ---------------------------


def _change(body: Body, facts: Facts, lock: date | None, decision: Decision) -> Body:
    assert facts.company is not None, "checked by the caller"
    # What was right for its author is not held to what is asked of a person at the keyboard; a correction is.
    rules = PostingRules(facts.chart, facts.company.books_begin, lock, strict=decision.kind == "corrected")
    match body:
        case VoucherPosted(voucher=voucher):
            now = facts.vouchers.get(voucher.id)
            if now is not None:
                return _altered(now, replace(voucher, number=now.voucher.number), facts.company, rules)
            _require(problems_in_voucher(voucher, rules))
            return body
        case VoucherAltered(voucher=voucher):
            return _altered(_standing(voucher.id, facts), voucher, facts.company, rules)
        case VoucherCancelled(voucher=voucher_id, reason=reason):
            return _cancelled(_standing(voucher_id, facts), reason, rules)
        case _:
            return _other_change(body, facts)


def _other_change(body: Body, facts: Facts) -> Body:
    match body:
        case MasterCreated(master=master) | MasterChanged(master=master):
            return _put(master, facts)
        case MasterRetired(master=master_id):
            return replace(body, base=_version(master_id, facts))
        case MasterMerged(merged=merged, into=into):
            bases = _version(merged, facts), _version(into, facts)
            _require(_problems_of_merge(merged, into, facts))
            return replace(body, base=bases[0], into_base=bases[1])
        case CompanyChanged():
            return replace(body, base=facts.company_version)
        case PeriodLocked() | PeriodUnlocked():
            return replace(body, base=facts.lock_version)
        case ConflictResolved() | CompanyCreated():
            raise refuse("not-applicable")
        case _:
            return body


def _standing(voucher_id: VoucherId, facts: Facts) -> VoucherNow:
    now = facts.vouchers.get(voucher_id)
    if now is None:
        raise refuse("unknown-voucher", given=voucher_id)
    return now


def _version(master: MasterId, facts: Facts) -> str:
    version = facts.master_version(master)
    if version is None:
        raise refuse("unknown-master", given=master)
    return version


def _altered(now: VoucherNow, after: Voucher, company: Company, rules: PostingRules) -> VoucherAltered:
    _require(
        problems_in_alteration(now.voucher, after, company.financial_year)
        + problems_in_voucher(after, rules)
        + problems_of_leaving(now.voucher.date, after.date, rules)
    )
    return VoucherAltered(base=now.version, voucher=after)


def _cancelled(now: VoucherNow, reason: str, rules: PostingRules) -> VoucherCancelled:
    problems = problems_of_leaving(now.voucher.date, None, rules)
    if now.voucher.state is VoucherState.CANCELLED:
        problems.append(Problem("voucher-cancelled", "", {"number": now.voucher.number}))
    _require(problems)
    return VoucherCancelled(base=now.version, voucher=now.voucher.id, reason=reason)


def _put(master: Master, facts: Facts) -> Body:
    standing = facts.chart.masters.get(master.id)
    _require(problems_in_master(master, facts.chart) + problems_of_lock(standing, master, facts.locked_until))
    if standing is None:
        return MasterCreated(master=master)
    return MasterChanged(master=master, base=_version(master.id, facts))


def _problems_of_merge(merged: MasterId, into: MasterId, facts: Facts) -> list[Problem]:
    chart = facts.chart
    found = chart.problems_of_merge(merged, into)
    if found or facts.locked_until is None:
        return found
    return problems_of_lock_on_merge(chart.masters[merged], chart.masters[into], facts.locked_until)


def problems_of_leaving(before: date, after: date | None, rules: PostingRules) -> list[Problem]:
    """Return why a voucher may not leave its day: a locked day keeps what it has.

    `after` is its new day, None where it leaves the books. That nothing enters a locked day is a rule of vouchers.
    """
    locked = rules.locked_until
    if locked is None or before > locked or (after is not None and after <= locked):
        return []
    return [Problem("period-locked", "date", {"date": before.isoformat(), "locked_until": locked.isoformat()})]


def _require(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(problems)
