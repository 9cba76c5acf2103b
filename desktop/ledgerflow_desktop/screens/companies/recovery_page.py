"""The recovery code of a new company: shown once, to be kept on paper before work begins."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.companies.opening import open_and_remember
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import KeepRecoveryCode
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.form import FormColumn


class RecoveryPage(Page):
    """Copy, print, confirm; then the company opens. Esc does not throw the code away."""

    def __init__(self, desk: Desk, destination: KeepRecoveryCode) -> None:
        super().__init__(desk)
        self._kept = destination
        self._form = FormColumn(
            self.tr("Keep this recovery code"),
            self.tr(
                "It opens {0} if the passphrase is forgotten. It is shown this once and stored nowhere: "
                "write it down or print it, and keep it away from this computer."
            ).format(visible(destination.path.stem)),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        self._build()
        self.command(Command.ACCEPT, self.accept, self.tr("Open the company"))

    def title(self) -> str:
        return self.tr("Recovery code")

    def first_focus(self) -> QWidget:
        return self.confirm

    @property
    def is_held(self) -> bool:
        """Leaving would lose the only sight of the code."""
        return True

    def escape(self) -> bool:
        """Stay, and say how to go on."""
        self._said.setText(self.tr("Tick that you have kept the code, then go on."))
        return True

    def _build(self) -> None:
        column = self._form.column
        card = QFrame(self._form.body)
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(SPACE.section, SPACE.section, SPACE.section, SPACE.section)
        code = QLabel(_in_lines(self._kept.code), card)
        code.setProperty("role", "code")
        code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        code.setAccessibleName(self.tr("Recovery code"))
        inside.addWidget(code)
        column.addWidget(card)
        copy, paper = self._form.button(self.tr("Copy")), self._form.button(self.tr("Print"))
        copy.clicked.connect(self._copy)
        paper.clicked.connect(self._print)
        self._form.row(copy, paper)
        self._said = self._form.label("", "quiet")
        column.addWidget(self._said)
        column.addWidget(
            self._form.label(
                self.tr("With neither the passphrase nor this code the books are gone. Nobody can open them then."),
                "banner-warning",
            )
        )
        self.confirm = QCheckBox(self.tr("I have written the code down or printed it"), self._form.body)
        column.addWidget(self.confirm)
        self.go_on = self._form.button(self.tr("Open the company"), primary=True)
        self.go_on.setEnabled(False)
        self.confirm.toggled.connect(self.go_on.setEnabled)
        self.go_on.clicked.connect(self.accept)
        self._form.row(self.go_on)
        column.addStretch(1)
        self._form.enter_moves_on(self.confirm, self.go_on)

    def accept(self) -> None:
        """Open the company, once the code is said to be kept."""
        if not self.confirm.isChecked():
            self.escape()
            return
        self.go_on.setEnabled(False)
        path, passphrase, machine = self._kept.path, self._kept.passphrase, self.desk.machine
        open_and_remember(
            self.desk,
            self,
            path,
            lambda: companies.open_company(path, machine, passphrase=passphrase),
            self._failed,
        )

    def _failed(self, error: LedgerFlowError) -> None:
        self.go_on.setEnabled(True)
        self._said.setText(error_words(error))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._kept.code)
        self._said.setText(self.tr("Copied. Paste it where you keep such things, then copy something else."))

    def _print(self) -> None:
        printer = QPrinter()
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._paper().print_(printer))
        dialog.show()

    def _paper(self) -> QTextDocument:
        document = QTextDocument(self)
        title = self.tr("Recovery code of {0}").format(visible(self._kept.path.stem))
        document.setPlainText(f"{title}\n\n{_in_lines(self._kept.code)}\n\n{self.tr('Keep this paper safe.')}")
        return document


def _in_lines(code: str) -> str:
    """Set the groups of a code in lines short enough to be copied by hand."""
    groups = code.split("-")
    half = (len(groups) + 1) // 2
    return "\n".join("-".join(part) for part in (groups[:half], groups[half:]) if part)
