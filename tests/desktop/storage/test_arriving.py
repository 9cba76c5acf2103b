"""What arrives while own events wait: people go on typing between a push and the pull that follows it."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import RENT, a_payment, a_sale, a_voucher, an_account, voucher_id
from desktop.builders import Clock
from desktop.storage.replica_books import Office, a_first_office, a_further_office, reopened
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.log import Outcome
from ledgerflow_core.sync.messages import signed_of
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.storage.as_known import AsKnownFigures


@pytest.fixture
def head(tmp_path: Path) -> Iterator[Office]:
    office = a_first_office(tmp_path)
    vouchers.post(office.book, [a_sale("s1"), a_payment("p1")])
    office.sync()
    yield office
    office.book.close()


@pytest.fixture
def branch(tmp_path: Path, head: Office) -> Iterator[Office]:
    office = a_further_office(tmp_path, head, "branch")
    office.sync()
    yield office
    office.book.close()


def alter(office: Office, name: str, narration: str) -> None:
    before = vouchers.load(office.book, voucher_id(name))
    vouchers.alter(office.book, before, replace(before.voucher, narration=narration))


def narration(office: Office, name: str) -> str:
    return vouchers.load(office.book, voucher_id(name)).voucher.narration


def push_one(office: Office) -> None:
    """Send the newest own event, and do not pull."""
    office.store.keep(office.server.push(office.store.outgoing(office.store.standing().head.seq, 1)))


def pull_all(office: Office) -> None:
    office.server.pull_batches = 100
    piece = office.server.pull(office.store.standing().log.size)
    office.store.append(piece.batches, signed_of(piece.end.checkpoint, "checkpoint"))


def test_a_change_of_others_on_an_own_version_takes_back_what_was_made_on_that_since(
    head: Office, branch: Office
) -> None:
    alter(head, "s1", "sent")
    push_one(head)
    alter(head, "s1", "typed before the pull")
    branch.sync()
    alter(branch, "s1", "branch says")
    branch.sync()
    pull_all(head)
    assert narration(head, "s1") == "branch says"
    assert [(row.outcome, row.reason) for row in head.store.foreseen()] == [(Outcome.PARKED, "stale-base")]
    assert head.findings() == []
    for office in (head, branch):
        office.sync()
    assert head.figures() == branch.figures()
    assert head.findings() == branch.findings() == []
    assert [one.reason for one in head.store.conflicts()] == ["stale-base"]


def test_a_change_of_others_on_what_a_copy_sent_first_takes_back_what_was_made_on_that_here(
    tmp_path: Path, head: Office, branch: Office
) -> None:
    alter(head, "s1", "written once, held twice")
    folder = tmp_path / "copy.ledgerflow"
    head.book.checkpoint()
    shutil.copytree(head.book.folder.path, folder)
    copied = reopened(folder, head.server, "copy")
    with copied.book:
        copied.store.rehome()
        copied.sync()
        alter(head, "s1", "typed before the pull")
        branch.sync()
        alter(branch, "s1", "branch says")
        branch.sync()
        pull_all(head)
        assert narration(head, "s1") == "branch says"
        assert head.findings() == []
        for office in (head, copied, branch):
            office.sync()
        assert head.figures() == branch.figures() == copied.figures()
        assert head.findings() == branch.findings() == copied.findings() == []


def test_what_comes_late_from_elsewhere_does_not_make_known_before_what_was_written_here_since(
    head: Office, branch: Office
) -> None:
    vouchers.post(branch.book, [a_sale("old and late")])
    day, clock = head.book.machine.today(), head.book.machine.milliseconds
    assert isinstance(clock, Clock)
    known = {account: balance for account, balance in head.book.closing_balances().items() if balance}
    clock.now += 3 * 86_400_000
    vouchers.post(head.book, [a_sale("new")])
    for office in (branch, head):
        office.sync()
    with AsKnownFigures(head.book, day) as figures:
        then = figures.balances(date(2027, 3, 31))
    assert {account: balance for account, balance in then.items() if balance} == known


def test_what_came_behind_the_last_own_event_was_known_on_its_day(head: Office, branch: Office) -> None:
    vouchers.post(branch.book, [a_sale("of the branch")])
    for office in (branch, head):
        office.sync()
    known = {account: balance for account, balance in head.book.closing_balances().items() if balance}
    with AsKnownFigures(head.book, head.book.machine.today()) as figures:
        assert figures.balances(date(2027, 3, 31)) == known


def test_a_voucher_on_two_merged_accounts_is_moved_back_once(head: Office, branch: Office) -> None:
    one, other, into, stays = (an_account(name) for name in ("One", "Other", "Into", "Stays"))
    masters.create(head.book, [one, other, into, stays])
    lines = ((one.id, 5), (other.id, 7), (stays.id, 1), (RENT, -13))
    vouchers.post(head.book, [a_voucher(VoucherNature.JOURNAL, *lines, name="on all")])
    for office in (head, branch):
        office.sync()
    masters.merge(branch.book, one.id, into.id)
    masters.merge(branch.book, other.id, stays.id)
    masters.change(head.book, replace(head.book.chart.accounts[RENT], name="Rent of the shop"))
    head.sync()
    pull_all(branch)
    assert branch.findings() == []
    for office in (branch, head):
        office.sync()
    assert head.figures() == branch.figures()
    assert head.findings() == branch.findings() == []


def test_what_a_server_acknowledged_and_lost_counts_as_not_sent(head: Office) -> None:
    assert head.store.pending().count == 0
    head.store.rebuild(0, "0198c0de-0000-7000-8000-000000000002")
    assert head.store.pending().count == head.store.standing().head.seq
