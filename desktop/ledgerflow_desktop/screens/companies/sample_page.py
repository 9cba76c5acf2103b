"""Making the sample company and opening it: nothing to fill in, nothing to lose."""

import tempfile
from pathlib import Path

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.sample.making import make_sample
from ledgerflow_desktop.screens.companies.opening import open_and_remember
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import OpenSample
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.storage.book import Book


class SamplePage(Page):
    """Shows that it is being made; the gateway comes by itself."""

    def __init__(self, desk: Desk, _destination: OpenSample) -> None:
        super().__init__(desk)
        self._form = FormColumn(
            self.tr("The sample company"),
            self.tr(
                "Making a company to try everything on. It is nobody's: made anew each time, "
                "and thrown away when it is closed."
            ),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        bar = QProgressBar(self._form.body)
        bar.setRange(0, 0)
        bar.setAccessibleName(self.tr("Progress"))
        self._form.column.addWidget(bar)
        self._said = self._form.label("", "problem")
        self._form.column.addWidget(self._said)
        self._form.column.addStretch(1)
        machine = desk.machine

        # Made here, so that it is gone at the end of the program at the latest, opened or not.
        folder = tempfile.TemporaryDirectory(prefix="ledgerflow-sample-", ignore_cleanup_errors=True)

        def opening() -> Book:
            passphrase = machine.random_bytes(16).hex()
            created = make_sample(Path(folder.name) / "Sample", passphrase, machine)
            return companies.open_company(created.folder, machine, passphrase=passphrase)

        open_and_remember(desk, self, Path(), opening, self._failed, in_list=False, afterwards=folder.cleanup)

    def title(self) -> str:
        return self.tr("Sample")

    def first_focus(self) -> QWidget:
        return self

    def _failed(self, error: LedgerFlowError) -> None:
        self._said.setText(error_words(error))
