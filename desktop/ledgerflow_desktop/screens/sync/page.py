"""The Sync page: the truth about the line, what waits, what was the matter lately, and what is to be decided."""

from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from ledgerflow_desktop.phrases.trouble import trouble_text
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import ConnectServer, ShowConflicts, ShowSync
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.line.words import (
    TONES,
    entries_words,
    iso_words,
    reason_words,
    status_words,
    time_words,
    to_come,
    waiting_words,
)
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.sync.state import needs_code, server_name
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.screens.widgets.menu_line import MenuLine


class SyncPage(Page):
    """Shows `Desk.line` as it is now; nothing here is asked of the book."""

    def __init__(self, desk: Desk, _destination: ShowSync) -> None:
        super().__init__(desk)
        self._form = form = FormColumn(
            self.tr("Sync"),
            self.tr("Vouchers are saved on this computer first. Sync sends them and brings what others entered."),
            self,
            width=640,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(form)
        self.word, self.reason = form.label("", "title"), form.label("", "quiet")
        form.column.addWidget(self.word)
        form.column.addWidget(self.reason)
        form.column.addSpacing(SPACE.medium)
        self._facts: list[QLabel] = []
        form.column.addLayout(self._fact_grid())
        form.column.addSpacing(SPACE.medium)
        self.sync_now = form.button(self.tr("Sync now"), primary=True)
        self.sync_now.clicked.connect(desk.line.wake)
        self.enrol_again = form.button(self.tr("Enter a new code"))
        self.enrol_again.clicked.connect(lambda: self.open(ConnectServer(again=True)))
        form.row(self.sync_now, self.enrol_again)
        self._add_cutting()
        form.column.addSpacing(SPACE.large)
        form.column.addWidget(form.label(self.tr("To decide"), "section"))
        self.conflicts = MenuLine(self.tr("See both versions and decide"), "D", form.body)
        self.conflicts.clicked.connect(lambda: self.open(ShowConflicts()))
        self.nothing = form.label(self.tr("Nothing waits for a decision."), "quiet")
        form.column.addWidget(self.conflicts)
        form.column.addWidget(self.nothing)
        form.column.addSpacing(SPACE.large)
        form.column.addWidget(form.label(self.tr("Lately"), "section"))
        self.troubles = form.label("", "quiet")
        form.column.addWidget(self.troubles)
        form.column.addStretch(1)
        self.command(Command.ACCEPT, desk.line.wake, self.tr("Sync now"))
        self.command(Command.DECIDE, lambda: self.open(ShowConflicts()))
        desk.line.changed.connect(self._show)
        self._show()

    def title(self) -> str:
        return self.tr("Sync")

    def first_focus(self) -> QWidget:
        return self.conflicts if self.desk.line.state.conflicts else self.sync_now

    def _fact_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.section)
        grid.setVerticalSpacing(SPACE.small)
        grid.setColumnStretch(1, 1)
        names = (
            self.tr("Server"), self.tr("This device"), self.tr("Last sync"), self.tr("To send"), self.tr("To come"),
            self.tr("Log held"),
        )  # fmt: skip
        for at, name in enumerate(names):
            said, value = QLabel(name, self._form.body), QLabel(self._form.body)
            said.setProperty("role", "quiet")
            value.setAccessibleName(name)
            value.setWordWrap(True)
            grid.addWidget(said, at, 0)
            grid.addWidget(value, at, 1)
            self._facts.append(value)
        return grid

    def _add_cutting(self) -> None:
        """Offer to cut the line, where it is one made for trying things out."""
        self.cut: QCheckBox | None = None
        line = self.desk.trial_line
        if line is None:
            return
        self.cut = QCheckBox(self.tr("Cut the line to the server"), self._form.body)
        self.cut.setToolTip(self.tr("Only here: this program started the server beside it, to try things out"))
        self.cut.setChecked(line.is_cut)
        self.cut.toggled.connect(self._cut)
        self._form.column.addWidget(self.cut)

    def _cut(self, cut: bool) -> None:
        line = self.desk.trial_line
        assert line is not None, "there is one to cut"
        line.cut() if cut else line.mend()
        self.desk.line.wake()

    def _show(self) -> None:
        state, machine = self.desk.line.state, self.desk.machine
        known = state.known
        if known is None:
            return
        self.word.setText(status_words(state.status))
        self.word.setProperty("tone", TONES[state.status])
        self.word.style().unpolish(self.word)
        self.word.style().polish(self.word)
        reason = reason_words(state)
        if state.next_at is not None and state.trouble:
            reason += " " + self.tr("Next attempt at {0}.").format(time_words(state.next_at, machine))
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.enrol_again.setVisible(needs_code(state.trouble))
        series = self.tr("number series {0}").format(visible(known.tag)) if known.tag else ""
        number = self.tr("device {0}").format(known.device[:8])
        device = " · ".join(part for part in (visible(machine.user_name), series, number) if part)
        texts = (
            visible(server_name(known.server)),
            device,
            iso_words(known.last_sync, machine) or self.tr("Not yet"),
            waiting_words(state.pending, known.files_to_send),
            waiting_words(to_come(state), known.files_to_come),
            entries_words(known.log_size),
        )
        for label, text in zip(self._facts, texts, strict=True):
            label.setText(text)
        if self.cut is not None and self.desk.trial_line is not None:
            self.cut.setChecked(self.desk.trial_line.is_cut)  # the other office's window may have done it
        self.conflicts.setVisible(state.conflicts > 0)
        self.conflicts.rename(self.tr("{0} to decide: see both versions").format(f"{state.conflicts:,}"))
        self.nothing.setVisible(not state.conflicts)
        lines = [f"{time_words(one.at, machine)}   {trouble_text(one.code)}" for one in state.troubles]
        self.troubles.setText("\n".join(lines) or self.tr("No trouble since the company was opened."))
