"""What a voucher page does with what is in the books: the voucher that is shown, or the one just saved."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication

from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import PreviewVoucher, ShowFiles
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.page import Page


def why_read_only(voucher: Voucher, *, is_writable: bool) -> str:
    """Return why a voucher of the books can only be looked at; empty where it can be altered."""
    translate = QCoreApplication.translate
    if not is_writable:
        return translate("VoucherPage", "The company is open for reading only.")
    if voucher.state is VoucherState.CANCELLED:
        return translate("VoucherPage", "This voucher is cancelled. It keeps its number and moves nothing.")
    if voucher.stock:
        return translate("VoucherPage", "This voucher names goods. It can be looked at here, not altered.")
    return ""


def differ_in_files_alone(one: Voucher, other: Voucher) -> bool:
    """Whether two versions of a voucher say the same, whatever files they name."""
    return replace(one, attachments=()) == replace(other, attachments=())


class SavedVoucher:
    """What Alt+P and Alt+F open. `has_change` takes in what is being typed and says whether a change was begun."""

    def __init__(self, desk: Desk, page: Page, has_change: Callable[[], bool], say: Callable[[str], object]) -> None:
        self._desk, self._page, self._has_change, self._say = desk, page, has_change, say
        self._meant: Voucher | None = None
        self._is_elsewhere = False
        page.command(Command.PRINT_VOUCHER, self._print)
        self._files = page.command(Command.FILES, self._open_files)

    def means(self, voucher: Voucher | None) -> None:
        """Print this version of a voucher from now on and show its files, or nothing."""
        self._meant = voucher
        count = len(voucher.attachments) if voucher is not None else 0
        words = self._desk.keys.words(Command.FILES)
        words = f"{words} ({count})" if count else words
        if words != self._files.text():
            self._files.setText(words)
            self._page.commands_changed.emit()

    def came_back(self) -> bool:
        """Whether the page comes back from the files, which may have altered the voucher; True once."""
        was, self._is_elsewhere = self._is_elsewhere, False
        return was

    def _name(self, voucher: Voucher) -> str:
        kind = self._desk.open_chart.voucher_types[voucher.type].name
        return f"{visible(kind)} {visible(voucher.number)}".strip()

    def _print(self) -> None:
        """Open the preview; what is typed and not accepted is not on the paper, and the preview says so."""
        has_change, voucher = self._has_change(), self._meant
        if voucher is None:
            self._say(self._page.tr("Accept the voucher first: only what is in the books is printed."))
            return
        note = self._page.tr("As it is in the books, without the change begun.") if has_change else ""
        self._page.open(PreviewVoucher(voucher.id, self._name(voucher), note))

    def _open_files(self) -> None:
        has_change, voucher = self._has_change(), self._meant
        if voucher is None:
            self._say(self._page.tr("Accept the voucher first: files are attached to what is in the books."))
        elif has_change:
            self._say(self._page.tr("Accept the change first: attaching a file makes a version of its own."))
        else:
            self._is_elsewhere = True
            self._page.open(ShowFiles(voucher.id, self._name(voucher)))
