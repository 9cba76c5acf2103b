"""Back a company up into one encrypted file, and bring it back."""

from pathlib import Path

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import backup, restoring
from ledgerflow_desktop.storage.backup import Manifest
from ledgerflow_desktop.storage.book import Book, backups_of
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.key_slots import Keys
from ledgerflow_desktop.storage.restoring import Restored
from ledgerflow_desktop.storage.snapshot import Progress


def back_up(book: Book, target: Path | None = None, *, progress: Progress | None = None) -> Outcome[Path]:
    """Write one encrypted file, read it back, and return where it is; it never replaces a file (`backup-exists`).

    `target` may be a folder or a file; without one it goes into the company's own backups folder. A backup on
    the same disk helps against mistakes, not against the loss of the disk.
    """
    target = target or book.folder.backups
    if target.is_dir():
        target = target / suggested_file_name(book)
    elif target.suffix != ".lfbackup":
        raise refuse("backup-name", str(target))
    backup.write_backup(book, target, progress)
    return Outcome(target, Changed.NOTHING)


def suggested_file_name(book: Book) -> str:
    """Return ``<name>-<time>.lfbackup``, the time in UTC."""
    moment = book.machine.timestamp()[:19].replace("-", "").replace(":", "")
    return f"{companies.suggested_folder_name(book.company.name)}-{moment}Z{backup.SUFFIX}"


def listed(book: Book) -> list[Path]:
    """Return the backups in the company's own folder, newest first."""
    return backups_of(book.folder)


def contents(file: Path) -> Manifest:
    """Return what a backup says of itself, without unlocking it."""
    with backup.opened(file) as packed:
        return backup.read_manifest(packed, file)


def restore(
    file: Path,
    into: Path,
    machine: Machine,
    *,
    passphrase: str = "",
    recovery_code: str = "",
    replace: bool = False,
    progress: Progress | None = None,
) -> Outcome[Restored]:
    """Bring a company back from a backup, unlocked as the book was when it was made.

    Never overwrites: `company-exists` unless `replace`, and then what stood there is moved aside. `not-a-backup`,
    `damaged`, `file-too-new` and `wrong-passphrase` name what keeps it from being restored; nothing is left then.
    """

    def unlock(keys: Keys) -> bytes:
        return companies.unlock(keys, machine, passphrase=passphrase, recovery_code=recovery_code)

    folder = CompanyFolder.named(into)
    restored = restoring.restore_backup(file, folder, unlock, machine, replace=replace, progress=progress)
    return Outcome(restored, Changed.COMPANY)
