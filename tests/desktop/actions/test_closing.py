from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_sale
from desktop.builders import a_book
from desktop.storage.replica_books import a_first_office, a_further_office
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.events.chain import Author, genesis, next_event
from ledgerflow_core.events.event import KeyRevoked, ReplicaOpened
from ledgerflow_core.identifiers import DeviceId, EventId, ReplicaId, named
from ledgerflow_core.sync.batch import Sender, seal
from ledgerflow_desktop.actions import closing, periods, vouchers
from ledgerflow_desktop.storage.offices import offices
from ledgerflow_desktop.storage.verification import verify_book

MAY = date(2026, 5, 31)
AT = "2026-06-01T06:00:00.000Z"


def test_a_book_alone_has_nobody_to_wait_for(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        vouchers.post(book, [a_sale()])
        assert closing.find(book, MAY) is None
        close = closing.request(book, MAY).value
        assert (close.until, close.outstanding) == (MAY, ())
        assert closing.find(book, MAY) == close
        assert closing.find(book, date(2026, 6, 30)) is None
        assert verify_book(book).findings == ()


def test_a_request_for_a_later_day_covers_an_earlier_one(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        closing.request(book, date(2026, 6, 30))
        close = closing.find(book, MAY)
        assert close is not None and close.until == date(2026, 6, 30)


def test_a_request_that_was_parked_counts_for_nothing(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        close = closing.request(book, MAY).value
        assert closing.find(book, MAY, parked={close.request}) is None


def test_what_is_locked_is_not_closed_again(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        periods.lock(book, MAY)
        with pytest.raises(InvalidInput) as raised:
            closing.request(book, MAY)
        assert raised.value.problems[0].code == "lock-moves-back"


def test_an_own_request_is_not_answered_by_oneself(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        closing.request(book, MAY)
        assert closing.answer(book) == 0


def test_a_book_under_a_new_identity_answers_what_was_asked_before(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        head.sync()
        branch = a_further_office(tmp_path, head, "branch")
        with branch.book:
            branch.sync()
            request = closing.request(head.book, MAY).value.request
            for office in (head, branch):
                office.sync()
            assert (closing.answer(branch.book), closing.answer(branch.book)) == (1, 0)
            branch.store.rebuild(branch.store.standing().log.size, branch.store.standing().incarnation)
            assert closing.answer(branch.book) == 0
            branch.sync()
            branch.store.rehome()
            assert closing.answer(branch.book) == 1
            for office in (branch, head):
                office.sync()
            close = closing.find(head.book, MAY)
            assert close is not None and close.request == request
            assert branch.book.replica not in [office.replica for office in close.outstanding]


def test_nobody_waits_for_an_office_whose_key_signs_no_more(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        head.sync()
        branch = a_further_office(tmp_path, head, "branch")
        with branch.book:
            for office in (branch, head):
                office.sync()
            closing.request(head.book, MAY)
            close = closing.find(head.book, MAY)
            assert close is not None and [office.replica for office in close.outstanding] == [branch.book.replica]
            key = branch.book.signing_key.public_key().public_bytes_raw().hex()
            with head.book.writing() as unit:
                unit.record([KeyRevoked(key=key, replica=branch.book.replica, last_seq=9)])
            close = closing.find(head.book, MAY)
            assert close is not None and close.outstanding == ()


def test_nobody_waits_for_the_server_which_posts_into_the_books_itself(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        head.sync()
        replica, key = ReplicaId(named("replica", "server")), Ed25519PrivateKey.from_private_bytes(b"v" * 32)
        opened = ReplicaOpened(
            device=DeviceId(named("device", "server")), user=head.book.machine.user, user_name="Server",
            key=key.public_key().public_bytes_raw().hex(), tag="SV", reason="server",
        )  # fmt: skip
        author = Author(replica, head.book.machine.user)
        raw, _ = next_event(genesis(replica), opened, author=author, event_id=EventId(replica), at=AT)
        sender = Sender(head.server.tenant, head.book.company.id, replica, head.server.incarnation)
        head.server.push(seal([raw], genesis(replica), sender, key))
        head.sync()
        assert [one.is_server for one in offices(head.book.connection).values()] == [False, True]
        assert closing.request(head.book, MAY).value.outstanding == ()
