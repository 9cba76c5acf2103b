"""Where the keyboard is in a voucher: moves it field by field, and takes what was typed into the form."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.money.words import amount_in_words
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.vouchers.account_names import account_choices
from ledgerflow_desktop.screens.vouchers.bills import BillSheet, less_taken, pending_bills
from ledgerflow_desktop.screens.vouchers.errands import Errands
from ledgerflow_desktop.screens.vouchers.field_order import Field, FieldKind
from ledgerflow_desktop.screens.vouchers.form_content import Side, from_draft
from ledgerflow_desktop.screens.vouchers.sheet import Sheet
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.screens.widgets.choice_list import Choice
from ledgerflow_desktop.screens.widgets.key_hold import KeyHold

_K = FieldKind
_UNDO_MAX = 200


class Cursor(QObject):
    """The keyboard's place. `field` is where it stands; Enter, Backspace and the mouse move it."""

    typed = Signal()  # something in the form is other than before
    moved = Signal()
    held_back = Signal(str, str)  # place and code of a problem that keeps the keyboard in its field

    def __init__(self, sheet: Sheet, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self.sheet, self._errands = sheet, errands
        self.form: VoucherForm
        self.field = Field(_K.DATE)
        self.hold = KeyHold(parent)
        self._history: list[tuple[bytes, Field]] = []
        self._awaited: tuple[Field, bool] | None = None
        self._is_moving = False
        self._widgets: Mapping[FieldKind, QWidget] = {
            _K.DATE: sheet.date,
            _K.NUMBER: sheet.number,
            _K.REFERENCE: sheet.reference,
            _K.REFERENCE_DATE: sheet.reference_date,
            _K.TOP_ACCOUNT: sheet.top,
            _K.SIDE: sheet.table.side,
            _K.ACCOUNT: sheet.table.account,
            _K.AMOUNT: sheet.table.amount,
            _K.NARRATION: sheet.narration,
            _K.ACCEPT: sheet.accept,
        }
        self._connect()

    def _connect(self) -> None:
        sheet = self.sheet
        for kind, widget in self._widgets.items():
            if kind is not _K.ACCEPT:
                widget.forward.connect(self.forward)  # type: ignore[attr-defined]  # every field of entry has these
            widget.backward.connect(self.back)  # type: ignore[attr-defined]
            widget.entered.connect(lambda kind=kind: self._arrived(kind))  # type: ignore[attr-defined]
            if hasattr(widget, "undo_wanted"):
                widget.undo_wanted.connect(self.undo)
        for panel in sheet.beside.panels:
            panel.finished.connect(self.forward)
            panel.backed.connect(self.back)
            panel.changed.connect(self._panel_changed)
        for picker in (sheet.top, sheet.table.account):
            picker.attach(sheet.beside.choices.list)
        sheet.top.search_with(lambda text: self._accounts(text, _K.TOP_ACCOUNT))
        sheet.table.account.search_with(lambda text: self._accounts(text, _K.ACCOUNT))
        sheet.top.chosen.connect(self._choose_top)
        sheet.table.account.chosen.connect(self._choose_account)
        sheet.table.side.side_chosen.connect(self._choose_side)
        sheet.table.amount.textEdited.connect(self._amount_typed)
        sheet.table.cell_chosen.connect(self._cell_chosen)
        sheet.date.day_changed.connect(self._date_changed)
        sheet.reference_date.day_changed.connect(self._reference_date_changed)
        sheet.number.textEdited.connect(lambda text: self._text_typed("number", text))
        sheet.reference.textEdited.connect(lambda text: self._text_typed("reference", text))
        sheet.narration.textChanged.connect(self._narration_typed)
        self._errands.bills_arrived.connect(self._bills_arrived)

    # --- moving ---------------------------------------------------------------------------------

    def show_form(self, form: VoucherForm, field: Field | None = None) -> None:
        """Show a form and stand in its first field, or in the one given."""
        self.form = form
        self._history = []
        self._awaited = None
        self._show(field or form.first_field())

    def _show(self, field: Field) -> None:
        self._is_moving = True
        self.sheet.show_form(self.form)
        self._is_moving = False
        self.go(field)

    def widget(self) -> QWidget:
        """Return the widget the keyboard stands in, for fields that are one."""
        return self._widgets.get(self.field.kind, self.sheet.table.amount)

    def go(self, field: Field, *, at_end: bool = False) -> None:
        """Put the keyboard into a field; `at_end`: coming back, so into the last part of a panel."""
        self._remember()
        self.field = field
        widget = self._widgets.get(field.kind)
        # What vanishes here gives the keyboard to anything: that is no move of a person.
        self._is_moving = True
        self.sheet.table.take_line(field.line)
        if widget is not None:
            self._open_beside(field)
        self._is_moving = False
        if widget is None:
            self._begin_panel(field, at_end=at_end)
        elif widget.hasFocus():
            self._arrived(field.kind)  # the same field of another line
        else:
            widget.setFocus()
        self.moved.emit()

    def forward(self) -> None:
        """Go on: Enter."""
        self.commit()
        if (held := self._held_back()) is not None:
            self.held_back.emit(*held)
            return
        self._book_prepare()
        lines = len(self.form.content.lines)
        following = self.form.next_field(self.field)
        if following.kind is _K.NARRATION:
            self._drop_empty_lines()
        if len(self.form.content.lines) != lines:
            self.show_lines()
        self.go(following)

    def back(self) -> None:
        """Go back: Backspace in an empty field, Shift+Tab."""
        self.commit()
        before = self.form.field_before(self.field)
        if before != self.field:
            self.go(before, at_end=True)

    def to_line(self, step: int) -> bool:
        """Go to the same field of the line above or below; below the last a line is added."""
        if self.field.line < 0:
            return False
        self.commit()
        at = self.field.line + step
        if at < 0:
            return False
        if at >= len(self.form.content.lines):
            if self.form.content.lines[-1].is_empty:
                return False
            self.form.add_line()
            self.show_lines()
            self.go(Field(_K.ACCOUNT, at))
        else:
            self.go(Field(self.field.kind if self.field.kind in self._widgets else _K.ACCOUNT, at))
        return True

    def remove_line(self) -> None:
        """Take out the line at hand."""
        at = self.field.line
        if at >= 0:
            self._remember()
            self.form.remove_line(at)
            self.show_lines()
            self.go(Field(_K.ACCOUNT, min(at, len(self.form.content.lines) - 1)))
            self._changed()

    def show_lines(self) -> None:
        """Show lines that came or went; a field that vanishes gives the keyboard away, which moves nothing."""
        self._is_moving = True
        self.sheet.table.show_lines()
        self._is_moving = False

    def insert_line(self) -> None:
        """Add an empty line before the line at hand."""
        if self.field.line >= 0:
            self.commit()
            at = self.form.add_line(self.field.line)
            self.show_lines()
            self.go(Field(_K.ACCOUNT, at))

    def undo(self) -> None:
        """Go back to how the form was before the last field was left."""
        while self._history and self._history[-1][0] == self.form.snapshot():
            self._history.pop()
        if self._history:
            raw, field = self._history.pop()
            content = from_draft(raw)
            if content is not None:
                self.form.content = content
                self._show(field if field.line < len(content.lines) else self.form.first_field())
                self._changed()

    def refresh_list(self) -> None:
        """Show the list beside with what is known now, when nothing was typed into its field yet."""
        for picker in (self.sheet.top, self.sheet.table.account):
            if picker.hasFocus() and not picker.isModified():
                picker.open_list()

    def _remember(self) -> None:
        now = self.form.snapshot()
        if not self._history or self._history[-1][0] != now:
            self._history.append((now, self.field))
            del self._history[:-_UNDO_MAX]

    def _arrived(self, kind: FieldKind) -> None:
        """The keyboard came to a field, also by the mouse."""
        if self._is_moving:
            return
        line = self.sheet.table.line if kind in (_K.SIDE, _K.ACCOUNT, _K.AMOUNT) else -1
        if self.field.kind is not kind or self.field.line != line:
            self.commit()
            self.field = Field(kind, line)
            self._open_beside(self.field)
        if kind is _K.TOP_ACCOUNT:
            self.sheet.top.open_list()
        elif kind is _K.ACCOUNT:
            self.sheet.table.account.open_list()
        elif kind is _K.AMOUNT:
            self._propose_amount()

    def _cell_chosen(self, line: int, part: str) -> None:
        kinds = {"side": _K.SIDE, "particulars": _K.ACCOUNT}
        self.commit()
        self.go(Field(kinds.get(part, _K.AMOUNT), line))

    def _held_back(self) -> tuple[str, str] | None:
        """Return why Enter does not lead on from here: an account or amount is missing."""
        content, at = self.form.content, self.field.line
        match self.field.kind:
            case _K.TOP_ACCOUNT if content.account is None:
                return "account", "account-not-found" if content.account_text.strip() else "account-missing"
            case _K.ACCOUNT if content.lines[at].account is None:
                ends = content.lines[at].is_empty and (self.form.is_single or self.form.is_balanced())
                if ends and any(not line.is_empty for line in content.lines):
                    return None
                missing = not content.lines[at].account_text.strip()
                return f"lines[{at}].account", "account-missing" if missing else "account-not-found"
            case _K.AMOUNT if not content.lines[at].amount.value:
                typed = content.lines[at].amount.text.strip()
                return f"lines[{at}].amount", "amount-not-understood" if typed else "amount-missing"
            case _:
                return None

    def _drop_empty_lines(self) -> None:
        lines = self.form.content.lines
        while len(lines) > 1 and lines[-1].is_empty:
            lines.pop()

    # --- beside ---------------------------------------------------------------------------------

    def _open_beside(self, field: Field) -> None:
        beside = self.sheet.beside
        if field.kind in (_K.TOP_ACCOUNT, _K.ACCOUNT):
            money = field.kind is _K.TOP_ACCOUNT
            beside.choices.title.setText(self.tr("Cash and bank accounts") if money else self.tr("Ledger accounts"))
            beside.choices.hint.setText(self.tr("Alt+C: create   ·   Ctrl+Enter: alter"))
            beside.choices.empty.setText(self.tr("No ledger account is called so. Alt+C creates it."))
            beside.bring(beside.choices)
            return
        line = self.form.content.lines[field.line] if field.line >= 0 else None
        account = self.form.chart.accounts.get(line.account) if line and line.account else None
        if line is not None and account is not None:
            beside.facts.show_facts(visible(account.name), self._standing(account, line.signed))
        elif field.kind is _K.DATE:
            beside.facts.show_facts(self.tr("Date"), self.tr("5, 5-4, 5-4-26, yesterday, +1"))
        elif field.kind is _K.NARRATION:
            beside.facts.show_facts(
                self.tr("Narration"),
                self.tr("Ctrl+R repeats the last one. Shift+Enter begins a line. Ctrl+A accepts from anywhere."),
            )
        elif field.kind is _K.ACCEPT:
            company = self.form.company
            total = self.form.totals().debit
            words = amount_in_words(total, company.base_currency, indian=company.groups_digits_indian) if total else ""
            beside.facts.show_facts(self.tr("Accept?"), f"{words}\n\n{self.tr('Enter posts it, Shift+Tab goes back.')}")
        else:
            beside.facts.show_facts("", "")
        beside.bring(beside.facts)

    def _standing(self, account: Account, moved: int) -> str:
        figures = Figures(self.form.company)
        now = self._errands.balances.get(account.id, 0)
        path = " › ".join(visible(name) for name in self.form.chart.path_of(account.id))
        facts = [path, "", self.tr("Balance {0}").format(figures.signed(now))]
        if moved and not self.form.is_alteration:
            facts.append(self.tr("Then {0}").format(figures.signed(now + moved)))
        return "\n".join(facts)

    def _begin_panel(self, field: Field, *, at_end: bool) -> None:
        beside, content = self.sheet.beside, self.form.content
        if field.kind is _K.TOP_INSTRUMENT:
            account = self.form.chart.accounts.get(content.account) if content.account else None
            self.bring(beside.instrument)
            beside.instrument.begin(
                content.account_instrument, title=visible(account.name) if account else "", at_end=at_end
            )
            return
        line = content.lines[field.line]
        account = self.form.chart.accounts.get(line.account) if line.account else None
        if account is None:
            self.go(Field(_K.ACCOUNT, field.line))
            return
        title = f"{visible(account.name)}   {Figures(self.form.company).signed(line.signed)}"
        match field.kind:
            case _K.BILLS:
                self._begin_bills(field, account, title, at_end=at_end)
            case _K.COSTS:
                self.bring(beside.costs)
                beside.costs.begin(self.form, line, title=title, at_end=at_end)
            case _K.INSTRUMENT:
                self.bring(beside.instrument)
                beside.instrument.begin(line.instrument, title=title, at_end=at_end)
            case _K.FOREIGN:
                code = line.foreign.currency if line.foreign else account.currency or ""
                self._errands.foreign_balance(
                    account.id, code, content.date, without=content.id if content.base else ""
                )  # fmt: skip
                self.bring(beside.foreign)
                beside.foreign.begin(self.form, line, code, title=visible(account.name), at_end=at_end)
            case _K.LINE_NARRATION:
                self.bring(beside.narration)
                beside.narration.begin(line, title=title)
            case _:
                raise AssertionError(f"no panel for {field.kind}")

    def bring(self, panel: QWidget) -> None:
        """Show a panel beside the voucher; its `begin` takes the keyboard there."""
        self._is_moving = True
        self.sheet.beside.bring(panel)
        self._is_moving = False

    def _begin_bills(self, field: Field, account: Account, title: str, *, at_end: bool) -> None:
        content = self.form.content
        movements = self._errands.bills_of(account.id, content.date)
        if movements is None:
            self._awaited = (field, at_end)
            self.hold.begin()
            return
        pending = pending_bills(account, movements, without=content.id if content.base else "")
        line = content.lines[field.line]
        others = [other for other in content.lines if other is not line and other.account == account.id]
        sheet = BillSheet(
            line, less_taken(pending, others), nature=self.form.type.nature, account=account, day=content.date
        )  # fmt: skip
        beside = self.sheet.beside
        self.bring(beside.bills)
        beside.bills.begin(self.form, sheet, title=title, at_end=at_end)

    def _bills_arrived(self, account: AccountId) -> None:
        if self._awaited is not None:
            (field, at_end), self._awaited = self._awaited, None
            if field == self.field:
                self._begin_panel(field, at_end=at_end)
            self.hold.release()

    def _book_prepare(self) -> None:
        """Ask for the bills of a party while its amount is being typed."""
        if self.field.kind is _K.ACCOUNT:
            account = self.form.chart.accounts.get(self.form.content.lines[self.field.line].account or "")
            if account is not None and account.bill_by_bill:
                self._errands.bills_of(account.id, self.form.content.date)

    # --- what is typed --------------------------------------------------------------------------

    def commit(self) -> None:
        """Take what stands in the field at hand into the form."""
        if self._is_moving:
            return
        table, at, kind = self.sheet.table, self.field.line, self.field.kind
        beside = self.sheet.beside
        match kind:
            case _K.DATE:
                self.sheet.date.understand()
            case _K.REFERENCE_DATE:
                self.sheet.reference_date.understand()
            case _K.TOP_ACCOUNT if self.sheet.top.key is None:
                found = self.form.chart.account_named(self.sheet.top.text())
                self.form.set_top_account(found.id if found else None, self.sheet.top.text())
            case _K.ACCOUNT if table.account.key is None and at < len(self.form.content.lines):
                found = self.form.chart.account_named(table.account.text())
                self.form.set_account(at, found.id if found else None, table.account.text())
            case _K.AMOUNT if at < len(self.form.content.lines):
                if table.amount.text() != self.form.amount_text(self.form.content.lines[at].amount) or (
                    self.form.content.lines[at].amount.value < 0
                ):
                    self.form.set_line_amount(at, table.amount.text())
            case _K.BILLS if beside.front is beside.bills:
                beside.bills.commit()
            case _K.COSTS if beside.front is beside.costs:
                beside.costs.commit()
            case _K.INSTRUMENT | _K.TOP_INSTRUMENT if beside.front is beside.instrument:
                beside.instrument.commit()
            case _K.FOREIGN if beside.front is beside.foreign:
                beside.foreign.commit()
            case _K.LINE_NARRATION if beside.front is beside.narration:
                beside.narration.commit()
            case _:
                pass
        self._changed()

    def _changed(self) -> None:
        self.sheet.table.refresh()
        self.sheet.show_totals()
        self.typed.emit()

    def _panel_changed(self) -> None:
        if not self._is_moving:
            if self.field.kind is _K.FOREIGN:
                self.sheet.table.fill_fields()
            self._changed()

    def _accounts(self, text: str, kind: FieldKind) -> list[Choice]:
        form = self.form
        money = kind is _K.TOP_ACCOUNT or (form.type.nature.value == "contra")
        figures = Figures(form.company)
        return list(account_choices(text, form.chart, self._errands.balances, figures, money_only=money))

    def _choose_top(self, key: str | None) -> None:
        account = self.form.chart.accounts.get(key) if key else None
        self.form.set_top_account(account.id if account else None, self.sheet.top.text())
        if account is not None:
            self.sheet.top.put(account.id, account.name)
        self._changed()
        if account is None and self.sheet.top.text().strip():
            self.held_back.emit("account", "account-not-found")

    def _choose_account(self, key: str | None) -> None:
        at, picker = self.field.line, self.sheet.table.account
        if not 0 <= at < len(self.form.content.lines):
            return
        account = self.form.chart.accounts.get(key) if key else None
        self.form.set_account(at, account.id if account else None, picker.text())
        if account is not None:
            picker.put(account.id, account.name)
        self._changed()
        if account is None and picker.text().strip():
            self.held_back.emit(f"lines[{at}].account", "account-not-found")

    def _choose_side(self, side: Side) -> None:
        if self.field.line >= 0:
            self.form.set_side(self.field.line, side)
            self.sheet.table.side.put(side)
            self._changed()

    def _amount_typed(self, text: str) -> None:
        if self.field.line >= 0 and not any(c.isalpha() for c in text):
            self.form.set_amount(self.form.content.lines[self.field.line].amount, text)
            self._changed()
            self._open_beside(self.field)

    def _propose_amount(self) -> None:
        at = self.field.line
        proposed = self.form.proposed_amount(at)
        if proposed is not None:
            self.form.content.lines[at].amount.set(proposed)
            self.sheet.table.amount.setText(self.form.amount_text(self.form.content.lines[at].amount))
            self.sheet.table.amount.selectAll()
            self._changed()

    def _date_changed(self, day: object) -> None:
        if not self._is_moving and day is not None:
            self.form.content.date = day  # type: ignore[assignment]  # a date, as the field says
            self._errands.forget_bills()
            self._errands.look_around(self.form)
            self.sheet.show_head()
            self._changed()

    def _reference_date_changed(self, day: object) -> None:
        if not self._is_moving:
            self.form.content.reference_date = day  # type: ignore[assignment]  # a date or None, as the field says
            self._changed()

    def _text_typed(self, name: str, text: str) -> None:
        setattr(self.form.content, name, text)
        self._changed()

    def _narration_typed(self) -> None:
        if not self._is_moving:
            self.form.content.narration = self.sheet.narration.toPlainText()
            self.typed.emit()
