"""Months that are full: what arrives is taken in, own events that have no room beside it wait, and all books agree."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import CUSTOMER, RENT, SALES, SUPPLIER, a_payment, a_sale, a_voucher, account_id, an_account, voucher_id
from desktop.builders import Clock
from desktop.storage.replica_books import Office, a_first_office, a_further_office
from desktop.storage.test_replicas_agree import Deed, do, folded, three_offices
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.identifiers import MasterId, VoucherTypeId, named
from ledgerflow_core.masters.voucher_type import VoucherNature, VoucherType
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.storage.as_known import AsKnownFigures
from shared.sync.memory_server import pull_once

TWIN = account_id("Ravi Stores (Nashik)")


@pytest.fixture
def head(tmp_path: Path) -> Iterator[Office]:
    office = a_first_office(tmp_path)
    masters.create(office.book, [an_account("Ravi Stores (Nashik)", "sundry-debtors")])
    vouchers.post(office.book, [a_payment("p1")])
    office.sync()
    yield office
    office.book.close()


@pytest.fixture
def branch(tmp_path: Path, head: Office) -> Iterator[Office]:
    office = a_further_office(tmp_path, head, "branch")
    office.sync()
    yield office
    office.book.close()


def post(office: Office, *made: Voucher) -> None:
    vouchers.post(office.book, list(made))


def pull(office: Office) -> None:
    """Take in what the server has, and send nothing."""
    pull_once(office.store, office.server, events_most=500)


def cancel(office: Office, name: str) -> None:
    vouchers.cancel(office.book, vouchers.load(office.book, voucher_id(name)))


def foreseen(office: Office) -> list[str]:
    return [row.reason for row in office.store.foreseen()]


def totals(office: Office) -> set[tuple[object, ...]]:
    """Debits, credits and entries by day and by month, under the ids of the accounts."""
    id_by_no = {no: found for found, no in office.book.no_by_id.items()}
    found = office.book.connection.execute
    days = found("SELECT account_no, day, debit, credit, entries FROM day_total").fetchall()
    months = found("SELECT account_no, month, debit, credit, entries FROM month_total").fetchall()
    return {("day", id_by_no[no], *sums) for no, *sums in days} | {
        ("month", id_by_no[no], *sums) for no, *sums in months
    }


def settle(*offices: Office) -> None:
    """Let all sync, twice, and hold their books against each other and against the log."""
    for office in (*offices, *offices):
        office.sync()
    right = folded(offices[0].server)
    for office in offices:
        assert office.findings() == []
        assert office.figures() == right
        assert totals(office) == totals(offices[0])
        assert office.store.foreseen() == []
        assert office.store.pending().count == 0


def reasons(office: Office) -> list[str]:
    return [conflict.reason for conflict in office.store.conflicts()]


def test_own_vouchers_without_room_beside_what_arrives_give_way(head: Office, branch: Office) -> None:
    post(head, a_sale("of the head", MINOR_MAX))
    post(branch, a_sale("fits", 5, day=a_sale().date.replace(month=6)), a_sale("of the branch", 1))
    head.sync()
    settle(branch, head)
    assert reasons(head) == reasons(branch) == ["amount-too-large"]


def test_what_gives_way_is_foreseen_before_the_server_says_so(head: Office, branch: Office) -> None:
    post(head, a_sale("of the head", MINOR_MAX))
    head.sync()
    post(branch, a_sale("of the branch", 1), a_payment("goes with it", 7))
    pull(branch)
    assert foreseen(branch) == ["amount-too-large"]
    assert branch.findings() == []
    with pytest.raises(InvalidInput, match="amount-too-large"):
        post(branch, a_sale("another", 1))
    settle(head, branch)
    assert reasons(branch) == ["amount-too-large"]


def test_what_stands_on_a_voucher_that_gave_way_waits_with_it(head: Office, branch: Office) -> None:
    post(head, a_sale("of the head", MINOR_MAX))
    head.sync()
    post(branch, a_sale("of the branch", 1))
    cancel(branch, "of the branch")
    post(branch, a_sale("again", 2))
    pull(branch)
    assert foreseen(branch) == ["amount-too-large", "unknown-voucher", "amount-too-large"]
    settle(head, branch)


def test_room_that_is_made_before_it_is_sent_lets_it_count_after_all(head: Office, branch: Office) -> None:
    post(head, a_sale("of the head", MINOR_MAX))
    head.sync()
    post(branch, a_sale("of the branch", 1))
    pull(branch)
    assert foreseen(branch) == ["amount-too-large"]
    cancel(head, "of the head")
    head.sync()
    settle(branch, head)
    assert reasons(branch) == reasons(head) == []
    assert vouchers.load(head.book, voucher_id("of the branch")).voucher.debit_total == 1


def test_an_own_cancellation_taken_back_takes_the_room_it_made(head: Office, branch: Office) -> None:
    post(head, a_sale("full", MINOR_MAX))
    for office in (head, branch):
        office.sync()
    before = vouchers.load(head.book, voucher_id("full"))
    cancel(branch, "full")
    post(branch, a_sale("instead", MINOR_MAX))
    vouchers.alter(head.book, before, replace(before.voucher, narration="seen by the head"))
    head.sync()
    pull(branch)
    assert foreseen(branch) == ["stale-base", "amount-too-large"]
    settle(head, branch)


def test_a_merge_that_comes_to_too_much_gives_way_or_is_waited_for(head: Office, branch: Office) -> None:
    owed = (TWIN, MINOR_MAX), (RENT, -MINOR_MAX)
    post(head, a_voucher(VoucherNature.JOURNAL, *owed, name="on the twin"))
    head.sync()
    post(branch, a_sale("of the branch", 1))
    masters.merge(branch.book, TWIN, CUSTOMER)
    pull(branch)
    assert foreseen(branch) == ["amount-too-large"]
    settle(head, branch)
    assert reasons(head) == ["amount-too-large"]


def test_a_merge_that_arrives_is_taken_in_beside_full_months(head: Office, branch: Office) -> None:
    post(branch, a_voucher(VoucherNature.JOURNAL, (TWIN, MINOR_MAX), (SUPPLIER, -MINOR_MAX), name="on the twin"))
    post(head, a_sale("of the head", 1))
    masters.merge(head.book, TWIN, CUSTOMER)
    head.sync()
    pull(branch)
    assert foreseen(branch) == ["amount-too-large"]
    settle(head, branch)
    assert reasons(head) == ["amount-too-large"]


def test_a_book_made_anew_in_the_order_of_the_server_finds_no_room_either(head: Office, branch: Office) -> None:
    post(head, a_sale("of the head", MINOR_MAX))
    head.sync()
    post(branch, a_sale("of the branch", 1))
    pull(branch)
    branch.store.rehome()
    assert foreseen(branch) == ["amount-too-large"]
    settle(head, branch)


def test_a_batch_that_came_to_too_much_on_its_way_is_taken_in_as_a_whole(head: Office, branch: Office) -> None:
    # A server that looks at what a batch comes to, as the real one does where nothing else calls for a closer look.
    head.server.facts.totals = None
    post(head, a_sale("of the head", MINOR_MAX))
    head.sync()
    post(branch, a_sale("of the branch", 1))
    cancel(branch, "of the branch")
    branch.sync()
    settle(head, branch)
    assert reasons(head) == []


def test_vouchers_wait_where_a_new_kind_of_them_comes_behind(head: Office, branch: Office) -> None:
    kind = VoucherType(
        id=VoucherTypeId(MasterId(named("test-type", "export"))), name="Export sale", abbreviation="EXP",
        nature=VoucherNature.SALES,
    )  # fmt: skip
    post(head, a_sale("of the head", MINOR_MAX))
    masters.create(head.book, [kind])
    head.sync()
    post(branch, a_voucher(VoucherNature.JOURNAL, (CUSTOMER, 3), (SALES, -3), name="by hand"))
    settle(head, branch)
    assert reasons(head) == ["amount-too-large"]


def test_a_past_day_may_have_seen_more_than_fits(head: Office, branch: Office) -> None:
    clock = head.book.machine.milliseconds
    assert isinstance(clock, Clock)
    post(branch, a_sale("of the branch", MINOR_MAX))
    post(head, a_sale("of the head", MINOR_MAX))
    day = head.book.machine.today()
    clock.now += 2 * 86_400_000
    cancel(head, "of the head")
    head.sync()
    settle(branch, head)
    # In this file the branch's own stands before both events of the head, which came at once.
    with AsKnownFigures(branch.book, day) as figures:
        owed = figures.balances(date(2027, 3, 31))[CUSTOMER]
    assert owed - branch.book.chart.accounts[CUSTOMER].opening == 2 * MINOR_MAX


# Nearly all of these are large, in one month, and on accounts that are merged now and then.
crowding = st.lists(
    st.builds(
        Deed,
        st.integers(0, 2),
        st.sampled_from(("post", "post", "post", "cancel", "alter", "account", "merge", "push", "pull", "pull")),
        st.sampled_from((0, 5, 10, 15, 20, 25, 7)),
    ),
    min_size=6,
    max_size=30,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowding)
def test_whatever_crowds_a_month_all_books_agree(done: list[Deed]) -> None:
    with three_offices() as offices:
        for at, deed in enumerate(done):
            do(offices[deed.office], deed, at)
        for office in offices:
            office.sync()
        settle(*offices)
        assert reasons(offices[0]) == reasons(offices[1]) == reasons(offices[2])
