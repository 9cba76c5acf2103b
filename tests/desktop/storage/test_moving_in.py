"""A copy takes an identity of its own, and nobody is cut off by one that only looks like a copy."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from builders import a_sale
from desktop.builders import PASSPHRASE, MemoryKeyStore, a_company_folder
from desktop.storage.replica_books import an_office_machine, enrol
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.actions import backups, companies, signing_key, syncing, vouchers
from ledgerflow_desktop.settings.key_store import KeyStoreUnavailable
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.replica_store import ReplicaStore
from ledgerflow_desktop.storage.signing_keys import SigningKeyMissing, SigningKeyOutOfReach
from ledgerflow_desktop.storage.verification import verify_book
from shared.sync.memory_server import MemoryServer


class LockedKeyStore(MemoryKeyStore):
    """Has its secrets, and gives none while it is locked."""

    locked = False

    def _require(self) -> None:
        if self.locked:
            raise KeyStoreUnavailable(reason="no-answer")


@dataclass
class Account:
    """A person's account on a computer: own key store, own folder for guards."""

    machine: Machine
    store: LockedKeyStore
    folder: Path

    def open(self, *, read_only: bool = False) -> Book:
        return companies.open_company(self.folder, self.machine, passphrase=PASSPHRASE, read_only=read_only)


def an_account(tmp_path: Path, name: str, folder: Path) -> Account:
    store = LockedKeyStore()
    machine = replace(an_office_machine(name, tmp_path / f"state of {name}"), key_store=store)
    return Account(machine, store, folder)


@pytest.fixture
def asha(tmp_path: Path) -> Account:
    """Who enrolled the book: its key is in her key store, its guard in her folder."""
    account = an_account(tmp_path, "asha", a_company_folder(tmp_path))
    with account.open() as book:
        enrol(book, MemoryServer(book.company.id), "asha")
        book.watch()
        assert signing_key.into_key_store(book).value
    return account


@pytest.fixture
def ravi(tmp_path: Path, asha: Account) -> Account:
    """Who may read the same folder under an account of his own."""
    return an_account(tmp_path, "ravi", asha.folder)


def identity(account: Account) -> ReplicaId:
    with account.open(read_only=True) as book:
        return book.replica


def restored(account: Account, tmp_path: Path) -> None:
    """Put a backup in the place of the book."""
    with account.open() as book:
        backup = backups.back_up(book, tmp_path / "b.lfbackup").value
    backups.restore(backup, account.folder, account.machine, passphrase=PASSPHRASE, replace=True)


def test_who_opens_the_book_of_another_account_changes_nothing_in_it(asha: Account, ravi: Account) -> None:
    before = identity(asha)
    for _ in range(2):
        with ravi.open() as book:
            assert book.replica == before
            assert verify_book(book).findings == ()
            with pytest.raises(SigningKeyMissing):
                vouchers.post(book, [a_sale("s1")])
    with asha.open() as book:
        assert book.replica == before
        vouchers.post(book, [a_sale("s2")])
        assert syncing.known_as(book).new is None


def test_the_other_account_goes_on_only_where_it_asks_to(asha: Account, ravi: Account) -> None:
    before = identity(asha)
    with ravi.open() as book:
        assert signing_key.has_to_enrol_again(book)
        signing_key.go_on_anew(book)
        assert book.replica != before
        vouchers.post(book, [a_sale("s1")])
        taken = book.replica
    with ravi.open() as book:
        assert book.replica == taken
        vouchers.post(book, [a_sale("s2")])


def test_a_restored_book_waits_for_a_locked_key_store_and_keeps_what_the_server_knows(
    asha: Account, tmp_path: Path
) -> None:
    known = identity(asha)
    restored(asha, tmp_path)
    asha.store.locked = True
    with asha.open() as book:
        assert book.replica == known
        with pytest.raises(SigningKeyOutOfReach):
            vouchers.post(book, [a_sale("s1")])
        asha.store.locked = False
        # Still the identity of the original, which may have gone on.
        with pytest.raises(SigningKeyOutOfReach):
            vouchers.post(book, [a_sale("s1")])
        assert signing_key.has_to_enrol_again(book)
    with asha.open() as book:
        said = syncing.known_as(book)
        assert said.new is not None and said.new.former == known
        vouchers.post(book, [a_sale("s1")])


def test_where_the_store_stays_locked_a_restored_book_goes_on_by_a_word(asha: Account, tmp_path: Path) -> None:
    known = identity(asha)
    restored(asha, tmp_path)
    asha.store.locked = True
    with asha.open() as book:
        signing_key.go_on_anew(book)
        assert book.replica != known
        vouchers.post(book, [a_sale("s1")])


def test_what_the_server_asks_for_never_costs_the_key_it_knows(asha: Account) -> None:
    with asha.open() as book:
        known = book.replica
        asha.store.locked = True
        with pytest.raises(SigningKeyOutOfReach):
            ReplicaStore(book).rehome()
        assert book.replica == known
        asha.store.locked = False
        ReplicaStore(book).rehome()
        said = syncing.known_as(book)
        assert said.new is not None and said.new.former == known
