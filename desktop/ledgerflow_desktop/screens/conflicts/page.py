"""The list of what waits for a decision: arrows walk it, Enter shows both versions of a line."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ledgerflow_core.identifiers import EventId
from ledgerflow_desktop.actions import conflict_list
from ledgerflow_desktop.actions.conflict_list import Listed
from ledgerflow_desktop.actions.conflict_words import Money
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.screens.conflicts.lines_model import ConflictModel
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import DecideConflict, ShowConflicts
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.line.words import iso_words
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.widgets.line_table import LineTable

# At the smallest usual window the last column still has room for the longest reason but two.
_WIDTHS = (88, 110, 200, 96, 160, 96, 96)


class ConflictsPage(Page):
    """Nothing is lost while it waits here: what stands counts, what is parked is kept."""

    def __init__(self, desk: Desk, _destination: ShowConflicts) -> None:
        super().__init__(desk)
        self._is_stale = False
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.page, SPACE.section, SPACE.page, 0)
        column.setSpacing(SPACE.medium)
        title, self._said = QLabel(self.tr("To decide"), self), QLabel(self)
        title.setProperty("role", "title")
        self._said.setProperty("role", "quiet")
        self._said.setWordWrap(True)
        self.table = LineTable(self.tr("Waiting for a decision"), self)
        self.model = ConflictModel(Money(desk.open_company), lambda at: iso_words(at, desk.machine), self)
        self.table.setModel(self.model)
        for at, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(at, width)
        self.table.doubleClicked.connect(lambda _: self._decide())
        column.addWidget(title)
        column.addWidget(self._said)
        column.addSpacing(SPACE.medium)
        column.addWidget(self.table, 1)
        column.addStretch()  # holds the words at the top where there is no table
        self._deciding = self.command(Command.DECIDE, self._decide)
        self._read()

    def title(self) -> str:
        return self.tr("To decide")

    def first_focus(self) -> QWidget:
        return self.table

    def shown(self) -> None:
        if self._is_stale:
            self._read()

    def refresh(self, changed: Changed) -> None:
        self._is_stale = changed is not Changed.NOTHING
        if self._is_stale and self.isVisible():
            self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._decide()
        else:
            super().keyPressEvent(event)

    def _read(self) -> None:
        self._is_stale = False
        self.desk.work(self, conflict_list.listed, self._show)

    def _show(self, found: list[Listed]) -> None:
        before = self._current()
        self.model.show(found)
        ids = [one.id for one in found]
        if found:
            self.table.selectRow(ids.index(before) if before in ids else 0)
        self.table.setVisible(bool(found))
        self._deciding.setEnabled(bool(found))
        self._said.setText(
            self.tr(
                "Offices entered these without a line, and they do not go with what stands in the books. "
                "What stands counts until you decide. Enter shows both versions."
            )
            if found
            else self.tr("Nothing waits for a decision: every office's entries go together.")
        )
        if not found:
            self.setFocus()

    def _current(self) -> EventId | None:
        at = self.table.currentIndex().row()
        return self.model.lines[at].id if 0 <= at < len(self.model.lines) else None

    def _decide(self) -> None:
        conflict = self._current()
        if conflict is not None:
            self.open(DecideConflict(conflict))
