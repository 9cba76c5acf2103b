"""The neutral records between a file and the books: the lines of the jsonl interchange format.

Readers of foreign formats yield these, writers take them, and `jsonl` is their plain form on disk, so a
format is written once in each direction. Amounts are decimal strings, debit positive, in the book's base
currency; dates are ISO text; references to masters are the file's own ids. docs/interchange.md shows one
of each kind.
"""

from collections.abc import Iterator
from typing import Literal, Protocol

import msgspec

FileId = str | int


class CompanyRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the file says of its company; used to check that currencies agree and on the proof page."""

    name: str = ""
    currency: str = ""
    books_begin: str = ""
    country: str = ""
    state: str = ""


class GroupRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group: its path from the root, itself last. `maps_to` names a predefined group where the file knows it.

    `maps_to` is a reserved name of `PREDEFINED_GROUPS` and holds for this path alone, at any depth. The group
    at the path is then that predefined group, if it has its name (without case, single blanks); otherwise it
    is a group of its own name directly under it, wherever the path says it stood. Paths that go on below are
    made below it. Without `maps_to` a group stands under the one before it on its path, and a root is looked
    up in the table of root names (Assets, Liabilities, Equity, Income, Expenses and the 28 predefined ones).
    `own` says that it is a group of its own where it stands, though it is called as a predefined one is.
    `renamed` is what the company calls a predefined group.
    """

    path: list[str]
    maps_to: str = ""
    own: bool = False
    renamed: str = ""
    retired: bool = False


class OpeningBillRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bill open when the books begin."""

    name: str
    date: str
    amount: str
    due: str = ""


class PartyRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Details of the party behind an account; `tax_ids` maps a scheme (GSTIN, PAN, TRN, VAT) to a number."""

    mailing_name: str = ""
    address: list[str] = []
    state: str = ""
    country: str = ""
    postcode: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    tax_ids: dict[str, str] = {}
    credit_days: int | None = None
    credit_limit: str = ""


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ledger account. `group` is the path from the root; `closing` is the source's own closing balance, if stated.

    `kind` is a hint (bank, cash, customer, supplier, ...). `uid` is its permanent UUID where one is known.
    """

    id: FileId
    name: str
    group: list[str]
    opening: str = "0"
    kind: str = ""
    uid: str = ""
    closing: str = ""
    currency: str = ""
    opening_foreign: str = ""
    aliases: list[str] = []
    code: str = ""
    bill_by_bill: bool = False
    cost_centres: bool = False
    opening_bills: list[OpeningBillRecord] = []
    party: PartyRecord | None = None
    bank_account: str = ""
    notes: str = ""
    reserved: str = ""
    retired: bool = False


class CurrencyRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A foreign currency with dated rates (base units per unit)."""

    code: str
    rates: list[tuple[str, str]] = []
    retired: bool = False


class CostCategoryRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cost category; `reserved` is ``primary`` on the one that every company has."""

    name: str
    reserved: str = ""
    retired: bool = False


class CostCentreRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cost centre; an empty category means the primary one, an empty parent the top."""

    name: str
    category: str = ""
    parent: str = ""
    retired: bool = False


class VoucherTypeRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A voucher type of the file's own. `parent` is a predefined type's name; numbering as in the core.

    `reserved` is set where this is a predefined type under the company's own name: the name of its nature.
    """

    name: str
    parent: str
    abbreviation: str = ""
    numbering: Literal["automatic", "manual", "manual-repeatable"] = "manual-repeatable"
    prefix: str = ""
    width: int = 5
    reserved: str = ""
    retired: bool = False


class ForeignRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry's amount in another currency, and the rate (base units per unit)."""

    currency: str
    amount: str
    rate: str


class BillRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bill allocation of an entry."""

    kind: Literal["new", "against", "advance", "on-account"]
    amount: str
    name: str = ""
    due: str = ""


class CostRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cost allocation of an entry, by the centre's name."""

    centre: str
    amount: str


class InstrumentRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Cheque or transfer details of a bank entry."""

    kind: str = ""
    number: str = ""
    date: str = ""
    cleared: str = ""


class EntryRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One entry; `ledger` is the account's id in the file."""

    ledger: FileId
    amount: str
    foreign: ForeignRecord | None = None
    bills: list[BillRecord] | None = None
    costs: list[CostRecord] | None = None
    instrument: InstrumentRecord | None = None
    narration: str = ""


class StockRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods named on a voucher: kept with it; the accounting side stands in its entries."""

    item: str
    quantity: str = ""
    unit: str = ""
    rate: str = ""
    amount: str = "0"
    ledger: FileId | None = None
    godown: str = ""
    batch: str = ""
    kept: dict[str, str] = {}


class VoucherRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A voucher. `type` is a voucher type's name, predefined (any case, ``-`` for blank) or from this file.

    `id` is a UUID where the source has one; other text becomes a UUID derived from it, so importing the
    file again changes nothing. `kept` holds (path, text) of what this model has no field for.
    """

    id: str
    type: str
    date: str
    entries: list[EntryRecord]
    number: str = ""
    party: FileId | None = None
    narration: str = ""
    effective: str = ""
    reference: str = ""
    reference_date: str = ""
    state: Literal["regular", "optional", "post-dated", "cancelled"] = "regular"
    reverses_on: str = ""
    stock: list[StockRecord] = []
    kept: dict[str, str] = {}


class NotImported(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something of the source that has no place in the books (a scheduled transaction, a budget): said, not hidden."""

    what: str
    count: int
    example: str = ""


Record = (
    CompanyRecord
    | GroupRecord
    | AccountRecord
    | CurrencyRecord
    | CostCategoryRecord
    | CostCentreRecord
    | VoucherTypeRecord
    | VoucherRecord
    | NotImported
)


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A record and where it stood: `place` is ``file:line`` or ``file: voucher 12``, for errors."""

    place: str
    record: Record


class Reader(Protocol):
    """Reads one file as a stream, masters before the vouchers that use them, in bounded memory.

    Raises `InvalidInput` with the place for anything it cannot read; yields nothing half-read.
    """

    def __call__(self) -> Iterator[Placed]: ...
