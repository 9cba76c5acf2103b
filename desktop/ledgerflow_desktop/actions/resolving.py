"""Decide about a parked event: leave the books as they are, apply what it says, or put something right instead.

A decision is a `ConflictResolved` event and, where something is applied, new events on the versions in effect now:
one transaction, one cause. The parked event itself stays in the log for good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from msgspec.structs import replace

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    ConflictResolved,
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
from ledgerflow_core.masters.chart import Master
from ledgerflow_core.masters.validation import problems_in_master, problems_of_lock
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.text_rules import REASON_LENGTH_MAX, problems_in_text
from ledgerflow_core.vouchers.lifecycle import problems_in_alteration
from ledgerflow_core.vouchers.validation import PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import masters
from ledgerflow_desktop.actions.conflicts import Parked
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.writing import StoredVoucher, Writing

Step = Callable[[Writing], None]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person chose.

    `corrected` is the voucher that takes the parked one's place (for ``corrected``); `day` another date for it;
    `reopen` the reason to unlock the period for it, and lock it again behind it.
    """

    kind: Literal["kept", "applied", "corrected"]
    corrected: Voucher | None = None
    day: date | None = None
    reopen: str = ""
    reason: str = ""


def resolve(book: Book, parked: Parked, decision: Decision) -> Outcome[None]:
    """Record the decision and what it brings, all or nothing; `InvalidInput` with every problem.

    Refuses `correction-missing`, `nothing-to-correct`, `not-applicable`, `nothing-to-reopen` and what posting and
    altering refuse.
    """
    problems = problems_in_text(decision.reason or decision.reopen, "reason", length_max=REASON_LENGTH_MAX)
    if problems:
        raise InvalidInput(problems)
    resolved = ConflictResolved(event=parked.id, decision=decision.kind, reason=decision.reason or decision.reopen)
    steps: list[Step] = []
    if decision.kind != "kept":
        steps = _steps(book, _body_to_apply(book, parked, decision), decision)
    with book.writing(cause=book.machine.identifiers().new()) as unit:
        for do in steps:
            do(unit)
        unit.record([resolved])
    return Outcome(None, Changed.VOUCHERS | Changed.MASTERS | Changed.COMPANY | Changed.LOCKS)


def _body_to_apply(book: Book, parked: Parked, decision: Decision) -> Body:
    """Return what is recorded anew: the parked body, its voucher corrected, re-dated or numbered afresh."""
    body = parked.event.body
    if decision.kind == "corrected" and decision.corrected is None:
        raise refuse("correction-missing", "correct")
    match body:
        case VoucherPosted(voucher=voucher):
            given = decision.corrected or voucher
            after = replace(given, id=voucher.id, date=decision.day or given.date)
            taken = parked.reason == "number-duplicate" and after.number == voucher.number
            if taken or _leaves_its_series(book, voucher, after):
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


def _leaves_its_series(book: Book, before: Voucher, after: Voucher) -> bool:
    """Whether a number that was given by itself belongs to another year than the voucher does now."""
    kind, year = book.chart.voucher_types.get(after.type), book.company.financial_year
    automatic = kind is not None and kind.numbering is Numbering.AUTOMATIC
    return automatic and after.number == before.number and year.year_of(before.date) != year.year_of(after.date)


# --- what to write --------------------------------------------------------------------------------


def _steps(book: Book, body: Body, decision: Decision) -> list[Step]:
    days = _days(book, body)
    lock = book.locked_until
    if not decision.reopen:
        return [_step(book, body, lock, decision)]
    if lock is None or not days or min(days) > lock:
        raise refuse("nothing-to-reopen")
    reopened = min(days) - timedelta(days=1)
    return [
        lambda unit: unit.lock(reopened, decision.reopen),
        _step(book, body, reopened, decision),
        lambda unit: unit.lock(lock),
    ]


