"""A field of several lines, for narrations: Enter goes forward, Shift+Enter begins a line."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ledgerflow_desktop.screens.widgets.entry_edit import is_back_tab, is_plain_enter, leaves_to_page


class NoteEdit(QPlainTextEdit):
    """The field."""

    forward = Signal()
    backward = Signal()
    entered = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(False)

    def show_problem(self, words: str) -> None:
        """Mark the field as wrong, or right again with an empty text."""
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        if bool(self.property("problem")) != bool(words):
            self.setProperty("problem", bool(words))
            self.style().polish(self)

    def put(self, text: str) -> None:
        """Show a text; the undoing of typing goes on to the one before."""
        if text != self.toPlainText():
            cursor = self.textCursor()
            cursor.select(cursor.SelectionType.Document)
            cursor.insertText(text)

    def event(self, event: QEvent) -> bool:
        if leaves_to_page(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        emptied = event.key() == Qt.Key.Key_Backspace and not self.toPlainText() and not event.isAutoRepeat()
        if is_back_tab(event) or emptied:
            self.backward.emit()
        elif is_plain_enter(event) or event.key() == Qt.Key.Key_Tab:
            self.forward.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()
