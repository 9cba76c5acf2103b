"""The voucher: one business document, whole. An alteration is a new whole voucher with the same id and number."""

import datetime
from enum import StrEnum

import msgspec

from ledgerflow_core.identifiers import AccountId, VoucherId, VoucherTypeId
from ledgerflow_core.ledger.entry import Entry


class VoucherState(StrEnum):
    """Whether and when a voucher reaches the books."""

    REGULAR = "regular"
    OPTIONAL = "optional"  # a proposal: in no balance until it is made regular
    POST_DATED = "post-dated"  # in the books from its date on, not a day before
    CANCELLED = "cancelled"  # keeps its number, moves nothing


class StockLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                gc=False):  # fmt: skip
    """Goods named on a voucher. Quantities and rates are decimal text; `amount` is in base minor units.

    A positive quantity comes in, a negative one goes out. `account` is the entry the line explains.
    """

    item: str
    quantity: str = ""
    unit: str = ""
    rate: str = ""
    amount: int = 0
    account: AccountId | None = None
    godown: str = ""
    batch: str = ""
    kept: tuple[tuple[str, str], ...] = ()


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                 gc=False):  # fmt: skip
    """A file that belongs to a voucher, named by its SHA-256 (hex)."""

    sha256: str
    size: int
    name: str
    media_type: str = "application/octet-stream"


class Voucher(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
              gc=False):  # fmt: skip
    """A voucher. Entries are in the order they were written and add up to zero, but for natures that post nothing.

    `effective` is the day interest and due dates count from where it is not the date. `reverses_on` is
    the last day of a reversing journal. `kept` holds what an imported file said that this model has no
    field for, as (path, text) pairs, so that nothing of the file is thrown away.
    """

    id: VoucherId
    type: VoucherTypeId
    date: datetime.date
    number: str = ""
    effective: datetime.date | None = None
    reference: str = ""
    reference_date: datetime.date | None = None
    party: AccountId | None = None
    narration: str = ""
    entries: tuple[Entry, ...] = ()
    state: VoucherState = VoucherState.REGULAR
    reverses_on: datetime.date | None = None
    stock: tuple[StockLine, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def debit_total(self) -> int:
        """The sum of the debits: what people call the voucher's amount, in base minor units."""
        return sum([entry.amount for entry in self.entries if entry.amount > 0])
