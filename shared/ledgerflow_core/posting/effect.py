"""Which entries of a voucher reach the books.

Memorandum and reversing vouchers and orders never do by themselves, optional ones not until they are made
regular, cancelled ones no more. A post-dated voucher's entries stand at its own date; a report made on an
earlier day leaves them out (see `reports.figures`), so nothing has to happen in the log when the day comes.
"""

from collections.abc import Sequence

from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

_IN_BOOKS = (VoucherState.REGULAR, VoucherState.POST_DATED)


def entries_in_books(voucher: Voucher, voucher_type: VoucherType) -> tuple[Entry, ...]:
    """Return the entries that count, in their order; empty when the voucher is not in the books."""
    if voucher.state in _IN_BOOKS and voucher_type.posts_to_books:
        return voucher.entries
    return ()


def against(entries: Sequence[Entry]) -> tuple[int, int]:
    """Return the indexes of the largest debit and the largest credit, the first of equals.

    A statement shows, for an entry, the account of the largest entry on the other side. Where one side is
    empty (a voucher of zeros) both are the first entry.
    """
    debit = credit = 0
    most = least = entries[0].amount
    for at, entry in enumerate(entries):
        if entry.amount > most:
            debit, most = at, entry.amount
        elif entry.amount < least:
            credit, least = at, entry.amount
    return debit, credit


def naming_entry(voucher: Voucher) -> int | None:
    """Return the index of the entry whose account names the voucher in the day book.

    The party's entry where a party is named, else the first entry, as bookkeepers write the account that
    matters first.
    """
    if voucher.party is not None:
        for at, entry in enumerate(voucher.entries):
            if entry.account == voucher.party:
                return at
    return 0 if voucher.entries else None
