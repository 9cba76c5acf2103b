"""Choosing a period: two days as bookkeepers type them, or one of the usual ones."""

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ledgerflow_core.calendar import FinancialYear, Period
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.screens.entry_fields.day_text import read_day
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.reports.state import presets
from ledgerflow_desktop.screens.words import short_date


class PeriodSheet(QDialog):
    """Hands out the period that was accepted by `chosen`."""

    chosen = Signal(object)

    def __init__(self, period: Period, today: date, year: FinancialYear, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Period"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._period, self._today, self._year = period, today, year
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.section, SPACE.section, SPACE.section, SPACE.section)
        column.setSpacing(SPACE.large)
        heading = QLabel(self.tr("Period"), self)
        heading.setProperty("role", "title")
        column.addWidget(heading)
        fields = QGridLayout()
        fields.setHorizontalSpacing(SPACE.large)
        self.first = self._field(self.tr("From"), period.first, fields, 0)
        self.last = self._field(self.tr("To"), period.last, fields, 1)
        column.addLayout(fields)
        self._problem = QLabel(self)
        self._problem.setProperty("role", "problem")
        self._problem.setWordWrap(True)
        self._problem.hide()
        column.addWidget(self._problem)
        column.addLayout(self._usual())
        accept = QPushButton(self.tr("Show"), self)
        accept.setProperty("role", "primary")
        accept.setDefault(True)
        accept.clicked.connect(self._accept)
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(accept)
        column.addLayout(row)
        self.first.returnPressed.connect(self.last.setFocus)
        self.last.returnPressed.connect(self._accept)
        self.first.setFocus()
        self.first.selectAll()

    def _field(self, name: str, day: date, grid: QGridLayout, at: int) -> QLineEdit:
        label, field = QLabel(name, self), QLineEdit(short_date(day), self)
        label.setProperty("role", "quiet")
        label.setBuddy(field)
        field.setAccessibleName(name)
        field.setMinimumWidth(200)
        grid.addWidget(label, 0, at)
        grid.addWidget(field, 1, at)
        return field

    def _usual(self) -> QGridLayout:
        words = {
            "today": self.tr("Today"),
            "this-month": self.tr("This month"),
            "last-month": self.tr("Last month"),
            "this-quarter": self.tr("This quarter"),
            "this-year": self.tr("This year"),
            "last-year": self.tr("Last year"),
            "year-to-date": self.tr("Year to date"),
        }
        grid = QGridLayout()
        grid.setSpacing(SPACE.medium)
        for at, (name, period) in enumerate(presets(self._today, self._year)):
            button = QPushButton(words[name], self)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, period=period: self._hand_out(period))
            grid.addWidget(button, at // 4, at % 4)
        return grid

    def _accept(self) -> None:
        try:
            first = self._read(self.first.text(), self._period.first)
            period = Period(first, self._read(self.last.text(), self._period.last))
        except InvalidInput as error:
            self._problem.setText(error_words(error))
            self._problem.show()
            return
        self._hand_out(period)

    def _read(self, text: str, current: date) -> date:
        return read_day(text, current=current, today=self._today, year=self._year)

    def _hand_out(self, period: Period) -> None:
        self.chosen.emit(period)
        self.accept()
