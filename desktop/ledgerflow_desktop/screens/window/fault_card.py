"""What a person sees when the program itself has made a mistake: plain words, and the technical text to hand on.

The technical text names places in the program and the kind of the mistake, never its message: that may quote
a name or an amount of the books.
"""

import platform
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE


def technical_text(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Return where in the program something went wrong: files without the folders they are kept in."""
    try:
        release = version("ledgerflow")
    except PackageNotFoundError:
        release = "of no release"
    lines = [
        f"LedgerFlow {release}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform(terse=True)}",
        kind.__qualname__,
    ]
    for frame in traceback.extract_tb(trace):
        lines.append(f"  {_short(frame.filename)}:{frame.lineno} {frame.name}: {frame.line or ''}".rstrip(" :"))
    return "\n".join(lines)


def _short(path: str) -> str:
    parts = Path(path).parts
    begins = [at for at, part in enumerate(parts) if part.startswith("ledgerflow_")]
    return "/".join(parts[begins[0] :] if begins else parts[-2:])


class FaultCard(QDialog):
    """Says what happened and what it means for the books; the program goes on behind it."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.resize(620, 380)
        self._text = text
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.section, SPACE.section, SPACE.section, SPACE.wide)
        column.setSpacing(SPACE.large)
        title = QLabel(self.tr("The last step did not work"), self)
        title.setProperty("role", "title")
        self.said = QLabel(
            self.tr(
                "That is a mistake in LedgerFlow, not in what you did. Your books stay open, and what was saved is "
                "saved. If this page does not answer, leave it with Esc and open it again: a voucher that was begun "
                "is kept as a draft."
            ),
            self,
        )
        self.said.setWordWrap(True)
        about = QLabel(self.tr("For those who mend it. No name, amount or text of your books is in it."), self)
        about.setProperty("role", "quiet")
        about.setWordWrap(True)
        shown = QPlainTextEdit(text, self)
        shown.setReadOnly(True)
        shown.setTabChangesFocus(True)
        shown.setAccessibleName(self.tr("Technical text"))
        for widget in (title, self.said, about):
            column.addWidget(widget)
        column.addWidget(shown, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        self.copy, close = QPushButton(self.tr("Copy the text"), self), QPushButton(self.tr("Go on"), self)
        self.copy.clicked.connect(self._copy)
        self.copy.setAutoDefault(False)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(self.copy)
        row.addWidget(close)
        column.addLayout(row)
        close.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copy.setText(self.tr("Copied"))


class Faults(QObject):
    """Shows a card for what no one has caught: one at a time, for a mistake in painting comes again and again."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._card: FaultCard | None = None

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Take what the interpreter would otherwise only print; it is printed as well."""
        sys.__excepthook__(kind, error, trace)
        if not issubclass(kind, Exception) or self._card is not None:
            return
        self._card = FaultCard(technical_text(kind, trace), self._window)
        self._card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._card.finished.connect(self._closed)
        self._card.open()

    def _closed(self) -> None:
        self._card = None
