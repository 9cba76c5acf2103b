"""What a person sees beside the fields of a voucher: balances, the number to come, open bills, the last narration."""

from dataclasses import dataclass
from datetime import date

from ledgerflow_core.identifiers import AccountId, VoucherId, VoucherTypeId
from ledgerflow_core.reports.figures import BillMovement
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage import foreign_balances, voucher_neighbours
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.figures import BookFigures


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a voucher of one type on one day. `balances` debit positive, zeros left out."""

    number: str
    balances: dict[AccountId, int]
    locked_until: date | None


def surroundings(book: Book, voucher_type: VoucherTypeId, day: date) -> Surroundings:
    """Return the number a new voucher would get, every account's balance (on `day` or today, the later), the lock."""
    today = book.machine.today()
    with book.reading():
        balances = BookFigures(book, max(today, day)).balances(max(today, day))
        return Surroundings(vouchers.next_number(book, voucher_type, day), dict(balances), book.locked_until)


def bill_movements(book: Book, account: AccountId, day: date) -> list[BillMovement]:
    """Return what opened and settled an account's bills up to a day."""
    with book.reading():
        return BookFigures(book, max(book.machine.today(), day)).bill_movements([account], day)


def foreign_balance(book: Book, account: AccountId, currency: str, day: date, *, without: str = "") -> tuple[int, int]:
    """Return (foreign, base) an account carries in a currency; the voucher `without` left out."""
    with book.reading():
        return foreign_balances.foreign_balance(book, account, currency, day, without=without)


def neighbour(book: Book, voucher: VoucherId, *, later: bool) -> VoucherId | None:
    """Return the next voucher of the day book after (or before) one, None at the end."""
    with book.reading():
        return voucher_neighbours.neighbour(book, voucher, later=later)


def last_of_type(book: Book, voucher_type: VoucherTypeId) -> Voucher | None:
    """Return the last voucher of a type, None where there is none among the latest."""
    with book.reading():
        found = voucher_neighbours.last_of_type(book, voucher_type)
        return vouchers.load(book, found).voucher if found else None
