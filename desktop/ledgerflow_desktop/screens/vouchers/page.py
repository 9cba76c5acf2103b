"""The voucher page: a new voucher, or one of the books to look at and alter; every step has a key."""

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ledgerflow_core.errors import InvalidInput, LedgerFlowError, Problem
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import CorrectVoucher, EnterVoucher, OpenVoucher
from ledgerflow_desktop.screens.entry_fields.day_text import read_day
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.vouchers.account_maker import AccountMaker
from ledgerflow_desktop.screens.vouchers.correcting import CorrectingErrands
from ledgerflow_desktop.screens.vouchers.cursor import Cursor
from ledgerflow_desktop.screens.vouchers.errands import Errands, Opened
from ledgerflow_desktop.screens.vouchers.field_order import Field, FieldKind
from ledgerflow_desktop.screens.vouchers.form_content import FormContent, Mode
from ledgerflow_desktop.screens.vouchers.gain_offer import GainOffer
from ledgerflow_desktop.screens.vouchers.problem_marks import field_of, show_problems
from ledgerflow_desktop.screens.vouchers.saved_voucher import SavedVoucher, differ_in_files_alone, why_read_only
from ledgerflow_desktop.screens.vouchers.sheet import Sheet
from ledgerflow_desktop.screens.vouchers.state import VoucherForm, form_of, new_form, repeated
from ledgerflow_desktop.screens.vouchers.unfinished import unfinished_words
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.storage.writing import StoredVoucher


