"""Creating and opening: nothing is overwritten, the wrong secret writes nothing, one writer at a time."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from desktop.storage.sample_company import (
    CHEAP,
    PASSPHRASE,
    DeadKeyStore,
    MemoryKeyStore,
    company,
    fill,
    machine,
    new_company,
    open_it,
    sale,
)
from ledgerflow_core.errors import Damaged, InvalidInput
from ledgerflow_desktop.actions import companies, vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.encrypted_database import connect
from ledgerflow_desktop.storage.failures import CompanyExists, InUse, ReadOnly, WrongPassphrase

TESTS = Path(__file__).resolve().parents[2]


@pytest.fixture
def on() -> Machine:
    return machine()


@pytest.fixture
def folder(tmp_path: Path, on: Machine) -> Path:
    path = tmp_path / "Lotus.ledgerflow"
    new_company(path, on)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_creating_where_anything_stands_overwrites_nothing(folder: Path, on: Machine, tmp_path: Path) -> None:
    before = contents(folder)
    with pytest.raises(CompanyExists):
        create_company(CompanyFolder(folder), company("Other"), PASSPHRASE, on, costs=CHEAP)
    assert contents(folder) == before
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "a folder").mkdir()
    for taken in ("a file", "a folder"):
        with pytest.raises(CompanyExists):
            create_company(CompanyFolder(tmp_path / taken), company("Other"), PASSPHRASE, on, costs=CHEAP)
    assert (tmp_path / "a file").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "a file", "a folder"}


def test_a_wrong_passphrase_is_named_and_writes_nothing(folder: Path, on: Machine) -> None:
    before = contents(folder)
    for wrong in ("correct horse batterz", "", PASSPHRASE + " "):
        with pytest.raises(WrongPassphrase):
            open_it(folder, on, passphrase=wrong)
    assert contents(folder) == before


def test_the_recovery_code_opens_it_however_it_is_typed(tmp_path: Path, on: Machine) -> None:
    path = tmp_path / "Lotus.ledgerflow"
    code = new_company(path, on)
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", "").replace("0", "o")):
        with companies.open_company(path, on, recovery_code=typed) as book:
            assert book.company.name == "Lotus Traders"
    other = ("1" if code[0] != "1" else "2") + code[1:]
    with pytest.raises(InvalidInput):
        companies.open_company(path, on, recovery_code=other)


def test_ways_in_are_added_and_removed_without_touching_the_book(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        fill(book)
    before = (folder / "books.db").read_bytes()
    with open_it(folder, on) as book:
        added = companies.add_passphrase(book, "a second passphrase").value
        code = companies.add_recovery_code(book).value
        companies.remember_on_this_machine(book)
    with open_it(folder, on, passphrase="a second passphrase") as book:
        companies.change_passphrase(book, PASSPHRASE, "a third passphrase")
        companies.remove_slot(book, added.id)
        assert verify_book(book).findings == ()
    for gone in (PASSPHRASE, "a second passphrase"):
        with pytest.raises(WrongPassphrase):
            open_it(folder, on, passphrase=gone)
    for right in ({"passphrase": "a third passphrase"}, {"recovery_code": code}, {}):
        companies.open_company(folder, on, **right).close()  # type: ignore[arg-type]
    assert (folder / "books.db").read_bytes() == before


def test_a_remembered_key_is_dropped_even_where_the_key_store_does_not_answer(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        slot = companies.remember_on_this_machine(book).value
    with open_it(folder, replace(on, key_store=DeadKeyStore())) as book:
        companies.remove_slot(book, slot.id)
    with pytest.raises(WrongPassphrase):
        companies.open_company(folder, on)


WAYS_TO_CHANGE_KEYS: dict[str, Callable[[Book], object]] = {
    "passphrase": lambda book: companies.add_passphrase(book, "another passphrase"),
    "recovery code": companies.add_recovery_code,
    "remembered": companies.remember_on_this_machine,
    "changed": lambda book: companies.change_passphrase(book, PASSPHRASE, "another passphrase"),
    "removed": lambda book: companies.remove_slot(book, companies.slots(book)[-1].id),
    "renamed": lambda book: companies.change_company(book, msgspec.structs.replace(book.company, name="Lotus & Sons")),
}


@pytest.mark.parametrize("change", WAYS_TO_CHANGE_KEYS.values(), ids=WAYS_TO_CHANGE_KEYS.keys())
def test_a_book_opened_for_reading_keeps_its_keys(folder: Path, on: Machine, change: Callable[[Book], object]) -> None:
    before = (folder / "keys.json").read_bytes()
    with open_it(folder, on, read_only=True) as book, pytest.raises(ReadOnly):
        change(book)
    assert (folder / "keys.json").read_bytes() == before
    assert isinstance(on.key_store, MemoryKeyStore)
    assert on.key_store.secrets == {}


@pytest.mark.parametrize("change", WAYS_TO_CHANGE_KEYS.values(), ids=WAYS_TO_CHANGE_KEYS.keys())
def test_keys_that_another_hand_changed_are_not_sealed_anew(
    folder: Path, on: Machine, change: Callable[[Book], object]
) -> None:
    keys = folder / "keys.json"
    with open_it(folder, on) as book:
        forged = keys.read_bytes().replace(b"Lotus Traders", b"Lotus Raiders")
        keys.write_bytes(forged)
        with pytest.raises(Damaged, match="changed by something else"):
            change(book)
        assert keys.read_bytes() == forged
        assert book.company.name == "Lotus Traders"
        assert [found.code for found in verify_book(book).findings] == ["keys-changed"]


def test_the_last_passphrase_stays(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        only = next(slot for slot in companies.slots(book) if slot.kind == "passphrase")
        with pytest.raises(InvalidInput, match="last-passphrase"):
            companies.remove_slot(book, only.id)


_SECOND = """
import sys
from pathlib import Path
from desktop.storage.sample_company import machine, open_it
from ledgerflow_core.errors import LedgerFlowError
try:
    with open_it(Path(sys.argv[1]), machine(), read_only=sys.argv[2] == "read") as book:
        print("opened", book.connection.execute("SELECT count(*) FROM voucher").fetchone()[0])
except LedgerFlowError as error:
    print(error.code)
"""


def second_process(folder: Path, how: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", _SECOND, str(folder), how],
        capture_output=True, text=True, timeout=60, check=True, cwd=TESTS,
    )  # fmt: skip
    return ran.stdout.strip()


def test_a_second_process_may_read_and_not_write(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        fill(book)
        assert second_process(folder, "write") == "company-in-use"
        assert second_process(folder, "read") == "opened 23"
        with pytest.raises(InUse):
            open_it(folder, on)
    assert second_process(folder, "write") == "opened 23"


def test_a_book_opened_for_reading_refuses_to_write(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        fill(book)
    with open_it(folder, on, read_only=True) as book, pytest.raises(ReadOnly):
        vouchers.post(book, [sale("a")])


def test_a_file_that_somebody_changes_is_never_taken_for_one_that_stands_still(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        key = book.book_key
    other = connect(folder / "books.db", key)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InUse):
        open_it(folder, on, read_only=True)
    other.execute("ROLLBACK")
    other.close()
    open_it(folder, on, read_only=True).close()
