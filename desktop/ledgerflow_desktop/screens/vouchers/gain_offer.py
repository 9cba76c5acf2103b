"""Offers the entries that book a gain or loss of exchange, once a line settles a foreign balance."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.vouchers.cursor import Cursor
from ledgerflow_desktop.screens.vouchers.errands import Errands
from ledgerflow_desktop.screens.vouchers.field_order import Field, FieldKind
from ledgerflow_desktop.screens.vouchers.foreign import exchange_account, gain_lines, realised_by
from ledgerflow_desktop.screens.vouchers.sheet import Sheet
from ledgerflow_desktop.screens.vouchers.words import Figures


class GainOffer(QObject):
    """Looks at each line the keyboard leaves; offers once per line, and never books by itself."""

    def __init__(self, sheet: Sheet, cursor: Cursor, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._sheet, self._cursor, self._errands = sheet, cursor, errands
        self._left_line = -1
        self._offered: set[int] = set()
        cursor.moved.connect(self._moved)

    def reset(self) -> None:
        """Begin anew: another voucher is shown."""
        self._left_line = -1
        self._offered.clear()

    def _moved(self) -> None:
        left, self._left_line = self._left_line, self._cursor.field.line
        if left >= 0 and left != self._left_line and left not in self._offered:
            self._consider(left)

    def _consider(self, at: int) -> None:
        form = self._cursor.form
        if at >= len(form.content.lines):
            return
        line = form.content.lines[at]
        if line.foreign is None or line.account is None:
            return
        without = form.content.id if form.content.base else ""
        carried = self._errands.foreign_balance(line.account, line.foreign.currency, form.content.date, without=without)
        gain = realised_by(line, carried) if carried is not None else None
        if gain is None:
            return
        self._offered.add(at)
        name = visible(form.chart.accounts[line.account].name)
        amount = f"{form.company.currency} {Figures(form.company).plain(abs(gain))}"
        gained, lost = self.tr("Settling {0} realises a gain of {1}."), self.tr("Settling {0} realises a loss of {1}.")
        words = gained if gain < 0 else lost
        self._sheet.banner.offer(
            words.format(name, amount),
            self.tr("&Enter it"),
            self.tr("&No"),
            on_take=lambda: self._enter(at, gain),
            on_drop=lambda: None,
        )

    def _enter(self, at: int, gain: int) -> None:
        form = self._cursor.form
        self._cursor.commit()
        side = form.first_side() if form.is_single else None
        made = gain_lines(form.content.lines[at], gain, exchange_account(form.chart), single=side)
        form.content.lines[at + 1 : at + 1] = made
        self._cursor.show_lines()
        unknown = made[1].account is None
        last = len(form.content.lines) - 1
        self._cursor.go(Field(FieldKind.ACCOUNT, at + 2 if unknown else last))
        self._cursor.typed.emit()
