"""Small files that must never be half there, nor readable for anyone else."""

import os
import secrets
import stat
import sys
from pathlib import Path

from ledgerflow_core.errors import LedgerFlowError, Problem

SECRET_MODE, PUBLIC_MODE, FOLDER_MODE = 0o600, 0o644, 0o700


class KeysMissing(LedgerFlowError):
    """A file the server cannot do without is not there: `init` was not run, or the data folder is another one."""

    code = "keys-missing"


class KeysDamaged(LedgerFlowError):
    """A file of the data folder holds something else than it should."""

    code = "keys-damaged"


class FileExists(LedgerFlowError):
    """A key that stands is never overwritten: what it signed could not be proven any more."""

    code = "keys-exist"


def make_folder(folder: Path) -> None:
    """Make a folder only its owner may enter, with those above it; nothing happens where it stands."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)


def create(path: Path, content: bytes, mode: int = SECRET_MODE) -> None:
    """Write a new file, durably. Raises `FileExists` where one stands."""
    if path.exists():
        raise FileExists(str(path))
    replace(path, content, mode)


def replace(path: Path, content: bytes, mode: int = SECRET_MODE, *, durable: bool = True) -> None:
    """Write a file so that a reader finds the old or the new one whole; `durable` waits for the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if durable and sys.platform != "win32":
        sync_folder(path.parent)


def read(path: Path) -> bytes:
    """Return a file's content. Raises `KeysMissing`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeysMissing(str(path)) from None


def exposed(path: Path) -> Problem | None:
    """Return `key-readable-by-others` where group or others may do anything with a secret file."""
    if sys.platform == "win32" or not path.exists():
        return None  # on Windows the folder's own list of rights holds
    mode = stat.S_IMODE(path.stat().st_mode)
    return Problem("key-readable-by-others", str(path), {"mode": f"{mode:04o}"}) if mode & 0o077 else None


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
