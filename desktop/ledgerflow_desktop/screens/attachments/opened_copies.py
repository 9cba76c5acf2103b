"""Copies in the clear of files that are being looked at: in a folder of this person's alone, gone with the company."""

import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from ledgerflow_desktop.screens.desk import Desk

_FOLDER = "opened-files-folder"


def folder_for_copies(desk: Desk) -> Path:
    """Return a new folder for one copy. What is in it is removed once the company is closed, if nobody holds it."""
    kept = desk.property(_FOLDER)
    if not isinstance(kept, str):
        kept = tempfile.mkdtemp(prefix="ledgerflow-")
        desk.setProperty(_FOLDER, kept)
        desk.company_closing.connect(lambda: shutil.rmtree(kept, ignore_errors=True))
    Path(kept).mkdir(mode=0o700, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=kept))


def open_with_system(file: Path) -> bool:
    """Let the program open a file that the system has for its kind; return whether there is one."""
    return bool(QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))))
