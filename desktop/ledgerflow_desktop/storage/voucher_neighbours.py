"""Vouchers found by their place: the one before, the one after, the last of a type."""

from ledgerflow_core.identifiers import VoucherId, VoucherTypeId, to_bytes, to_text
from ledgerflow_desktop.storage.book import Book

# How far back the last voucher of a type is looked for: enough for weeks of entry, and no scan of the book.
_LOOKED_BACK = 2_000


def neighbour(book: Book, voucher: VoucherId, *, later: bool) -> VoucherId | None:
    """Return the next voucher of the day book after (or before) one, None at the end."""
    here = book.connection.execute("SELECT day, no FROM voucher WHERE id = ?", (to_bytes(voucher),)).fetchone()
    if here is None:
        return None
    query = (
        "SELECT id FROM voucher WHERE (day, no) > (?, ?) ORDER BY day, no LIMIT 1"
        if later
        else "SELECT id FROM voucher WHERE (day, no) < (?, ?) ORDER BY day DESC, no DESC LIMIT 1"
    )
    row = book.connection.execute(query, tuple(here)).fetchone()
    return VoucherId(to_text(row[0])) if row else None


def last_of_type(book: Book, voucher_type: VoucherTypeId) -> VoucherId | None:
    """Return the last voucher of a type by date and order of entry, None where none is among the latest."""
    rows = book.connection.execute(
        "SELECT id, type_no FROM voucher ORDER BY day DESC, no DESC LIMIT ?", (_LOOKED_BACK,)
    )  # fmt: skip
    wanted = book.no_by_id[voucher_type]
    return next((VoucherId(to_text(found)) for found, type_no in rows if type_no == wanted), None)
