"""A GnuCash book as both of its file forms say it: accounts with their totals, prices, transactions, leftovers."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple, Protocol

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import to_text
from ledgerflow_desktop.interchange.records import NotImported

_GUID = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)
_ISO_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


class Commodity(NamedTuple):
    """What an account is kept in: a currency, or a security under the name of its exchange."""

    space: str
    code: str

    @property
    def is_currency(self) -> bool:
        """Whether it is a currency we can name; GnuCash lets people rename one to anything."""
        return self.space in ("CURRENCY", "ISO4217") and _ISO_CODE.fullmatch(self.code) is not None

    def __str__(self) -> str:
        return self.code if self.is_currency else f"{self.space}:{self.code}"


@dataclass(frozen=True, slots=True)
class BookAccount:
    """A node of GnuCash's one tree: it may group others, hold splits, or both. `parent` is None below the root."""

    guid: str
    name: str
    type: str
    commodity: Commodity | None
    parent: str | None
    code: str = ""
    description: str = ""
    notes: str = ""
    is_hidden: bool = False
    is_placeholder: bool = False


class Split(NamedTuple):
    """One line of a transaction, debit positive: `value` in its currency, `quantity` in the account's commodity.

    `former` is the value and quantity of a voided split before; `cleared` an ISO date or empty.
    """

    account: str
    value: Fraction
    quantity: Fraction
    memo: str = ""
    action: str = ""
    cleared: str = ""
    former: tuple[Fraction, Fraction] | None = None


class Transaction(NamedTuple):
    """A transaction with all of its splits. `void_reason` is None unless it was voided."""

    guid: str
    currency: Commodity
    date: date
    splits: list[Split]
    num: str = ""
    description: str = ""
    notes: str = ""
    document: str = ""
    void_reason: str | None = None


class Price(NamedTuple):
    """What one unit of a currency was worth in another on a day."""

    commodity: Commodity
    currency: Commodity
    date: date
    value: Fraction


@dataclass
class Book:
    """Everything but the transactions, which are streamed. `totals` has an account only if it holds splits."""

    company: str = ""
    accounts: dict[str, BookAccount] = field(default_factory=dict)
    totals: dict[str, Fraction] = field(default_factory=dict)
    splits_by_currency: Counter[str] = field(default_factory=Counter)
    prices: list[Price] = field(default_factory=list)
    leftovers: list[NotImported] = field(default_factory=list)


class Source(Protocol):
    """One file. Both methods raise `InvalidInput` with the place for what cannot be read."""

    def book(self) -> Book:
        """Read everything but the transactions; accounts in the file's order, template accounts left out."""

    def transactions(self) -> Iterator[tuple[str, Transaction]]:
        """Stream (place, transaction), those of scheduled transactions' templates left out."""


def uuid_of(guid: str) -> str:
    """Return the UUID text of GnuCash's 32 hexadecimal digits (`bad-identifier`)."""
    if not _GUID.fullmatch(guid):
        raise refuse("bad-identifier", given=guid[:60])
    return to_text(bytes.fromhex(guid))


def fraction(numerator: int, denominator: int) -> Fraction:
    """Return GnuCash's amount; a denominator of zero is refused (`bad-amount`)."""
    if denominator <= 0:
        raise refuse("bad-amount", given=f"{numerator}/{denominator}"[:60])
    return Fraction(numerator, denominator)


def iso_date(text: str) -> date:
    """Return the date of ISO text (`bad-date`)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("bad-date", given=text[:40]) from None
