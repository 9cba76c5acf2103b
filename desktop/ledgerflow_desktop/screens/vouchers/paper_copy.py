"""Which voucher of the page can be put on paper: the one of the books that is shown, or the one just saved."""

from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import PreviewVoucher
from ledgerflow_desktop.screens.page import Page


class PaperCopy:
    """What Alt+P opens from a voucher page."""

    def __init__(self, desk: Desk, page: Page) -> None:
        self._desk, self._page = desk, page
        self._meant: Voucher | None = None

    def means(self, voucher: Voucher | None) -> None:
        """Print this version of a voucher from now on, or nothing."""
        self._meant = voucher

    def open(self, *, is_altered: bool) -> bool:
        """Open the preview; False where nothing is in the books yet.

        What is typed and not accepted is not on the paper, and the preview says so.
        """
        voucher = self._meant
        if voucher is None:
            return False
        kind = self._desk.open_chart.voucher_types[voucher.type].name
        name = f"{visible(kind)} {visible(voucher.number)}".strip()
        note = self._page.tr("As it is in the books, without the change begun.") if is_altered else ""
        self._page.open(PreviewVoucher(voucher.id, name, note))
        return True
