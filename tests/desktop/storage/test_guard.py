"""A machine that cannot remember a book neither keeps it shut nor takes it for a copy later."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from builders import a_sale
from desktop.storage.replica_books import a_first_office, reopened
from ledgerflow_core.events.chain import genesis
from ledgerflow_core.identifiers import ReplicaId, named
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage.guard import Guard


def test_what_a_guard_begins_with_is_there_for_the_next_one(tmp_path: Path) -> None:
    replica = ReplicaId(named("replica", "guarded"))
    guard = Guard(tmp_path / "state", replica, b"k" * 32)
    assert guard.head is None
    assert guard.begin(genesis(replica))
    guard.close()
    again = Guard(tmp_path / "state", replica, b"k" * 32)
    assert again.head == genesis(replica)
    again.close()


def test_where_nothing_can_be_remembered_a_book_opens_and_stays_who_it_is(tmp_path: Path) -> None:
    in_the_way = tmp_path / "state"
    in_the_way.write_text("not a folder")
    head = a_first_office(tmp_path, state=in_the_way)
    with head.book:
        head.sync()
        replica = head.book.replica
    in_the_way.unlink()
    again = reopened(head.book.folder.path, head.server, "head", state=in_the_way)
    with again.book:
        assert again.book.replica == replica
        vouchers.post(again.book, [a_sale("s1")])
        again.sync()
        assert again.findings() == []


@pytest.mark.skipif(os.name == "nt", reason="what a folder lets people do, a new file there lets them do already")
@pytest.mark.parametrize(("folder", "guard"), [(0o700, 0o600), (0o770, 0o660), (0o777, 0o666)])
def test_who_may_write_in_the_folder_may_write_the_guard(tmp_path: Path, folder: int, guard: int) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(folder)
    Guard(state, ReplicaId(named("replica", "guarded")), b"k" * 32).close()
    (made,) = state.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == guard


def test_people_who_share_a_book_and_the_folder_of_its_guard_stay_one_office(tmp_path: Path) -> None:
    shared = tmp_path / "state"
    head = a_first_office(tmp_path, "asha", state=shared)
    with head.book:
        replica, folder = head.book.replica, head.book.folder.path
    for turn, person in enumerate(["ravi", "asha", "ravi"]):
        office = reopened(folder, head.server, person, state=shared, turn=turn)
        with office.book:
            vouchers.post(office.book, [a_sale(f"s{turn}")])
            office.sync()
            assert office.book.replica == replica
            assert office.findings() == []


def test_a_file_that_was_set_back_is_noticed_by_whoever_of_them_opens_it(tmp_path: Path) -> None:
    shared, old = tmp_path / "state", tmp_path / "old"
    head = a_first_office(tmp_path, "asha", state=shared)
    with head.book:
        replica, folder = head.book.replica, head.book.folder.path
    shutil.copytree(folder, old)
    with reopened(folder, head.server, "asha", state=shared).book as book:
        vouchers.post(book, [a_sale("s1")])
    shutil.rmtree(folder)
    shutil.copytree(old, folder)
    with reopened(folder, head.server, "ravi", state=shared).book as book:
        assert book.replica != replica


def test_a_copy_that_took_an_identity_keeps_it_whether_it_was_written_to_or_not(tmp_path: Path) -> None:
    head = a_first_office(tmp_path, state=tmp_path / "state")
    with head.book:
        folder = head.book.folder.path
    copy, elsewhere = tmp_path / "copy.ledgerflow", tmp_path / "elsewhere"
    shutil.copytree(folder, copy)
    with reopened(copy, head.server, "head", state=elsewhere).book as book:
        taken = book.replica
    with reopened(copy, head.server, "head", state=elsewhere, turn=1).book as book:
        assert book.replica == taken


def test_an_identity_taken_while_the_book_is_open_is_the_one_it_opens_with(tmp_path: Path) -> None:
    state = tmp_path / "state"
    head = a_first_office(tmp_path, state=state)
    with head.book:
        head.store.rehome()
        taken = head.book.replica
    again = reopened(head.book.folder.path, head.server, "head", state=state, turn=1)
    with again.book:
        assert again.book.replica == taken
