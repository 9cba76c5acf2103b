"""What a plain-text accounting program takes of the books: masters at once, then the vouchers that moved accounts.

Those programs know entries and balances, and no voucher that waits, was called off or only proposes.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from ledgerflow_core.errors import refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED, PREDEFINED_GROUPS, Nature
from ledgerflow_core.masters.voucher_type import POSTS_TO_BOOKS, VoucherNature, predefined_voucher_types
from ledgerflow_core.money.amount import decimal_text, parse_minor
from ledgerflow_core.money.currency import Currency, currency
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CurrencyRecord,
    FileId,
    GroupRecord,
    Record,
    VoucherRecord,
    VoucherTypeRecord,
)

_RESERVED_BY_NAME = {folded(group.name): group.reserved for group in PREDEFINED_GROUPS}
_NATURE_BY_TYPE = {folded(each.name): each.nature for each in predefined_voucher_types()}
_NATURE_BY_ROOT = {
    "assets": Nature.ASSET,
    "liabilities": Nature.LIABILITY,
    "income": Nature.INCOME,
    "expenses": Nature.EXPENSE,
}

# Joiners shape letters in Indian and Arabic scripts; every other invisible character only deceives.
_JOINERS = "\u200c\u200d"


@dataclass
class Masters:
    """The masters of one export. `first_day` is when the books begin or, unknown, the day of the first voucher."""

    company: CompanyRecord
    base: Currency
    accounts: dict[FileId, AccountRecord]
    first_day: str
    reserved_by_path: dict[tuple[str, ...], str] = field(default_factory=dict)
    own_paths: set[tuple[str, ...]] = field(default_factory=set)
    nature_by_type: dict[str, VoucherNature] = field(default_factory=dict)
    foreign_codes: set[str] = field(default_factory=set)

    def reserved_of(self, account: AccountRecord) -> str:
        """Return the predefined group nearest above an account; empty if its path leads to none."""
        for depth in range(len(account.group), 0, -1):
            path = tuple(account.group[:depth])
            if path in self.own_paths:
                continue
            named = self.reserved_by_path.get(path)
            reserved = named or _RESERVED_BY_NAME.get(folded(account.group[depth - 1]))
            if reserved:
                return reserved
        return ""

    def nature_of(self, account: AccountRecord) -> Nature:
        """Return the side of the books an account is on; what leads nowhere is a liability, as suspense is."""
        reserved = self.reserved_of(account)
        if reserved:
            return PREDEFINED_GROUP_BY_RESERVED[reserved].nature
        root = folded(account.group[0]) if account.group else ""
        return _NATURE_BY_ROOT.get(root, Nature.LIABILITY)

    def is_equity(self, account: AccountRecord) -> bool:
        """Whether an account is the owners' own: what other programs keep apart from liabilities."""
        reserved = self.reserved_of(account)
        return reserved in ("capital", "reserves") or (not reserved and folded("".join(account.group[:1])) == "equity")

    def nature_of_type(self, voucher: VoucherRecord) -> VoucherNature:
        """Return what vouchers of its type do."""
        type_name = folded(voucher.type)
        nature = self.nature_by_type.get(type_name) or self.nature_by_type.get(type_name.replace("-", " "))
        assert nature is not None, f"voucher type {voucher.type} is not among the records"
        return nature

    def is_in_books(self, voucher: VoucherRecord) -> bool:
        """Whether a voucher moves accounts: by its state, and by the nature of its type."""
        is_due = voucher.state in ("regular", "post-dated")
        return is_due and self.nature_of_type(voucher) in POSTS_TO_BOOKS and bool(voucher.entries)

    def openings(self) -> Iterator[tuple[AccountRecord, int]]:
        """Yield each account that does not begin at zero, with its balance in minor units."""
        for account in self.accounts.values():
            opening = parse_minor(account.opening, self.base.exponent)
            if opening:
                yield account, opening

    def text(self, minor: int) -> str:
        """Return an amount of the base currency as decimal text."""
        return decimal_text(minor, self.base.exponent)


def gather(records: Iterable[Record]) -> tuple[Masters, Iterator[VoucherRecord]]:
    """Return the masters, and the vouchers as a stream. Records come masters first, vouchers by date.

    Refuses books without a currency, and such as begin on no known day though a balance is carried in
    (`missing-field`).
    """
    company, first = CompanyRecord(), None
    accounts: dict[FileId, AccountRecord] = {}
    reserved_by_path: dict[tuple[str, ...], str] = {}
    own_paths: set[tuple[str, ...]] = set()
    natures = dict(_NATURE_BY_TYPE)
    foreign_codes: set[str] = set()
    stream = iter(records)
    for record in stream:
        match record:
            case CompanyRecord():
                company = record
            case AccountRecord():
                accounts[record.id] = record
                foreign_codes |= {record.currency} - {""}
            case CurrencyRecord():
                foreign_codes.add(record.code)
            case GroupRecord(path=path, maps_to=maps_to) if maps_to:
                reserved_by_path[tuple(path)] = maps_to
            case GroupRecord(path=path, own=True):
                own_paths.add(tuple(path))
            case VoucherTypeRecord():
                natures[folded(record.name)] = natures[folded(record.parent)]
            case VoucherRecord():
                first = record
                break
            case _:
                pass
    if not company.currency:
        raise refuse("missing-field", "company", field="currency")
    first_day = company.books_begin or (first.date if first is not None else "")
    if not first_day:
        if any(account.opening.strip("0.-+") for account in accounts.values()):
            raise refuse("missing-field", "company", field="books_begin")
        first_day = date.min.replace(year=1970).isoformat()
    vouchers = chain([first] if first is not None else [], stream)
    masters = Masters(
        company, currency(company.currency), accounts, first_day, reserved_by_path, own_paths, natures, foreign_codes
    )
    return masters, (record for record in vouchers if isinstance(record, VoucherRecord))


def one_line(text: str) -> str:
    """Return a text without line breaks, controls and characters that hide or reorder others, blanks single."""
    visible = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", text)
        if c in _JOINERS or unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(visible.split())
