"""Which voucher is meant on the command line: by its number, or by its id where a number is not enough."""

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.identifiers import VoucherId, to_bytes
from ledgerflow_desktop.actions import edit_log
from ledgerflow_desktop.storage.book import Book


def ids_of(book: Book, given: str) -> list[VoucherId]:
    """Return the vouchers of a number, which several types and years may have, or the one of an id."""
    try:
        to_bytes(given.lower())
    except InvalidInput:
        return edit_log.vouchers_numbered(book, given)
    return [VoucherId(given.lower())] if book.voucher(VoucherId(given.lower())) is not None else []


def one_id(book: Book, given: str) -> VoucherId:
    """Return the one voucher that is meant; refuses `unknown-voucher` and `several-vouchers`, which names their ids."""
    found = ids_of(book, given)
    if not found:
        raise refuse("unknown-voucher", given, given=given[:60])
    if len(found) > 1:
        raise refuse("several-vouchers", given, given=given[:60], ids=", ".join(found[:4]))
    return found[0]
