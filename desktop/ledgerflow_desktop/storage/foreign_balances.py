"""What an account carries in a foreign currency, from the entries in the books."""

from datetime import date

from ledgerflow_core.calendar import day_number
from ledgerflow_core.identifiers import AccountId, to_bytes
from ledgerflow_desktop.storage.book import Book


def foreign_balance(book: Book, account: AccountId, currency: str, day: date, *, without: str = "") -> tuple[int, int]:
    """Return (foreign, base) minor units an account carries at the end of `day`, openings included, debit positive.

    Entries of the account without a foreign amount (a booked gain or loss) count in the base. The voucher
    `without`, one being altered, is left out. Cost grows with the entries of the account.
    """
    no = book.no_by_id[account]
    row = (
        book.connection.execute("SELECT no FROM voucher WHERE id = ?", (to_bytes(without),)).fetchone()
        if without
        else None
    )
    left_out = row[0] if row else -1
    last = day_number(day)
    # No month of foreign amounts is ever full, as one of base amounts is: their sum may pass SQLite's 64 bits.
    amounts = book.connection.execute(
        "SELECT amount FROM foreign_entry WHERE account_no = ? AND day <= ? AND currency = ? AND voucher_no <> ?",
        (no, last, currency, left_out),
    )
    foreign = sum(amount for (amount,) in amounts)
    base = book.connection.execute(
        "SELECT coalesce(sum(amount), 0) FROM entry WHERE account_no = ? AND day <= ? AND voucher_no <> ?",
        (no, last, left_out),
    ).fetchone()[0]
    master = book.chart.accounts[account]
    opening = master.opening_foreign if master.currency == currency else 0
    return foreign + opening, int(base) + master.opening
