"""What a later version of the program wrote has its line in the edit log, and hides nothing else of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_sale
from desktop.storage.replica_books import Office, a_first_office
from ledgerflow_core.events.chain import genesis
from ledgerflow_core.identifiers import ReplicaId, UserId, named
from ledgerflow_core.sync.batch import Sender, seal
from ledgerflow_desktop.actions import edit_log, vouchers
from ledgerflow_desktop.storage.edit_log import LATER_VERSION, EditLogFilter, user_names

AT = "2026-11-21T10:00:00.000Z"
NEWER = ReplicaId(named("replica", "newer"))
KEY = Ed25519PrivateKey.from_private_bytes(b"n" * 32)


def opens_in_a_later_version(office: Office, at: str = f'"{AT}"') -> None:
    """Another office begins its chain with an event this program cannot read; the server parks it."""
    book, start = office.book, genesis(NEWER)
    later = (
        f'{{"v":2,"id":"{book.machine.identifiers().new()}","replica":"{NEWER}","seq":1,"prev":"{start.hash.hex()}",'
        f'"at":{at},"user":"{book.machine.user}","body":{{"type":"key.added"}}}}'
    ).encode()
    sender = Sender(office.server.tenant, book.company.id, NEWER, office.server.incarnation)
    office.server.push(seal([later], start, sender, KEY))
    office.sync()


@pytest.fixture
def head(tmp_path: Path) -> Iterator[Office]:
    office = a_first_office(tmp_path, "asha")
    with closing(office.book):
        vouchers.post(office.book, [a_sale("s1")])
        office.sync()
        yield office


def test_an_event_of_a_later_version_has_its_line_among_the_others(head: Office) -> None:
    before = list(edit_log.lines(head.book))
    opens_in_a_later_version(head)
    newest, *others = edit_log.lines(head.book)
    assert others == before
    assert (newest.kind, newest.at, newest.user_name, newest.parked) == (
        LATER_VERSION,
        AT,
        "asha",
        "unsupported-version",
    )
    assert list(edit_log.lines(head.book, EditLogFilter(user=UserId(named("user", "ravi"))))) == []


def test_a_time_that_is_no_text_hides_nothing(head: Office) -> None:
    opens_in_a_later_version(head, at="7")
    assert next(line.at for line in edit_log.lines(head.book)) == "7"


def test_names_of_users_are_known_whatever_a_later_version_says_of_its_own(head: Office) -> None:
    opens_in_a_later_version(head)
    asha, nobody = head.book.machine.user, UserId(named("user", "nobody"))
    assert user_names(head.book, {asha, nobody}) == {asha: "asha"}
