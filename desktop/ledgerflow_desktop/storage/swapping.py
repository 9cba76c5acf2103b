"""Puts a finished copy in the place of a book, so that no log of the former file is ever read into the new one."""

from pathlib import Path

from ledgerflow_desktop.storage.company_folder import CompanyFolder, sync_folder
from ledgerflow_desktop.storage.encrypted_database import Connection, checkpoint_whole
from ledgerflow_desktop.storage.failures import InUse, translated


def close_whole(folder: CompanyFolder, connection: Connection) -> None:
    """Close a book so that ``books.db`` alone holds it; `InUse` while a reader needs the log. The lock is held."""
    checkpoint_whole(connection, str(folder.path))
    connection.close()
    _require_no_log(folder)


def put_in_place(copy: Path, folder: CompanyFolder) -> None:
    """Give the copy the name of the book, which `close_whole` has closed; one rename. The lock is held since then.

    A reader that is still there goes on with the former file. It may not share its log with the new one.
    """
    with translated(str(folder.path)):
        _require_no_log(folder)
        for left in _beside(folder):
            left.unlink(missing_ok=True)
        _require_no_log(folder)
        copy.replace(folder.database)
        sync_folder(folder.path)


def _beside(folder: CompanyFolder) -> tuple[Path, Path]:
    name = folder.database.name
    return folder.path / f"{name}-wal", folder.path / f"{name}-shm"


def _require_no_log(folder: CompanyFolder) -> None:
    log, _ = _beside(folder)
    if log.exists() and log.stat().st_size:
        # What stands in it would be taken for the new file's.
        raise InUse(str(folder.path))
