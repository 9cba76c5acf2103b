"""Decide about a parked event: leave the books as they are, apply what it says, or put something right instead.

What a decision records is worked out by the core (`ledgerflow_core.sync.resolution`), the same as on the server; here
it is written: one transaction, one cause.
"""

from ledgerflow_core.errors import refuse
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.sync.resolution import Decision, resolution_of
from ledgerflow_desktop.actions.conflicts import facts_of
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.replica_store import Conflict
from ledgerflow_desktop.storage.writing import StoredVoucher, Writing

__all__ = ["Decision", "resolve"]


def resolve(book: Book, parked: Conflict, decision: Decision) -> Outcome[None]:
    """Record the decision and what it brings, all or nothing; refuses as `resolution_of`, with every problem."""
    # Versions of masters, company and lock are given to events where they are written.
    resolution = resolution_of(parked.event, parked.reason, decision, facts_of(book, parked.event.body))
    with book.writing(cause=book.machine.identifiers().new()) as unit:
        if resolution.reopened is not None:
            unit.lock(resolution.reopened.until, resolution.reopened.reason)
        if resolution.change is not None:
            _write(book, unit, resolution.change)
        if resolution.lock_again is not None:
            unit.lock(resolution.lock_again)
        unit.record([resolution.resolved])
    return Outcome(None, Changed.VOUCHERS | Changed.MASTERS | Changed.COMPANY | Changed.LOCKS)


def _write(book: Book, unit: Writing, change: Body) -> None:
    match change:
        case VoucherPosted(voucher=voucher):
            unit.post([voucher])
        case VoucherAltered(voucher=voucher):
            unit.alter(_stored(book, voucher.id), voucher)
        case VoucherCancelled(voucher=voucher_id, reason=reason):
            unit.cancel(_stored(book, voucher_id), reason)
        case MasterCreated(master=master):
            unit.create_masters([master])
        case MasterChanged(master=master):
            unit.change_master(master)
        case MasterRetired(master=master_id):
            unit.retire_master(master_id)
        case MasterMerged(merged=merged, into=into):
            unit.merge_masters(merged, into)
        case CompanyChanged(company=company):
            unit.change_company(company)
        case PeriodLocked(until=until):
            unit.lock(until)
        case PeriodUnlocked(until=until, reason=reason):
            unit.lock(until, reason)
        case _:
            unit.record([change])


def _stored(book: Book, voucher_id: VoucherId) -> StoredVoucher:
    stored = book.voucher(voucher_id)
    if stored is None:
        raise refuse("unknown-voucher", given=voucher_id)
    return stored
