"""GnuCash books, read as a stream: SQLite, XML, and gzipped XML, told apart by their first bytes.

`behaviour` has the table of account types and predefined groups, `conversion` the rules for amounts,
currencies and voucher types. What the books have no place for is yielded as `NotImported`.
"""

from collections.abc import Iterator
from pathlib import Path

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.money.currency import currency
from ledgerflow_desktop.interchange.gnucash.book import Book, Source
from ledgerflow_desktop.interchange.gnucash.conversion import Conversion
from ledgerflow_desktop.interchange.gnucash.rates import BaseRates
from ledgerflow_desktop.interchange.gnucash.sqlite_source import SqliteSource
from ledgerflow_desktop.interchange.gnucash.tree import masters
from ledgerflow_desktop.interchange.gnucash.xml_source import XmlSource
from ledgerflow_desktop.interchange.lines import Progress
from ledgerflow_desktop.interchange.records import CompanyRecord, NotImported, Placed

__all__ = ["read"]

_SQLITE = b"SQLite format 3\0"
_GZIP = b"\x1f\x8b"


def read(path: Path, *, base_currency: str | None, progress: Progress | None = None) -> Iterator[Placed]:
    """Yield the company, groups and accounts, currencies, what is left out, then the vouchers.

    `base_currency` is the books' own; None takes the one most splits are in. Amounts are in it, debit
    positive, and every voucher adds up to zero. Raises `InvalidInput` with the transaction or line as the
    place: `not-a-gnucash-file`, `damaged-file`, `no-currency`, `no-exchange-rate`, `unbalanced`,
    `unknown-account`, `account-outside-tree`, `xml-doctype-refused` and others named where they arise.
    Transactions that move nothing are counted at the end.
    """
    source = _source(path, progress)
    try:
        book = source.book()
        base = currency(base_currency or _most_used(book))
        rates = BaseRates(base.code, book.prices)
        yield Placed(path.name, CompanyRecord(name=book.company, currency=base.code))
        for master in masters(book, base):
            yield Placed(path.name, master)
        for record in rates.records(_foreign_codes(book, base.code)):
            yield Placed(path.name, record)
    except InvalidInput as error:
        raise _placed(error, path) from None
    for left in book.leftovers:
        yield Placed(path.name, left)
    conversion = Conversion(book.accounts, base, rates)
    moving_nothing, example = 0, ""
    for place, transaction in source.transactions():
        try:
            voucher = conversion.voucher(transaction)
        except InvalidInput as error:
            raise InvalidInput([problem.at(place) for problem in error.problems]) from None
        if voucher is None:
            moving_nothing, example = moving_nothing + 1, example or transaction.description
        else:
            yield Placed(place, voucher)
    if moving_nothing:
        yield Placed(path.name, NotImported(what="transactions of nothing", count=moving_nothing, example=example))


def _source(path: Path, progress: Progress | None) -> Source:
    try:
        with path.open("rb") as file:
            first = file.read(512)
    except OSError as error:
        raise refuse("unreadable-file", path.name, reason=error.strerror) from error
    if first.startswith(_SQLITE):
        return SqliteSource(path, progress)
    if first.startswith(_GZIP):
        return XmlSource(path, progress, is_gzipped=True)
    if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return XmlSource(path, progress, is_gzipped=False)
    raise refuse("not-a-gnucash-file", path.name)


def _most_used(book: Book) -> str:
    """Return the currency of most splits; without any, of most accounts; the first by code of equals."""
    counts = book.splits_by_currency.copy()
    if not counts:
        for account in book.accounts.values():
            if account.commodity is not None and account.commodity.is_currency:
                counts[account.commodity.code] += 1
    if not counts:
        raise refuse("no-currency")
    return min(counts, key=lambda code: (-counts[code], code))


def _foreign_codes(book: Book, base: str) -> set[str]:
    """Return the currencies, other than the base, of accounts that become ledger accounts or have prices."""
    commodities = [account.commodity for account in book.accounts.values()]
    codes = {commodity.code for commodity in commodities if commodity is not None and commodity.is_currency}
    codes |= {price.commodity.code for price in book.prices} | {price.currency.code for price in book.prices}
    return codes - {base}


def _placed(error: InvalidInput, path: Path) -> InvalidInput:
    """Return the error with the file's name in front, where it does not stand there yet."""
    return InvalidInput([p if p.place.startswith(path.name) else p.at(path.name) for p in error.problems])
