"""Which entries of a voucher reach the books.

Memorandum and reversing vouchers and orders never do by themselves, optional ones not until they are made
regular, cancelled ones no more. A post-dated voucher's entries stand at its own date; a report made on an
earlier day leaves them out (see `reports.figures`), so nothing has to happen in the log when the day comes.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ledgerflow_core.identifiers import AccountId, CostCentreId, MasterId
from ledgerflow_core.ledger.entry import CostAllocation, Entry
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

_IN_BOOKS = (VoucherState.REGULAR, VoucherState.POST_DATED)


def entries_in_books(voucher: Voucher, voucher_type: VoucherType) -> tuple[Entry, ...]:
    """Return the entries that count, in their order; empty when the voucher is not in the books."""
    if voucher.state in _IN_BOOKS and voucher_type.posts_to_books:
        return voucher.entries
    return ()


def as_merged(voucher: Voucher, merged: Mapping[str, str]) -> Voucher:
    """Return a voucher with its entries as they count: on what accounts and centres were merged into."""
    if not any(_is_on_merged(entry, merged) for entry in voucher.entries):
        return voucher
    return replace(voucher, entries=tuple(_as_merged(entry, merged) for entry in voucher.entries))


def _is_on_merged(entry: Entry, merged: Mapping[str, str]) -> bool:
    return entry.account in merged or any(cost.centre in merged for cost in entry.costs)


def _as_merged(entry: Entry, merged: Mapping[str, str]) -> Entry:
    return replace(
        entry,
        account=AccountId(MasterId(merged.get(entry.account, entry.account))),
        costs=tuple(_cost_as_merged(cost, merged) for cost in entry.costs),
    )


def _cost_as_merged(cost: CostAllocation, merged: Mapping[str, str]) -> CostAllocation:
    return replace(cost, centre=CostCentreId(MasterId(merged.get(cost.centre, cost.centre))))


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
