"""Keys typed while the program fetches what they belong to: held, and given on in order. A fast typist loses none."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget


class KeyHold(QObject):
    """Holds the key presses meant for a widget and its children between `begin` and `release`."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._held: list[QKeyEvent] = []
        self._is_holding = False

    @property
    def is_holding(self) -> bool:
        """Whether keys are being held."""
        return self._is_holding

    def begin(self) -> None:
        """Hold keys from now on."""
        application = QCoreApplication.instance()
        if not self._is_holding and application is not None:
            self._is_holding = True
            application.installEventFilter(self)

    def release(self) -> None:
        """Give on what was held, to whatever has the keyboard now."""
        application = QCoreApplication.instance()
        if self._is_holding and application is not None:
            application.removeEventFilter(self)
            self._is_holding = False
            held, self._held = self._held, []
            for at, key in enumerate(held):
                focus = QApplication.focusWidget()
                if focus is None:
                    return
                QCoreApplication.sendEvent(focus, key)
                if self._is_holding:  # one of them began another wait: the rest wait with it
                    self._held = held[at + 1 :] + self._held
                    return

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and isinstance(watched, QWidget)
            and (watched is self._owner or self._owner.isAncestorOf(watched))
        ):
            self._held.append(event.clone())
            return True
        return False
