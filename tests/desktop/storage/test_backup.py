"""Backups: all in one file, nothing readable, nothing overwritten, and a restored copy gives numbers of its own."""

import json
import random
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from desktop.storage.sample_company import (
    PASSPHRASE,
    SALES,
    Clock,
    company,
    fill,
    machine,
    new_company,
    open_it,
    sale,
)
from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.actions import backups, rekeying, vouchers
from ledgerflow_desktop.actions.verification import verify, verify_book
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import snapshot
from ledgerflow_desktop.storage.digest import digest_of
from ledgerflow_desktop.storage.failures import (
    BackupExists,
    CompanyExists,
    FileTooNew,
    InUse,
    NotABackup,
    WrongPassphrase,
)


@pytest.fixture
def on() -> Machine:
    return machine(Clock())


@pytest.fixture
def folder(tmp_path: Path, on: Machine) -> Path:
    path = tmp_path / "Lotus.ledgerflow"
    new_company(path, on)
    with open_it(path, on) as book:
        fill(book)
    return path


@pytest.fixture
def backup(folder: Path, on: Machine, tmp_path: Path) -> Path:
    with open_it(folder, on, read_only=True) as book:
        return backups.back_up(book, tmp_path).value


def restored(backup: Path, into: Path, on: Machine, *, replace: bool = False) -> Path:
    return backups.restore(backup, into, on, passphrase=PASSPHRASE, replace=replace).value.folder


def test_a_restored_company_says_what_the_original_said(
    folder: Path, backup: Path, on: Machine, tmp_path: Path
) -> None:
    again = restored(backup, tmp_path / "Again", on)
    assert again.name == "Again.ledgerflow"
    with open_it(folder, on, read_only=True) as original, open_it(again, on, read_only=True) as copy:
        assert digest_of(copy.connection) == digest_of(original.connection)
    assert verify(again, on, passphrase=PASSPHRASE).is_clean


