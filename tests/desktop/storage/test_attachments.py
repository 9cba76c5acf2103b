"""The files of vouchers on the disk: never in the clear, never half, damage named, and together with the books."""

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest

from desktop.builders import NOW, PASSPHRASE, a_book, a_company_folder, a_machine, opened
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.actions import backups, companies, rekeying
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage.attachments import (
    RECORD,
    AttachmentStore,
    Content,
    content_of,
    store_of,
    store_to_write,
)
from ledgerflow_desktop.storage.failures import AttachmentDiffers, AttachmentMissing, FileExists, NotThere

TEXT = b"a very plain invoice " * 9_000


@pytest.fixture
def store(tmp_path: Path) -> AttachmentStore:
    return AttachmentStore(tmp_path / "attachments", bytes(range(32)), os.urandom)


def named(content: bytes) -> Content:
    return Content(hashlib.sha256(content).hexdigest(), len(content))


def kept(store: AttachmentStore, tmp_path: Path, content: bytes = TEXT) -> Content:
    source = tmp_path / "source"
    source.write_bytes(content)
    found = content_of(source, 2**30)
    assert store.add(source, found)
    return found


@pytest.mark.parametrize("size", [0, 1, RECORD - 1, RECORD, RECORD + 1, 3 * RECORD])
def test_a_file_of_every_size_around_a_record_comes_out_as_it_went_in(
    store: AttachmentStore, tmp_path: Path, size: int
) -> None:
    content = kept(store, tmp_path, TEXT[:1] * size)
    assert content == named(TEXT[:1] * size)
    store.copy_out(content.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == TEXT[:1] * size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attachments", "copy", "source"]


def test_nothing_of_it_can_be_read_in_the_folder(store: AttachmentStore, tmp_path: Path) -> None:
    content = kept(store, tmp_path)
    [file] = store.folder.iterdir()
    assert file.name == content.sha256 and file.stat().st_mode & 0o077 == 0
    assert b"plain" not in file.read_bytes()


def test_the_same_content_is_kept_once(store: AttachmentStore, tmp_path: Path) -> None:
    content = kept(store, tmp_path)
    assert not store.add(tmp_path / "source", content)
    assert len(list(store.folder.iterdir())) == 1


@pytest.mark.parametrize("at", [5, RECORD + 200, -1])
def test_every_changed_byte_is_noticed(store: AttachmentStore, tmp_path: Path, at: int) -> None:
    content = kept(store, tmp_path)
    damaged = bytearray(store.folder.joinpath(content.sha256).read_bytes())
    damaged[at] ^= 1
    store.folder.joinpath(content.sha256).write_bytes(damaged)
    with pytest.raises(AttachmentDiffers) as found:
        store.copy_out(content.sha256, tmp_path / "copy")
    assert found.value.place == content.sha256 and not (tmp_path / "copy").exists()


def test_a_record_missing_at_the_end_or_moved_or_from_another_file_is_noticed(
    store: AttachmentStore, tmp_path: Path
) -> None:
    content, other = kept(store, tmp_path), kept(store, tmp_path, TEXT[::-1])
    file, stored = store.folder / content.sha256, RECORD + 28
    whole = file.read_bytes()
    assert len(whole) > 2 * stored
    for changed in (
        whole[:stored],
        whole[stored : 2 * stored] + whole[:stored] + whole[2 * stored :],
        store.folder.joinpath(other.sha256).read_bytes(),
    ):
        file.write_bytes(changed)
        with pytest.raises(AttachmentDiffers):
            store.check(content.sha256)


def test_a_file_that_is_gone_is_named(store: AttachmentStore, tmp_path: Path) -> None:
    content = kept(store, tmp_path)
    store.remove(content.sha256)
    with pytest.raises(AttachmentMissing) as found:
        store.check(content.sha256)
    assert found.value.place == content.sha256
    for hostile in ("../keys.json", "/etc/passwd", content.sha256.upper(), ""):
        assert not store.has(hostile)
        with pytest.raises(AttachmentMissing):
            store.check(hostile)


def test_a_copy_takes_the_place_of_nothing(store: AttachmentStore, tmp_path: Path) -> None:
    content = kept(store, tmp_path)
    (tmp_path / "copy").write_bytes(b"mine")
    with pytest.raises(FileExists):
        store.copy_out(content.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"mine"
    with pytest.raises(NotThere):
        store.copy_out(content.sha256, tmp_path / "nowhere" / "copy")


def test_a_file_that_changes_while_it_is_read_is_not_kept(store: AttachmentStore, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(TEXT)
    content = content_of(tmp_path / "source", 2**30)
    for changed in (TEXT[:-1] + b"x", TEXT[:-1], TEXT + b"x"):
        (tmp_path / "source").write_bytes(changed)
        with pytest.raises(InvalidInput) as found:
            store.add(tmp_path / "source", content)
        assert found.value.problems[0].code == "file-changed"
        assert list(store.folder.iterdir()) == []


def test_a_file_that_is_too_large_is_read_no_further(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(4 * RECORD))
    with pytest.raises(InvalidInput) as found:
        content_of(tmp_path / "large", RECORD)
    [problem] = found.value.problems
    assert (problem.code, problem.place) == ("attachment-too-large", "large")
    assert problem.facts == {"size": 2 * RECORD, "most": RECORD}


def test_a_large_file_goes_in_and_out_through_little_memory(store: AttachmentStore, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(24 * 2**20)
    tracemalloc.start()
    try:
        content = content_of(tmp_path / "large", 2**30)
        store.add(tmp_path / "large", content)
        store.copy_out(content.sha256, tmp_path / "copy")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * 2**20 and (tmp_path / "copy").stat().st_size == 24 * 2**20


def test_a_file_is_put_on_the_disk_once_and_not_record_by_record(
    store: AttachmentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, synced = os.fsync, list[int]()

    def counted(handle: int) -> None:
        synced.append(os.fstat(handle).st_size)
        sync(handle)

    monkeypatch.setattr(os, "fsync", counted)
    content = kept(store, tmp_path, TEXT * 10)
    # The file, whole; then the folder, for its name.
    assert len(synced) == 2 and synced[0] == store.folder.joinpath(content.sha256).stat().st_size


def test_a_copy_may_have_a_name_as_long_as_the_disk_takes(store: AttachmentStore, tmp_path: Path) -> None:
    content = kept(store, tmp_path)
    store.copy_out(content.sha256, tmp_path / ("\u0939" * 85))
    assert (tmp_path / ("\u0939" * 85)).read_bytes() == TEXT


def test_what_is_fetched_goes_on_where_it_broke_off(store: AttachmentStore, tmp_path: Path) -> None:
    content = named(TEXT)
    store.append(content.sha256, 0, TEXT[: RECORD + 10])
    # A record that was cut off by a crash is written again.
    assert store.received(content.sha256) == RECORD and not store.has(content.sha256)
    store.append(content.sha256, RECORD, TEXT[RECORD:])
    assert store.complete(content) and store.has(content.sha256)
    store.copy_out(content.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == TEXT


def test_what_is_fetched_and_is_not_what_it_is_called_is_thrown_away(store: AttachmentStore) -> None:
    content = named(TEXT)
    store.append(content.sha256, 0, TEXT[:-1] + b"x")
    assert not store.complete(content)
    assert list(store.folder.iterdir()) == [] and store.received(content.sha256) == 0
    store.append(content.sha256, 0, TEXT)
    assert store.complete(content)


def test_what_nobody_waits_for_any_more_is_removed(store: AttachmentStore) -> None:
    wanted, unwanted = named(b"one"), named(b"two")
    store.append(wanted.sha256, 0, b"one")
    store.append(unwanted.sha256, 0, b"two")
    store.forget_fetching({wanted.sha256})
    assert [path.name for path in store.folder.iterdir()] == [f".fetching-{wanted.sha256}"]


# --- with a book ----------------------------------------------------------------------------------


def test_what_a_crash_left_of_attaching_is_removed_at_the_next_opening(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    names = [".adding-" + "ab" * 32, ".fetching-" + "cd" * 32, "ef" * 32]
    for name in names:
        (folder / "attachments" / name).write_bytes(b"half")
    with opened(folder, read_only=True):
        pass
    assert sorted(path.name for path in (folder / "attachments").iterdir()) == sorted(names)
    with opened(folder):
        assert sorted(path.name for path in (folder / "attachments").iterdir()) == sorted(names[1:])


def test_the_key_is_made_once_and_stays_under_every_key_of_the_book(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        assert store_of(book).key == b""
        first = store_to_write(book)
        assert len(first.key) == 32 and store_to_write(book).key == first.key
        rekeying.rekey(book, "a very new passphrase")
        assert store_of(book).key == first.key
    with companies.open_company(
        book.folder.path, a_machine(seed=5), passphrase="a very new passphrase", read_only=True
    ) as again:
        assert store_of(again).key == first.key


def test_what_others_put_into_the_folder_keeps_no_backup_from_being_made_and_is_no_attachment(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        content = kept(store_to_write(book), tmp_path)
        for name in ("Thumbs.db", f"{content.sha256} (conflicted copy)", "desktop.ini"):
            (book.folder.attachments / name).write_bytes(b"not ours")
        file = backups.back_up(book, tmp_path / "one.lfbackup").value
        assert verify_book(book).findings == ()
    attached = [file.name for file in backups.contents(file).files if file.name.startswith("attachments/")]
    assert attached == [f"attachments/{content.sha256}"]


def test_a_backup_has_the_files_that_are_whole_and_a_restored_company_reads_them(tmp_path: Path) -> None:
    with a_book(tmp_path) as book:
        content = kept(store_to_write(book), tmp_path)
        store_of(book).append("ab" * 32, 0, b"half")
        file = backups.back_up(book, tmp_path / "one.lfbackup").value
    attached = [file.name for file in backups.contents(file).files if file.name.startswith("attachments/")]
    assert attached == [f"attachments/{content.sha256}"]
    machine = a_machine(seed=6, now=NOW + 10_000)
    restored = backups.restore(tmp_path / "one.lfbackup", tmp_path / "Again", machine, passphrase=PASSPHRASE)
    with opened(restored.value.folder, machine=machine) as again:
        store_of(again).copy_out(content.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == TEXT
