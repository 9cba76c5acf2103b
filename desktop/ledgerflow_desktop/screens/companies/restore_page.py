"""Bringing a company back from a backup: which file, what it says of itself, where to, and its key."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import backups, companies
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.background import Task
from ledgerflow_desktop.screens.companies.opening import open_and_remember
from ledgerflow_desktop.screens.companies.state import path_for
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import RestoreBackup
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.field import Field
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.settings.preferences import companies_folder
from ledgerflow_desktop.storage.backup import Manifest

_PLACE = frozenset({"company-exists", "read-only", "disk-full"})


class RestorePage(Page):
    """Never overwrites: a company that stands where this one would go is named, and another folder asked for."""

    def __init__(self, desk: Desk, _destination: RestoreBackup) -> None:
        super().__init__(desk)
        self._file: Path | None = None
        self._name = ""
        self._form = FormColumn(
            self.tr("Restore from a backup"),
            self.tr("The backup opens with the passphrase or recovery code the company had when it was made."),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        self._build()
        self.command(Command.ACCEPT, self.accept, self.tr("Restore"))

    def title(self) -> str:
        return self.tr("Restore")

    def first_focus(self) -> QWidget:
        return self.choose

    def _build(self) -> None:
        form = self._form
        self.choose = form.button(self.tr("Choose a backup…"))
        self.choose.clicked.connect(self._ask_file)
        form.row(self.choose)
        self._says = form.label(self.tr("No backup chosen yet."), "quiet")
        form.column.addWidget(self._says)
        self.folder = Field(self.tr("Kept in the folder"), QLineEdit(str(companies_folder()), form.body), form.body)
        self.key = Field(self.tr("Passphrase or recovery code"), QLineEdit(form.body), form.body)
        for field in (self.folder, self.key):
            form.column.addWidget(field)
        self._line(self.key).setEchoMode(QLineEdit.EchoMode.Password)
        self._line(self.key).returnPressed.connect(self.accept)
        form.watch(self.folder.editor, self.key.editor)
        self.restore = form.button(self.tr("Restore"), primary=True)
        self.restore.setEnabled(False)
        self.restore.clicked.connect(self.accept)
        form.row(self.restore)
        self._bar = QProgressBar(form.body)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.hide()
        form.column.addWidget(self._bar)
        form.column.addStretch(1)

    @staticmethod
    def _line(field: Field) -> QLineEdit:
        assert isinstance(field.editor, QLineEdit), "a line is typed here"
        return field.editor

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Backup to restore"), "", self.tr("Backups (*.lfbackup)"))
        dialog.fileSelected.connect(lambda name: self.look_at(Path(name)))
        dialog.open()

    def look_at(self, file: Path) -> None:
        """Show what a backup says of itself."""
        self._file = file
        self.desk.run(self, lambda: backups.contents(file), self._describe, self._unreadable)

    def _describe(self, manifest: Manifest) -> None:
        self._name = manifest.name
        said = self.tr("{0}, made {1}, {2} vouchers")
        when = manifest.made[:16].replace("T", " ") + " UTC"
        self._says.setText(said.format(visible(manifest.name), visible(when), f"{manifest.vouchers:,}"))
        self.restore.setEnabled(True)
        self.key.editor.setFocus()

    def _unreadable(self, error: LedgerFlowError) -> None:
        self._says.setText(error_words(error))
        self.restore.setEnabled(False)

    def accept(self) -> None:
        """Restore, then open what was restored."""
        file, typed, machine = self._file, self._line(self.key).text(), self.desk.machine
        if file is None or not typed or not self.restore.isEnabled():
            return
        into = path_for(self._line(self.folder).text(), self._name)
        is_code = companies.looks_like_a_recovery_code(typed)
        secret = {"recovery_code": typed} if is_code else {"passphrase": typed}
        self._set_busy(True)

        def act(task: Task) -> Path:
            return backups.restore(file, into, machine, progress=task.progress, **secret).value.folder  # type: ignore[arg-type]  # one of two keys

        self.desk.background.run_long(self, act, lambda folder: self._restored(folder, secret), self._failed)

    def _restored(self, folder: Path, secret: dict[str, str]) -> None:
        machine = self.desk.machine
        open_and_remember(
            self.desk,
            self,
            folder,
            lambda: companies.open_company(folder, machine, **secret),  # type: ignore[arg-type]
            self._failed,
        )

    def _failed(self, error: LedgerFlowError) -> None:
        self._set_busy(False)
        field = self.folder if error.problems[0].code in _PLACE else self.key
        field.show_problem(error_words(error))
        field.editor.setFocus()

    def _set_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self.restore.setEnabled(not busy)
