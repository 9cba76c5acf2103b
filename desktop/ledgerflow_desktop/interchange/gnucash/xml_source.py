"""The XML form of a GnuCash book, plain or gzipped: read once for everything but the transactions, once for them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_desktop.interchange.gnucash.book import (
    Book,
    BookAccount,
    Commodity,
    Price,
    Split,
    Transaction,
    fraction,
    iso_date,
)
from ledgerflow_desktop.interchange.gnucash.xml_elements import Element, elements
from ledgerflow_desktop.interchange.lines import Progress, line_place
from ledgerflow_desktop.interchange.records import NotImported

_LEFT_OUT = {
    "gnc:schedxaction": ("scheduled transactions", "sx:name"),
    "gnc:budget": ("budgets", "bgt:name"),
    "gnc:GncInvoice": ("invoices and bills", "invoice:id"),
    "gnc:GncCustomer": ("customers", "cust:name"),
    "gnc:GncVendor": ("vendors", "vendor:name"),
    "gnc:GncEmployee": ("employees", "employee:username"),
    "gnc:GncJob": ("jobs", "job:name"),
    "gnc:GncOrder": ("orders", "order:id"),
    "gnc:GncTaxTable": ("tax tables", "taxtable:name"),
    "gnc:GncBillTerm": ("billing terms", "billterm:name"),
}
_BOOK = frozenset({"gnc:account", "gnc:transaction", "price", "book:slots", *_LEFT_OUT})
_TRANSACTIONS = frozenset({"gnc:transaction"})
# Templates are accounts and transactions like any other, but belong to scheduled ones.
_PASSED_OVER = frozenset({"gnc:template-transactions"})

# A gigabyte of digits is no amount; 38 are more than GnuCash itself can hold.
_AMOUNT = re.compile(r"(-?[0-9]{1,38})/([0-9]{1,38})", re.ASCII)


class XmlSource:
    """One book in XML. Progress counts both readings as one."""

    def __init__(self, path: Path, progress: Progress | None, *, is_gzipped: bool) -> None:
        self._path = path
        self._progress = progress
        self._is_gzipped = is_gzipped

    def book(self) -> Book:
        """Read everything but the transactions, of which the totals are taken."""
        book, left, splits = Book(), _Left(), Counter[str]()
        roots: set[str] = set()
        for element in self._elements(_BOOK, half=0):
            place = line_place(self._path, element.line)
            try:
                match element.name:
                    case "gnc:transaction":
                        _add_totals(element, book, splits, left)
                    case "gnc:account" if element.said("act:type") == "ROOT":
                        roots.add(element.said("act:id"))
                    case "gnc:account":
                        _add_account(element, book, left)
                    case "price":
                        _add_price(element, book, left)
                    case "book:slots":
                        book.company = _slot_text(element, "options", "Business", "Company Name")
                    case name:
                        what, naming = _LEFT_OUT[name]
                        left.add(what, element.said(naming))
            except InvalidInput as error:
                raise InvalidInput([problem.at(place) for problem in error.problems]) from None
        for guid, account in book.accounts.items():
            if account.parent in roots:
                book.accounts[guid] = replace(account, parent=None)
            if account.commodity is not None and account.commodity.is_currency and guid in splits:
                book.splits_by_currency[account.commodity.code] += splits[guid]
        book.leftovers = left.records()
        return book

    def transactions(self) -> Iterator[tuple[str, Transaction]]:
        """Stream the transactions in the file's order."""
        for element in self._elements(_TRANSACTIONS, half=1):
            place = line_place(self._path, element.line)
            try:
                found = _transaction(element)
            except InvalidInput as error:
                raise InvalidInput([problem.at(place) for problem in error.problems]) from None
            if found.splits:
                yield place, found

    def _elements(self, wanted: frozenset[str], *, half: int) -> Iterator[Element]:
        progress = self._progress

        def of_both(done: int, size: int) -> None:
            if progress is not None:
                progress(half * size + done, 2 * size)

        return elements(
            self._path, is_gzipped=self._is_gzipped, wanted=wanted, passed_over=_PASSED_OVER, progress=of_both
        )


