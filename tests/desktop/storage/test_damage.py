"""Damaged, cut off, foreign and newer files: named every time, never repaired in silence, never a crash."""

import random
import shutil
from pathlib import Path

import pytest

from desktop.storage.sample_company import PASSPHRASE, company, fill, machine, new_company, open_it
from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.actions.verification import verify, verify_book
from ledgerflow_desktop.storage import key_slots, schema
from ledgerflow_desktop.storage.book import open_book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.failures import FileTooNew, NotACompany, WrongPassphrase


@pytest.fixture
def folder(tmp_path: Path) -> CompanyFolder:
    on = machine()
    path = tmp_path / "Lotus.ledgerflow"
    new_company(path, on)
    with open_it(path, on) as book:
        fill(book)
    return CompanyFolder(path)


def noticed(folder: CompanyFolder, key: bytes) -> bool:
    """Whether the open or the verification says that something is wrong."""
    try:
        keys = key_slots.read_keys(folder)
        with open_book(folder, keys, key, machine(), read_only=True) as book:
            return not verify_book(book).is_clean
    except (Damaged, FileTooNew):
        return True


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_one_flipped_byte_at_a_thousand_places_of_the_book_is_always_noticed(folder: CompanyFolder) -> None:
    key = key_slots.unlock_with_passphrase(key_slots.read_keys(folder), PASSPHRASE)
    whole, chance = folder.database.read_bytes(), random.Random(11)
    unnoticed = []
    for _ in range(1_000):
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        with folder.database.open("r+b") as file:
            file.seek(at)
            file.write(bytes([whole[at] ^ bit]))
        if not noticed(folder, key):
            unnoticed.append(at)
        with folder.database.open("r+b") as file:
            file.seek(at)
            file.write(whole[at : at + 1])
    assert unnoticed == []
    assert folder.database.read_bytes() == whole, "nothing was repaired or written"
    assert not noticed(folder, key)


def test_a_flipped_byte_anywhere_in_the_keys_is_noticed(folder: CompanyFolder) -> None:
    key = key_slots.unlock_with_passphrase(key_slots.read_keys(folder), PASSPHRASE)
    whole, chance = folder.keys.read_bytes(), random.Random(12)
    for at in chance.sample(range(len(whole)), 150):
        folder.keys.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        assert noticed(folder, key), at


def test_a_file_that_breaks_off_or_is_empty_is_damaged(folder: CompanyFolder) -> None:
    whole = folder.database.read_bytes()
    for length in (0, 100, 4096, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        folder.database.write_bytes(whole[:length])
        report = verify(folder.path, machine(), passphrase=PASSPHRASE)
        assert not report.is_clean, length


def test_pages_swapped_within_the_file_are_noticed(folder: CompanyFolder) -> None:
    whole = folder.database.read_bytes()
    page = 4096
    folder.database.write_bytes(
        whole[: 2 * page] + whole[3 * page : 4 * page] + whole[2 * page : 3 * page] + whole[4 * page :]
    )
    assert not verify(folder.path, machine(), passphrase=PASSPHRASE).is_clean


def test_other_files_under_our_name_are_named(folder: CompanyFolder) -> None:
    for content in (b"SQLite format 3\0" + bytes(8000), b"PK\3\4 a zip", b"hello"):
        folder.database.write_bytes(content)
        with pytest.raises(Damaged):
            open_it(folder.path, machine())


def test_a_folder_without_its_files_is_no_company(folder: CompanyFolder, tmp_path: Path) -> None:
    with pytest.raises(NotACompany):
        open_it(tmp_path / "Nowhere.ledgerflow", machine())
    folder.keys.unlink()
    with pytest.raises(NotACompany):
        open_it(folder.path, machine())


def test_the_book_of_one_company_with_the_keys_of_another_does_not_open(folder: CompanyFolder, tmp_path: Path) -> None:
    other = CompanyFolder(tmp_path / "Other.ledgerflow")
    create_company(other, company("Other"), "other passphrase", machine(seed=2))
    shutil.copyfile(other.keys, folder.keys)
    with pytest.raises(WrongPassphrase):
        open_it(folder.path, machine())
    with pytest.raises(Damaged):
        open_it(folder.path, machine(), passphrase="other passphrase")


def test_a_file_of_a_newer_version_is_named_and_left_alone(folder: CompanyFolder) -> None:
    with open_it(folder.path, machine()) as book:
        book.connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = folder.database.read_bytes()
    with pytest.raises(FileTooNew) as caught:
        open_it(folder.path, machine())
    assert caught.value.facts == {"format": "9999", "known": schema.HEAD}
    assert folder.database.read_bytes() == before
    keys = folder.keys.read_bytes()
    folder.keys.write_bytes(keys.replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(FileTooNew):
        open_it(folder.path, machine())
