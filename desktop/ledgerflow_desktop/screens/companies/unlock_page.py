"""Opening a company: by this computer's key store where it may, else by passphrase or recovery code."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.companies.opening import open_and_remember
from ledgerflow_desktop.screens.companies.state import wait_seconds
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import Unlock
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.field import Field
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.storage.book import Book

_WRONG = frozenset({"wrong-passphrase", "bad-recovery-code"})


class UnlockPage(Page):
    """Asks for the key. A wrong one costs a wait that grows; nothing is written."""

    def __init__(self, desk: Desk, destination: Unlock) -> None:
        super().__init__(desk)
        self._path = destination.path
        self._wrong_tries = 0
        self._seconds_left = 0
        self._by_code = False
        self._form = FormColumn(visible(self._path.stem), visible(str(self._path)), self, width=440)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        self._build()
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._count_down)
        self.command(Command.ACCEPT, self.accept, self.tr("Open"))
        self._set_busy(True, self.tr("Looking at the company…"))
        path, machine = self._path, desk.machine
        desk.run(self, lambda: (companies.company_name(path), companies.opens_by_itself(path, machine)), self._known,
                 self._unreadable)  # fmt: skip

    def title(self) -> str:
        return self.tr("Open {0}").format(visible(self._path.stem))

    def first_focus(self) -> QWidget:
        return self.key

    def _build(self) -> None:
        self.key = QLineEdit(self._form.body)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.field = Field(self.tr("Passphrase"), self.key, self._form.body)
        self.key.returnPressed.connect(self.accept)
        self._form.watch(self.key)
        self._form.column.addWidget(self.field)
        self.remember = QCheckBox(self.tr("Remember on this computer"), self._form.body)
        self.remember.setToolTip(self.tr("Keeps a key in this computer's own key store"))
        self._form.column.addWidget(self.remember)
        self.unlock_button = self._form.button(self.tr("Open"), primary=True)
        self.unlock_button.clicked.connect(self.accept)
        self.other = self._form.button(self.tr("Use the recovery code"))
        self.other.clicked.connect(self.change_way)
        self._form.row(self.unlock_button, self.other)
        self._said = self._form.label("", "quiet")
        self._form.column.addWidget(self._said)
        self._form.column.addStretch(1)

    def change_way(self) -> None:
        """Ask for the recovery code instead of the passphrase, or back."""
        self._by_code = not self._by_code
        self.key.clear()
        self.key.setEchoMode(QLineEdit.EchoMode.Normal if self._by_code else QLineEdit.EchoMode.Password)
        name = self.tr("Recovery code") if self._by_code else self.tr("Passphrase")
        self.field.rename(name)
        self.other.setText(self.tr("Use the passphrase") if self._by_code else self.tr("Use the recovery code"))
        self.key.setFocus()

    def accept(self) -> None:
        """Try what was typed."""
        typed = self.key.text()
        if not self.unlock_button.isEnabled() or not typed:
            return
        path, machine, by_code = self._path, self.desk.machine, self._by_code
        remember = self.remember.isChecked()

        def opening() -> Book:
            if by_code:
                return companies.open_company(path, machine, recovery_code=typed)
            return companies.open_company(path, machine, passphrase=typed)

        self._set_busy(True, self.tr("Opening…"))
        open_and_remember(self.desk, self, path, opening, self._failed, with_key_store=remember)

    def _known(self, found: tuple[str, bool]) -> None:
        name, opens_by_itself = found
        self._form.retitle(visible(name))
        self._set_busy(False, "")
        if opens_by_itself:
            path, machine = self._path, self.desk.machine
            self._set_busy(True, self.tr("Opening…"))
            open_and_remember(self.desk, self, path, lambda: companies.open_company(path, machine), self._failed)
        self.key.setFocus()

    def _unreadable(self, error: LedgerFlowError) -> None:
        self._set_busy(True, "")
        self.field.show_problem(error_words(error))

    def _failed(self, error: LedgerFlowError) -> None:
        self._set_busy(False, "")
        self.field.show_problem(error_words(error))
        self.key.setFocus()
        self.key.selectAll()
        if error.problems[0].code in _WRONG:
            self._wrong_tries += 1
            self._seconds_left = wait_seconds(self._wrong_tries)
            if self._seconds_left:
                self._tick.start()
                self._show_wait()

    def _count_down(self) -> None:
        self._seconds_left -= 1
        if self._seconds_left <= 0:
            self._tick.stop()
            self._set_busy(False, "")
        else:
            self._show_wait()

    def _show_wait(self) -> None:
        said = self.tr("Wait {0} s before the next try.").format(self._seconds_left)
        self.unlock_button.setEnabled(False)
        self._said.setText(said)

    def _set_busy(self, busy: bool, said: str) -> None:
        self.unlock_button.setEnabled(not busy)
        self.other.setEnabled(not busy)
        self._said.setText(said)
