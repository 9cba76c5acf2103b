"""The signing key lies in the key store or in keys.json, and moves with the book through all that may happen to it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from builders import a_sale
from desktop.builders import PASSPHRASE, MemoryKeyStore, a_company_folder, a_machine, opened
from desktop.storage.replica_books import enrol
from ledgerflow_core.errors import Damaged, InvalidInput
from ledgerflow_desktop.actions import backups, rekeying, signing_key, syncing, vouchers
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import key_slots, signing_keys
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.key_slots import InKeyStore
from ledgerflow_desktop.storage.replica_store import ReplicaStore
from ledgerflow_desktop.storage.signing_keys import SigningKeyMissing, SigningKeyOutOfReach
from ledgerflow_desktop.storage.verification import verify_book
from shared.sync.memory_server import MemoryServer


class ForgetfulKeyStore(MemoryKeyStore):
    """Takes everything and has nothing of it, as keyring's null store."""

    def put(self, name: str, secret: str) -> None:
        pass


class HoardingKeyStore(MemoryKeyStore):
    """Forgets nothing it was given: what is taken out of it stays in it."""

    def remove(self, name: str) -> None:
        pass


class GarblingKeyStore(MemoryKeyStore):
    """Passes the trial and then gives back something else than it was given."""

    def get(self, name: str) -> str | None:
        kept = super().get(name)
        return kept if kept is None or name.endswith("/probe") else kept[:-1]


@pytest.fixture
def machine() -> Machine:
    return a_machine(seed=4)


@pytest.fixture
def folder(tmp_path: Path, machine: Machine) -> Path:
    """A book that is enrolled, its key in the key store."""
    made = a_company_folder(tmp_path)
    with opened(made, machine=machine) as book:
        enrol(book, MemoryServer(book.company.id), "head")
        assert signing_key.into_key_store(book).value
    return made


@pytest.fixture
def book(folder: Path, machine: Machine) -> Iterator[Book]:
    with opened(folder, machine=machine) as made:
        yield made


def store_of(machine: Machine) -> MemoryKeyStore:
    assert isinstance(machine.key_store, MemoryKeyStore)
    return machine.key_store


def signing_names(machine: Machine) -> list[str]:
    return [name for name in store_of(machine).secrets if "/signing/" in name]


def test_a_key_in_the_store_is_in_no_file_and_signs(folder: Path, machine: Machine) -> None:
    keys = key_slots.read_keys(CompanyFolder(folder))
    assert isinstance(keys.signing, InKeyStore)
    assert list(store_of(machine).secrets) == [keys.signing.name]
    with opened(folder, machine=machine) as book:
        vouchers.post(book, [a_sale("s1")])
        assert verify_book(book).findings == ()
        assert book.signing_key.public_key().public_bytes_raw().hex() == keys.signing.public


def test_the_store_alone_signs_nothing(folder: Path, machine: Machine) -> None:
    (sealed,) = store_of(machine).secrets.values()
    company = key_slots.read_keys(CompanyFolder(folder)).company
    with pytest.raises(Damaged):
        key_slots.unwrap(sealed, b"\0" * 32, company, "signing")


@pytest.mark.parametrize(
    "store", [MemoryKeyStore(reachable=False), ForgetfulKeyStore(), HoardingKeyStore(), GarblingKeyStore()]
)
def test_a_store_that_does_not_do_what_a_store_does_gets_no_key(tmp_path: Path, store: MemoryKeyStore) -> None:
    machine = replace(a_machine(), key_store=store)
    with opened(a_company_folder(tmp_path), machine=machine) as book:
        enrol(book, MemoryServer(book.company.id), "head")
        assert not signing_key.into_key_store(book).value
        assert isinstance(book.keys.signing, str)
        vouchers.post(book, [a_sale("s1")])
        assert verify_book(book).findings == ()


def test_a_key_goes_back_into_the_book_and_the_store_forgets_it(book: Book, machine: Machine) -> None:
    before = book.signing_key.private_bytes_raw()
    signing_key.into_book(book)
    assert store_of(machine).secrets == {}
    assert signing_keys.read(book.keys, book.book_key, machine).private_bytes_raw() == before
    assert verify_book(book).findings == ()


def test_without_its_key_a_book_is_read_and_verified_and_says_what_is_missing(folder: Path, machine: Machine) -> None:
    store_of(machine).secrets.clear()
    with opened(folder, machine=machine) as book:
        assert verify_book(book).findings == ()
        with pytest.raises(SigningKeyMissing):
            vouchers.post(book, [a_sale("s1")])
        assert not book.has_vouchers()


def test_while_the_store_does_not_answer_nothing_is_written_and_nothing_changes(folder: Path, machine: Machine) -> None:
    silent = replace(machine, key_store=MemoryKeyStore(reachable=False))
    with opened(folder, machine=silent) as book:
        replica = book.replica
        with pytest.raises(SigningKeyOutOfReach):
            vouchers.post(book, [a_sale("s1")])
    with opened(folder, machine=machine) as book:
        vouchers.post(book, [a_sale("s1")])
        assert book.replica == replica


