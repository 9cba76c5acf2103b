"""What happens between the sample's two offices while the line is cut: each posts, and both alter one invoice."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.sample import two_offices
from ledgerflow_desktop.sample.two_offices import FIRST, SECOND, Meeting
from ledgerflow_desktop.storage.book import Book

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Offices:
    """Both books, open for writing, and where they meet."""

    first: Book
    second: Book
    meeting: Meeting

    def sync_all(self) -> None:
        """Let both send and take in until neither has anything the other lacks."""
        for book in (self.first, self.second, self.first):
            two_offices.sync(book, patience=2)


def disagree(offices: Offices, tell: Tell) -> Voucher:
    """Cut the line, let both offices work, mend it and sync; return the invoice that now waits for a decision."""
    offices.sync_all()
    invoice = _last_invoice(offices.first)
    offices.meeting.line.cut()
    tell("The line is cut. Both offices go on:")
    for book, name, amount in ((offices.first, FIRST, 12_500_00), (offices.second, SECOND, 4_300_00)):
        posted = vouchers.post(book, [_receipt(book, amount)]).value[0]
        tell(f"  {name} posts receipt {posted.number}")
    for book, name, pieces in ((offices.first, FIRST, 2), (offices.second, SECOND, 3)):
        before = vouchers.load(book, invoice.id)
        vouchers.alter(book, before, _of_pieces(before.voucher, pieces))
        tell(f"  {name} alters invoice {invoice.number}: {pieces} pieces, not one")
    said = two_offices.sync(offices.second)
    tell(f"  {SECOND} tries to sync: {said.status}")
    offices.meeting.line.mend()
    offices.sync_all()
    tell("The line is mended and both have synced. Both receipts are in both offices; the invoice waits.")
    return invoice


def _last_invoice(book: Book) -> Voucher:
    sales = voucher_type_id(VoucherNature.SALES)
    found = [one for one in book.vouchers_in_order() if one.type == sales and _is_plain(one)]
    return found[-1]


def _is_plain(voucher: Voucher) -> bool:
    is_foreign = any(entry.foreign is not None for entry in voucher.entries)
    return voucher.state is VoucherState.REGULAR and not voucher.stock and not is_foreign


def _receipt(book: Book, amount: int) -> Voucher:
    customer = next(account for account in book.chart.accounts.values() if book.chart.is_party(account.id))
    return Voucher(
        id=VoucherId(book.machine.identifiers().new()),
        type=voucher_type_id(VoucherNature.RECEIPT),
        date=book.machine.today(),
        party=customer.id,
        narration="Received while the line was cut",
        entries=(Entry(account=CASH, amount=amount), Entry(account=customer.id, amount=-amount)),
    )


def _of_pieces(invoice: Voucher, pieces: int) -> Voucher:
    entries = tuple(
        replace(
            entry,
            amount=entry.amount * pieces,
            bills=tuple(replace(bill, amount=bill.amount * pieces) for bill in entry.bills),
            costs=tuple(replace(cost, amount=cost.amount * pieces) for cost in entry.costs),
        )
        for entry in invoice.entries
    )
    return replace(invoice, entries=entries, narration=f"{pieces} pieces were sold")
