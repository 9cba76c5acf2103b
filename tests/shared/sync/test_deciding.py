"""The decision about each event: a pure function of the log so far, the same on the server and on every replica."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import CUSTOMER, RENT, SUPPLIER, a_company, a_journal, a_receipt, a_sale, a_voucher, accounts, an_account
from ledgerflow_core.events.chain import Author, genesis, next_event, version_hash
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
    decode_event,
)
from ledgerflow_core.identifiers import EventId, named
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.posting.month_totals import MonthTotals
from ledgerflow_core.sync.deciding import Decider, needs_of, totals_needed
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import Outcome, Verdict
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.roles import ACTS_BY_ROLE, Act, Role
from shared.sync.chains import AT, USER, Chain

DAY = date(2026, 5, 4)
LATER = date(2026, 6, 30)


class Log:
    """A log that decides what is put to it; `accepted` and reasons come back as words, versions as hashes."""

    def __init__(self, role: Role = Role.OWNER) -> None:
        self.facts = Facts()
        self.decider = Decider(self.facts, role)
        self.size = 0
        self.last = ""

    def put(self, body: Body, name: str = "") -> str:
        self.size += 1
        author = Author(Chain().replica, USER)
        event_id = EventId(named("test-event", name or str(self.size)))
        raw, _ = next_event(genesis(author.replica), body, author=author, event_id=event_id, at=AT)
        self.last = version_hash(raw).hex()
        verdict = self.decider.decide(decode_event(raw), self.last, self.size).verdict
        return verdict.reason or str(verdict.outcome)


@pytest.fixture
def log() -> Log:
    made = Log()
    made.put(CompanyCreated(company=a_company()))
    for account in accounts():
        assert made.put(MasterCreated(master=account)) == "accepted"
    return made


def test_changes_of_one_voucher_form_a_line(log: Log) -> None:
    assert log.put(VoucherPosted(voucher=a_sale("v", number="1"))) == "accepted"
    first = log.last
    assert log.put(VoucherAltered(base=first, voucher=a_sale("v", 5, number="1"))) == "accepted"
    second = log.last
    assert log.put(VoucherAltered(base=first, voucher=a_sale("v", 6, number="1"))) == "stale-base"
    assert log.put(VoucherCancelled(base=first, voucher=a_sale("v").id)) == "stale-base"
    assert log.put(VoucherCancelled(base=second, voucher=a_sale("v").id)) == "accepted"
    assert log.put(VoucherAltered(base=log.last, voucher=a_sale("v", 7, number="1"))) == "not-allowed-change"
    assert log.facts.vouchers[a_sale("v").id].voucher.debit_total == 5


def test_the_first_reason_that_holds_is_given(log: Log) -> None:
    log.put(VoucherPosted(voucher=a_sale("v", number="1")))
    lopsided = a_voucher(VoucherNature.JOURNAL, (RENT, 3), (SUPPLIER, -2), name="lopsided")
    unknown = a_voucher(VoucherNature.JOURNAL, (an_account("None").id, 3), (SUPPLIER, -2), name="unknown")
    assert log.put(VoucherPosted(voucher=a_sale("v", number="2"))) == "voucher-exists"
    assert log.put(VoucherPosted(voucher=a_sale("w", number="1"))) == "number-duplicate"
    assert log.put(VoucherPosted(voucher=lopsided)) == "unbalanced"
    assert log.put(VoucherPosted(voucher=unknown)) == "unknown-master"
    assert log.put(VoucherPosted(voucher=a_journal(day=date(2020, 1, 1)))) == "invalid"
    assert log.put(VoucherAltered(base="", voucher=a_sale("none"))) == "unknown-voucher"


def test_a_parked_event_changes_nothing_and_waits(log: Log) -> None:
    before = set(log.facts.vouchers)
    lopsided = a_voucher(VoucherNature.JOURNAL, (RENT, 3), (SUPPLIER, -2), name="lopsided")
    assert log.put(VoucherPosted(voucher=lopsided), "parked") == "unbalanced"
    assert set(log.facts.vouchers) == before
    parked = EventId(named("test-event", "parked"))
    assert log.put(ConflictResolved(event=parked, decision="kept")) == "accepted"
    assert log.put(ConflictResolved(event=parked, decision="kept")) == "already-resolved"
    assert log.put(ConflictResolved(event=EventId(named("test-event", "1")), decision="kept")) == "unknown-event"


def test_nothing_dated_in_a_locked_period_changes(log: Log) -> None:
    log.put(VoucherPosted(voucher=a_receipt("old", day=DAY)))
    old = log.last
    assert log.put(PeriodLocked(until=LATER)) == "accepted"
    lock = log.last
    assert log.put(VoucherPosted(voucher=a_receipt("new", day=LATER))) == "period-locked"
    assert log.put(VoucherCancelled(base=old, voucher=a_receipt("old").id)) == "period-locked"
    assert log.put(PeriodUnlocked(until=None, reason="a late bill")) == "stale-base"
    assert log.put(PeriodUnlocked(until=None, reason="a late bill", base=lock)) == "accepted"
    assert log.put(VoucherPosted(voucher=a_receipt("new", day=LATER))) == "accepted"


def test_masters_and_the_company_are_lines_too(log: Log) -> None:
    rent = log.facts.master_versions[RENT]
    assert log.put(MasterCreated(master=an_account("Rent"))) == "master-exists"
    assert log.put(MasterChanged(master=an_account("Rent"), base="")) == "stale-base"
    assert log.put(MasterRetired(master=RENT, base=rent)) == "accepted"
    assert log.put(MasterRetired(master=RENT, base=rent)) == "stale-base"
    assert log.put(MasterMerged(merged=RENT, into=CUSTOMER)) == "stale-base"
    assert log.put(CompanyChanged(company=a_company())) == "accepted"
    assert log.put(CompanyChanged(company=a_company())) == "stale-base"
    assert log.put(CompanyCreated(company=a_company())) == "company-exists"


def test_two_masters_may_have_one_name_until_they_are_merged(log: Log) -> None:
    twin = an_account("Ravi Stores 2", "sundry-debtors")
    same_name = type(twin)(id=twin.id, name="Ravi Stores", group=twin.group)
    assert log.put(MasterCreated(master=same_name)) == "accepted"
    merge = MasterMerged(merged=twin.id, into=CUSTOMER, base=log.last, into_base=log.facts.master_versions[CUSTOMER])
    assert log.put(merge) == "accepted"


def test_the_chart_a_decider_was_given_is_left_as_it_was() -> None:
    facts = Facts()
    given = facts.chart
    log = Log()
    log.facts.chart = given
    log.put(MasterCreated(master=an_account("Rent")))
    assert RENT in log.facts.chart.accounts
    assert RENT not in given.accounts


def test_an_event_that_comes_again_is_a_duplicate_or_a_fault(log: Log) -> None:
    log.put(VoucherPosted(voucher=a_sale("v")), "once")
    assert log.put(VoucherPosted(voucher=a_sale("v")), "once") == "duplicate"
    with pytest.raises(Refused, match="event-id-reused"):
        log.put(VoucherPosted(voucher=a_sale("other")), "once")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_its_table_says(role: Role) -> None:
    log = Log(role)
    owner = Log()
    for body, act in (
        (CompanyCreated(company=a_company()), Act.ADMINISTER),
        (MasterCreated(master=an_account("Rent")), Act.MASTERS),
        (PeriodLocked(until=DAY), Act.CLOSE),
    ):
        wanted = "accepted" if act in ACTS_BY_ROLE[role] else "not-permitted"
        assert (log.put(body), owner.put(body)) == (wanted, "accepted")


def test_a_recorded_verdict_is_followed_not_decided(log: Log) -> None:
    raw = Chain("other").sales(1)[0]
    event, version = decode_event(raw), version_hash(raw).hex()
    decision = log.decider.follow(event, version, 99, Verdict(Outcome.PARKED, "stale-base"))
    assert decision.verdict.reason == "stale-base"
    assert log.facts.open_conflicts[event.id]


@given(st.permutations(range(4)))
def test_changes_of_different_vouchers_may_come_in_any_order(order: list[int]) -> None:
    log = Log()
    log.put(CompanyCreated(company=a_company()))
    for account in accounts():
        log.put(MasterCreated(master=account))
    for number in order:
        assert log.put(VoucherPosted(voucher=a_sale(str(number), 100 + number))) == "accepted"
    kept = {key: now.voucher.debit_total for key, now in log.facts.vouchers.items()}
    assert kept == {a_sale(str(number)).id: 100 + number for number in range(4)}


def test_needs_name_what_has_to_be_looked_up() -> None:
    chain = Chain()
    chain.write(
        VoucherPosted(voucher=a_sale("one", number="1")),
        VoucherAltered(base="00" * 32, voucher=a_sale("two", number="2")),
        VoucherCancelled(base="00" * 32, voucher=a_sale("three").id),
        ConflictResolved(event=EventId(named("test-event", "x")), decision="kept"),
        PeriodLocked(until=DAY),
    )
    needs = needs_of([decode_event(raw) for raw in chain.events])
    assert len(needs.events) == 5
    assert needs.vouchers == [a_sale(name).id for name in ("one", "two", "three")]
    assert [number for _, _, number in needs.numbers] == ["1"]
    assert needs.conflicts == [named("test-event", "x")]


def test_a_company_keeps_what_every_amount_and_number_stands_on() -> None:
    log = Log()
    assert log.put(CompanyCreated(company=replace(a_company(), name="\x00"))) == "invalid"
    for impossible in ({"year_start_month": 2, "year_start_day": 31}, {"year_start_month": 10**15}, {"exponent": 99}):
        assert log.put(CompanyCreated(company=replace(a_company(), **impossible))) == "invalid"
    assert log.put(CompanyCreated(company=a_company())) == "accepted"
    for changed in ({"currency": "USD"}, {"exponent": 3}, {"year_start_month": 1}, {"id": named("test", "other")}):
        assert log.put(CompanyChanged(company=replace(a_company(), **changed))) == "not-allowed-change"
    assert log.put(CompanyChanged(company=replace(a_company(), name=""))) == "invalid"
    assert log.put(CompanyChanged(company=replace(a_company(), name="Lotus & Sons"))) == "accepted"


def test_what_would_make_a_total_too_large_is_parked_and_the_rest_goes_on(log: Log) -> None:
    log.facts.totals = MonthTotals()
    assert log.put(VoucherPosted(voucher=a_sale("v", MINOR_MAX, number="1"))) == "accepted"
    first = log.last
    assert log.put(VoucherPosted(voucher=a_sale("w", 1, number="2"))) == "amount-too-large"
    assert log.put(VoucherPosted(voucher=a_sale("w", 1, number="1"))) == "number-duplicate"
    assert log.put(VoucherPosted(voucher=a_sale("w", 1, number="2", day=LATER))) == "accepted"
    second = log.last
    back = VoucherAltered(base=second, voucher=a_sale("w", 1, number="2"))
    assert log.put(back) == "amount-too-large"
    assert log.put(VoucherCancelled(base=first, voucher=a_sale("v").id)) == "accepted"
    assert log.put(back) == "accepted"


def test_accounts_are_not_merged_whose_totals_come_to_too_much_together(log: Log) -> None:
    log.facts.totals = MonthTotals()
    twin = replace(log.facts.chart.accounts[CUSTOMER], id=an_account("Ravi again").id, name="Ravi again", opening=0)
    log.put(MasterCreated(master=twin))
    made = log.last
    log.put(VoucherPosted(voucher=a_voucher(VoucherNature.JOURNAL, (CUSTOMER, MINOR_MAX), (RENT, -MINOR_MAX))))
    other = a_voucher(VoucherNature.JOURNAL, (twin.id, 1), (SUPPLIER, -1), name="other")
    log.put(VoucherPosted(voucher=other))
    posted = log.last
    merge = MasterMerged(merged=twin.id, into=CUSTOMER, base=made, into_base=log.facts.master_versions[CUSTOMER])
    assert log.put(merge) == "amount-too-large"
    assert log.put(VoucherCancelled(base=posted, voucher=other.id)) == "accepted"
    assert log.put(merge) == "accepted"
    again = a_voucher(VoucherNature.JOURNAL, (twin.id, 1), (SUPPLIER, -1), name="again")
    assert log.put(VoucherPosted(voucher=again)) == "amount-too-large"


def test_totals_are_needed_of_the_accounts_that_count(log: Log) -> None:
    chart, chain = log.facts.chart.copied(), Chain()
    chart.put(replace(chart.accounts[CUSTOMER], id=an_account("Ravi again").id, name="Ravi again", opening=0))
    chart.merge(an_account("Ravi again").id, CUSTOMER)
    voucher = a_voucher(VoucherNature.JOURNAL, (an_account("Ravi again").id, 3), (SUPPLIER, -3))
    chain.write(
        VoucherPosted(voucher=voucher),
        VoucherCancelled(base="00" * 32, voucher=a_sale("gone").id),
        MasterMerged(merged=RENT, into=SUPPLIER),
    )
    needed = totals_needed([decode_event(raw) for raw in chain.events], chart)
    assert needed.months == {(CUSTOMER, 2026 * 12 + 4), (SUPPLIER, 2026 * 12 + 4)}
    assert needed.accounts == {RENT, SUPPLIER}
