"""Which entries of a voucher reach the books.

Memorandum and reversing vouchers and orders never do by themselves, optional ones not until they are made
regular, cancelled ones no more. A post-dated voucher's entries stand at its own date; a report made on an
earlier day leaves them out (see `reports.figures`), so nothing has to happen in the log when the day comes.
"""

from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

_IN_BOOKS = (VoucherState.REGULAR, VoucherState.POST_DATED)


def entries_in_books(voucher: Voucher, voucher_type: VoucherType) -> tuple[Entry, ...]:
    """Return the entries that count, in their order; empty when the voucher is not in the books."""
    if voucher.state in _IN_BOOKS and voucher_type.posts_to_books:
        return voucher.entries
    return ()


def against(entries: tuple[Entry, ...]) -> tuple[int, ...]:
    """Return, for each entry, the index of the entry that stands against it.

    That is the largest entry of the other side (the first of equals); where one side is empty, the entry
    itself. A statement names this account; with more than one on the other side it says so.
    """
    debit = max(range(len(entries)), key=lambda at: (entries[at].amount, -at), default=0)
    credit = min(range(len(entries)), key=lambda at: (entries[at].amount, at), default=0)
    return tuple(credit if entry.amount >= 0 else debit for entry in entries)


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
