"""Backing the open company up into one encrypted file, read back before it counts."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QProgressBar, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import backups
from ledgerflow_desktop.actions.outcome import Outcome
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import BackUp
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.form import FormColumn


class BackupPage(Page):
    """Beside the books, or where the user says: another disk survives this one."""

    def __init__(self, desk: Desk, _destination: BackUp) -> None:
        super().__init__(desk)
        self._form = form = FormColumn(
            self.tr("Back up"),
            self.tr(
                "One encrypted file that opens with the same passphrase or recovery code. It is read back before it "
                "counts. A backup on this disk helps against mistakes; only one on another disk survives this one."
            ),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(form)
        self.choose = form.button(self.tr("Back up to another folder…"), primary=True)
        self.choose.clicked.connect(self._ask_folder)
        self.here = form.button(self.tr("Back up beside the books"))
        self.here.clicked.connect(lambda: self.back_up(None))
        form.row(self.choose, self.here)
        self._bar = QProgressBar(form.body)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.hide()
        self.said = form.label("", "strong")
        form.column.addWidget(self._bar)
        form.column.addWidget(self.said)
        form.column.addStretch(1)

    def title(self) -> str:
        return self.tr("Back up")

    def first_focus(self) -> QWidget:
        return self.choose

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder for the backup"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.back_up(Path(name)))
        dialog.open()

    def back_up(self, folder: Path | None) -> None:
        """Write a backup into a folder; None for the company's own."""
        self._set_busy(True)
        self.said.clear()
        self.desk.work_long(
            self,
            lambda book, task: backups.back_up(book, folder, progress=task.progress),
            self._done,
            self._failed,
        )

    def _done(self, outcome: Outcome[Path]) -> None:
        self._set_busy(False)
        self.said.setText(self.tr("Backed up and read back: {0}").format(visible(str(outcome.value))))

    def _failed(self, error: LedgerFlowError) -> None:
        self._set_busy(False)
        self.said.setText(error_words(error))

    def _set_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self.choose.setEnabled(not busy)
        self.here.setEnabled(not busy)
