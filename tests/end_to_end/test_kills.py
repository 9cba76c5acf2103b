"""kill -9 of an office, of the server, of a process of PostgreSQL and of all of it: what was saved is there, once."""

import pytest

from end_to_end.checking import read_journal
from end_to_end.company import SharedCompany
from end_to_end.killing import killed_at
from end_to_end.office_process import AFTER_COMMIT, BEFORE_COMMIT, IN_COMMIT, SYNCING
from ledgerflow_core.sync.replica import Status

pytestmark = pytest.mark.slow


def test_an_office_killed_before_in_and_after_a_commit_keeps_what_it_said_was_saved(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.post(2)
    for seed, seam in enumerate([*BEFORE_COMMIT, *IN_COMMIT, *IN_COMMIT, *AFTER_COMMIT]):
        killed_at(pune, seam, seed, count=4)
        pune.verify()
    assert shared_company.end().acknowledged >= 2 + 4


def test_an_office_killed_between_what_came_and_what_it_keeps_of_it_goes_on_where_it_was(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    for seed, seam in enumerate(SYNCING):
        delhi.post(3)
        delhi.sync()
        killed_at(pune, seam, seed)
        pune.verify()
    assert shared_company.end().acknowledged >= 12


@pytest.mark.parametrize("seam", ["rows-written", "log-written", "before-commit", "after-commit"])
def test_a_server_killed_in_a_batch_has_all_of_it_or_nothing(own_company: SharedCompany, seam: str) -> None:
    pune, delhi = own_company.open("Pune", "Delhi")
    pune.post(10)
    delhi.post(5)
    own_company.head_office.stop()
    own_company.proxy.upstream = own_company.head_office.start(seam)
    own_company.head_office.arm()
    before = own_company.head_office.batches()
    assert pune.sync().status is Status.WAITING
    own_company.head_office.wait_until_dead()
    assert own_company.head_office.batches() == before + (seam == "after-commit")
    own_company.head_office.start()
    assert own_company.end().acknowledged == 15


def test_a_process_of_postgresql_killed_costs_a_pause(own_company: SharedCompany) -> None:
    pune, delhi = own_company.open("Pune", "Delhi")
    pune.post(5)
    assert own_company.head_office.kill_backends() > 0
    delhi.post(5)
    for office in (pune, delhi):
        office.sync(patience=20)
    assert own_company.end().acknowledged == 10


def test_postgresql_killed_whole_is_waited_for_and_the_server_goes_on_with_the_next_one(
    own_company: SharedCompany,
) -> None:
    pune, delhi = own_company.open("Pune", "Delhi")
    pune.post(5)
    own_company.head_office.kill_postmaster()
    progress = pune.sync()
    assert (progress.status, progress.trouble) == (Status.WAITING, "database-unavailable")
    own_company.head_office.postgres.start()
    delhi.post(5)
    assert own_company.end().acknowledged == 10


def test_journals_name_what_was_saved(shared_company: SharedCompany) -> None:
    (pune,) = shared_company.open("Pune")
    (voucher,) = pune.post(1)
    pune.alter(voucher.id, 700)
    assert [each.voucher for each in read_journal(pune.journal_file)] == [voucher.id, voucher.id]
    shared_company.end()
