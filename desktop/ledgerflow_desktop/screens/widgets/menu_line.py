"""One line of a menu: words, and the letter or key that opens it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE


class MenuLine(QPushButton):
    """A button over the whole line; Enter opens it as a click does."""

    def __init__(self, words: str, key: str, parent: QWidget, *, about: str = "") -> None:
        super().__init__(parent)
        self.setProperty("role", "menu-line")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._key = key
        self.setAccessibleDescription(about)
        self.setProperty("tall", bool(about))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.large, 0, SPACE.large, 0)
        row.setSpacing(SPACE.large)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addStretch(1)
        self._words = self._label(words, "strong" if about else "")
        lines.addWidget(self._words)
        if about:
            lines.addWidget(self._label(about, "key"))
        lines.addStretch(1)
        row.addLayout(lines, 1)
        row.addWidget(self._label(key, "key"))
        self.rename(words)

    def rename(self, words: str) -> None:
        """Say other words on the same line."""
        self._words.setText(words)
        self.setAccessibleName(f"{words}, {self._key}" if self._key else words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the page walks its menu; Qt would go by position on screen
        else:
            super().keyPressEvent(event)

    def _label(self, text: str, role: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", role)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return label
