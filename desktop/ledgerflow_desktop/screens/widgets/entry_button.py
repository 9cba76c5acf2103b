"""The button at the end of a form: Enter presses it, Backspace and Shift+Tab go back into the fields."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ledgerflow_desktop.screens.widgets.entry_edit import is_back_tab, is_plain_enter


class EntryButton(QPushButton):
    """The button."""

    backward = Signal()
    entered = Signal()

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setAccessibleName(words)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if is_back_tab(event) or event.key() == Qt.Key.Key_Backspace:
                self.backward.emit()
                return True
            if event.key() == Qt.Key.Key_Tab:
                return True  # the end of the form: the keyboard does not wander out of it
            if is_plain_enter(event):
                self.click()
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()
