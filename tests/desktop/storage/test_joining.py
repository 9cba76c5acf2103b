"""A device without a book makes one from the beginning of the server's log."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_sale
from desktop.builders import CHEAP, PASSPHRASE, MemoryKeyStore
from desktop.storage.replica_books import Office, a_first_office, an_enrolment, an_office_machine, reopened
from ledgerflow_core.identifiers import ReplicaId, named
from ledgerflow_core.sync.messages import signed_of
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.failures import CompanyExists
from ledgerflow_desktop.storage.joining import Beginning, Newcomer, join_company
from ledgerflow_desktop.storage.key_slots import InKeyStore
from shared.sync.memory_server import MemoryServer

NEWCOMER = Newcomer(ReplicaId(named("replica", "joined")), Ed25519PrivateKey.from_private_bytes(b"j" * 32), "JN")


def joined(folder: Path, server: MemoryServer, turn: int, key_store: MemoryKeyStore) -> Office:
    """The book of one code and passphrase, which give the same identity every time."""
    piece = server.pull(0)
    beginning = Beginning(piece.batches, signed_of(piece.end.checkpoint, "checkpoint"))
    enrolled = an_enrolment(server, "joined")
    machine = replace(an_office_machine(f"joined{turn}"), key_store=key_store)
    join_company(CompanyFolder.named(folder), enrolled, NEWCOMER, beginning, PASSPHRASE, machine, costs=CHEAP)
    return reopened(folder, server, "joined", turn=turn, key_store=key_store)


def test_a_book_that_is_made_again_with_the_same_code_goes_on_under_another_identity(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    folder = tmp_path / "joined.ledgerflow"
    with head.book:
        head.sync()
        key_store = MemoryKeyStore()
        first = joined(folder, head.server, 1, key_store)
        with first.book:
            (lost,) = vouchers.post(first.book, [a_sale("s1")]).value
            first.sync()
            assert first.findings() == []
        shutil.rmtree(folder)
        again = joined(folder, head.server, 2, key_store)
        with again.book:
            assert again.book.replica != NEWCOMER.replica
            (made,) = vouchers.post(again.book, [a_sale("s2")]).value
            again.sync()
            head.sync()
            assert made.number != lost.number
            assert again.findings() == head.findings() == []
            assert again.figures() == head.figures()
            assert again.store.conflicts() == []


def test_the_key_of_a_book_that_is_made_goes_into_the_key_store_and_without_one_into_the_book(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        head.sync()
        for turn, reachable in enumerate((True, False)):
            key_store, folder = MemoryKeyStore(reachable=reachable), tmp_path / f"joined{turn}.ledgerflow"
            office = joined(folder, head.server, turn, key_store)
            with office.book:
                assert isinstance(office.book.keys.signing, InKeyStore) is reachable
                assert len(key_store.secrets) == int(reachable)
                vouchers.post(office.book, [a_sale(f"s{turn}")])
                assert office.findings() == []


def test_a_book_that_could_not_be_made_leaves_nothing_in_the_key_store(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        head.sync()
        key_store, folder = MemoryKeyStore(), tmp_path / "joined.ledgerflow"
        folder.mkdir()
        with pytest.raises(CompanyExists):
            joined(folder, head.server, 1, key_store)
    assert key_store.secrets == {}
