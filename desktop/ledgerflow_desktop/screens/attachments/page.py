"""The page of a voucher's files: arrows walk them, Enter opens one, a letter each attaches, saves and takes off."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import attachments
from ledgerflow_desktop.actions.attachments import Listed
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.attachments.lines_model import FilesModel
from ledgerflow_desktop.screens.attachments.opened_copies import folder_for_copies, open_with_system
from ledgerflow_desktop.screens.attachments.state import may_be_opened, name_text
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import ShowFiles
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.widgets.banner import Banner
from ledgerflow_desktop.screens.widgets.line_table import LineTable

_WIDTHS = (420, 110, 220)


class FilesPage(Page):
    """The files of one voucher of the books."""

    def __init__(self, desk: Desk, destination: ShowFiles) -> None:
        super().__init__(desk)
        self._voucher = destination.voucher
        self._name = destination.name
        self.open_with: Callable[[Path], bool] = open_with_system
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.page, SPACE.section, SPACE.page, 0)
        column.setSpacing(SPACE.medium)
        title, self._about, self.said = QLabel(self.title(), self), QLabel(self), QLabel(self)
        for label, role in ((title, "title"), (self._about, "quiet"), (self.said, "strong")):
            label.setProperty("role", role)
            label.setWordWrap(True)
        self.banner = Banner(self)
        self.table = LineTable(self.tr("Files"), self)
        self.model = FilesModel(self)
        self.table.setModel(self.model)
        for at, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(at, width)
        self.table.doubleClicked.connect(lambda _: self._open_current())
        for widget in (title, self._about, self.said, self.banner):
            column.addWidget(widget)
        column.addSpacing(SPACE.medium)
        column.addWidget(self.table, 1)
        self._make_commands()
        self._read()

    def _make_commands(self) -> None:
        self.command(Command.OPEN_FILE, self._open_current)
        self.command(Command.SAVE_FILE, self._ask_where_to_save)
        changing = (
            self.command(Command.ATTACH_FILE, self._ask_what_to_attach),
            self.command(Command.REMOVE_FILE, self._ask_to_remove),
        )
        for action in changing:
            action.setEnabled(self.desk.is_writable)

    # --- the contract of a page -----------------------------------------------------------------

    def title(self) -> str:
        return self.tr("Files of {0}").format(self._name)

    def first_focus(self) -> QWidget:
        return self.table

    def refresh(self, changed: Changed) -> None:
        if Changed.VOUCHERS in changed:
            self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_current()
        else:
            super().keyPressEvent(event)

    # --- what is shown --------------------------------------------------------------------------

    def _read(self) -> None:
        voucher = self._voucher
        self.desk.work(self, lambda book: attachments.listed(book, voucher), self._show, self._failed)

    def _show(self, found: list[Listed]) -> None:
        at = max(0, self.table.currentIndex().row())
        self.model.show(found)
        if found:
            self.table.selectRow(min(at, len(found) - 1))
        self._about.setText(
            self.tr("Kept encrypted with the books, and in every backup. Enter opens one.")
            if found
            else self.tr("No files are attached. {0} attaches some.").format(self.desk.keys.hint(Command.ATTACH_FILE))
        )

    def _current(self) -> Listed | None:
        at = self.table.currentIndex().row()
        return self.model.lines[at] if 0 <= at < len(self.model.lines) else None

    def _failed(self, error: LedgerFlowError) -> None:
        self.said.setText(error_words(error))

    # --- attaching ------------------------------------------------------------------------------

    def _ask_what_to_attach(self) -> None:
        dialog = QFileDialog(self, self.tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.attach([Path(name) for name in names]))
        dialog.open()

    def attach(self, files: Sequence[Path]) -> None:
        """Attach these, all or none."""
        self.said.clear()
        voucher = self._voucher
        self.desk.work(self, lambda book: attachments.attach(book, voucher, files), lambda _: None, self._failed)

    def _ask_to_remove(self) -> None:
        one = self._current()
        if one is None:
            return
        self.banner.offer(
            self.tr("Take {0} off the voucher? Earlier versions of the voucher keep it.").format(name_text(one)),
            self.tr("&Yes, take it off"),
            self.tr("&No"),
            on_take=lambda: self._remove(one),
            on_drop=lambda: None,
        )

    def _remove(self, one: Listed) -> None:
        self.said.clear()
        voucher, name = self._voucher, one.attachment.name
        self.desk.work(self, lambda book: attachments.detach(book, voucher, name), lambda _: None, self._failed)

    # --- taking out -----------------------------------------------------------------------------

    def _open_current(self) -> None:
        one = self._current()
        if one is None:
            return
        if not may_be_opened(one.attachment.name):
            hint = self.desk.keys.hint(Command.SAVE_FILE)
            words = self.tr("{0} may be a program and is not opened from here. {1} saves a copy.")
            self.said.setText(words.format(name_text(one), hint))
            return
        try:
            folder = folder_for_copies(self.desk)
        except LedgerFlowError as error:
            self._failed(error)
        else:
            self._copy(one, folder, self._opened)

    def _opened(self, file: Path) -> None:
        if not self.open_with(file):
            hint = self.desk.keys.hint(Command.SAVE_FILE)
            self.said.setText(self.tr("No program here opens this. {0} saves a copy.").format(hint))

    def _ask_where_to_save(self) -> None:
        one = self._current()
        if one is None:
            return
        dialog = QFileDialog(self, self.tr("Folder for the copy"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.save(one, Path(folder)))
        dialog.open()

    def save(self, one: Listed, folder: Path) -> None:
        """Write a copy into a folder, under the name it was attached by."""
        self._copy(one, folder, lambda file: self.said.setText(self.tr("Saved: {0}").format(visible(str(file)))))

    def _copy(self, one: Listed, folder: Path, on_done: Callable[[Path], None]) -> None:
        self.said.clear()
        voucher, name = self._voucher, one.attachment.name
        self.desk.work(self, lambda book: attachments.save_copy(book, voucher, name, folder), on_done, self._failed)
