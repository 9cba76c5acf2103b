"""A field for an amount: digits to the right, and what a sum comes to shown while it is typed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from ledgerflow_desktop.screens.look.fonts import font
from ledgerflow_desktop.screens.look.tokens import SPACE, TYPE
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit


class MoneyEdit(EntryEdit):
    """The field. `worked_out` says what a text comes to (``= 1,416.00``); empty where there is nothing to add."""

    def __init__(self, name: str, parent: QWidget, worked_out: Callable[[str], str]) -> None:
        super().__init__(name, parent)
        self._worked_out = worked_out
        self._hint = ""
        self.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
        self.textChanged.connect(self._work_out)

    def hint(self) -> str:
        """Return what stands beside the digits."""
        return self._hint

    def _work_out(self, text: str) -> None:
        self._hint = self._worked_out(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._hint:
            return
        painter = QPainter(self)
        painter.setFont(font(TYPE.small))
        painter.setPen(QApplication.palette().placeholderText().color())
        area = self.rect().adjusted(SPACE.medium, 0, -SPACE.medium, 0)
        room = area.width() - self.fontMetrics().horizontalAdvance(self.text()) - SPACE.medium
        if painter.fontMetrics().horizontalAdvance(self._hint) <= room:
            begin = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
            painter.drawText(area, QStyle.visualAlignment(self.layoutDirection(), begin), self._hint)
        painter.end()
