"""Small panels of labelled fields beside a line: cheque details, the amount in another currency, a line's narration."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.money.currency import currency
from ledgerflow_desktop.screens.entry_fields.arithmetic import work_out, work_out_decimal
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.vouchers import foreign
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, ForeignFields, InstrumentFields, Line
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.screens.widgets.choice_edit import ChoiceEdit
from ledgerflow_desktop.screens.widgets.choice_list import Choice, ChoiceList
from ledgerflow_desktop.screens.widgets.date_edit import DateEdit
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit
from ledgerflow_desktop.screens.widgets.field_path import FieldPath
from ledgerflow_desktop.screens.widgets.money_edit import MoneyEdit


def instrument_kinds() -> list[str]:
    """Return the usual ways money moves at a bank; any other word may be typed."""
    translate = QCoreApplication.translate
    return [
        translate("Voucher", "Cheque"),
        translate("Voucher", "Bank transfer"),
        translate("Voucher", "UPI"),
        translate("Voucher", "Card"),
        translate("Voucher", "Demand draft"),
        translate("Voucher", "Cash"),
    ]


class _Labelled(QWidget):
    """A title over fields with their labels."""

    def __init__(self, parent: QWidget, fields: Sequence[tuple[str, EntryEdit]]) -> None:
        super().__init__(parent)
        self.title, self.note = QLabel(self), QLabel(self)
        self.title.setProperty("role", "strong")
        self.note.setProperty("role", "quiet")
        self.note.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.large)
        grid.setVerticalSpacing(SPACE.small)
        grid.setColumnStretch(1, 1)
        for at, (words, field) in enumerate(fields):
            label = QLabel(words, self)
            label.setProperty("role", "quiet")
            label.setBuddy(field)
            grid.addWidget(label, at, 0)
            grid.addWidget(field, at, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE.medium)
        self.column.addWidget(self.title)
        self.column.addWidget(self.note)
        self.column.addLayout(grid)


class InstrumentPanel(QWidget):
    """Cheque, transfer or card: kind, number, date. All may stay empty."""

    finished = Signal()
    backed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget, read_day: Callable[[str], date]) -> None:
        super().__init__(parent)
        self._fields = InstrumentFields()
        self.kind = ChoiceEdit(self.tr("Instrument"), self, free_text=True)
        self.number = EntryEdit(self.tr("Instrument number"), self)
        self.date = DateEdit(self.tr("Instrument date"), self, read_day, may_be_empty=True)
        self.list = ChoiceList(self.tr("Instruments"), self)
        self._form = _Labelled(
            self, [(self.tr("Paid by"), self.kind), (self.tr("Number"), self.number), (self.tr("Date"), self.date)]
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.addWidget(self._form)
        column.addWidget(self.list, 1)
        self.kind.attach(self.list)
        self.kind.search_with(
            lambda text: [Choice(k, k) for k in instrument_kinds() if k.casefold().startswith(text.strip().casefold())]
        )
        self.kind.entered.connect(self.kind.open_list)
        self.kind.chosen.connect(self._choose)
        self._path = FieldPath(self._order, beyond=self._finish, before=self.backed.emit)
        self._path.join(self.kind, forward=self._complete_kind)
        self._path.join(self.number)
        self._path.join(self.date)
        for field in (self.kind, self.number):
            field.textEdited.connect(lambda _: self.commit())
        self.date.day_changed.connect(lambda _: self.commit())

    def begin(self, fields: InstrumentFields, *, title: str, at_end: bool) -> None:
        """Show the details of an entry and put the keyboard into them."""
        self._fields = fields
        self._form.title.setText(title)
        self._form.note.setText(self.tr("How the money moved. Enter passes over what is not known."))
        self.kind.put(fields.kind or None, fields.kind)
        self.number.setText(fields.number)
        self.date.put(fields.date)
        self._path.begin(at_end=at_end)

    def commit(self) -> None:
        """Take what is typed."""
        self._fields.kind, self._fields.number = self.kind.text().strip(), self.number.text().strip()
        self._fields.date = self.date.day
        self.changed.emit()

    def _choose(self, key: str | None) -> None:
        self.kind.put(key, key or "")
        self.commit()

    def _complete_kind(self) -> bool:
        """`che` is a cheque: the first that begins so is meant."""
        typed, marked = self.kind.text().strip(), self.kind.highlighted()
        if typed and self.kind.key is None and marked is not None:
            self._choose(marked.key)
        self.commit()
        return True

    def _order(self) -> Sequence[QWidget]:
        return [self.kind, self.number, self.date] if self._fields.kind else [self.kind]

    def _finish(self) -> None:
        self.commit()
        self.finished.emit()


class ForeignPanel(QWidget):
    """A line in another currency: amount and rate; what it is worth goes into the line's amount."""

    finished = Signal()
    backed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._voucher: VoucherForm
        self._line: Line
        self.amount = MoneyEdit(self.tr("Foreign amount"), self, self._worked_out)
        self.rate = EntryEdit(self.tr("Rate"), self)
        self._form = _Labelled(self, [(self.tr("Amount"), self.amount), (self.tr("Rate"), self.rate)])
        self._worth = QLabel(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.addWidget(self._form)
        column.addWidget(self._worth)
        column.addStretch(1)
        self._path = FieldPath(lambda: [self.amount, self.rate], beyond=self.finished.emit, before=self.backed.emit)
        self._path.join(self.amount, forward=self._take)
        self._path.join(self.rate, forward=self._take)
        self.amount.textEdited.connect(lambda _: self._take())
        self.rate.textEdited.connect(lambda _: self._take())

    def begin(self, form: VoucherForm, line: Line, code: str, *, title: str, at_end: bool) -> None:
        """Show the foreign side of a line and put the keyboard into it."""
        self._voucher, self._line = form, line
        if line.foreign is None:
            rate = foreign.rate_on(form.chart, code, form.content.date)
            line.foreign = ForeignFields(currency=code, amount=AmountField(), rate=rate)
        fields = line.foreign
        self._form.title.setText(title)
        self._form.note.setText(
            self.tr("In {0}. The rate is {1} for one {0}.").format(fields.currency, form.company.currency)
        )
        self.amount.setText(_typed(fields.amount, currency(fields.currency).exponent))
        self.rate.setText(fields.rate)
        self._show_worth()
        self._path.begin(at_end=at_end)

    def commit(self) -> None:
        """Take what is typed."""
        self._take()

    def _take(self) -> bool:
        fields = self._line.foreign
        assert fields is not None, "the panel is begun before it is shown"
        text = self.amount.text()
        try:
            fields.amount.set(work_out(text, currency(fields.currency).exponent).minor if text.strip() else None)
            fields.rate = work_out_decimal(self.rate.text(), foreign.RATE_DECIMALS_MAX)
        except InvalidInput:
            fields.amount.set(fields.amount.minor, text)
            fields.rate = self.rate.text().strip()
        worth = foreign.base_amount(fields, self._voucher.company.base_currency)
        if worth is not None and fields.amount.minor is not None:
            self._line.amount.set(worth or None)
        self._show_worth()
        self.changed.emit()
        return True

    def _show_worth(self) -> None:
        worth = self._line.amount.minor
        figures = Figures(self._voucher.company)
        code = self._voucher.company.currency
        self._worth.setText(self.tr("= {0} {1}").format(code, figures.plain(worth)) if worth is not None else "")

    def _worked_out(self, text: str) -> str:
        return ""


def _typed(field: AmountField, exponent: int) -> str:
    if field.minor is None:
        return field.text
    sign, digits = ("-", -field.minor) if field.minor < 0 else ("", field.minor)
    whole, part = divmod(digits, 10**exponent)
    return f"{sign}{whole}.{part:0{exponent}d}" if exponent else f"{sign}{whole}"


class LineNarrationPanel(QWidget):
    """A narration of one line."""

    finished = Signal()
    backed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._line: Line
        self.text = EntryEdit(self.tr("Narration of the line"), self)
        self._form = _Labelled(self, [(self.tr("Narration"), self.text)])
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.addWidget(self._form)
        column.addStretch(1)
        self.text.textEdited.connect(lambda _: self.commit())
        self.text.forward.connect(self.finished.emit)
        self.text.backward.connect(self.backed.emit)

    def begin(self, line: Line, *, title: str) -> None:
        """Show the narration of a line and put the keyboard into it."""
        self._line = line
        self._form.title.setText(title)
        self.text.setText(line.narration)
        self.text.setFocus()

    def commit(self) -> None:
        """Take what is typed."""
        self._line.narration = self.text.text().strip()
        self.changed.emit()
