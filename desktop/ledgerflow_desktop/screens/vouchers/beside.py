"""What stands beside the voucher: the list of the field at hand, or the panel that asks for more about a line."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.vouchers.account_panel import AccountPanel
from ledgerflow_desktop.screens.vouchers.bill_panel import BillPanel
from ledgerflow_desktop.screens.vouchers.cost_panel import CostPanel
from ledgerflow_desktop.screens.vouchers.details_panel import ForeignPanel, InstrumentPanel, LineNarrationPanel
from ledgerflow_desktop.screens.widgets.choice_list import ChoiceList


class ListPanel(QWidget):
    """A list with its title, and below it the keys that act on it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title, self.hint = QLabel(self), QLabel(self)
        self.title.setProperty("role", "strong")
        self.hint.setProperty("role", "key")
        self.hint.setWordWrap(True)
        self.list = ChoiceList(self.tr("Ledger accounts"), self)
        self.empty = QLabel(self)
        self.empty.setProperty("role", "quiet")
        self.empty.setWordWrap(True)
        self.empty.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.small, SPACE.large, SPACE.small, SPACE.medium)
        column.setSpacing(SPACE.small)
        for label in (self.title, self.empty, self.hint):
            label.setContentsMargins(SPACE.large, 0, SPACE.large, 0)
        column.addWidget(self.title)
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addWidget(self.hint)
        self.list.model().modelReset.connect(self._show_emptiness)

    def _show_emptiness(self) -> None:
        self.empty.setVisible(self.list.model().rowCount() == 0)


class FactsPanel(QWidget):
    """A title and lines of facts: where an account stands and where it will stand."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._facts = QLabel(self), QLabel(self)
        self._title.setProperty("role", "strong")
        self._title.setWordWrap(True)
        self._facts.setProperty("role", "quiet")
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.setSpacing(SPACE.medium)
        column.addWidget(self._title)
        column.addWidget(self._facts)
        column.addStretch(1)

    def show_facts(self, title: str, facts: str) -> None:
        """Show other facts."""
        self._title.setText(title)
        self._facts.setText(facts)


class Beside(QFrame):
    """The panels, one shown at a time."""

    def __init__(
        self, parent: QWidget, *, worked_out: Callable[[str], str], read_day: Callable[[str], date]
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setProperty("role", "key-bar")
        self.setMinimumWidth(330)
        self.setMaximumWidth(440)
        self._stack = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.choices = ListPanel(self._stack)
        self.facts = FactsPanel(self._stack)
        self.bills = BillPanel(self._stack, worked_out=worked_out, read_day=read_day)
        self.costs = CostPanel(self._stack, worked_out=worked_out)
        self.instrument = InstrumentPanel(self._stack, read_day)
        self.foreign = ForeignPanel(self._stack)
        self.narration = LineNarrationPanel(self._stack)
        self.account = AccountPanel(self._stack, worked_out=worked_out)
        self.panels = (self.bills, self.costs, self.instrument, self.foreign, self.narration)
        for panel in (self.choices, self.facts, *self.panels, self.account):
            self._stack.addWidget(panel)

    def bring(self, panel: QWidget) -> None:
        """Show a panel."""
        self._stack.setCurrentWidget(panel)

    @property
    def front(self) -> QWidget | None:
        """The panel that is shown."""
        return self._stack.currentWidget()