def test_a_backup_is_made_while_the_book_is_open_for_writing(folder: Path, on: Machine, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    with open_it(folder, on) as book:
        vouchers.post(book, [sale("in the log only")])
        made = backups.back_up(book, tmp_path, progress=lambda done, of: heard.append((done, of))).value
        inside = backups.back_up(book).value
        assert backups.listed(book) == [inside]
    assert heard[-1][0] == heard[-1][1] > 0
    assert backups.contents(made).vouchers == 24
    assert backups.contents(made).name == company().name


def test_a_backup_beside_a_writer_is_one_state_of_the_book(
    folder: Path, on: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_PAGES_AT_ONCE", 8)
    with open_it(folder, on) as writer, open_it(folder, on, read_only=True) as reader:
        said, posted = digest_of(reader.connection), []

        def post_another(_done: int, _of: int) -> None:
            posted.append(vouchers.post(writer, [sale(f"beside {len(posted)}")]))

        made = backups.back_up(reader, tmp_path, progress=post_another).value
        assert len(posted) > 2
        assert backups.contents(made).vouchers == said.vouchers
        assert digest_of(reader.connection).vouchers == said.vouchers + len(posted)
    again = restored(made, tmp_path / "Again", on)
    assert verify(again, on, passphrase=PASSPHRASE).is_clean


def test_nothing_of_the_books_can_be_read_in_a_backup(backup: Path) -> None:
    content = backup.read_bytes()
    for secret in (b"Ravi", b"lamps", b"118000", PASSPHRASE.encode(), b"SQLite format"):
        assert secret not in content


def test_a_backup_and_a_company_are_never_overwritten(folder: Path, backup: Path, on: Machine, tmp_path: Path) -> None:
    before = backup.read_bytes()
    with open_it(folder, on, read_only=True) as book, pytest.raises(BackupExists):
        backups.back_up(book, backup)
    assert backup.read_bytes() == before
    with pytest.raises(CompanyExists):
        restored(backup, folder, on)
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, backup.name}


def test_asked_to_replace_it_moves_what_stood_there_aside(folder: Path, backup: Path, on: Machine) -> None:
    with open_it(folder, on) as book:
        vouchers.post(book, [sale("after the backup")])
        with pytest.raises(InUse):
            restored(backup, folder, on, replace=True)
    found = backups.restore(backup, folder, on, passphrase=PASSPHRASE, replace=True).value
    assert found.moved_aside is not None
    with open_it(found.moved_aside, on, read_only=True) as former, open_it(folder, on, read_only=True) as now:
        assert digest_of(former.connection).vouchers == 24
        assert digest_of(now.connection).vouchers == 23


def test_a_restored_copy_and_its_original_never_give_the_same_number(
    folder: Path, backup: Path, on: Machine, tmp_path: Path
) -> None:
    again = restored(backup, tmp_path / "Again", on)
    other = machine(Clock(), seed=7)
    with open_it(folder, on) as book:
        mine = vouchers.post(book, [sale("x1"), sale("x2")]).value
        replica = book.connection.execute("SELECT id FROM replica").fetchall()
    with open_it(again, other) as book:
        theirs = vouchers.post(book, [sale("y1"), sale("y2")]).value
        replicas = book.connection.execute("SELECT id FROM replica ORDER BY no").fetchall()
        assert book.last_serial(SALES, theirs[0].date) == 2
        assert verify_book(book).findings == ()
    with open_it(again, other) as book:  # the new home stays
        third = vouchers.post(book, [sale("y3")]).value
    assert replicas[:1] == replica
    assert len(replicas) == 2
    assert [found.number for found in mine] == ["S/26-27/00021", "S/26-27/00022"]
    tag = theirs[0].number[1:3]
    assert [found.number for found in theirs + third] == [f"S{tag}/26-27/{at:05d}" for at in (1, 2, 3)]
    assert len(f"CN{tag}/26-27/00001") <= 16  # CGST Rules 2017, rule 46(b)


def test_two_restores_of_one_backup_have_series_of_their_own(backup: Path, on: Machine, tmp_path: Path) -> None:
    numbers = set()
    for seed in range(2, 6):
        other = machine(Clock(), seed=seed)
        with open_it(restored(backup, tmp_path / f"Again {seed}", other), other) as book:
            numbers.add(vouchers.post(book, [sale(f"z{seed}")]).value[0].number)
    assert len(numbers) == 4


def test_a_copy_that_was_only_read_keeps_the_original_signature(backup: Path, on: Machine, tmp_path: Path) -> None:
    again = restored(backup, tmp_path / "Again", on)
    with open_it(again, on, read_only=True) as book:
        assert book.replica_tag == ""
    assert verify(again, on, passphrase=PASSPHRASE).is_clean


def test_a_backup_opens_with_the_keys_of_its_day(folder: Path, backup: Path, on: Machine, tmp_path: Path) -> None:
    with open_it(folder, on) as book:
        rekeying.rekey(book, "another passphrase")
    with pytest.raises(WrongPassphrase):
        backups.restore(backup, tmp_path / "Again", on, passphrase="another passphrase")
    assert not (tmp_path / "Again.ledgerflow").exists()
    restored(backup, tmp_path / "Again", on)


def test_other_files_cut_off_ones_and_newer_ones_are_named(backup: Path, on: Machine, tmp_path: Path) -> None:
    bad = tmp_path / "bad.lfbackup"
    bad.write_bytes(b"no zip at all")
    with pytest.raises(NotABackup):
        restored(bad, tmp_path / "Again", on)
    with zipfile.ZipFile(tmp_path / "photos.lfbackup", "w") as photos:
        photos.writestr("photo.jpg", b"...")
    with pytest.raises(NotABackup):
        restored(tmp_path / "photos.lfbackup", tmp_path / "Again", on)
    bad.write_bytes(backup.read_bytes()[:-1000])
    with pytest.raises(Damaged):
        restored(bad, tmp_path / "Again", on)
    bad.write_bytes(backup.read_bytes().replace(b'"format": 1', b'"format": 9'))
    with pytest.raises((FileTooNew, Damaged)):
        restored(bad, tmp_path / "Again", on)
    assert [path.name for path in tmp_path.iterdir() if "Again" in path.name] == []


def test_a_backup_with_a_book_put_into_it_is_refused(folder: Path, backup: Path, on: Machine, tmp_path: Path) -> None:
    forged = tmp_path / "forged.lfbackup"
    with zipfile.ZipFile(backup) as packed, zipfile.ZipFile(forged, "w") as changed:
        for name in packed.namelist():
            content = packed.read(name)
            changed.writestr(name, content.replace(b'"vouchers": 23', b'"vouchers": 24'))
    with pytest.raises(Damaged, match="manifest was changed"):
        restored(forged, tmp_path / "Again", on)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused_before_anything_is_written(
    backup: Path, on: Machine, tmp_path: Path
) -> None:
    forged, heard = tmp_path / "forged.lfbackup", []
    with zipfile.ZipFile(backup) as packed, zipfile.ZipFile(forged, "w") as changed:
        manifest = json.loads(packed.read("manifest.json"))
        large = bytes(20 << 20)
        manifest["files"].append({"name": "attachments/aa", "size": len(large), "sha256": sha256(large).hexdigest()})
        for name in packed.namelist():
            changed.writestr(name, json.dumps(manifest) if name == "manifest.json" else packed.read(name))
        changed.writestr("attachments/aa", large, zipfile.ZIP_DEFLATED)
    assert forged.stat().st_size < 1 << 20
    with pytest.raises(Damaged, match="compressed"):
        backups.restore(
            forged, tmp_path / "Again", on, passphrase=PASSPHRASE, progress=lambda done, of: heard.append(done)
        )
    assert heard == []


@pytest.mark.parametrize("passphrase", [PASSPHRASE, "not the passphrase"])
def test_nothing_but_the_keys_is_unpacked_before_the_seal_is_proved(
    backup: Path, on: Machine, tmp_path: Path, passphrase: str
) -> None:
    forged, heard = tmp_path / "forged.lfbackup", []
    with zipfile.ZipFile(backup) as packed, zipfile.ZipFile(forged, "w") as changed:
        for name in packed.namelist():
            changed.writestr(name, packed.read(name).replace(b'"vouchers": 23', b'"vouchers": 24'))
    with pytest.raises(Damaged if passphrase == PASSPHRASE else WrongPassphrase):
        backups.restore(
            forged, tmp_path / "Again", on, passphrase=passphrase, progress=lambda done, of: heard.append(done)
        )
    assert heard == []


def test_a_folder_that_is_no_company_is_not_replaced(backup: Path, on: Machine, tmp_path: Path) -> None:
    documents = tmp_path / "Documents"
    documents.mkdir()
    (documents / "thesis.txt").write_text("mine")
    before = {path.name for path in tmp_path.iterdir()}
    for into in (documents, documents / "thesis.txt"):
        with pytest.raises(CompanyExists):
            restored(backup, into, on, replace=True)
    assert {path.name for path in tmp_path.iterdir()} == before
    assert [path.name for path in documents.iterdir()] == ["thesis.txt"]


def test_a_name_that_leads_out_of_the_folder_is_refused(backup: Path, on: Machine, tmp_path: Path) -> None:
    forged = tmp_path / "forged.lfbackup"
    with zipfile.ZipFile(backup) as packed, zipfile.ZipFile(forged, "w") as changed:
        for name in packed.namelist():
            content = packed.read(name).replace(b'"keys.json"', b'"../keys.json"')
            changed.writestr("../keys.json" if name == "keys.json" else name, content)
    with pytest.raises(Damaged):
        restored(forged, tmp_path / "Again", on)


def test_a_changed_byte_anywhere_is_named_or_changes_nothing(backup: Path, on: Machine, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    bad = tmp_path / "bad.lfbackup"
    chance = random.Random(5)
    tail = len(whole) - 4_000  # manifest and directory: the places where a flip is no plain hash failure
    places = [chance.randrange(tail, len(whole)) for _ in range(120)] + [chance.randrange(tail) for _ in range(30)]
    for at in places:
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :])
        try:
            again = restored(bad, tmp_path / "Again", on)
        except (Damaged, NotABackup, FileTooNew, WrongPassphrase):
            continue
        else:  # times and attributes of the directory say nothing
            with open_it(again, on, read_only=True) as book:
                assert digest_of(book.connection).vouchers == 23
            shutil.rmtree(again)