class _Left:
    """What has no place in the books, counted by what it is, each with its first name."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._example: dict[str, str] = {}

    def add(self, what: str, example: str = "") -> None:
        self._count[what] += 1
        self._example.setdefault(what, example)

    def records(self) -> list[NotImported]:
        return [
            NotImported(what=what, count=count, example=self._example[what])
            for what, count in sorted(self._count.items())
        ]


def _add_account(element: Element, book: Book, left: _Left) -> None:
    guid = element.said("act:id")
    if guid in book.accounts:
        raise refuse("duplicate-id", given=guid[:60])
    lots = element.first("act:lots")
    for _ in lots.children if lots is not None else ():
        left.add("lots")
    book.accounts[guid] = BookAccount(
        guid=guid,
        name=element.said("act:name"),
        type=element.said("act:type"),
        commodity=_commodity(element.first("act:commodity")),
        parent=element.said("act:parent") or None,
        code=element.said("act:code"),
        description=element.said("act:description"),
        notes=_slot_text(element.first("act:slots"), "notes"),
        is_hidden=_slot_text(element.first("act:slots"), "hidden") == "true",
        is_placeholder=_slot_text(element.first("act:slots"), "placeholder") == "true",
    )


def _add_totals(element: Element, book: Book, splits: Counter[str], left: _Left) -> None:
    found = element.first("trn:splits")
    if found is None or not found.children:
        left.add("transactions without splits", element.said("trn:description"))
        return
    for split in found.children:
        guid = split.said("split:account")
        book.totals[guid] = book.totals.get(guid, Fraction(0)) + _amount(split.said("split:quantity"))
        splits[guid] += 1


def _add_price(element: Element, book: Book, left: _Left) -> None:
    commodity = _commodity(element.first("price:commodity"))
    currency = _commodity(element.first("price:currency"))
    if commodity is None or currency is None:
        raise refuse("missing-field", field="price:commodity")
    if commodity.is_currency and currency.is_currency:
        book.prices.append(
            Price(commodity, currency, _stamp(element.first("price:time")), _amount(element.said("price:value")))
        )
    else:
        left.add("prices of securities")


def _commodity(element: Element | None) -> Commodity | None:
    return Commodity(element.said("cmdty:space"), element.said("cmdty:id")) if element is not None else None


def _transaction(element: Element) -> Transaction:
    currency = _commodity(element.first("trn:currency"))
    if currency is None:
        raise refuse("missing-field", field="trn:currency")
    slots = element.first("trn:slots")
    found = element.first("trn:splits")
    splits = [_split(child) for child in found.children] if found is not None else []
    is_void = found is not None and any(child.said("split:reconciled-state") == "v" for child in found.children)
    day = _slot(slots, "date-posted")
    return Transaction(
        guid=element.said("trn:id"),
        currency=currency,
        date=iso_date(day.said("gdate")) if day is not None else _stamp(element.first("trn:date-posted")),
        splits=splits,
        num=element.said("trn:num"),
        description=element.said("trn:description"),
        notes=_slot_text(slots, "notes"),
        document=_slot_text(slots, "assoc_uri"),
        void_reason=_slot_text(slots, "void-reason") if is_void else None,
    )


def _split(element: Element) -> Split:
    former: tuple[Fraction, Fraction] | None = None
    state, reconciled = element.said("split:reconciled-state"), element.first("split:reconcile-date")
    if state == "v":
        slots = element.first("split:slots")
        value, quantity = _slot_text(slots, "void-former-value"), _slot_text(slots, "void-former-amount")
        former = (_amount(value), _amount(quantity)) if value and quantity else None
    return Split(
        account=element.said("split:account"),
        value=_amount(element.said("split:value")),
        quantity=_amount(element.said("split:quantity")),
        memo=element.said("split:memo"),
        action=element.said("split:action"),
        cleared=_stamp(reconciled).isoformat() if state == "y" and reconciled is not None else "",
        former=former,
    )


def _amount(text: str) -> Fraction:
    if found := _AMOUNT.fullmatch(text):
        return fraction(int(found[1]), int(found[2]))
    raise refuse("bad-amount", given=text[:60])


def _stamp(element: Element | None) -> date:
    """Return the date of ``2018-02-20 10:59:00 +0000``: as it was where the file was written."""
    return iso_date(element.said("ts:date")[:10] if element is not None else "")


def _slot(slots: Element | None, *path: str) -> Element | None:
    """Return the value of a slot by its path through frames; None where there is none."""
    at = slots
    for key in path:
        slot = next((child for child in at.children if child.said("slot:key") == key), None) if at else None
        at = slot.first("slot:value") if slot is not None else None
    return at


def _slot_text(slots: Element | None, *path: str) -> str:
    value = _slot(slots, *path)
    return value.text if value is not None else ""
