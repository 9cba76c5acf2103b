"""The lines of a voucher as a table: a side, an account with what explains it, an amount in one of two columns."""

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.vouchers.form_content import Line, Side
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures, bill_kind_words, side_words

Index = QModelIndex | QPersistentModelIndex
DETAIL_ROLE = Qt.ItemDataRole.UserRole + 1
PROBLEM_ROLE = Qt.ItemDataRole.UserRole + 2


class Part(StrEnum):
    """The columns."""

    SIDE = "side"
    PARTICULARS = "particulars"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"


SINGLE = (Part.PARTICULARS, Part.AMOUNT)
DOUBLE = (Part.SIDE, Part.PARTICULARS, Part.DEBIT, Part.CREDIT)


class LinesModel(QAbstractTableModel):
    """The lines of one form. The form changes; `refreshed` says so."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.form: VoucherForm | None = None
        self.parts: tuple[Part, ...] = DOUBLE
        self._figures: Figures | None = None
        self._problem_by_line: Mapping[int, str] = {}

    def show(self, form: VoucherForm) -> None:
        """Show another form, or the same one with other lines."""
        self.beginResetModel()
        self.form, self._figures = form, Figures(form.company)
        self.parts = SINGLE if form.is_single else DOUBLE
        self.endResetModel()

    def set_problems(self, problem_by_line: Mapping[int, str]) -> None:
        """Say what is wrong with which line."""
        self._problem_by_line = problem_by_line
        self.refreshed()

    def refreshed(self) -> None:
        """Show the lines as they are now."""
        last = self.index(max(self.rowCount() - 1, 0), len(self.parts) - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() or self.form is None else len(self.form.content.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.parts)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:  # fmt: skip
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.parts):
            return None
        part = self.parts[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_figure = part in (Part.AMOUNT, Part.DEBIT, Part.CREDIT)
            side = Qt.AlignmentFlag.AlignTrailing if is_figure else Qt.AlignmentFlag.AlignLeading
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        words = {
            Part.SIDE: "",
            Part.PARTICULARS: self.tr("Particulars"),
            Part.AMOUNT: self.tr("Amount"),
            Part.DEBIT: self.tr("Debit"),
            Part.CREDIT: self.tr("Credit"),
        }
        return words[part]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or self.form is None:
            return None
        line, part = self.form.content.lines[index.row()], self.parts[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, part)
        if part is Part.PARTICULARS and role == DETAIL_ROLE:
            return self.detail(line)
        if part is Part.PARTICULARS and role == PROBLEM_ROLE:
            return self._problem_by_line.get(index.row(), "")
        if role == Qt.ItemDataRole.TextAlignmentRole and part in (Part.AMOUNT, Part.DEBIT, Part.CREDIT):
            return Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        return None

    def has_second_row(self, at: int) -> bool:
        """Whether something stands below the account's name."""
        assert self.form is not None, "a form is shown"
        return bool(self._problem_by_line.get(at) or self.detail(self.form.content.lines[at]))

    def _text(self, line: Line, part: Part) -> str:
        assert self.form is not None and self._figures is not None, "a form is shown"
        match part:
            case Part.SIDE:
                return side_words(line.side)
            case Part.PARTICULARS:
                account = self.form.chart.accounts.get(line.account) if line.account else None
                return visible(account.name if account else line.account_text)
            case Part.DEBIT if line.side is not Side.DEBIT:
                return ""
            case Part.CREDIT if line.side is not Side.CREDIT:
                return ""
            case _:
                return line.amount.text if line.amount.minor is None else self._figures.plain(line.amount.minor)

    def detail(self, line: Line) -> str:
        """Return what explains a line in one row of small type: bills, cost centres, currency, cheque, narration."""
        assert self.form is not None and self._figures is not None, "a form is shown"
        parts = []
        if line.foreign is not None and line.foreign.amount.value:
            amount = self._figures.foreign(line.foreign.amount.value, line.foreign.currency)
            parts.append(f"{amount} @ {line.foreign.rate}")
        for bill in line.bills:
            if bill.amount.value:
                name = "" if bill.kind is BillKind.ON_ACCOUNT else f" {bill.name}"
                parts.append(f"{bill_kind_words(bill.kind)}{name} {self._figures.plain(bill.amount.value)}")
        for cost in line.costs:
            if cost.centre is not None:
                centre = self.form.chart.cost_centres[cost.centre].name
                parts.append(f"{centre} {self._figures.plain(cost.amount.value)}")
        if line.instrument.kind or line.instrument.number:
            parts.append(f"{line.instrument.kind} {line.instrument.number}".strip())
        if line.narration:
            parts.append(line.narration)
        return visible("   ·   ".join(parts))
