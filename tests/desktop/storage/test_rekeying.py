"""A new key for the whole book: what opened it before does no more, and a crash at any step shuts nobody out."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.storage.replica_books import enrol
from desktop.storage.sample_company import PASSPHRASE, DeadKeyStore, fill, machine, new_company, open_it, sale
from ledgerflow_desktop.actions import companies, rekeying, signing_key, vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import key_slots
from ledgerflow_desktop.storage import rekeying as storage_rekeying
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.digest import digest_of
from ledgerflow_desktop.storage.failures import InUse, ReadOnly, WrongPassphrase
from shared.sync.memory_server import MemoryServer

NEW = "a new passphrase"


@pytest.fixture
def on() -> Machine:
    return machine()


@pytest.fixture
def folder(tmp_path: Path, on: Machine) -> Path:
    path = tmp_path / "Lotus.ledgerflow"
    (tmp_path / "code").write_text(new_company(path, on))
    with open_it(path, on) as book:
        fill(book)
    return path


def test_only_the_new_passphrase_and_code_open_it_afterwards(folder: Path, on: Machine) -> None:
    old_code = (folder.parent / "code").read_text()
    with open_it(folder, on) as book:
        companies.remember_on_this_machine(book)
        old_key, before = book.book_key, digest_of(book.connection)
        code = rekeying.rekey(book, NEW).value
        assert book.book_key != old_key
        assert digest_of(book.connection) == before
        vouchers.post(book, [sale("goes on")])
        assert verify_book(book).findings == ()
    for wrong in ({"passphrase": PASSPHRASE}, {"recovery_code": old_code}, {}):
        with pytest.raises(WrongPassphrase):
            companies.open_company(folder, on, **wrong)  # type: ignore[arg-type]
    for right in ({"passphrase": NEW}, {"recovery_code": code}):
        with companies.open_company(folder, on, **right) as book:  # type: ignore[arg-type]
            assert verify_book(book).is_clean
    assert sorted(path.name for path in folder.iterdir()) == [
        "attachments", "backups", "books.db", "books.lock", "keys.json"]  # fmt: skip


def test_a_key_store_that_does_not_answer_keeps_no_new_key_from_being_told(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        companies.remember_on_this_machine(book)
    dead = replace(on, key_store=DeadKeyStore())
    with open_it(folder, dead) as book:
        code = rekeying.rekey(book, NEW).value
    with companies.open_company(folder, dead, recovery_code=code) as book:
        assert verify_book(book).findings == ()
    with pytest.raises(WrongPassphrase):
        companies.open_company(folder, on)


class Crash(BaseException):
    """Stands for the end of the process: nothing after it runs."""


def crash(*_: object, **__: object) -> None:
    raise Crash


def crash_before(step: str, patch: pytest.MonkeyPatch) -> None:
    """Let the process end before a step; cleaning up, which a real crash would not do, does nothing either."""
    patch.setattr(storage_rekeying, "remove_database", lambda file: None)
    if step == "announcing":
        patch.setattr(storage_rekeying.key_slots, "write_keys", crash)
    elif step == "swapping":
        patch.setattr(storage_rekeying, "_swap", crash)
        _after(patch, key_slots.write_keys, 1)
    else:
        _after(patch, key_slots.write_keys, 1)


def _after(patch: pytest.MonkeyPatch, real: Callable[..., None], times: int) -> None:
    left = [times]

    def write_keys(*given: object) -> None:
        if not left[0]:
            raise Crash
        left[0] -= 1
        real(*given)

    patch.setattr(storage_rekeying.key_slots, "write_keys", write_keys)


@pytest.mark.parametrize("key_in_store", [False, True])
@pytest.mark.parametrize("step", ["announcing", "swapping", "settling"])
@pytest.mark.parametrize("given", [PASSPHRASE, NEW])
def test_a_crash_before_any_step_shuts_nobody_out(
    folder: Path, on: Machine, step: str, given: str, key_in_store: bool
) -> None:
    book = open_it(folder, on)
    if key_in_store:
        enrol(book, MemoryServer(book.company.id), "head")
        assert signing_key.into_key_store(book).value
    before = digest_of(book.connection)
    with pytest.MonkeyPatch.context() as patch:
        crash_before(step, patch)
        with pytest.raises(Crash):
            rekeying.rekey(book, NEW)
    book.connection.close()
    book._lock.release()  # type: ignore[union-attr]  # as the end of the process does
    is_new = step == "settling"
    if given == NEW and not is_new:
        with pytest.raises(WrongPassphrase):
            open_it(folder, on, passphrase=NEW)
        given = PASSPHRASE
    with open_it(folder, on, passphrase=given, read_only=True) as opened:
        assert digest_of(opened.connection) == before
    with open_it(folder, on, passphrase=given) as opened:
        assert digest_of(opened.connection) == before
        assert verify_book(opened).findings == ()
    with open_it(folder, on, passphrase=NEW if is_new else PASSPHRASE) as opened:
        vouchers.post(opened, [sale("afterwards")])
        # The code of a rekeying that was cut off was shown to nobody: it is no way in.
        kinds = [slot.kind for slot in companies.slots(opened)]
        assert kinds == (["passphrase"] if is_new else ["passphrase", "recovery"])
    assert not list(folder.glob("*.rekeying*"))
    with pytest.raises(WrongPassphrase):
        open_it(folder, on, passphrase=PASSPHRASE if is_new else NEW)


@pytest.mark.parametrize("given", [PASSPHRASE, NEW])
def test_a_crash_at_the_end_leaves_the_office_who_it_is(folder: Path, on: Machine, given: str) -> None:
    guarded = replace(on, state=folder.parent / "state")
    book = open_it(folder, guarded)
    enrol(book, MemoryServer(book.company.id), "head")
    book.watch()
    before = book.replica
    with pytest.MonkeyPatch.context() as patch:
        crash_before("settling", patch)
        with pytest.raises(Crash):
            rekeying.rekey(book, NEW)
    book.connection.close()
    book._stop_watching()
    book._lock.release()  # type: ignore[union-attr]  # as the end of the process does
    with open_it(folder, guarded, passphrase=given) as opened:
        assert opened.replica == before
        vouchers.post(opened, [sale("afterwards")])


def test_who_opens_it_while_a_rekeying_runs_takes_nothing_from_it(
    folder: Path, on: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, real_swap, real_opens = open_it(folder, on), storage_rekeying._swap, storage_rekeying._opens
    reached, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def swap_when_told(*given: Any) -> None:
        reached.set()
        assert go_on.wait(30)
        real_swap(*given)

    def rekey_and_close() -> None:
        rekeying.rekey(book, NEW)
        book.close()
        done.set()

    def decide_and_be_overtaken(*given: Any) -> bool:
        decided = real_opens(*given)
        go_on.set()
        assert done.wait(30)
        return decided

    monkeypatch.setattr(storage_rekeying, "_swap", swap_when_told)
    monkeypatch.setattr(storage_rekeying, "_opens", decide_and_be_overtaken)
    running = threading.Thread(target=rekey_and_close)
    running.start()
    assert reached.wait(30)
    with pytest.raises(InUse):
        open_it(folder, machine(seed=9))
    go_on.set()
    running.join()
    with open_it(folder, on, passphrase=NEW) as opened:
        assert verify_book(opened).findings == ()


def test_keys_read_before_a_rekeying_ended_are_read_again(
    folder: Path, on: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_swap, seen = storage_rekeying._swap, []

    def look_and_swap(*given: Any) -> None:
        seen.append(key_slots.read_keys(CompanyFolder(folder)))
        real_swap(*given)

    monkeypatch.setattr(storage_rekeying, "_swap", look_and_swap)
    with open_it(folder, on) as book:
        rekeying.rekey(book, NEW)
    settled = key_slots.read_keys(CompanyFolder(folder))
    for given, opens in ((PASSPHRASE, False), (NEW, True)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(companies.key_slots, "read_keys", _first(seen[0], key_slots.read_keys))
            if opens:
                open_it(folder, on, passphrase=given).close()
            else:
                with pytest.raises(WrongPassphrase):
                    open_it(folder, on, passphrase=given)
        assert key_slots.read_keys(CompanyFolder(folder)) == settled


def _first(stale: key_slots.Keys, real: Callable[..., key_slots.Keys]) -> Callable[..., key_slots.Keys]:
    """Return what reads the keys: first as they were, then as they are."""
    answers = [stale]
    return lambda folder: answers.pop() if answers else real(folder)


def test_it_waits_for_readers_and_leaves_everything_as_it_was(folder: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        vouchers.post(book, [sale("in the log")])
        with open_it(folder, on, read_only=True) as reader:
            reader.connection.execute("BEGIN")
            reader.connection.execute("SELECT count(*) FROM voucher").fetchone()
            vouchers.post(book, [sale("one more")])
            with pytest.raises(InUse):
                rekeying.rekey(book, NEW)
        vouchers.post(book, [sale("still the former key")])
        assert verify_book(book).findings == ()
    with open_it(folder, on) as book:
        assert digest_of(book.connection).vouchers == 26


def test_a_book_open_for_reading_gets_no_new_key(folder: Path, on: Machine) -> None:
    with open_it(folder, on, read_only=True) as book, pytest.raises(ReadOnly):
        rekeying.rekey(book, NEW)
