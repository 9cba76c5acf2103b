"""Whatever a sync does to the books of the open company, what is shown of it is shown again."""

from pathlib import Path

from builders import a_sale
from desktop.storage.replica_books import a_first_office, a_further_office
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.actions.watched_replica import WatchedReplica

OTHER_LIFE = "0198c0de-0000-7000-8000-000000000002"


def test_what_the_server_lost_and_a_new_identity_are_shown_again(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        head.sync()
        size = head.server.frontier.size
        branch = a_further_office(tmp_path, head, "branch")
        with branch.book:
            vouchers.post(branch.book, [a_sale("s1")])
            for office in (branch, head):
                office.sync()
        watched = WatchedReplica(head.book)
        watched.rebuild(size, OTHER_LIFE)
        assert Changed.VOUCHERS in watched.take_changed()
        assert not head.book.has_vouchers()
        watched.contribute()
        assert Changed.VOUCHERS in watched.take_changed()
        assert head.book.has_vouchers()
        watched.rehome()
        assert Changed.VOUCHERS in watched.take_changed()
        assert watched.take_changed() is Changed.NOTHING
