"""The voucher as it is seen: its head, the lines, the totals, the narration, and beside them what is at hand."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.vouchers.beside import Beside
from ledgerflow_desktop.screens.vouchers.lines_table import AMOUNT_WIDTH, LinesTable
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures, state_words
from ledgerflow_desktop.screens.widgets.banner import Banner
from ledgerflow_desktop.screens.widgets.choice_edit import ChoiceEdit
from ledgerflow_desktop.screens.widgets.date_edit import DateEdit
from ledgerflow_desktop.screens.widgets.entry_button import EntryButton
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit
from ledgerflow_desktop.screens.widgets.note_edit import NoteEdit

_NARRATION_HEIGHT = 52


class Sheet(QWidget):
    """All widgets of the page. It shows a form; what is typed the `Cursor` takes from here."""

    def __init__(
        self, parent: QWidget, look: Look, *, worked_out: Callable[[str], str], read_day: Callable[[str], date]
    ) -> None:
        super().__init__(parent)
        self.form: VoucherForm | None = None
        self.type_name, self.state, self.number_to_come = QLabel(self), QLabel(self), QLabel(self)
        self.date = DateEdit(self.tr("Date of the voucher"), self, read_day)
        self.weekday = QLabel(self)
        self.number = EntryEdit(self.tr("Voucher number"), self)
        self.reference = EntryEdit(self.tr("Reference"), self)
        self.reference_date = DateEdit(self.tr("Date of the reference"), self, read_day, may_be_empty=True)
        self.top = ChoiceEdit(self.tr("Account on top"), self)
        self.top_facts = QLabel(self)
        self.table = LinesTable(self, look, worked_out)
        self.narration = NoteEdit(self.tr("Narration"), self)
        self.accept = EntryButton(self.tr("Accept"), self)
        self.message, self.problem = QLabel(self), QLabel(self)
        self.debit, self.credit, self.left = QLabel(self), QLabel(self), QLabel(self)
        self.banner = Banner(self)
        self.beside = Beside(self, worked_out=worked_out, read_day=read_day)
        self._lay_out()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(SPACE.section, SPACE.wide, SPACE.section, SPACE.wide)
        left.setSpacing(SPACE.large)
        left.addWidget(self.banner)
        left.addLayout(self._head())
        left.addLayout(self._upper_fields())
        left.addWidget(self.table, 1)
        left.addLayout(self._totals())
        left.addLayout(self._foot())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 5)
        row.addWidget(self.beside, 3)

    def _head(self) -> QHBoxLayout:
        self.type_name.setProperty("role", "title")
        self.number_to_come.setProperty("role", "quiet")
        self.state.setProperty("role", "banner-warning")
        self.weekday.setProperty("role", "quiet")
        self.date.setFixedWidth(124)
        label = QLabel(self.tr("Date"), self)
        label.setProperty("role", "quiet")
        label.setBuddy(self.date)
        row = QHBoxLayout()
        row.setSpacing(SPACE.large)
        for widget in (self.type_name, self.number_to_come, self.state):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.weekday)
        row.addWidget(label)
        row.addWidget(self.date)
        return row

    def _upper_fields(self) -> QGridLayout:
        self.top.setMaximumWidth(380)
        self.top.setMinimumWidth(280)
        self.reference.setMaximumWidth(380)
        self.number.setMaximumWidth(200)
        self.reference_date.setFixedWidth(124)
        self.reference_date.setPlaceholderText(self.tr("Dated"))
        self.top_facts.setProperty("role", "quiet")
        self._labels = {
            self.number: QLabel(self.tr("Number"), self),
            self.reference: QLabel(self.tr("Their number"), self),
            self.top: QLabel(self.tr("Account"), self),
        }
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.large)
        grid.setVerticalSpacing(SPACE.medium)
        for at, (field, label) in enumerate(self._labels.items()):
            label.setProperty("role", "quiet")
            label.setBuddy(field)
            grid.addWidget(label, at, 0)
            grid.addWidget(field, at, 1)
        grid.addWidget(self.reference_date, 1, 2)
        grid.addWidget(self.top_facts, 2, 2, 1, 2)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 4)
        return grid

    def _totals(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        self.left.setProperty("role", "warning")
        total = QLabel(self.tr("Total"), self)
        total.setProperty("role", "quiet")
        total.setContentsMargins(SPACE.medium, 0, SPACE.large, 0)
        row.addWidget(total)
        row.addWidget(self.left, 1)
        for label in (self.debit, self.credit):
            label.setProperty("role", "strong")
            label.setFixedWidth(AMOUNT_WIDTH)
            label.setContentsMargins(0, 0, SPACE.medium, 0)
            label.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(label)
        self.debit.setAccessibleName(self.tr("Total of debits"))
        self.credit.setAccessibleName(self.tr("Total of credits"))
        self.left.setAccessibleName(self.tr("Left to allocate"))
        return row

    def _foot(self) -> QVBoxLayout:
        self.narration.setFixedHeight(_NARRATION_HEIGHT)
        self.narration.setPlaceholderText(self.tr("Narration"))
        self.accept.setProperty("role", "primary")
        self.message.setProperty("role", "good")
        self.message.setAccessibleName(self.tr("What was saved"))
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.problem.setAccessibleName(self.tr("What is wrong"))
        row = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(SPACE.hair)
        words.addWidget(self.message)
        words.addWidget(self.problem)
        row.addLayout(words, 1)
        row.addWidget(self.accept, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout()
        column.setSpacing(SPACE.medium)
        column.addWidget(self.narration)
        column.addLayout(row)
        return column

    # --- showing --------------------------------------------------------------------------------

    def show_form(self, form: VoucherForm) -> None:
        """Show a form from head to foot."""
        self.form = form
        self.table.lines.form = form
        self.table.show_lines()
        self.number.setText(form.content.number)
        self.reference.setText(form.content.reference)
        self.reference_date.put(form.content.reference_date)
        self.narration.put(form.content.narration)
        self.show_head()
        self.show_totals()

    def show_head(self) -> None:
        """Show what stands above the lines."""
        form = self._shown()
        content = form.content
        self.type_name.setText(visible(form.type.name))
        self.date.put(content.date)
        self.weekday.setText(self.locale().dayName(content.date.isoweekday()))
        words = state_words(content.state)
        self.state.setText(words)
        self.state.setVisible(bool(words))
        top = form.chart.accounts.get(content.account) if content.account else None
        self.top.put(top.id if top else None, top.name if top else content.account_text)
        kinds = {field.kind.value for field in form.header_fields()}
        for field, shown in (
            (self.number, "number" in kinds),
            (self.reference, "reference" in kinds),
            (self.top, form.is_single),
        ):
            field.setVisible(shown)
            self._labels[field].setVisible(shown)
        self.reference_date.setVisible("reference" in kinds)
        self.top_facts.setVisible(form.is_single)

    def show_totals(self) -> None:
        """Show both totals and what is left to allocate."""
        form = self._shown()
        figures, totals = Figures(form.company), form.totals()
        if form.is_single:
            amount = form.top_amount() * form.top_side.sign
            self.debit.setText("")
            self.credit.setText(figures.plain(amount) if amount else "")
            self.left.setText("")
            return
        self.debit.setText(figures.plain(totals.debit) if totals.debit else "")
        self.credit.setText(figures.plain(totals.credit) if totals.credit else "")
        left = totals.difference
        self.left.setText(self.tr("{0} left to allocate").format(figures.signed(-left)) if left else "")

    def show_top_facts(self, words: str) -> None:
        """Show where the account on top stands."""
        self.top_facts.setText(words)

    def set_read_only(self, read_only: bool) -> None:
        """Show a voucher that cannot be altered here."""
        cancelled = self.form is not None and self.form.content.state is VoucherState.CANCELLED
        self.accept.setEnabled(not read_only and not cancelled)
        for field in (self.date, self.number, self.reference, self.reference_date, self.top):
            field.setReadOnly(read_only)
        self.table.account.setReadOnly(read_only)
        self.table.amount.setReadOnly(read_only)
        self.narration.setReadOnly(read_only)

    def _shown(self) -> VoucherForm:
        assert self.form is not None, "a form is shown"
        return self.form
