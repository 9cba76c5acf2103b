"""Bring a company file to this version's tables on a copy, prove the copy says the same, then swap.

Until the swap the old file is untouched; the swap is one rename. The old file is kept among the backups.
"""

import os
import shutil

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import schema
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock, sync_folder
from ledgerflow_desktop.storage.digest import digest_of
from ledgerflow_desktop.storage.encrypted_database import checkpoint, connect
from ledgerflow_desktop.storage.failures import translated


def upgrade_company(folder: CompanyFolder, book_key: bytes, machine: Machine) -> None:
    """Upgrade a company whose tables are older. After any failure, and any crash, the old file opens as before."""
    with WriterLock(folder), translated(str(folder.database)):
        copy = folder.path / "books.db.upgrading"
        _remove(copy)
        old = connect(folder.database, book_key)
        try:
            checkpoint(old)
            revision = schema.revision_of(old)
            before = digest_of(old)
        finally:
            old.close()
        shutil.copyfile(folder.database, copy)
        new = connect(copy, book_key)
        try:
            schema.migrate(new)
            after = digest_of(new)
            if after != before:
                raise Damaged(str(folder.database), reason="the upgraded copy says something else; nothing was changed")
            checkpoint(new)
        finally:
            new.close()
        _sync(copy)
        kept = folder.backups / f"before-upgrade-from-{revision}-{machine.today().isoformat()}.db"
        shutil.copyfile(folder.database, kept)
        _sync(kept)
        copy.replace(folder.database)
        sync_folder(folder.path)


def _remove(path: os.PathLike[str]) -> None:
    for suffix in ("", "-wal", "-shm"):
        with_suffix = os.fspath(path) + suffix
        if os.path.exists(with_suffix):
            os.remove(with_suffix)


def _sync(path: os.PathLike[str]) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
