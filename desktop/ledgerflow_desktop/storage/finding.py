"""Vouchers found by the beginning of their number, by one probe of the index for each type and year."""

from datetime import date
from typing import NamedTuple

from ledgerflow_core.calendar import day_of
from ledgerflow_core.identifiers import VoucherId, to_text
from ledgerflow_desktop.storage.book import Book


class FoundVoucher(NamedTuple):
    """A voucher with what is needed to tell it from others. `day` is ISO text."""

    id: VoucherId
    type: str
    number: str
    day: str


def vouchers_numbered(book: Book, beginning: str, *, limit: int) -> list[FoundVoucher]:
    """Return vouchers whose number begins so, or that have it after their type's prefix; latest first.

    Costs a probe for each voucher type and year, whatever the number of vouchers.
    """
    beginning = beginning.strip()
    if not beginning:
        return []
    years = [row[0] for row in book.connection.execute("SELECT DISTINCT year FROM number_series ORDER BY year DESC")]
    found: list[tuple[date, FoundVoucher]] = []
    for voucher_type in book.chart.voucher_types.values():
        for year in years:
            rows = book.connection.execute(
                """SELECT day, id, number FROM voucher WHERE type_no = ? AND year = ? AND number >= ? AND number < ?
                   ORDER BY number LIMIT ?""",
                (book.no_by_id[voucher_type.id], year, beginning, beginning + "\U0010ffff", limit),
            )
            for day, voucher, number in rows:
                when = day_of(day)
                found.append(
                    (when, FoundVoucher(VoucherId(to_text(voucher)), voucher_type.name, number, when.isoformat()))
                )
    found.sort(key=lambda each: (len(each[1].number), -each[0].toordinal()))
    return [voucher for _, voucher in found[:limit]]
