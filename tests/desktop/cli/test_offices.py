"""`offices` and `lock` between offices: who is waited for, and how to go on without one whose book is gone."""

import re
from pathlib import Path

from desktop.cli.running import run
from desktop.storage.replica_books import Office, a_first_office, a_further_office, reopened
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.actions import closing
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.offices import keep_names, nameless, offices

MAY = "2026-05-31"


def two_offices(tmp_path: Path) -> tuple[Path, Path, Office, ReplicaId]:
    """Asha's book, and Ravi's after a restored backup took a new identity; the replica it was before."""
    head = a_first_office(tmp_path, "asha")
    with head.book:
        head.sync()
        branch = a_further_office(tmp_path, head, "ravi")
        with branch.book:
            branch.sync()
            former = branch.book.replica
            branch.store.rehome()
            branch.sync()
        head.sync()
    return head.book.folder.path, branch.book.folder.path, head, former


def sync(folder: Path, office: Office, name: str) -> None:
    again = reopened(folder, office.server, name, turn=7)
    with again.book:
        again.sync()
        closing.answer(again.book)
        again.sync()


def test_a_replica_left_behind_holds_up_closing_until_it_is_closed_as_the_message_says(tmp_path: Path) -> None:
    asha, ravi, office, former = two_offices(tmp_path)
    assert run("lock", asha, MAY).out.startswith(f"Asked to close up to {MAY}: ravi (")
    for folder, name in ((asha, "asha"), (ravi, "ravi"), (asha, "asha")):
        sync(folder, office, name)
    waits = run("lock", asha, MAY)
    assert (waits.code, waits.codes) == (1, ["close-outstanding"])
    said = re.search(r"ledgerflow (offices \S+ --close (\S+)) --reason WHY\.", waits.err)
    assert said is not None and f"ledgerflow lock {asha} {MAY} --now" in waits.err
    tag = said[2]
    listed = run("offices", asha).out.splitlines()
    assert [line.split()[0] for line in listed].count(tag) == 1 and len(listed) == 3
    assert sum(line.endswith("  this book") for line in listed) == 1
    closed = run(*said[1].split(), "--reason", "restored from a backup")
    assert closed.code == 0, closed.err
    assert closed.out.startswith(f"Closed ravi ({tag}): nothing more of it is taken")
    assert f"{tag:<8}  ravi  closed\n" in run("offices", asha).out
    answered = run("lock", asha, MAY)
    assert answered.code == 0
    assert answered.out == f"Every office known here has answered. Sync: the server locks up to {MAY} by itself.\n"
    assert run("verify", asha).code == 0
    with reopened(asha, office.server, "asha").book as book:
        assert {one.tag for one in offices(book.connection).values() if one.replica == former} == {tag}


def test_an_office_is_closed_for_a_reason_once_and_never_that_of_the_book_itself(tmp_path: Path) -> None:
    asha, _, _, _ = two_offices(tmp_path)
    lines = run("offices", asha).out.splitlines()
    own = next(line.split()[0] for line in lines if line.endswith("this book"))
    other = next(line.split()[0] for line in lines if not line.endswith("this book"))
    assert run("offices", asha, "--close", other).codes == ["reason-missing"]
    assert run("offices", asha, "--close", own, "--reason", "gone").codes == ["own-office"]
    assert run("offices", asha, "--close", "QQ", "--reason", "gone").codes == ["unknown-office"]
    assert run("offices", asha, "--close", other, "--reason", "gone").code == 0
    assert run("offices", asha, "--close", other, "--reason", "gone").codes == ["office-closed"]


def test_an_office_is_called_as_the_server_knows_it_once_it_was_asked(tmp_path: Path) -> None:
    asha, _, office, former = two_offices(tmp_path)
    again = reopened(asha, office.server, "asha")
    with again.book as book:
        assert former in nameless(book.connection)
        with transaction(book.connection, "books"):
            keep_names(book.connection, dict.fromkeys(nameless(book.connection), ("", "")))
            keep_names(book.connection, {former: ("Ravi Kumar", "till-2")})
        assert nameless(book.connection) == []
        tag = offices(book.connection)[former].tag
    assert f"{tag:<8}  Ravi Kumar on till-2\n" in run("offices", asha).out
    assert f"  Ravi Kumar on till-2 ({tag})  replica.opened" in run("log", asha).out
