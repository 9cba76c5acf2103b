"""Bringing books in: choose files, see the proof of what would happen, then let it happen."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import importing
from ledgerflow_desktop.actions.outcome import Outcome
from ledgerflow_desktop.interchange.proof import Proof
from ledgerflow_desktop.phrases.remarks import remark_text
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.background import Task
from ledgerflow_desktop.screens.companies.import_state import difference_lines, proof_lines
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import ImportFiles
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import problem_words
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.storage.book import Book

_PROBLEMS_SHOWN = 12


class ImportPage(Page):
    """Files, then a dry run with its proof, then the import. Cancelling leaves the books as they were."""

    def __init__(self, desk: Desk, _destination: ImportFiles) -> None:
        super().__init__(desk)
        self._paths: list[Path] = []
        self._task: Task | None = None
        self._form = FormColumn(
            self.tr("Import files"),
            self.tr(
                "From Tally (XML), GnuCash, hledger or LedgerFlow. First nothing is written: you see what would come "
                "in and whether it adds up. The same file twice changes nothing."
            ),
            self,
            width=680,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        self._build()
        self.command(Command.ACCEPT, self.accept, self.tr("Import"))

    def title(self) -> str:
        return self.tr("Import files")

    def first_focus(self) -> QWidget:
        return self.choose

    def leave(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def escape(self) -> bool:
        if self._task is not None:
            self.cancel()
            return True
        return False

    def _build(self) -> None:
        form = self._form
        self.choose = form.button(self.tr("Choose files…"), primary=True)
        self.choose.clicked.connect(self._ask_files)
        self._files = form.label(self.tr("No file chosen yet."), "quiet")
        form.row(self.choose)
        form.column.addWidget(self._files)
        self._bar = QProgressBar(form.body)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._stop = form.button(self.tr("Cancel"))
        self._stop.clicked.connect(self.cancel)
        form.column.addWidget(self._bar)
        form.row(self._stop)
        self._verdict = form.label("", "strong")
        form.column.addWidget(self._verdict)
        self._card = QFrame(form.body)
        self._card.setProperty("role", "card")
        self._proof = QGridLayout(self._card)
        self._proof.setContentsMargins(SPACE.wide, SPACE.wide, SPACE.wide, SPACE.wide)
        self._proof.setHorizontalSpacing(SPACE.section)
        self._proof.setColumnStretch(0, 1)
        form.column.addWidget(self._card)
        self.take = form.button(self.tr("Import"), primary=True)
        self.take.clicked.connect(self.accept)
        form.row(self.take)
        form.column.addStretch(1)
        for widget in (self._bar, self._stop, self._verdict, self._card, self.take):
            widget.hide()

    def _ask_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Files to import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.check([Path(name) for name in names]))
        dialog.open()

    def check(self, paths: Sequence[Path]) -> None:
        """Show what importing these files would do."""
        self._paths = list(paths)
        self._files.setText(visible(", ".join(path.name for path in paths)))
        self._run(dry_run=True)

    def accept(self) -> None:
        """Import what was checked."""
        if self.take.isVisibleTo(self) and self._task is None:
            self._run(dry_run=False)

    def cancel(self) -> None:
        """Stop what is running; the books stay as they were."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._finish()
            self._say(self.tr("Cancelled. Nothing was changed."), "quiet")

    def _run(self, *, dry_run: bool) -> None:
        paths = list(self._paths)
        self._card.hide()
        self.take.hide()
        self._bar.setRange(0, 0)
        self._bar.show()
        self._stop.show()
        self._stop.setFocus()
        self._say(self.tr("Checking…") if dry_run else self.tr("Importing…"), "quiet")

        def act(book: Book, task: Task) -> Outcome[Proof]:
            return importing.import_files(
                book, paths, dry_run=dry_run, progress=task.progress, cancelled=task.cancelled
            )

        self._task = self.desk.work_long(self, act, self._done, self._failed, self._progress)

    def _progress(self, done: int, of: int) -> None:
        # Bytes may be more than Qt's 32 bits hold.
        self._bar.setRange(0, 1000 if of else 0)
        if of:
            self._bar.setValue(min(1000, 1000 * done // of))

    def _done(self, outcome: Outcome[Proof]) -> None:
        proof = outcome.value
        self._task = None
        self._finish()
        self._show_proof(proof)
        if not proof.proved:
            self._say(self.tr("The file's own balances differ from what it adds up to: see below."), "warning")
        elif proof.dry_run:
            self._say(self.tr("Everything adds up. Nothing is written yet."), "good")
        else:
            self._say(self.tr("Imported and saved. Debits equal credits."), "good")
        self.take.setVisible(proof.dry_run)
        (self.take if proof.dry_run else self.choose).setFocus()

    def _failed(self, error: LedgerFlowError) -> None:
        self._task = None
        self._finish()
        shown = [f"{visible(p.place)}: {problem_words(p)}" if p.place else problem_words(p) for p in error.problems]
        more = len(shown) - _PROBLEMS_SHOWN
        said = "\n".join(shown[:_PROBLEMS_SHOWN])
        self._say(f"{said}\n{self.tr('… and {0} more').format(more)}" if more > 0 else said, "problem")
        self.choose.setFocus()

    def _finish(self) -> None:
        self._bar.hide()
        self._stop.hide()

    def _show_proof(self, proof: Proof) -> None:
        while (item := self._proof.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        indian = self.desk.open_company.groups_digits_indian
        for at, (name, figure) in enumerate(proof_lines(proof, indian=indian, tr=self.tr)):
            self._cell(at, 0, name, "")
            self._cell(at, 1, figure, "strong")
        at = self._proof.rowCount()
        for each in difference_lines(proof, indian=indian):
            for column, text in enumerate((each[0], self.tr("file {0}").format(each[1]), each[2])):
                self._cell(at, column, text, "warning")
            at += 1
        for what, count, example in proof.not_imported:
            words = self.tr("Not imported: {0}").format(visible(what))
            self._cell(at, 0, f"{words} ({visible(example)})" if example else words, "warning")
            self._cell(at, 1, str(count), "warning")
            at += 1
        for code, text in proof.remarks:
            self._cell(at, 0, remark_text(code, text), "quiet")
            at += 1
        self._card.show()

    def _cell(self, row: int, column: int, text: str, role: str) -> None:
        label = QLabel(text, self._card)
        label.setProperty("role", role)
        label.setWordWrap(column == 0)
        middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._proof.addWidget(label, row, column, middle if column else Qt.AlignmentFlag(0))

    def _say(self, words: str, role: str) -> None:
        self._verdict.setText(words)
        self._verdict.setProperty("role", role)
        self._verdict.style().unpolish(self._verdict)
        self._verdict.style().polish(self._verdict)
        self._verdict.show()
