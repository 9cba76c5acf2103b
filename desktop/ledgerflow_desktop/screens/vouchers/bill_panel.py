"""The bills of one line: pick an open one, type a new reference, or leave the rest on account."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QVBoxLayout, QWidget

from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.vouchers.bills import BillSheet
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures, bill_kind_words
from ledgerflow_desktop.screens.widgets.choice_edit import ChoiceEdit
from ledgerflow_desktop.screens.widgets.choice_list import Choice, ChoiceList
from ledgerflow_desktop.screens.widgets.date_edit import DateEdit
from ledgerflow_desktop.screens.widgets.field_path import FieldPath
from ledgerflow_desktop.screens.widgets.money_edit import MoneyEdit
from ledgerflow_desktop.screens.words import short_date

# Keys of the lines of the list that are no bill; a blank cannot begin the name of one.
_NEW, _ADVANCE, _ON_ACCOUNT = " new", " advance", " on-account"


@dataclass(eq=False)
class _Row:
    kind: QLabel
    name: ChoiceEdit
    amount: MoneyEdit
    due_label: QLabel
    due: DateEdit

    def places(self, at: int) -> list[tuple[QWidget, int, int]]:
        """Return where everything of row `at` lies in the grid: the due day below the reference."""
        upper, lower = 2 * at, 2 * at + 1
        return [
            (self.kind, upper, 0),
            (self.name, upper, 1),
            (self.amount, upper, 2),
            (self.due_label, lower, 0),
            (self.due, lower, 1),
        ]


class BillPanel(QWidget):
    """The panel. `begin` with a sheet; `finished` when nothing is left or the person goes on."""

    finished = Signal()
    backed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget, *, worked_out: Callable[[str], str], read_day: Callable[[str], date]) -> None:
        super().__init__(parent)
        self._worked_out = worked_out
        self._read_day = read_day
        self._form: VoucherForm | None = None
        self._sheet: BillSheet | None = None
        self._figures: Figures | None = None
        self._rows: list[_Row] = []
        self._title, self._left = QLabel(self), QLabel(self)
        self._title.setProperty("role", "strong")
        self._left.setProperty("role", "quiet")
        self._hint = QLabel(self.tr("Alt+B: oldest first"), self)
        self._hint.setProperty("role", "key")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE.small)
        self._grid.setVerticalSpacing(SPACE.small)
        self._grid.setColumnStretch(1, 1)
        self.list = ChoiceList(self.tr("Open bills"), self)
        self.list.setMinimumHeight(120)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.setSpacing(SPACE.medium)
        for widget in (self._title, self._left):
            column.addWidget(widget)
        column.addLayout(self._grid)
        column.addWidget(self.list, 1)
        column.addWidget(self._hint)
        self._path = FieldPath(self._order, beyond=self._beyond, before=self.backed.emit)

    def begin(self, form: VoucherForm, sheet: BillSheet, *, title: str, at_end: bool) -> None:
        """Show the bills of a line and put the keyboard into them."""
        self._form, self._sheet, self._figures = form, sheet, Figures(form.company)
        self._title.setText(title)
        sheet.drop_empty()
        self._rebuild()
        if sheet.left or not sheet.rows:
            self._add_row()
        self._show_left()
        if sheet.left and not at_end:
            self._rows[-1].name.setFocus()
        else:
            self._path.begin(at_end=True)

    def commit(self) -> None:
        """Take what is typed without going on: the voucher is being accepted."""
        for at in range(len(self._rows)):
            self._take_amount(at)
        if self._sheet is not None:
            self._sheet.drop_empty()

    # --- rows -----------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        focus: QWidget | None = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self.setFocus()  # a field that vanishes with the keyboard in it would hand it to any other field
        for row in self._rows:
            for widget, _, _ in row.places(0):
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._rows = []
        assert self._sheet is not None, "a panel is begun before it is shown"
        for _ in self._sheet.rows:
            self._lay_row()

    def _add_row(self) -> None:
        assert self._sheet is not None, "a panel is begun before it is shown"
        self._sheet.add_row()
        self._lay_row()

    def _lay_row(self) -> None:
        assert self._sheet is not None, "a panel is begun before it is shown"
        at = len(self._rows)
        number = str(at + 1)
        name = ChoiceEdit(self.tr("Bill {0}, reference").format(number), self, free_text=True, empty_takes_first=True)
        due = DateEdit(self.tr("Bill {0}, due on").format(number), self, self._read_day, may_be_empty=True)
        amount = MoneyEdit(self.tr("Bill {0}, amount").format(number), self, self._worked_out)
        row = _Row(QLabel(self), name, amount, QLabel(self.tr("Due on"), self), due)
        row.kind.setProperty("role", "quiet")
        row.due_label.setProperty("role", "quiet")
        row.kind.setMinimumWidth(66)
        amount.setMinimumWidth(116)
        name.setPlaceholderText(self.tr("Reference"))
        self._rows.append(row)
        for widget, down, across in row.places(at):
            self._grid.addWidget(widget, down, across)
            widget.show()  # at once: the keyboard goes there before the layout would show it
        name.attach(self.list)
        name.search_with(lambda text: self._choices(at, text))
        name.entered.connect(lambda: self._open(at))
        name.chosen.connect(lambda key: self._choose(at, key))
        due.day_changed.connect(lambda day: setattr(self._row_content(at), "due", day))
        amount.textEdited.connect(lambda _: self._take_amount(at))
        self._path.join(name, forward=lambda: self._take_name(at))
        self._path.join(due)
        self._path.join(amount, forward=lambda: self._take_amount(at))
        self._show_row(at)

    def _row_content(self, at: int):  # type: ignore[no-untyped-def]  # a BillRow
        assert self._sheet is not None, "a panel is begun before it is shown"
        return self._sheet.rows[at]

    def _show_row(self, at: int) -> None:
        row, content = self._rows[at], self._row_content(at)
        row.kind.setText(bill_kind_words(content.kind))
        on_account = content.kind is BillKind.ON_ACCOUNT
        known = content.name or (bill_kind_words(content.kind) if on_account and content.amount.value else "")
        row.name.put(known or None, known)
        row.due.setVisible(content.kind is BillKind.NEW)
        row.due_label.setVisible(content.kind is BillKind.NEW)
        row.due.put(content.due)
        if self._figures is not None:
            row.amount.setText(self._figures.typed(content.amount.minor) or content.amount.text)

    def _open(self, at: int) -> None:
        self._rows[at].name.open_list()

    def _choices(self, at: int, text: str) -> Sequence[Choice]:
        assert self._sheet is not None and self._form is not None and self._figures is not None, "begun"
        wanted = text.strip().casefold()
        bills = [
            Choice(bill.name, bill.name, short_date(bill.due), self._figures.signed(bill.pending))
            for bill in self._sheet.open_bills(at)
            if wanted in bill.name.casefold()
        ]
        new = [Choice(_NEW, self.tr("New bill “{0}”").format(text.strip()))] if wanted else []
        opens = self._form.type.nature in (VoucherNature.SALES, VoucherNature.PURCHASE)
        advance = [Choice(_ADVANCE, self.tr("Advance “{0}”").format(text.strip()))] if wanted and not opens else []
        rest = [Choice(_ON_ACCOUNT, self.tr("On account"))] if not wanted else []
        return [*new, *bills, *rest] if opens else [*bills, *new, *advance, *rest]

    # --- what is typed --------------------------------------------------------------------------

    def _choose(self, at: int, key: str | None) -> None:
        sheet, content = self._sheet, self._row_content(at)
        assert sheet is not None, "a panel is begun before it is shown"
        typed = self._rows[at].name.text().strip()
        match key:
            case None | " on-account":
                sheet.set_kind(at, BillKind.ON_ACCOUNT)
                content.name = ""
            case " new" | " advance":
                sheet.set_kind(at, BillKind.NEW if key == _NEW else BillKind.ADVANCE)
                content.name = typed
            case _:
                sheet.set_kind(at, BillKind.AGAINST)
                content.name = key
        if content.amount.is_empty or content.kind is BillKind.AGAINST:
            content.amount.set(sheet.proposed_amount(at))
        self._show_row(at)
        self._show_left()

    def _take_name(self, at: int) -> bool:
        field, content = self._rows[at].name, self._row_content(at)
        if field.key is None and field.text().strip():
            # Typed and not walked through the list: the marked line is meant, a bill or a new one.
            marked = self.list.current()
            self._choose(at, marked.key if marked else _NEW)
        return bool(content.name) or content.kind is BillKind.ON_ACCOUNT

    def _take_amount(self, at: int) -> bool:
        assert self._form is not None, "a panel is begun before it is shown"
        content = self._row_content(at)
        field = self._rows[at].amount
        self._form.set_amount(content.amount, field.text())
        self._show_left()
        return content.amount.minor is not None or field.text().strip() == ""

    def fill_oldest_first(self) -> None:
        """Put what is left to the open bills in the order they fall due, and go on."""
        if self._sheet is not None:
            self._sheet.fill_oldest_first()
            self._rebuild()
            self._show_left()
            self.finished.emit()

    def _show_left(self) -> None:
        if self._sheet is None or self._figures is None:
            return
        left = self._sheet.left
        amount = self._figures.plain(self._sheet.line.amount.value)
        if left:
            self._left.setText(self.tr("{0} left of {1}").format(self._figures.plain(left), amount))
        else:
            self._left.setText(self.tr("{0}, all of it set").format(amount))
        self.changed.emit()

    # --- the path -------------------------------------------------------------------------------

    def _order(self) -> Sequence[QWidget]:
        order: list[QWidget] = []
        for row in self._rows:
            order += [row.name, row.due, row.amount] if row.due.isVisibleTo(self) else [row.name, row.amount]
        return order

    def _beyond(self) -> None:
        assert self._sheet is not None, "a panel is begun before it is shown"
        if not self._sheet.left:
            self._sheet.drop_empty()
            self.finished.emit()
        elif not self._sheet.rows[-1].amount.value:
            self._rows[-1].amount.setFocus()
        else:
            self._add_row()
            self._rows[-1].name.setFocus()
