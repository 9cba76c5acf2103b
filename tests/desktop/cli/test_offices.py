"""`offices` and `lock` between offices: who is waited for, and how to go on without one whose book is gone."""

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop.builders import PASSPHRASE
from desktop.cli.running import run
from desktop.storage.replica_books import Office, a_first_office, a_further_office, an_office_machine, reopened
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.actions import closing, companies
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
    said = re.search(r"waits for: ravi \((\w+)\)\. .*Only one whose book is gone", waits.err)
    assert said is not None and f"ledgerflow lock {asha} {MAY} --now" in waits.err
    assert f"ledgerflow offices {asha} --close TAG --reason WHY. It is shut out for good" in waits.err
    tag = said[1]
    listed = run("offices", asha).out.splitlines()
    assert [line.split()[0] for line in listed].count(tag) == 1 and len(listed) == 3
    assert sum(line.endswith("  this book") for line in listed) == 1
    closed = run("offices", asha, "--close", tag, "--reason", "restored from a backup")
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


def chance_that_draws(tag_bytes: bytes, seed: str) -> Callable[[int], bytes]:
    """Chance by a seed, but for the first draw of a tag, which is of eight bytes as nothing else is."""
    chance, given = random.Random(seed), iter([tag_bytes])
    return lambda count: next(given, chance.randbytes(8)) if count == 8 else chance.randbytes(count)


def a_copy(tmp_path: Path, head: Office, name: str) -> Office:
    """An office made from a copy of the first one's book, which draws the tag ``AA`` if it may."""
    folder = tmp_path / f"{name}.ledgerflow"
    head.book.checkpoint()
    shutil.copytree(head.book.folder.path, folder)
    machine = replace(an_office_machine(name), random_bytes=chance_that_draws(bytes(8), name))
    office = Office(companies.open_company(folder, machine, passphrase=PASSPHRASE), head.server)
    office.store.rehome()
    return office


def test_of_two_offices_with_one_tag_either_is_closed_by_the_end_of_its_id(tmp_path: Path) -> None:
    head = a_first_office(tmp_path, "asha")
    with head.book:
        head.sync()
        # Neither knows of the other when it draws its tag.
        ravi, mina = a_copy(tmp_path, head, "ravi"), a_copy(tmp_path, head, "mina")
        with ravi.book, mina.book:
            assert ravi.book.replica_tag == mina.book.replica_tag == "AA"
            ravi.sync()
            mina.sync()
        head.sync()
    asha = head.book.folder.path
    assert run("offices", asha, "--close", "AA", "--reason", "gone").codes == ["unknown-office"]
    end = mina.book.replica[-8:]
    assert f"{end}  mina (AA)\n" in run("offices", asha).out
    closed = run("offices", asha, "--close", end, "--reason", "gone")
    assert closed.code == 0, closed.err
    listed = run("offices", asha).out
    assert f"{end}  mina (AA)  closed\n" in listed
    assert f"{ravi.book.replica[-8:]}  ravi (AA)\n" in listed


def test_an_office_takes_no_tag_that_another_one_has(tmp_path: Path) -> None:
    head = a_first_office(tmp_path, "asha")
    with head.book:
        head.sync()
        with a_copy(tmp_path, head, "ravi").book as book:
            assert book.replica_tag == "AA"
            Office(book, head.server).sync()
        head.sync()
        with a_copy(tmp_path, head, "mina").book as book:
            assert book.replica_tag not in ("", "AA")


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
