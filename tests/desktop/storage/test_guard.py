"""A machine that cannot remember a book neither keeps it shut nor takes it for a copy later."""

from pathlib import Path

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
