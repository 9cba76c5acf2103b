"""The line a person types in: Enter goes forward, Backspace in an empty field and Shift+Tab go back.

Keys of the page (Ctrl+A accepts) win over what a text field usually does with them; cutting, pasting, undoing
and moving by words stay.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

_K = Qt.Key
_ENTERS = (_K.Key_Return, _K.Key_Enter)
_EDITING = frozenset({
    _K.Key_C, _K.Key_V, _K.Key_X, _K.Key_Z, _K.Key_Y, _K.Key_Left, _K.Key_Right, _K.Key_Home, _K.Key_End,
    _K.Key_Backspace, _K.Key_Delete, _K.Key_Insert,
})  # fmt: skip
_WITH_KEY = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def is_plain_enter(event: QKeyEvent) -> bool:
    """Whether a key press is Enter alone, of either block of the keyboard."""
    return event.key() in _ENTERS and not event.modifiers() & (_WITH_KEY | Qt.KeyboardModifier.ShiftModifier)


def is_back_tab(event: QKeyEvent) -> bool:
    """Whether a key press is Shift+Tab, which systems report in two ways."""
    shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return event.key() == _K.Key_Backtab or (event.key() == _K.Key_Tab and shifted)


def leaves_to_page(event: QEvent) -> bool:
    """Whether a key is the page's although a text field would take it."""
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return True
    if event.key() in (_K.Key_PageUp, _K.Key_PageDown) or event.key() in _ENTERS:
        return True
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) and event.key() not in _EDITING


class EntryEdit(QLineEdit):
    """One field of a form."""

    forward = Signal()  # Enter
    backward = Signal()  # Backspace in the empty field, Shift+Tab
    entered = Signal()  # the keyboard came to this field
    undo_wanted = Signal()  # Ctrl+Z with nothing of this field's own left to undo

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)

    def show_problem(self, words: str) -> None:
        """Mark the field as wrong, or right again with an empty text; the words are the field's description too."""
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        if bool(self.property("problem")) != bool(words):
            self.setProperty("problem", bool(words))
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        if leaves_to_page(event):
            event.ignore()
            return False
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if is_back_tab(event):
                self.backward.emit()
                return True
            if event.key() == _K.Key_Tab:
                self.forward.emit()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_plain_enter(event):
            self.forward.emit()
        elif event.key() == _K.Key_Backspace and not self.text() and not event.isAutoRepeat():
            self.backward.emit()
        elif event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable():
            self.undo_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.selectAll()
        self.entered.emit()
