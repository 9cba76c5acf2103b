"""Both versions of something parked, side by side, and the decision: keep, apply, or put right."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.sync.resolution import Decision, Kind
from ledgerflow_desktop.actions import conflict_list, conflicts, resolving
from ledgerflow_desktop.actions import conflict_words as words
from ledgerflow_desktop.actions.conflict_list import Opened
from ledgerflow_desktop.actions.conflict_words import Money
from ledgerflow_desktop.actions.outcome import Outcome
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.conflicts import state
from ledgerflow_desktop.screens.conflicts.comparison import Comparison
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import CorrectVoucher, DecideConflict
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.line.words import iso_words
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.field import Field
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.storage.book import Book

_WIDTH = 920


class SidesPage(Page):
    """Shown once it is read; the keys work from then on."""

    def __init__(self, desk: Desk, destination: DecideConflict) -> None:
        super().__init__(desk)
        self._conflict = destination.conflict
        self._opened: Opened | None = None
        self._is_saving = False
        self._form = form = FormColumn(self.tr("Decide what stands"), "", self, width=_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(form)
        self._about, self._why = form.label("", ""), form.label("", "banner-warning")
        self.comparison = Comparison(form.body)
        self.reason = QLineEdit(self)
        self.field = Field(self.tr("Reason"), self.reason, self, hint=self.tr("Stays on record with the decision"))
        self.keep, self.apply, self.correct = self._buttons()
        form.column.addWidget(self._about)
        form.column.addWidget(self._why)
        form.column.addWidget(self.comparison)
        form.column.addStretch(1)
        outer.addWidget(self._foot())
        form.watch(self.reason)
        self.command(Command.KEEP_STANDING, lambda: self._decide("kept"))
        self.command(Command.APPLY_PARKED, lambda: self._decide("applied"))
        self._correcting = self.command(Command.CORRECT_PARKED, self._correct)
        self._set_enabled(False)
        desk.work(self, lambda book: conflict_list.opened(book, self._conflict), self._show, self._gone)

    def title(self) -> str:
        return self.tr("Both versions")

    def first_focus(self) -> QWidget:
        return self.keep if self.keep.isEnabled() else self

    def _foot(self) -> QFrame:
        """Return what the decision is made with: it stands still while long versions scroll."""
        foot = QFrame(self)
        foot.setProperty("role", "status")
        row = QHBoxLayout(foot)
        row.setContentsMargins(SPACE.page, SPACE.large, SPACE.page, SPACE.small)
        row.setSpacing(SPACE.large)
        row.addWidget(self.field, 1)
        for button in (self.keep, self.apply, self.correct):
            row.addWidget(button)
        return foot

    def _buttons(self) -> tuple[QPushButton, QPushButton, QPushButton]:
        words = (self.tr("Keep what stands"), self.tr("Apply what is parked"), self.tr("Correct it…"))
        commands = (Command.KEEP_STANDING, Command.APPLY_PARKED, Command.CORRECT_PARKED)
        keep, apply, correct = (
            self._form.button(f"{said}  ({self.desk.keys.hint(command)})")
            for said, command in zip(words, commands, strict=True)
        )
        keep.clicked.connect(lambda: self._decide("kept"))
        apply.clicked.connect(lambda: self._decide("applied"))
        correct.clicked.connect(self._correct)
        return keep, apply, correct

    # --- what is shown --------------------------------------------------------------------------

    def _show(self, opened: Opened) -> None:
        self._opened = opened
        one, sides, money = opened.listed, opened.sides, Money(self.desk.open_company)
        self._form.retitle(words.headline(one))
        authors = self._authors(opened)
        self._about.setText("\n".join(part for part in (words.about(one, money), authors) if part))
        why = words.why(one)
        if sides.rival is not None:
            why += " " + self.tr("{0} of {1} has it.").format(
                visible(sides.rival.number), money.plain(sides.rival.debit_total)
            )
        if state.is_about_a_lock(one):
            why += " " + self.tr("Applying it opens the period for it and locks it again behind it.")
        self._why.setText(why)
        stands = self.tr("Stands now") if sides.stands is not None or sides.parked is None else self.tr("Nothing yet")
        self.comparison.fields(words.field_lines(sides, self.desk.open_chart, money), stands, self.tr("Parked"))
        self.comparison.money(self.tr("Effect on accounts"), words.money_lines(sides.effects, money, tax=False))
        self.comparison.money(self.tr("Effect on tax accounts"), words.money_lines(sides.effects, money, tax=True))
        self._set_enabled(self.desk.is_writable)
        if self.isVisible():
            self.keep.setFocus()

    def _authors(self, opened: Opened) -> str:
        """Return who entered what is parked, and who what stands."""
        parked, stands, machine = opened.parked_by, opened.stands_by, self.desk.machine
        said = self.tr("Entered by {0} at {1}, arrived {2}.").format(
            words.where_words(parked.office),
            iso_words(parked.at, machine),
            iso_words(opened.listed.at, machine),
        )
        if stands is None:
            return said
        standing = self.tr("What stands was entered by {0} at {1}.").format(
            words.where_words(stands.office), iso_words(stands.at, machine)
        )
        return f"{said} {standing}"

    def _gone(self, error: LedgerFlowError) -> None:
        self._why.setText(error_words(error))

    def _set_enabled(self, enabled: bool) -> None:
        can_correct = enabled and self._opened is not None and state.may_be_corrected(self._opened.sides)
        self.keep.setEnabled(enabled)
        self.apply.setEnabled(enabled)
        self.correct.setEnabled(can_correct)
        self._correcting.setEnabled(can_correct)
        self.reason.setEnabled(enabled)

    # --- the decision ---------------------------------------------------------------------------

    def _decide(self, kind: Kind) -> None:
        opened = self._opened
        if opened is None or self._is_saving or not self.keep.isEnabled():
            return
        reason = self.reason.text().strip()
        opens_a_lock = kind == "applied" and state.is_about_a_lock(opened.listed)
        if opens_a_lock and not reason:
            self.field.show_problem(self.tr("Say why the period is opened for it."))
            self.reason.setFocus()
            return
        decision = Decision(kind=kind, reopen=reason if opens_a_lock else "", reason=reason)
        self._is_saving = True
        self.desk.work(self, lambda book: self._resolved(book, decision), lambda _: self.close_with(), self._refused)

    def _resolved(self, book: Book, decision: Decision) -> Outcome[None]:
        return resolving.resolve(book, conflicts.find(book, self._conflict), decision)

    def _refused(self, error: LedgerFlowError) -> None:
        self._is_saving = False
        self.field.show_problem(error_words(error))

    def _correct(self) -> None:
        if self._opened is not None and self.correct.isEnabled() and not self._is_saving:
            self.replace_requested.emit(CorrectVoucher(self._conflict))
