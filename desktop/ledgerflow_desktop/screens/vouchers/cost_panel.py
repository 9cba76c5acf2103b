"""The cost centres of one line: an amount each, in every category the whole of the line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ledgerflow_core.identifiers import CostCategoryId, CostCentreId
from ledgerflow_desktop.screens.entry_fields.matching import NameIndex
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.vouchers.form_content import CostRow, Line
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.screens.widgets.choice_edit import ChoiceEdit
from ledgerflow_desktop.screens.widgets.choice_list import Choice, ChoiceList
from ledgerflow_desktop.screens.widgets.field_path import FieldPath
from ledgerflow_desktop.screens.widgets.money_edit import MoneyEdit


@dataclass(eq=False)
class _Row:
    centre: ChoiceEdit
    amount: MoneyEdit


class CostPanel(QWidget):
    """The panel. `begin` with a line; `finished` when every category used has the whole of it."""

    finished = Signal()
    backed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget, *, worked_out: Callable[[str], str]) -> None:
        super().__init__(parent)
        self._worked_out = worked_out
        self._form: VoucherForm
        self._line: Line
        self._figures: Figures
        self._rows: list[_Row] = []
        self._title, self._left = QLabel(self), QLabel(self)
        self._title.setProperty("role", "strong")
        self._left.setProperty("role", "quiet")
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACE.small)
        self._grid.setColumnStretch(0, 1)
        self.list = ChoiceList(self.tr("Cost centres"), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.setSpacing(SPACE.medium)
        column.addWidget(self._title)
        column.addWidget(self._left)
        column.addLayout(self._grid)
        column.addWidget(self.list, 1)
        self._path = FieldPath(self._order, beyond=self._beyond, before=self.backed.emit)

    def begin(self, form: VoucherForm, line: Line, *, title: str, at_end: bool) -> None:
        """Show the cost centres of a line and put the keyboard into them."""
        self._form, self._line, self._figures = form, line, Figures(form.company)
        chart = form.chart
        self._index = NameIndex((c.id, [c.name]) for c in chart.cost_centres.values() if not c.retired)
        self._title.setText(title)
        line.costs[:] = [row for row in line.costs if row.centre is not None]
        for row in self._rows:
            for widget in (row.centre, row.amount):
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._rows = []
        for _ in line.costs:
            self._lay_row()
        whole = bool(line.costs) and self._unfinished() is None
        if not whole:
            self._add_row()
        self._show_left()
        if whole or at_end:
            self._path.begin(at_end=True)
        else:
            self._rows[-1].centre.setFocus()

    def commit(self) -> None:
        """Take what is typed without going on."""
        for at in range(len(self._rows)):
            self._take_amount(at)
        self._line.costs[:] = [row for row in self._line.costs if row.centre is not None]

    def _add_row(self) -> None:
        self._line.costs.append(CostRow())
        self._lay_row()

    def _lay_row(self) -> None:
        at = len(self._rows)
        number = str(at + 1)
        centre = ChoiceEdit(self.tr("Cost centre {0}").format(number), self, empty_takes_first=True)
        amount = MoneyEdit(self.tr("Cost centre {0}, amount").format(number), self, self._worked_out)
        amount.setMinimumWidth(116)
        centre.setPlaceholderText(self.tr("Cost centre"))
        self._rows.append(_Row(centre, amount))
        self._grid.addWidget(centre, at, 0)
        self._grid.addWidget(amount, at, 1)
        for widget in (centre, amount):
            widget.show()  # at once: the keyboard goes there before the layout would show it
        centre.attach(self.list)
        centre.search_with(lambda text: self._choices(at, text))
        centre.entered.connect(centre.open_list)
        centre.chosen.connect(lambda key: self._choose(at, key))
        amount.textEdited.connect(lambda _: self._take_amount(at))
        self._path.join(centre, forward=lambda: self._line.costs[at].centre is not None)
        self._path.join(amount, forward=lambda: self._take_amount(at))
        self._show_row(at)

    def _show_row(self, at: int) -> None:
        content = self._line.costs[at]
        name = self._form.chart.cost_centres[content.centre].name if content.centre else ""
        self._rows[at].centre.put(content.centre, name)
        self._rows[at].amount.setText(self._figures.typed(content.amount.minor) or content.amount.text)

    def _choices(self, at: int, text: str) -> Sequence[Choice]:
        chart = self._form.chart
        used = {row.centre for place, row in enumerate(self._line.costs) if place != at}
        category = self._unfinished()
        found = [chart.cost_centres[match.key] for match in self._index.find(text)]
        return [
            Choice(centre.id, centre.name, chart.cost_categories[centre.category].name)
            for centre in found
            if centre.id not in used and (category is None or centre.category == category)
        ]

    def _choose(self, at: int, key: str | None) -> None:
        if key is None:
            return
        content = self._line.costs[at]
        content.centre = CostCentreId(self._form.chart.cost_centres[key].id)
        if content.amount.is_empty:
            content.amount.set(self._left_of(self._form.chart.cost_centres[key].category))
        self._show_row(at)
        self._show_left()

    def _take_amount(self, at: int) -> bool:
        content = self._line.costs[at]
        self._form.set_amount(content.amount, self._rows[at].amount.text())
        self._show_left()
        return content.amount.minor is not None

    def _left_of(self, category: CostCategoryId) -> int:
        centres = self._form.chart.cost_centres
        return self._line.amount.value - sum(
            row.amount.value for row in self._line.costs if row.centre and centres[row.centre].category == category
        )

    def _unfinished(self) -> CostCategoryId | None:
        """Return the first category in which something was set and something is left."""
        centres = self._form.chart.cost_centres
        used = dict.fromkeys(centres[row.centre].category for row in self._line.costs if row.centre)
        return next((category for category in used if self._left_of(category)), None)

    def _show_left(self) -> None:
        category = self._unfinished()
        whole = self._figures.plain(self._line.amount.value)
        if category is not None:
            left = self._figures.plain(self._left_of(category))
            self._left.setText(self.tr("{0} left of {1}").format(left, whole))
        else:
            self._left.setText(self.tr("{0} to set").format(whole) if not self._line.costs[0].centre else whole)
        self.changed.emit()

    def _order(self) -> Sequence[QWidget]:
        return [widget for row in self._rows for widget in (row.centre, row.amount)]

    def _beyond(self) -> None:
        if self._unfinished() is None:
            self.finished.emit()
        else:
            self._add_row()
            self._rows[-1].centre.setFocus()
