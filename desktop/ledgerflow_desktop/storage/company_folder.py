"""The folder of one company: where each file stands, safe creation, atomic replacement, one writer."""

import os
import sys
from pathlib import Path
from types import TracebackType

from ledgerflow_desktop.storage.failures import CompanyExists, InUse, NotACompany, from_os, translated

SUFFIX = ".ledgerflow"


class CompanyFolder:
    """Paths inside ``<name>.ledgerflow/``. Making one of these touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "books.db"
        self.keys = path / "keys.json"
        self.lock = path / "books.lock"
        self.attachments = path / "attachments"
        self.backups = path / "backups"

    @classmethod
    def named(cls, given: str | Path) -> "CompanyFolder":
        """Return the folder a person means: with or without the suffix, whichever is there."""
        path = Path(given)
        if path.suffix != SUFFIX and not path.exists():
            return cls(path.with_name(path.name + SUFFIX))
        return cls(path)

    def require(self) -> None:
        """Raise `NotACompany` unless a company's files stand here."""
        if not self.path.is_dir() or not self.database.is_file():
            raise NotACompany(str(self.path))
        if not self.keys.is_file():
            raise NotACompany(str(self.keys), missing="keys.json")

    def make(self) -> None:
        """Create the empty folder; `CompanyExists` if anything stands at its path, whatever it is."""
        with translated(str(self.path)):
            try:
                self.path.mkdir(parents=True)
            except FileExistsError:
                raise CompanyExists(str(self.path)) from None
            self.attachments.mkdir()
            self.backups.mkdir()


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old one or the new one, whole: write aside, fsync, rename."""
    aside = path.with_name(path.name + ".new")
    with translated(str(path)):
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable. Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class WriterLock:
    """Held by the one program that writes. The system lets go of it when the program ends, however it ends."""

    def __init__(self, folder: CompanyFolder) -> None:
        self._path = folder.lock
        try:
            self._file = self._path.open("a+b")
        except OSError as error:
            raise from_os(error, str(folder.path)) from error
        try:
            lock_or_fail(self._file.fileno())
        except OSError:
            self._file.close()
            raise InUse(str(folder.path)) from None

    def release(self) -> None:
        """Let the next writer in."""
        self._file.close()

    def __enter__(self) -> "WriterLock":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def lock_or_fail(handle: int) -> None:
        """Lock an open file for this program until it is closed; `OSError` where another has it."""
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock_or_fail(handle: int) -> None:
        """Lock an open file for this program until it is closed; `OSError` where another has it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
