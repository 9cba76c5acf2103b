"""Copies in the clear of files that are being looked at: in a folder of this person's alone, gone with the company."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.storage.company_folder import lock_or_fail
from ledgerflow_desktop.storage.failures import translated

_NAME = "opened-copies"
# Held by the program whose copies these are, until it ends.
_LOCK = ".lock"


class _Copies(QObject):
    """The copies of one open company; a child of the desk until the company is closed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.folder = _new_folder(desk.machine.state)
        self._lock = _locked(self.folder)
        self.setParent(desk)
        desk.company_closing.connect(self._end, Qt.ConnectionType.SingleShotConnection)

    def _end(self) -> None:
        self.setParent(None)
        folder, lock = self.folder, self._lock

        def remove() -> None:
            lock.close()
            shutil.rmtree(folder, ignore_errors=True)

        # Behind the copy that may be on its way.
        self._desk.run(self._desk, remove, lambda _: None)


def folder_for_copies(desk: Desk) -> Path:
    """Return a new folder for one copy. What is in it is removed once the company is closed, if nobody holds it.

    Raises what `storage.failures.translated` makes of a disk that is full, or may not be written.
    """
    with translated(str(desk.machine.state or tempfile.gettempdir())):
        copies = desk.findChild(_Copies) or _Copies(desk)
        return Path(tempfile.mkdtemp(dir=copies.folder))


def remove_left_copies(state: Path | None) -> None:
    """Remove the copies of programs that ended without doing so. For the start; leaves those of running ones."""
    if state is None:
        return
    for folder in state.joinpath(_NAME).glob("*"):
        with suppress(OSError):
            _locked(folder).close()  # refused where its program runs
            shutil.rmtree(folder, ignore_errors=True)


def open_with_system(file: Path) -> bool:
    """Let the program open a file that the system has for its kind; return whether there is one."""
    return bool(QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))))


def _new_folder(state: Path | None) -> Path:
    """Return a new folder nobody else may read: where the machine remembers things, or the system's for a while."""
    if state is None:
        return Path(tempfile.mkdtemp(prefix="ledgerflow-"))
    kept = state / _NAME
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=kept))


def _locked(folder: Path) -> BinaryIO:
    file = folder.joinpath(_LOCK).open("a+b")
    try:
        lock_or_fail(file.fileno())
    except OSError:
        file.close()
        raise
    return file
