"""What is said of a voucher that was begun and left."""

from PySide6.QtCore import QCoreApplication

from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import Figures
from ledgerflow_desktop.screens.words import short_date


def unfinished_words(draft: VoucherForm, *, more: int) -> str:
    """Return which voucher is not finished, and how many more there are."""
    translate = QCoreApplication.translate
    amount = Figures(draft.company).plain(draft.totals().debit)
    words = translate("Voucher", "Not finished: {0} of {1}, {2}.")
    rest = translate("Voucher", " And {0} more.").format(more) if more else ""
    return words.format(visible(draft.type.name), short_date(draft.content.date), amount) + rest
