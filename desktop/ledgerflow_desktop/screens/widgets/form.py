"""The middle column of a page that asks something: title, explanation, fields, and the buttons at the end."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE

WIDTH = 560


class FormColumn(QScrollArea):
    """A column of readable width in the middle, scrolling where the window is low."""

    def __init__(self, title: str, explanation: str, parent: QWidget, *, width: int = WIDTH) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        body = QWidget(self)
        body.setProperty("role", "surface")
        around = QHBoxLayout(body)
        around.setContentsMargins(SPACE.page, SPACE.page, SPACE.page, SPACE.wide)
        inner = QWidget(body)
        inner.setMaximumWidth(width)
        inner.setMinimumWidth(min(width, 440))
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE.medium)
        around.addStretch(1)
        around.addWidget(inner, 4 if width <= WIDTH else 40)
        around.addStretch(1)
        self.body = inner
        self._title = self.label(title, "title")
        self.column.addWidget(self._title)
        if explanation:
            self.column.addWidget(self.label(explanation, "quiet"))
            self.column.addSpacing(SPACE.medium)
        self.setWidget(body)

    def retitle(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def label(self, text: str, role: str) -> QLabel:
        """Return a label of the column that breaks its lines; not yet in its place."""
        label = QLabel(text, self.body)
        label.setProperty("role", role)
        label.setWordWrap(True)
        return label

    def button(self, words: str, *, primary: bool = False) -> QPushButton:
        """Return a button of the column; not yet in its place. Enter presses it as the space bar does."""
        button = QPushButton(words, self.body)
        button.setAutoDefault(True)
        if primary:
            button.setProperty("role", "primary")
        button.installEventFilter(self)
        return button

    def row(self, *widgets: QWidget) -> None:
        """Put buttons side by side at the end of the column."""
        row = QHBoxLayout()
        row.setSpacing(SPACE.large)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self.column.addLayout(row)

    def fields(self, *widgets: QWidget) -> None:
        """Put fields side by side at the end of the column, equally wide, their names on one line."""
        row = QHBoxLayout()
        row.setSpacing(SPACE.large)
        for widget in widgets:
            row.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)

    def enter_moves_on(self, *editors: QWidget) -> None:
        """Let Enter go from each of these to the next; at the last the page says what it does."""
        for editor in editors:
            editor.installEventFilter(self)
        self._editors = editors

    def watch(self, *editors: QWidget) -> None:
        """Leave Ctrl+A to the page in these: it accepts, where Qt would select all."""
        for editor in editors:
            editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.matches(QKeySequence.StandardKey.SelectAll):
                event.ignore()
                return True
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if is_enter and isinstance(watched, QPushButton):
                watched.click()
                return True
            editors = getattr(self, "_editors", ())
            if is_enter and watched in editors[:-1]:
                following = editors[editors.index(watched) + 1]
                following.setFocus()
                if isinstance(following, QLineEdit):
                    following.selectAll()
                self.ensureWidgetVisible(following)
                return True
        return super().eventFilter(watched, event)