class VoucherPage(Page):
    """One voucher at a time: a new one, one of the books, or one that is parked, to put it right."""

    def __init__(self, desk: Desk, destination: EnterVoucher | OpenVoucher | CorrectVoucher) -> None:
        super().__init__(desk)
        self._destination = destination
        self._stored: StoredVoucher | None = None
        self._mode: Mode | None = None
        self._problems_shown: list[Problem] = []
        self._is_saving = False
        self._title_shown = ""
        self.form: VoucherForm | None = None
        self.sheet = Sheet(self, desk.look, worked_out=self._worked_out, read_day=self._read_day)
        if isinstance(destination, CorrectVoucher):
            self.errands: Errands = CorrectingErrands(desk, destination.conflict, self)
        else:
            self.errands = Errands(desk, self)
        self.caret = Cursor(self.sheet, self.errands, self)
        self._maker = AccountMaker(desk, self.sheet, self.caret, self.errands, self)
        self._gain_offer = GainOffer(self.sheet, self.caret, self.errands, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sheet)
        self._make_commands()
        self._saved = SavedVoucher(desk, self, self._has_change, self.sheet.problem.setText)
        self.sheet.accept.clicked.connect(self.accept)
        self.caret.typed.connect(self._typed)
        self.caret.moved.connect(self._show_top_balance)
        self.caret.held_back.connect(self._hold_back)
        self.errands.surroundings_changed.connect(self._show_surroundings)
        self.errands.prepare_names()
        if isinstance(destination, EnterVoucher):
            self._begin(self._fresh(destination, self._working_day()))
            assert self.form is not None, "a new voucher is begun at once"
            self.errands.find_drafts(self.form, self._offer_drafts)
        elif isinstance(self.errands, CorrectingErrands):
            self.errands.open_parked(self._show_parked)
        elif isinstance(destination, OpenVoucher):
            self.errands.open(destination.voucher, self._show_opened)

    def _make_commands(self) -> None:
        command = self.command
        command(Command.ACCEPT, self.accept)
        command(Command.DATE, lambda: self._go(Field(FieldKind.DATE)))
        command(Command.CREATE_MASTER, self._maker.create)
        command(Command.ALTER_MASTER, self._maker.alter)
        command(Command.CHANGE_MODE, self._change_mode)
        command(Command.REPEAT_NARRATION, self._repeat_narration)
        command(Command.REPEAT_VOUCHER, self._repeat_voucher)
        command(Command.OPTIONAL, lambda: self._toggle(VoucherState.OPTIONAL))
        command(Command.POST_DATED, lambda: self._toggle(VoucherState.POST_DATED))
        command(Command.INSERT_LINE, self._insert_line)
        command(Command.REMOVE_LINE, self.caret.remove_line)
        command(Command.NARRATE_LINE, self._narrate_line)
        command(Command.OLDEST_BILLS, self._fill_oldest_bills)
        command(Command.CANCEL_VOUCHER, self._ask_to_cancel)
        command(Command.PREVIOUS_VOUCHER, lambda: self._turn(later=False))
        command(Command.NEXT_VOUCHER, lambda: self._turn(later=True))

    # --- the contract of a page -----------------------------------------------------------------

    def title(self) -> str:
        if self.form is None:
            return self.tr("Voucher")
        name = visible(self.form.type.name)
        return f"{name} {visible(self.form.content.number)}" if self.form.is_alteration else name

    def first_focus(self) -> QWidget:
        return self.caret.widget() if self.form is not None else self

    def returned(self, result: object) -> None:
        if isinstance(result, Voucher):
            self._saved.means(result)

    def shown(self) -> None:
        if self._stored is not None and self._saved.came_back():
            self.errands.open(self._stored.voucher.id, self._show_with_files)

    def refresh(self, changed: Changed) -> None:
        if self.form is None or self.desk.chart is None:
            return
        if Changed.MASTERS in changed:
            self.form.chart = self.desk.open_chart
            self.errands.prepare_names()
        if changed & (Changed.MASTERS | Changed.VOUCHERS | Changed.LOCKS):
            self.errands.forget_bills()
            self.errands.look_around(self.form)

    def escape(self) -> bool:
        """Take one step back: out of the account being made, out of a panel, or out of what was typed in a list."""
        if self.form is None or self._maker.leave():
            return self.form is not None
        field = self.caret.field
        if field.kind in (FieldKind.BILLS, FieldKind.COSTS, FieldKind.INSTRUMENT, FieldKind.LINE_NARRATION):
            self.caret.commit()
            self.caret.go(Field(FieldKind.AMOUNT, field.line))
            return True
        if field.kind in (FieldKind.FOREIGN, FieldKind.TOP_INSTRUMENT):
            at_top = field.kind is FieldKind.TOP_INSTRUMENT
            self.caret.go(Field(FieldKind.TOP_ACCOUNT) if at_top else Field(FieldKind.ACCOUNT, field.line))
            return True
        return False

    def leave(self) -> None:
        if self.form is not None and self.desk.company is not None:
            self.caret.commit()
            self.errands.keep_draft()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if not step or event.modifiers() or self.form is None or not self.caret.to_line(step):
            super().keyPressEvent(event)

    # --- forms ----------------------------------------------------------------------------------

    def _working_day(self) -> date:
        """Return the day vouchers are dated: today, or the nearest day of the period that is worked on."""
        period = self.desk.open_period
        return min(max(self.desk.machine.today(), period.first), period.last)

    def _fresh(self, destination: EnterVoucher, day: date) -> VoucherForm:
        return new_form(
            destination.voucher_type,
            day,
            VoucherId(self.desk.machine.identifiers().new()),
            company=self.desk.open_company,
            chart=self.desk.open_chart,
            mode=self._mode,
        )

    def _begin(self, form: VoucherForm) -> None:
        self.form = form
        self._problems_shown = []
        self.sheet.problem.setText("")
        self.errands.watch(form)
        self.errands.look_around(form)
        self.caret.show_form(form)
        show_problems([], self.sheet, form)
        self.sheet.accept.setText(self.tr("Accept") if not form.is_alteration else self.tr("Accept change"))
        self._gain_offer.reset()
        if self._title_shown != self.title():
            self._title_shown = self.title()
            self.title_changed.emit()

    def _show_opened(self, opened: Opened) -> None:
        had_focus = self.isVisible()
        self._stored = opened.stored
        self._saved.means(opened.stored.voucher)
        company, chart = self.desk.open_company, self.desk.open_chart
        form = form_of(opened.stored.voucher, base=opened.stored.version_hash, company=company, chart=chart)
        self._begin(form)
        read_only = why_read_only(opened.stored.voucher, is_writable=self.desk.is_writable)
        self.sheet.set_read_only(bool(read_only))
        self.sheet.problem.setText(read_only)
        if had_focus:
            self.caret.widget().setFocus()
        if opened.begun is not None and not read_only:
            self._offer_change(opened.begun)

    def _show_with_files(self, opened: Opened) -> None:
        """Show what came of the files; what was typed since the page came back stays, on the version with them."""
        shown, now = self._stored, opened.stored
        if shown is None or self.form is None or shown.voucher.id != now.voucher.id:
            return  # another is shown by now
        if not self._has_change():
            self._show_opened(opened)
        elif differ_in_files_alone(shown.voucher, now.voucher):
            self._stored = now
            self._saved.means(now.voucher)
            self.form.stand_on(now.voucher, now.version_hash)

    def _show_parked(self, stored: StoredVoucher | None, parked: Voucher) -> None:
        company, chart = self.desk.open_company, self.desk.open_chart
        if stored is not None:
            self._show_opened(Opened(stored, None))
        form = form_of(parked, base=stored.version_hash if stored else "", company=company, chart=chart)
        if stored is not None:
            self._continue_change(form.content)
        else:
            self._begin(form)
        self.sheet.message.setText(self.tr("Put it right and accept it: that decides what stands."))

    # --- accepting ------------------------------------------------------------------------------

    def accept(self) -> None:
        """Post the voucher, or the change to it; every problem is shown when there are any."""
        form = self.form
        if form is None or self._is_saving or not self.sheet.accept.isEnabled():
            return
        if self._maker.is_open:
            self._maker.save()
            return
        self.caret.commit()
        if form.is_alteration and not form.is_touched:
            self.close_with(form.content.id)
            return
        problems = form.problems()
        self._show(problems)
        if problems:
            self._go_to_first(problems)
            return
        self._is_saving = True
        self.caret.hold.begin()
        voucher = form.build().voucher
        if self._stored is not None and form.is_alteration:
            self.errands.alter(self._stored, voucher, self._altered, self._refused)
        else:
            is_parked = isinstance(self.errands, CorrectingErrands)
            self.errands.post(voucher, self._altered if is_parked else self._posted, self._refused)

    def _posted(self, voucher: Voucher) -> None:
        assert self.form is not None, "a voucher was being entered"
        self._is_saving = False
        kind = visible(self.form.type.name)
        self.sheet.message.setText(self.tr("Saved here · {0} {1}").format(kind, visible(voucher.number)))
        self._saved.means(voucher)
        self._mode, top = self.form.content.mode, self.form.content.account
        fresh = self._fresh(EnterVoucher(voucher.type), voucher.date)
        if fresh.is_single:
            # Mostly the next one goes through the same bank: Enter keeps it, typing replaces it.
            fresh.set_top_account(top)
            fresh.touched_from_now()
        self._begin(fresh)
        self.caret.hold.release()

    def _altered(self, voucher: Voucher) -> None:
        self._is_saving = False
        assert self.form is not None, "a voucher was being altered"
        self.form.touched_from_now()
        self.errands.watch(self.form)
        self.caret.hold.release()
        self.close_with(voucher)

    def _refused(self, error: LedgerFlowError) -> None:
        """Show why nothing was saved; what was typed stands as it was."""
        self._is_saving = False
        assert self.form is not None, "a voucher was being saved"
        self.caret.hold.release()
        if isinstance(error, InvalidInput):
            if (
                locked := [p.facts.get("locked_until") for p in error.problems if p.code == "period-locked"]
            ) and locked[0]:
                self.form.locked_until = date.fromisoformat(str(locked[0]))
            built = self.form.build()
            self._show([self.form.placed(problem, built) for problem in error.problems])
        else:
            self._show(list(error.problems))

    def _show(self, problems: list[Problem]) -> None:
        assert self.form is not None, "a voucher is shown"
        self._problems_shown = problems
        if problems:
            self.sheet.message.setText("")
        show_problems(problems, self.sheet, self.form)

    def _go_to_first(self, problems: list[Problem]) -> None:
        assert self.form is not None, "a voucher is shown"
        target = next((field for problem in problems if (field := field_of(problem.place, self.form))), None)
        if target is not None:
            self.caret.go(target)

    def _hold_back(self, place: str, code: str) -> None:
        """Enter stays in a field: say why, there alone."""
        assert self.form is not None, "a voucher is shown"
        given = self.sheet.table.account.text() if place.endswith("account") else self.sheet.table.amount.text()
        if place == "account":
            given = self.sheet.top.text()
        self._show([Problem(code, place, {"given": given[:60]})])

    def _typed(self) -> None:
        self.errands.typed()
        if self._problems_shown and self.form is not None and not self._is_saving:
            # What was complained of and is right now is no longer complained of; nothing new is said.
            still = {(problem.code, problem.place) for problem in self.form.problems()}
            kept = [problem for problem in self._problems_shown if (problem.code, problem.place) in still]
            if len(kept) < len(self._problems_shown):
                self._problems_shown = kept
                show_problems(kept, self.sheet, self.form)

    # --- commands -------------------------------------------------------------------------------

    def _go(self, field: Field) -> None:
        if self.form is not None:
            self.caret.commit()
            self.caret.go(field)

    def _change_mode(self) -> None:
        if self.form is None:
            return
        self.caret.commit()
        if self.form.change_mode():
            self.caret.show_form(self.form)
            self._typed()
        elif self.form.may_be_single:
            self.sheet.problem.setText(
                self.tr("Only a voucher with one cash or bank account on its side can have it on top.")
            )

    def _toggle(self, state: VoucherState) -> None:
        if self.form is not None and self.form.content.state is not VoucherState.CANCELLED:
            self.form.toggle_state(state)
            self.sheet.show_head()
            self._typed()

    def _insert_line(self) -> None:
        if self.form is not None:
            self.caret.insert_line()

    def _fill_oldest_bills(self) -> None:
        if self.form is not None and self.caret.field.kind is FieldKind.BILLS:
            self.sheet.beside.bills.fill_oldest_first()

    def _narrate_line(self) -> None:
        field = self.caret.field
        if self.form is not None and field.line >= 0 and self.form.content.lines[field.line].account is not None:
            self._go(Field(FieldKind.LINE_NARRATION, field.line))

    def _repeat_narration(self) -> None:
        if self.form is not None:
            self.errands.last_voucher(self.form, self._take_narration)

    def _take_narration(self, last: Voucher | None) -> None:
        if last is not None and self.form is not None:
            self._go(Field(FieldKind.NARRATION))
            self.sheet.narration.put(last.narration)

    def _repeat_voucher(self) -> None:
        """A new voucher like the one that is shown, or like the last of its type."""
        if self.form is None:
            return
        if self.form.is_alteration and self._stored is not None:
            self.errands.keep_draft()
            self._take_repeated(self._stored.voucher)
        else:
            self.errands.last_voucher(self.form, self._take_repeated)

    def _take_repeated(self, voucher: Voucher | None) -> None:
        if voucher is None or self.form is None:
            return
        self.errands.keep_draft()
        day = self._working_day() if self.form.is_alteration else self.form.content.date
        voucher_id = VoucherId(self.desk.machine.identifiers().new())
        made = repeated(voucher, day, voucher_id, company=self.desk.open_company, chart=self.desk.open_chart)
        self._stored = None
        self._saved.means(None)
        self.sheet.set_read_only(False)
        self._begin(made)
        self._typed()

    def _ask_to_cancel(self) -> None:
        """Cancelling keeps the number and moves nothing any more: it is asked about, on the page itself."""
        if self._stored is None or self.form is None or not self.sheet.accept.isEnabled():
            return
        self.sheet.banner.offer(
            self.tr("Cancel {0}? It keeps its number and moves nothing any more.").format(self.title()),
            self.tr("&Yes, cancel it"),
            self.tr("&No"),
            on_take=self._cancel,
            on_drop=lambda: None,
        )

    def _cancel(self) -> None:
        stored = self._stored
        if stored is not None and not self._is_saving:
            self._is_saving = True
            self.errands.cancel(stored, lambda: self._altered(stored.voucher), self._refused)

    def _has_change(self) -> bool:
        """Take in what is being typed; return whether a change to a voucher of the books was begun."""
        if self.form is None:
            return False
        self.caret.commit()
        return self.form.is_alteration and self.form.is_touched

    def _turn(self, *, later: bool) -> None:
        """Go to the voucher before or after; from a new voucher back to the last of its type."""
        if self.form is None:
            return
        self.caret.commit()
        self.errands.keep_draft()
        if self._stored is not None:
            self.errands.neighbour(self._stored.voucher.id, later, self._turned)
        elif not later:
            self.errands.last_voucher(self.form, lambda last: self.open(OpenVoucher(last.id)) if last else None)

    def _turned(self, found: VoucherId | None) -> None:
        if found is not None:
            self.errands.open(found, self._show_opened)

    # --- drafts ---------------------------------------------------------------------------------

    def _offer_drafts(self, found: list[FormContent]) -> None:
        if not found or self.form is None or self._stored is not None:
            return
        content, rest = found[0], found[1:]
        draft = VoucherForm(content, company=self.form.company, chart=self.form.chart)
        self.sheet.banner.offer(
            unfinished_words(draft, more=len(rest)),
            self.tr("Co&ntinue it"),
            self.tr("&Drop it"),
            on_take=lambda: self._continue(content),
            on_drop=lambda: self._drop_draft(content, rest),
        )

    def _drop_draft(self, content: FormContent, rest: list[FormContent]) -> None:
        self.errands.discard_draft(content.id)
        self._offer_drafts(rest)

    def _continue(self, content: FormContent) -> None:
        self.errands.keep_draft()
        form = VoucherForm(content, company=self.desk.open_company, chart=self.desk.open_chart)
        self._begin(form)

    def _offer_change(self, begun: FormContent) -> None:
        self.sheet.banner.offer(
            self.tr("A change to this voucher was begun and not accepted."),
            self.tr("Co&ntinue it"),
            self.tr("&Drop it"),
            on_take=lambda: self._continue_change(begun),
            on_drop=lambda: self.errands.discard_draft(begun.id),
        )

    def _continue_change(self, begun: FormContent) -> None:
        assert self._stored is not None, "a voucher of the books is shown"
        begun.base = self._stored.version_hash
        before = self._stored.voucher
        company, chart = self.desk.open_company, self.desk.open_chart
        untouched = form_of(before, base=begun.base, company=company, chart=chart)
        form = VoucherForm(begun, company=company, chart=chart, before=before)
        form.touched_since(untouched)
        self._begin(form)

    # --- what is shown --------------------------------------------------------------------------

    def _show_surroundings(self) -> None:
        if self.form is None:
            return
        around, form = self.errands.surroundings, self.form
        form.locked_until = around.locked_until
        number = form.content.number if form.is_alteration else around.number
        self.sheet.number_to_come.setText(visible(number))
        self._show_top_balance()
        self.caret.refresh_list()

    def _show_top_balance(self) -> None:
        form, words = self.form, ""
        if form is not None and form.is_single and form.content.account is not None:
            balance = self.errands.balances.get(form.content.account, 0)
            words = self.tr("Balance {0}").format(Figures(form.company).signed(balance))
        self.sheet.show_top_facts(words)

    def _worked_out(self, text: str) -> str:
        """Return what a text comes to, for beside the digits; empty where it says nothing new."""
        worked = self.form.worked_out(text) if self.form is not None and text.strip() else None
        if worked is None or self.form is None or not (worked.was_sum or worked.was_rounded):
            return ""
        return f"= {Figures(self.form.company).plain(worked.minor)}"

    def _read_day(self, text: str) -> date:
        current = self.form.content.date if self.form is not None else self.desk.machine.today()
        year = self.desk.open_company.financial_year
        words = {self.tr("today"): 0, self.tr("yesterday"): -1, self.tr("tomorrow"): 1}
        return read_day(text, current=current, today=self.desk.machine.today(), year=year, words=words)
