"""A field for a day, typed the short way (`5`, `5-4`, `yesterday`) and shown in full when it is left."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit, is_plain_enter
from ledgerflow_desktop.screens.words import short_date


class DateEdit(EntryEdit):
    """The field. `read` turns a text into a day or raises `InvalidInput`; an empty field may mean no day."""

    day_changed = Signal(object)  # date or None

    def __init__(self, name: str, parent: QWidget, read: Callable[[str], date], *, may_be_empty: bool = False) -> None:
        super().__init__(name, parent)
        self._read = read
        self._may_be_empty = may_be_empty
        self._day: date | None = None

    @property
    def day(self) -> date | None:
        """The day that stands in the field."""
        return self._day

    def put(self, day: date | None) -> None:
        """Show a day."""
        self._day = day
        self.setText(short_date(day) if day else "")
        self.show_problem("")

    def understand(self) -> bool:
        """Take what is typed; False, and the field marked, when it is no day."""
        text = self.text().strip()
        if text == (short_date(self._day) if self._day else ""):
            return True
        if not text and self._may_be_empty:
            day = None
        else:
            try:
                day = self._read(text)
            except InvalidInput:
                self.show_problem(self.tr("That is not a date. Type 5, 5-4 or 5-4-26."))
                return False
        self.put(day)
        self.day_changed.emit(day)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_plain_enter(event) and not self.understand():
            self.selectAll()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.understand()
        super().focusOutEvent(event)
