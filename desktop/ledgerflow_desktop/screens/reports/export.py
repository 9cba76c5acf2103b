"""A report as a file for others: spreadsheet, text or paper."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import reports
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.reports.state import Choice
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import write_atomically

SUFFIXES = ("xlsx", "csv", "pdf")


def ask_and_export(
    owner: QWidget,
    desk: Desk,
    choice: Choice,
    say: Callable[[str], None],
    refused: Callable[[LedgerFlowError], None],
) -> None:
    """Ask where to, then write off the GUI thread; the suffix decides the form."""
    kinds = ";;".join(
        (
            QCoreApplication.translate("Export", "Spreadsheet (*.xlsx)"),
            QCoreApplication.translate("Export", "Comma-separated text (*.csv)"),
            QCoreApplication.translate("Export", "PDF (*.pdf)"),
        )
    )
    dialog = QFileDialog(owner, QCoreApplication.translate("Export", "Export"), f"{choice.code}.xlsx", kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("xlsx")
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kind.rpartition(".")[2].rstrip(")")))
    dialog.fileSelected.connect(lambda name: export_to(owner, desk, choice, Path(name), say, refused))
    dialog.open()


def export_to(
    owner: QWidget,
    desk: Desk,
    choice: Choice,
    path: Path,
    say: Callable[[str], None],
    refused: Callable[[LedgerFlowError], None],
) -> None:
    """Write the whole report to a file, replacing one that is there only when the new one is complete."""

    def write(book: Book) -> Path:
        table = reports.run(book, choice.code, choice.options)
        writers = import_module("ledgerflow_desktop.screens.reports.writers")  # loaded late, see wiring
        write_atomically(path, writers.report_bytes(table, path.suffix.lower().lstrip(".")))
        return path

    def done(written: Path) -> None:
        say(QCoreApplication.translate("Export", "Exported to {0}").format(written.name))

    say(QCoreApplication.translate("Export", "Exporting…"))
    desk.work(owner, write, done, refused)
