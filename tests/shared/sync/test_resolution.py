"""What a decision about a parked event records, worked out by hand from what stands."""

from datetime import date

import pytest
from msgspec.structs import replace

from builders import CUSTOMER, DAY, RENT, SALES, a_company, a_payment, a_sale, accounts
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.events.event import (
    Body,
    CompanyCreated,
    Event,
    MasterChanged,
    MasterCreated,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId, named
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.sync.facts import Facts, VoucherNow
from ledgerflow_core.sync.resolution import Decision, effects, resolution_of, sides
from ledgerflow_core.vouchers.lifecycle import cancelled

NOW, OTHER, LOCK = "aa" * 32, "bb" * 32, "cc" * 32
SALE = a_sale(number="S/1")
DEARER = replace(
    SALE, entries=(Entry(account=CUSTOMER, amount=200_000), Entry(account=SALES, amount=-200_000)), narration="more"
)


def facts(*, locked_until: date | None = None) -> Facts:
    found = Facts(company=a_company(), locked_until=locked_until, lock_version=LOCK)
    for account in accounts():
        found.chart.put(account)
        found.master_versions[account.id] = OTHER
    found.vouchers[SALE.id] = VoucherNow(NOW, SALE)
    return found


def parked(body: Body) -> Event:
    return Event(
        v=1,
        id=EventId(named("test-event", "parked")),
        replica=ReplicaId(named("test-replica", "delhi")),
        seq=9,
        prev=OTHER,
        at="2026-06-01T06:00:00.000Z",
        user=UserId(named("user", "ravi")),
        body=body,
    )


ALTERED = parked(VoucherAltered(base=OTHER, voucher=DEARER))


def codes(
    decision: Decision, event: Event = ALTERED, reason: str = "stale-base", known: Facts | None = None
) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        resolution_of(event, reason, decision, known or facts())
    return [problem.code for problem in refused.value.problems]


def test_what_is_kept_records_the_decision_alone() -> None:
    found = resolution_of(ALTERED, "stale-base", Decision("kept", reason="right as it is"), facts())
    assert (found.change, found.reopened, found.lock_again) == (None, None, None)
    assert (found.resolved.event, found.resolved.decision) == (ALTERED.id, "kept")


def test_an_alteration_is_applied_to_the_version_that_stands() -> None:
    found = resolution_of(ALTERED, "stale-base", Decision("applied"), facts())
    assert found.change == VoucherAltered(base=NOW, voucher=DEARER)


def test_a_cancellation_is_applied_to_the_version_that_stands_and_once() -> None:
    event, known = parked(VoucherCancelled(base=OTHER, voucher=SALE.id, reason="twice")), facts()
    found = resolution_of(event, "stale-base", Decision("applied"), known)
    assert found.change == VoucherCancelled(base=NOW, voucher=SALE.id, reason="twice")
    known.vouchers[SALE.id] = VoucherNow(NOW, cancelled(SALE))
    assert codes(Decision("applied"), event, known=known) == ["voucher-cancelled"]


def test_a_number_that_is_taken_is_left_to_be_given_anew() -> None:
    twin = a_payment("twin", number="S/1")
    found = resolution_of(parked(VoucherPosted(voucher=twin)), "number-duplicate", Decision("applied"), facts())
    assert found.change == VoucherPosted(voucher=replace(twin, number=""))


def test_a_locked_day_is_opened_for_it_and_locked_behind_it() -> None:
    known = facts(locked_until=date(2026, 5, 31))
    late = parked(VoucherPosted(voucher=a_payment("late", number="P/1")))
    assert codes(Decision("applied"), late, "period-locked", known) == ["period-locked"]
    found = resolution_of(late, "period-locked", Decision("applied", reopen="came by post"), known)
    assert found.reopened == PeriodUnlocked(until=date(2026, 5, 3), reason="came by post", base=LOCK)
    assert found.lock_again == date(2026, 5, 31) and found.change == late.body
    moved = resolution_of(late, "period-locked", Decision("applied", day=date(2026, 6, 1)), known).change
    assert isinstance(moved, VoucherPosted) and moved.voucher.date == date(2026, 6, 1)


def test_a_master_is_changed_on_what_stands_or_made_where_there_is_none() -> None:
    [rent] = [account for account in accounts() if account.id == RENT]
    event = parked(MasterChanged(master=replace(rent, name="Rent of shops"), base=NOW))
    changed = resolution_of(event, "stale-base", Decision("applied"), facts()).change
    assert changed == MasterChanged(master=replace(rent, name="Rent of shops"), base=OTHER)
    fresh = replace(rent, id=named("test-account", "Rates"), name="Rates")
    created = resolution_of(parked(MasterCreated(master=fresh)), "invalid", Decision("applied"), facts()).change
    assert created == MasterCreated(master=fresh)


@pytest.mark.parametrize(
    ("decision", "event", "expected"),
    [
        (Decision("corrected"), ALTERED, "correction-missing"),
        (Decision("applied", day=DAY), parked(MasterChanged(master=accounts()[0])), "nothing-to-correct"),
        (Decision("applied", reopen="why not"), ALTERED, "nothing-to-reopen"),
        (Decision("applied"), parked(CompanyCreated(company=a_company())), "not-applicable"),
        (Decision("applied"), parked(VoucherAltered(base=NOW, voucher=a_sale("unknown"))), "unknown-voucher"),
        (Decision("kept", reason="x" * 5_000), ALTERED, "text-too-long"),
    ],
)
def test_what_cannot_be_decided_is_named(decision: Decision, event: Event, expected: str) -> None:
    assert codes(decision, event) == [expected]


def test_both_sides_are_told_in_money_account_by_account() -> None:
    known = facts()
    assert sides(ALTERED.body, known) == (SALE, DEARER)
    found = effects(SALE, DEARER, known.chart)
    assert found == [(CUSTOMER, 118_000, 200_000), (SALES, -118_000, -200_000)]
    assert effects(SALE, cancelled(SALE), known.chart) == [(CUSTOMER, 118_000, 0), (SALES, -118_000, 0)]
