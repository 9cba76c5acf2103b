"""Decisions about parked events, on real books; what is expected is worked out by hand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import BANK, CUSTOMER, DAY, RENT, a_payment, a_receipt, a_sale, an_account
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import (
    Body,
    ConflictResolved,
    Event,
    MasterChanged,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId, named
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import conflicts, masters, periods, resolving, vouchers
from ledgerflow_desktop.actions.conflicts import EffectLine
from ledgerflow_desktop.actions.resolving import Decision
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.replica_store import Conflict
from ledgerflow_desktop.storage.verification import verify_book

BASE = version_hash(b'{"v":1,"id":"00000000-0000-7000-8000-000000000000","at":""}').hex()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as made:
        yield made
        assert verify_book(made).findings == ()


def parked(body: Body, reason: str = "stale-base") -> Conflict:
    event = Event(
        v=1,
        id=EventId(named("test-event", "parked")),
        replica=ReplicaId(named("test-replica", "delhi")),
        seq=9,
        prev=BASE,
        at="2026-06-01T06:00:00.000Z",
        user=UserId(named("user", "ravi")),
        body=body,
    )
    return Conflict(event, reason, 41, "2026-06-01T06:00:01.000Z")


def events_since(book: Book, position: int) -> list[Event]:
    last = log_store.last_position(book.connection)
    return [decode_event(log_store.read(book.connection, at)) for at in range(position + 1, last + 1)]


def resolved(book: Book, conflict: Conflict, decision: Decision) -> list[Event]:
    """Resolve and return the events that came of it, which all have one cause."""
    before = log_store.last_position(book.connection)
    resolving.resolve(book, conflict, decision)
    events = events_since(book, before)
    assert len({event.cause for event in events}) == 1 and events[0].cause
    return events


def refused(book: Book, conflict: Conflict, decision: Decision) -> list[str]:
    before = log_store.last_position(book.connection)
    with pytest.raises(InvalidInput) as raised:
        resolving.resolve(book, conflict, decision)
    assert log_store.last_position(book.connection) == before, "a refused decision writes nothing"
    return [problem.code for problem in raised.value.problems]


def with_rent(voucher: Voucher, amount: int) -> Voucher:
    return replace(voucher, entries=(Entry(account=RENT, amount=amount), Entry(account=BANK, amount=-amount)))


def test_keeping_what_stands_writes_the_decision_and_nothing_else(book: Book) -> None:
    (sale,) = vouchers.post(book, [a_sale()]).value
    conflict = parked(VoucherAltered(base=BASE, voucher=replace(sale, narration="Delhi")))
    (event,) = resolved(book, conflict, Decision("kept", reason="Pune is right"))
    assert event.body == ConflictResolved(event=conflict.id, decision="kept", reason="Pune is right")
    assert vouchers.load(book, sale.id).voucher == sale


def test_a_stale_alteration_is_applied_onto_the_version_in_effect(book: Book) -> None:
    (payment,) = vouchers.post(book, [a_payment()]).value
    ours = with_rent(payment, 70_000)
    vouchers.alter(book, vouchers.load(book, payment.id), ours)
    current = vouchers.load(book, payment.id)
    theirs = with_rent(payment, 90_000)
    altered, decision = resolved(book, parked(VoucherAltered(base=BASE, voucher=theirs)), Decision("applied"))
    assert altered.body == VoucherAltered(base=current.version_hash, voucher=theirs)
    assert isinstance(decision.body, ConflictResolved) and decision.body.decision == "applied"
    assert vouchers.load(book, payment.id).voucher == theirs


def test_a_correction_takes_the_place_of_both_and_keeps_the_number(book: Book) -> None:
    (payment,) = vouchers.post(book, [a_payment()]).value
    right = replace(with_rent(payment, 80_000), number="", id=a_sale().id)
    conflict = parked(VoucherAltered(base=BASE, voucher=with_rent(payment, 90_000)))
    resolved(book, conflict, Decision("corrected", corrected=right))
    stands = vouchers.load(book, payment.id).voucher
    assert (stands.number, stands.debit_total) == (payment.number, 80_000)


def test_a_voucher_whose_number_was_taken_is_posted_under_the_next_one(book: Book) -> None:
    (ours,) = vouchers.post(book, [a_sale()]).value
    theirs = replace(a_receipt(), type=ours.type, entries=ours.entries, party=ours.party, number=ours.number)
    posted, _ = resolved(book, parked(VoucherPosted(voucher=theirs), "number-duplicate"), Decision("applied"))
    assert isinstance(posted.body, VoucherPosted)
    assert posted.body.voucher.id == theirs.id
    assert posted.body.voucher.number not in ("", ours.number)


def test_a_late_voucher_of_a_locked_month_may_be_dated_after_it(book: Book) -> None:
    periods.lock(book, date(2026, 5, 31))
    conflict = parked(VoucherPosted(voucher=replace(a_payment(), number="7")), "period-locked")
    assert refused(book, conflict, Decision("applied")) == ["period-locked"]
    posted, _ = resolved(book, conflict, Decision("applied", day=date(2026, 6, 1)))
    assert isinstance(posted.body, VoucherPosted)
    assert (posted.body.voucher.date, posted.body.voucher.number) == (date(2026, 6, 1), "7")


def test_or_the_month_is_reopened_for_it_and_locked_again_with_the_reason_on_record(book: Book) -> None:
    periods.lock(book, date(2026, 5, 31))
    conflict = parked(VoucherPosted(voucher=a_payment()), "period-locked")
    unlocked, posted, locked, decision = resolved(book, conflict, Decision("applied", reopen="came by post"))
    assert isinstance(unlocked.body, PeriodUnlocked)
    assert (unlocked.body.until, unlocked.body.reason) == (date(2026, 5, 3), "came by post")
    assert isinstance(posted.body, VoucherPosted) and posted.body.voucher.date == DAY
    assert isinstance(locked.body, PeriodLocked) and locked.body.until == date(2026, 5, 31)
    assert isinstance(decision.body, ConflictResolved) and decision.body.reason == "came by post"
    assert book.locked_until == date(2026, 5, 31)


def test_an_open_month_is_not_reopened(book: Book) -> None:
    conflict = parked(VoucherPosted(voucher=a_payment()))
    assert refused(book, conflict, Decision("applied", reopen="why not")) == ["nothing-to-reopen"]


def test_a_stale_cancellation_cancels_what_stands_now(book: Book) -> None:
    (sale,) = vouchers.post(book, [a_sale()]).value
    body = VoucherCancelled(base=BASE, voucher=sale.id, reason="returned")
    assert isinstance(resolved(book, parked(body), Decision("applied"))[0].body, VoucherCancelled)
    assert vouchers.load(book, sale.id).voucher.state is VoucherState.CANCELLED
    assert refused(book, parked(body), Decision("applied")) == ["voucher-cancelled"]


def test_a_stale_change_of_a_master_is_applied_onto_the_master_as_it_is(book: Book) -> None:
    changed = an_account("Rent", group="indirect-expenses")
    changed = replace(changed, notes="Ground floor")
    resolved(book, parked(MasterChanged(master=changed)), Decision("applied"))
    assert book.chart.accounts[RENT].notes == "Ground floor"


def test_a_stale_merge_and_a_stale_retirement_are_applied(book: Book) -> None:
    rates = an_account("Rates")
    masters.create(book, [rates])
    vouchers.post(book, [a_payment()])
    resolved(book, parked(MasterMerged(merged=rates.id, into=RENT)), Decision("applied"))
    assert book.chart.merged[rates.id] == RENT
    resolved(book, parked(MasterRetired(master=RENT)), Decision("applied"))
    assert book.chart.accounts[RENT].retired


def test_a_decision_that_breaks_a_rule_is_refused_with_every_problem(book: Book) -> None:
    (payment,) = vouchers.post(book, [a_payment()]).value
    lopsided = replace(payment, entries=(Entry(account=RENT, amount=5), Entry(account=BANK, amount=-4)))
    conflict = parked(VoucherAltered(base=BASE, voucher=lopsided), "unbalanced")
    assert "unbalanced" in refused(book, conflict, Decision("applied"))
    assert refused(book, conflict, Decision("corrected")) == ["correction-missing"]
    assert refused(book, parked(MasterRetired(master=RENT)), Decision("applied", day=DAY)) == ["nothing-to-correct"]
    done = parked(ConflictResolved(event=conflict.id, decision="kept"), "already-resolved")
    assert refused(book, done, Decision("applied")) == ["not-applicable"]


def test_both_sides_are_shown_with_what_each_does_to_every_account(book: Book) -> None:
    (payment,) = vouchers.post(book, [a_payment()]).value
    ours = with_rent(payment, 70_000)
    vouchers.alter(book, vouchers.load(book, payment.id), ours)
    theirs = replace(payment, entries=(Entry(account=CUSTOMER, amount=90_000), Entry(account=BANK, amount=-90_000)))
    found = conflicts.sides(book, parked(VoucherAltered(base=BASE, voucher=theirs)))
    assert found.effects == (
        EffectLine("Rent", False, 70_000, 0),
        EffectLine("Harbour Bank", False, -70_000, -90_000),
        EffectLine("Ravi Stores", False, 0, 90_000),
    )
    assert [line.difference for line in found.effects] == [-70_000, -20_000, 90_000]
    assert ("entries[0].account", "Rent", "Ravi Stores") in [(c.field, c.before, c.after) for c in found.fields]
    assert found.stands == ours and found.parked == theirs


def test_what_stands_on_a_merged_account_is_shown_on_the_one_it_counts_on(book: Book) -> None:
    rates = an_account("Rates")
    masters.create(book, [rates])
    masters.merge(book, rates.id, RENT)
    (payment,) = vouchers.post(book, [a_payment()]).value
    theirs = replace(payment, entries=(replace(payment.entries[0], account=rates.id), *payment.entries[1:]))
    found = conflicts.sides(book, parked(VoucherAltered(base=BASE, voucher=theirs)))
    assert [(line.account, line.difference) for line in found.effects] == [("Rent", 0), ("Cash", 0)]


def test_an_account_under_duties_and_taxes_is_shown_as_tax(book: Book) -> None:

    tax = an_account("Output CGST", "duties-and-taxes")
    masters.create(book, [tax])
    sale = a_sale()
    first, *rest = sale.entries
    taxed = replace(
        sale, entries=(first, replace(rest[0], amount=rest[0].amount + 900), Entry(account=tax.id, amount=-900))
    )
    found = conflicts.sides(book, parked(VoucherPosted(voucher=taxed), "unknown-master"))
    assert [(line.account, line.is_tax) for line in found.effects][-1] == ("Output CGST", True)
    assert found.stands is None and all(line.stands == 0 for line in found.effects)


def test_of_a_taken_number_the_voucher_that_has_it_is_shown(book: Book) -> None:
    (ours,) = vouchers.post(book, [a_sale()]).value
    theirs = replace(a_receipt(), type=ours.type, number=ours.number)
    found = conflicts.sides(book, parked(VoucherPosted(voucher=theirs), "number-duplicate"))
    assert found.rival == ours