def test_a_key_that_was_exchanged_in_the_store_is_noticed(folder: Path, machine: Machine) -> None:
    (name,) = store_of(machine).secrets
    with opened(folder, machine=machine) as book:
        other = key_slots.wrap(book.book_key, b"x" * 32, book.company.id, "signing", machine)
        store_of(machine).secrets[name] = other
        with pytest.raises(Damaged):
            vouchers.post(book, [a_sale("s1")])


def test_a_public_half_that_is_not_hexadecimal_is_damage(folder: Path, machine: Machine) -> None:
    with opened(folder, machine=machine) as book:
        assert isinstance(book.keys.signing, InKeyStore)
        keys = structs.replace(book.keys, signing=InKeyStore(name=book.keys.signing.name, public="not hexadecimal"))
        key_slots.write_keys(book.folder, keys, book.book_key)
    with pytest.raises(Damaged), opened(folder, machine=machine):
        pass


def test_a_book_that_is_encrypted_again_keeps_its_key_where_it_is(book: Book, machine: Machine) -> None:
    before, key = signing_names(machine), book.signing_key.private_bytes_raw()
    rekeying.rekey(book, PASSPHRASE)
    after = signing_names(machine)
    assert len(after) == 1 and after != before
    vouchers.post(book, [a_sale("s1")])
    assert book.signing_key.private_bytes_raw() == key
    assert verify_book(book).findings == ()


def test_a_book_that_takes_a_new_identity_keeps_its_new_key_in_the_store_too(book: Book, machine: Machine) -> None:
    before = book.replica
    ReplicaStore(book).rehome()
    assert book.replica != before
    assert isinstance(book.keys.signing, InKeyStore)
    vouchers.post(book, [a_sale("s1")])
    assert verify_book(book).findings == ()


def test_a_key_that_was_put_into_the_book_stays_in_books_that_follow(book: Book, machine: Machine) -> None:
    signing_key.into_book(book)
    ReplicaStore(book).rehome()
    assert isinstance(book.keys.signing, str)
    assert store_of(machine).secrets == {}


def test_a_backup_restored_here_goes_on_with_what_the_server_knows(
    tmp_path: Path, folder: Path, machine: Machine
) -> None:
    with opened(folder, machine=machine) as book:
        known, key = book.replica, book.signing_key
        backup = backups.back_up(book, tmp_path / "b.lfbackup").value
    backups.restore(backup, folder, machine, passphrase=PASSPHRASE, replace=True)
    with opened(folder, machine=machine) as book:
        assert book.replica != known and isinstance(book.keys.signing, InKeyStore)
        said = syncing.known_as(book)
        assert said.new is not None and said.new.former == known
        assert said.identity.key.private_bytes_raw() == key.private_bytes_raw()


@pytest.mark.parametrize("reachable", [True, False])
def test_a_backup_restored_elsewhere_is_worked_in_and_asks_for_a_code_to_sync(
    tmp_path: Path, folder: Path, machine: Machine, reachable: bool
) -> None:
    with opened(folder, machine=machine) as book:
        vouchers.post(book, [a_sale("s1")])
        backup = backups.back_up(book, tmp_path / "b.lfbackup").value
    elsewhere = a_machine(seed=9, key_store=MemoryKeyStore(reachable=reachable))
    restored = tmp_path / "Restored.ledgerflow"
    backups.restore(backup, restored, elsewhere, passphrase=PASSPHRASE)
    with opened(restored, machine=elsewhere) as book:
        assert isinstance(book.keys.signing, InKeyStore) is reachable
        vouchers.post(book, [a_sale("s2")])
        assert verify_book(book).findings == ()
        with pytest.raises(InvalidInput) as raised:
            syncing.known_as(book)
        assert raised.value.problems[0].code == "enrol-again"
    with opened(folder, machine=machine) as book:
        vouchers.post(book, [a_sale("s3")])


def test_a_book_of_no_server_keeps_its_key(tmp_path: Path, machine: Machine) -> None:
    with opened(a_company_folder(tmp_path), machine=machine) as book:
        for move in (signing_key.into_key_store, signing_key.into_book, signing_key.go_on_anew):
            with pytest.raises(InvalidInput) as raised:
                move(book)
            assert raised.value.problems[0].code == "not-enrolled"


def test_a_book_that_became_a_copy_twice_without_its_key_still_asks_for_a_code(book: Book, machine: Machine) -> None:
    store_of(machine).secrets.clear()
    for _ in range(2):
        signing_key.go_on_anew(book)
        with pytest.raises(InvalidInput) as raised:
            syncing.known_as(book)
        assert raised.value.problems[0].code == "enrol-again"