def _days(book: Book, body: Body) -> list[date]:
    """Return the days whose books a voucher event touches: of the version that stands and of the one that comes."""
    match body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            stored = book.voucher(voucher.id)
            return [voucher.date] if stored is None else [voucher.date, stored.voucher.date]
        case VoucherCancelled(voucher=voucher_id):
            stored = book.voucher(voucher_id)
            return [] if stored is None else [stored.voucher.date]
        case _:
            return []


def _step(book: Book, body: Body, lock: date | None, decision: Decision) -> Step:
    """Return how to write a body onto what stands now, after checking it against everything but the server."""
    # What was right for its author is not held to what is asked of a person at the keyboard; a correction is.
    rules = PostingRules(book.chart, book.company.books_begin, lock, strict=decision.kind == "corrected")
    match body:
        case VoucherPosted(voucher=voucher):
            stored = book.voucher(voucher.id)
            if stored is not None:
                return _alter(book, stored, replace(voucher, number=stored.voucher.number), rules)
            return _post(voucher, rules)
        case VoucherAltered(voucher=voucher):
            return _alter(book, _stored(book, body), voucher, rules)
        case VoucherCancelled(reason=reason):
            return _cancel(_stored(book, body), reason, rules)
        case MasterCreated(master=master) | MasterChanged(master=master):
            return _put(book, master)
        case MasterRetired(master=master_id):
            if master_id not in book.chart.masters:
                raise refuse("unknown-master", given=master_id)
            return lambda unit: unit.retire_master(master_id)
        case MasterMerged(merged=merged, into=into):
            _require(masters.problems_of_merge(book, merged, into))
            return lambda unit: unit.merge_masters(merged, into)
        case CompanyChanged(company=company):
            return lambda unit: unit.change_company(company)
        case PeriodLocked(until=until):
            return lambda unit: unit.lock(until)
        case PeriodUnlocked(until=back_to, reason=reason):
            return lambda unit: unit.lock(back_to, reason)
        case ConflictResolved() | CompanyCreated():
            raise refuse("not-applicable")
        case _:
            return lambda unit: _record(unit, body)


def _record(unit: Writing, body: Body) -> None:
    unit.record([body])


def _stored(book: Book, body: VoucherAltered | VoucherCancelled) -> StoredVoucher:
    voucher_id = body.voucher.id if isinstance(body, VoucherAltered) else body.voucher
    stored = book.voucher(voucher_id)
    if stored is None:
        raise refuse("unknown-voucher", given=voucher_id)
    return stored


def _post(voucher: Voucher, rules: PostingRules) -> Step:
    _require(problems_in_voucher(voucher, rules))

    def post(unit: Writing) -> None:
        unit.post([voucher])

    return post


def _alter(book: Book, before: StoredVoucher, after: Voucher, rules: PostingRules) -> Step:
    _require(
        problems_in_alteration(before.voucher, after, book.company.financial_year)
        + problems_in_voucher(after, rules)
        + _problems_of_leaving(before.voucher.date, after.date, rules)
    )
    return lambda unit: unit.alter(before, after)


def _cancel(before: StoredVoucher, reason: str, rules: PostingRules) -> Step:
    problems = _problems_of_leaving(before.voucher.date, None, rules)
    if before.voucher.state is VoucherState.CANCELLED:
        problems.append(Problem("voucher-cancelled", "", {"number": before.voucher.number}))
    _require(problems)
    return lambda unit: unit.cancel(before, reason)


def _put(book: Book, master: Master) -> Step:
    standing = book.chart.masters.get(master.id)
    _require(problems_in_master(master, book.chart) + problems_of_lock(standing, master, book.locked_until))
    if standing is None:
        return lambda unit: unit.create_masters([master])
    return lambda unit: unit.change_master(master)


def _problems_of_leaving(before: date, after: date | None, rules: PostingRules) -> list[Problem]:
    """A locked day keeps what it has; that nothing enters it, the rules of the voucher say."""
    locked = rules.locked_until
    if locked is None or before > locked or (after is not None and after <= locked):
        return []
    return [Problem("period-locked", "date", {"date": before.isoformat(), "locked_until": locked.isoformat()})]


def _require(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(problems)
