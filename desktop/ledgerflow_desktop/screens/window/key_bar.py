"""The right-hand bar: every key that works here, as a button that does the same."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE

_WIDTH = 236
_KEY_WIDTH = 80


def key_text(action: QAction) -> str:
    """Return the first key of an action as it is written on keyboards here."""
    keys = action.shortcuts()
    return keys[0].toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter") if keys else ""


class KeyHint(QPushButton):
    """One key and what it does; takes no focus, for the key itself is nearer than any button."""

    def __init__(self, action: QAction, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "key-hint")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        key, words = QLabel(key_text(action), self), QLabel(action.text(), self)
        key.setProperty("role", "key")
        key.setFixedWidth(_KEY_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.medium, 0, SPACE.small, 0)
        row.setSpacing(SPACE.small)
        row.addWidget(key)
        row.addWidget(words, 1)
        for label in (key, words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{action.text()}, {key_text(action)}")
        self.setToolTip(action.toolTip() if action.toolTip() != action.text() else "")
        self.setEnabled(action.isEnabled())
        action.enabledChanged.connect(self.setEnabled)
        self.clicked.connect(action.trigger)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - SPACE.medium, 26)


class KeyBar(QScrollArea):
    """Groups of keys under headings."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(_WIDTH)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Keys"))

    def show_keys(self, groups: Sequence[tuple[str, Sequence[QAction]]]) -> None:
        """Show the keys of (heading, actions) groups, in place of those before."""
        body = QWidget(self)
        body.setProperty("role", "key-bar")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(body)
        column.setContentsMargins(SPACE.small, SPACE.medium, SPACE.small, SPACE.medium)
        column.setSpacing(0)
        for heading, actions in groups:
            shown = [action for action in actions if action.isVisible()]
            if not shown:
                continue
            label = QLabel(heading, body)
            label.setProperty("role", "section")
            label.setContentsMargins(SPACE.medium, SPACE.medium, 0, SPACE.small)
            column.addWidget(label)
            for action in shown:
                column.addWidget(KeyHint(action, body))
        column.addStretch(1)
        self.setWidget(body)
