"""Brings a company back from a backup: unpacked and proved beside its place, then moved there in one step."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import backup, key_slots
from ledgerflow_desktop.storage.backup import Manifest
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock, sync_folder
from ledgerflow_desktop.storage.digest import BookDigest, digest_of
from ledgerflow_desktop.storage.encrypted_database import check_every_page, connect
from ledgerflow_desktop.storage.failures import CompanyExists, NotACompany, translated
from ledgerflow_desktop.storage.key_slots import Keys
from ledgerflow_desktop.storage.snapshot import Progress


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a company stands again, what the backup said of itself, and where a company it replaced was put."""

    folder: Path
    manifest: Manifest
    moved_aside: Path | None


def restore_backup(
    file: Path,
    into: CompanyFolder,
    unlock: Callable[[Keys], bytes],
    machine: Machine,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Restore `file` as the folder `into`; nothing stands there before every byte is proved.

    `CompanyExists` where something stands there already, unless `replace` and it is a company: then that is moved
    aside, never removed (`InUse` while somebody works in it). `WrongPassphrase` when `unlock` does not open the
    backup's keys. The restored file gets its own chain and number series when it is first opened for writing.
    """
    _require_room(into, replace=replace)
    building = CompanyFolder(into.path.with_name(f".{into.path.name}.{machine.random_bytes(4).hex()}"))
    with backup.opened(file) as packed:
        manifest = backup.read_manifest(packed, file)
        building.make()
        try:
            book_key = _unpack(packed, manifest, building, unlock, file, progress)
            _prove(building, manifest, book_key, file)
            with translated(str(into.path)):
                moved_aside = _move_into_place(building, into, machine)
        except BaseException:
            with suppress(OSError):
                shutil.rmtree(building.path)
            raise
    return Restored(into.path, manifest, moved_aside)


def _require_room(into: CompanyFolder, *, replace: bool) -> None:
    if not os.path.lexists(into.path):
        return
    try:
        into.require()
    except NotACompany:
        raise CompanyExists(str(into.path)) from None
    if not replace:
        raise CompanyExists(str(into.path))


def _unpack(
    packed: ZipFile,
    manifest: Manifest,
    building: CompanyFolder,
    unlock: Callable[[Keys], bytes],
    file: Path,
    progress: Progress | None,
) -> bytes:
    """Unpack everything and return the book's key; nothing but the keys before the seal of the rest is proved."""
    first = backup.keys_in(manifest, file)
    total, done, book_key = sum(packed_file.size for packed_file in manifest.files), 0, b""
    for packed_file in (first, *(other for other in manifest.files if other is not first)):
        with translated(str(building.path)):
            backup.unpack(packed, packed_file, building.path / packed_file.name, file)
        if packed_file is first:
            book_key = unlock(key_slots.read_keys(building))
            backup.check_seal(packed, file, book_key)
        done += packed_file.size
        if progress is not None:
            progress(done, total)
    return book_key


def _prove(building: CompanyFolder, manifest: Manifest, book_key: bytes, file: Path) -> None:
    connection = connect(building.database, book_key, read_only=True)
    try:
        with translated(str(file)):
            said = BookDigest(manifest.vouchers, manifest.events, manifest.balances, manifest.heads)
            wrong = check_every_page(connection, str(file)) or digest_of(connection) != said
    finally:
        connection.close()
    if wrong:
        raise Damaged(str(file), reason="the book inside is not the one that was packed")
    for suffix in ("-wal", "-shm"):
        building.database.with_name(building.database.name + suffix).unlink(missing_ok=True)


def _move_into_place(building: CompanyFolder, into: CompanyFolder, machine: Machine) -> Path | None:
    moved_aside: Path | None = None
    sync_folder(building.path)
    if into.path.exists():
        _require_room(into, replace=True)
        WriterLock(into).release()  # raises `InUse` while somebody works in it
        moment = machine.timestamp()[:19].replace(":", "")
        moved_aside = into.path.with_name(f"{into.path.stem} before restore {moment}{into.path.suffix}")
        if moved_aside.exists():
            raise CompanyExists(str(moved_aside))
        into.path.rename(moved_aside)
    if os.path.lexists(into.path):
        raise CompanyExists(str(into.path))
    building.path.rename(into.path)
    sync_folder(into.path.parent)
    return moved_aside
