"""Opening a company from a server: its address, a code from there, where it is kept and the key it gets here."""

import platform
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import joining
from ledgerflow_desktop.actions.joining import Joined
from ledgerflow_desktop.actions.outcome import Outcome
from ledgerflow_desktop.screens.companies.state import field_of_joining, path_for, problems_of_joining
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import KeepRecoveryCode, OpenFromServer
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words, problem_words
from ledgerflow_desktop.screens.widgets.field import Field
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.settings.preferences import companies_folder


class JoinPage(Page):
    """Makes the company here with the beginning of its books; the rest comes while it is open already.

    Cut off anywhere, the same code and passphrase go on where it stopped.
    """

    def __init__(self, desk: Desk, _destination: OpenFromServer) -> None:
        super().__init__(desk)
        self.fields: dict[str, Field] = {}
        self._form = form = FormColumn(
            self.tr("Open a company from a server"),
            self.tr(
                "Whoever looks after the server gives you its address and a code for one use. The books come to this "
                "computer, encrypted; you can work as soon as the first of them are here. If the line breaks, the same "
                "code and passphrase go on, within an hour."
            ),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(form)
        self._build()
        self.command(Command.ACCEPT, self.accept, self.tr("Open"))

    def title(self) -> str:
        return self.tr("From a server")

    def first_focus(self) -> QWidget:
        return self.fields["url"].editor

    def _build(self) -> None:
        form = self._form
        self._line("url", self.tr("Address of the server")).setPlaceholderText("https://books.example.com:8443")
        self._line("code", self.tr("Enrolment code")).setPlaceholderText("XXXX-XXXX-XXXX-XXXX.XXXX-XXXX-XXXX-XXXX")
        for name in ("url", "code"):
            form.column.addWidget(self.fields[name])
        self._line("name", self.tr("Name on this computer"), hint=self.tr("Its folder is called so"))
        self._line("folder", self.tr("Kept in the folder")).setText(str(companies_folder()))
        form.fields(self.fields["name"], self.fields["folder"])
        form.column.addSpacing(SPACE.medium)
        form.column.addWidget(form.label(self.tr("The key to your books on this computer"), "section"))
        for name, words in (("passphrase", self.tr("Passphrase")), ("again", self.tr("Passphrase again"))):
            self._line(name, words).setEchoMode(QLineEdit.EchoMode.Password)
        form.fields(self.fields["passphrase"], self.fields["again"])
        self.open_button = form.button(self.tr("Open"), primary=True)
        self.open_button.clicked.connect(self.accept)
        form.row(self.open_button)
        self._bar = QProgressBar(form.body)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.hide()
        form.column.addWidget(self._bar)
        form.column.addStretch(1)
        editors = [field.editor for field in self.fields.values()]
        form.watch(*editors)
        form.enter_moves_on(*editors)
        last = editors[-1]
        assert isinstance(last, QLineEdit)
        last.returnPressed.connect(self.accept)

    def _line(self, name: str, words: str, *, hint: str = "") -> QLineEdit:
        editor = QLineEdit(self._form.body)
        self.fields[name] = Field(words, editor, self._form.body, hint=hint)
        return editor

    def text(self, name: str) -> str:
        """Return what stands in a field."""
        editor = self.fields[name].editor
        assert isinstance(editor, QLineEdit), "lines are typed here"
        return editor.text()

    def accept(self) -> None:
        """Fetch the company; every field that cannot be right is named first."""
        if not self.open_button.isEnabled():
            return
        problems = problems_of_joining(
            *(self.text(name) for name in ("url", "code", "name", "folder", "passphrase", "again"))
        )
        for problem in reversed(problems):
            self.fields[problem.place].show_problem(problem_words(problem))
            self.fields[problem.place].editor.setFocus()
        if problems:
            return
        into, machine = path_for(self.text("folder"), self.text("name")), self.desk.machine
        url, code, passphrase = self.text("url"), self.text("code"), self.text("passphrase")
        self._set_busy(True)
        self.desk.network.run(
            self,
            lambda: joining.join(into, url, code, passphrase, platform.node(), machine),
            lambda outcome: self._joined(outcome, passphrase),
            self._failed,
        )

    def _joined(self, outcome: Outcome[Joined], passphrase: str) -> None:
        self._set_busy(False)
        made = outcome.value
        self.replace_requested.emit(KeepRecoveryCode(Path(made.folder), made.recovery_code, passphrase))

    def _failed(self, error: LedgerFlowError) -> None:
        self._set_busy(False)
        field = self.fields[field_of_joining(error.problems[0].code)]
        field.show_problem(error_words(error))
        field.editor.setFocus()

    def _set_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self.open_button.setEnabled(not busy)
