"""Connecting the open company to a server: its address and a code from there; what is wrong is said beside either."""

import platform

from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import enrolling
from ledgerflow_desktop.actions.enrolling import Answered
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import ConnectServer, ShowSync
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.sync.state import is_about_address
from ledgerflow_desktop.screens.widgets.field import Field
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.sync_client.enrolment import Candidate


class ConnectPage(Page):
    """Cut off anywhere, the same code may be given again."""

    def __init__(self, desk: Desk, destination: ConnectServer) -> None:
        super().__init__(desk)
        self._again = destination.again
        self._form = form = FormColumn(
            self.tr("Connect to a server"),
            self.tr(
                "From then on this company is kept in step with the same company in other offices. Everything entered "
                "so far is sent. Whoever looks after the server gives you its address and a code for one use."
            ),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(form)
        self.address, self.code = QLineEdit(form.body), QLineEdit(form.body)
        self.address.setPlaceholderText("https://books.example.com:8443")
        self.code.setPlaceholderText("XXXX-XXXX-XXXX-XXXX.XXXX-XXXX-XXXX-XXXX")
        self.address_field = Field(self.tr("Address of the server"), self.address, form.body)
        self.code_field = Field(self.tr("Enrolment code"), self.code, form.body)
        for field in (self.address_field, self.code_field):
            form.column.addWidget(field)
        self.connect_button = form.button(self.tr("Connect"), primary=True)
        self.connect_button.clicked.connect(self.accept)
        form.row(self.connect_button)
        self._bar = QProgressBar(form.body)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.hide()
        form.column.addWidget(self._bar)
        form.column.addStretch(1)
        known = desk.line.state.known
        if known is not None:
            self.address.setText(known.server)
        form.watch(self.address, self.code)
        form.enter_moves_on(self.address, self.code)
        self.code.returnPressed.connect(self.accept)
        self.command(Command.ACCEPT, self.accept, self.tr("Connect"))

    def title(self) -> str:
        return self.tr("Connect to a server")

    def first_focus(self) -> QWidget:
        return self.address

    def accept(self) -> None:
        """Enrol the open company."""
        if not self.connect_button.isEnabled():
            return
        address, code, name, again = self.address.text(), self.code.text(), platform.node(), self._again
        self._set_busy(True)
        self.desk.work(
            self,
            lambda book: enrolling.candidate_of(book, name, again=again),
            lambda candidate: self._ask(address, code, candidate),
            self._failed,
        )

    def _ask(self, address: str, code: str, candidate: Candidate) -> None:
        """Ask the server, off the worker: an address where nobody answers keeps nobody from posting."""
        self.desk.network.run(self, lambda: enrolling.ask(address, code, candidate), self._keep, self._failed)

    def _keep(self, answered: Answered) -> None:
        self.desk.work(self, lambda book: enrolling.keep(book, answered), lambda _: self._done(), self._failed)

    def _done(self) -> None:
        self._set_busy(False)
        self.desk.take_up_line()
        self.replace_requested.emit(ShowSync())

    def _failed(self, error: LedgerFlowError) -> None:
        self._set_busy(False)
        about_address = is_about_address(error.problems[0].code)
        field = self.address_field if about_address else self.code_field
        field.show_problem(error_words(error))
        field.editor.setFocus()

    def _set_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self.connect_button.setEnabled(not busy)
