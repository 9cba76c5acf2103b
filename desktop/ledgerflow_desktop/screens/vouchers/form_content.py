"""What stands in the fields of a voucher form: also what is not valid yet, so that a draft keeps every letter.

Mutable on purpose: this is paper and pencil. A `Voucher` is made from it only when it is accepted.
"""

import datetime
from enum import StrEnum

import msgspec

from ledgerflow_core.identifiers import AccountId, CostCentreId, VoucherId, VoucherTypeId
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.vouchers.voucher import VoucherState


class Side(StrEnum):
    """Where a line stands: By (debit) or To (credit)."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def sign(self) -> int:
        """+1 for a debit, -1 for a credit."""
        return 1 if self is Side.DEBIT else -1

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class Mode(StrEnum):
    """How a voucher is written: every line with its side, or one account on top and particulars below it."""

    DOUBLE_ENTRY = "double-entry"
    SINGLE_ENTRY = "single-entry"


class AmountField(msgspec.Struct, omit_defaults=True):
    """A field for an amount in minor units: the text as typed, and what it means once it means something.

    In a line the amount counts on the line's side; only in single entry may it be negative (a deduction).
    """

    text: str = ""
    minor: int | None = None

    def set(self, minor: int | None, text: str = "") -> None:
        """Put an amount in; `text` is kept where it means nothing (yet)."""
        self.minor, self.text = minor, text

    @property
    def value(self) -> int:
        """The amount, 0 where there is none."""
        return self.minor or 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in the field."""
        return self.minor is None and not self.text.strip()


class BillRow(msgspec.Struct, omit_defaults=True):
    """Part of a line set to a bill; the amount counts on the side of the line."""

    kind: BillKind = BillKind.ON_ACCOUNT
    name: str = ""
    due: datetime.date | None = None
    amount: AmountField = msgspec.field(default_factory=AmountField)


class CostRow(msgspec.Struct, omit_defaults=True):
    """Part of a line set to a cost centre; the amount counts on the side of the line."""

    centre: CostCentreId | None = None
    amount: AmountField = msgspec.field(default_factory=AmountField)


class ForeignFields(msgspec.Struct, omit_defaults=True):
    """The line in another currency; the amount counts on the side of the line."""

    currency: str = ""
    amount: AmountField = msgspec.field(default_factory=AmountField)
    rate: str = ""


class InstrumentFields(msgspec.Struct, omit_defaults=True):
    """Cheque, transfer or card behind a bank line. `cleared` is not typed here and kept as it was."""

    kind: str = ""
    number: str = ""
    date: datetime.date | None = None
    cleared: datetime.date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in the fields."""
        return not (self.kind or self.number or self.date or self.cleared)


class Line(msgspec.Struct, omit_defaults=True):
    """One line: an account, its side, its amount and what explains it."""

    side: Side = Side.DEBIT
    account: AccountId | None = None
    account_text: str = ""
    amount: AmountField = msgspec.field(default_factory=AmountField)
    bills: list[BillRow] = msgspec.field(default_factory=list)
    costs: list[CostRow] = msgspec.field(default_factory=list)
    foreign: ForeignFields | None = None
    instrument: InstrumentFields = msgspec.field(default_factory=InstrumentFields)
    narration: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed in the line."""
        return self.account is None and not self.account_text.strip() and self.amount.is_empty

    @property
    def signed(self) -> int:
        """The amount, debit positive."""
        return self.side.sign * self.amount.value


class FormContent(msgspec.Struct, omit_defaults=True):
    """Everything in the form. `base` is the event hash (hex) an alteration is based on, empty for a new voucher."""

    id: VoucherId
    type: VoucherTypeId
    date: datetime.date
    mode: Mode = Mode.DOUBLE_ENTRY
    number: str = ""
    reference: str = ""
    reference_date: datetime.date | None = None
    account: AccountId | None = None
    account_text: str = ""
    account_instrument: InstrumentFields = msgspec.field(default_factory=InstrumentFields)
    lines: list[Line] = msgspec.field(default_factory=list)
    narration: str = ""
    state: VoucherState = VoucherState.REGULAR
    base: str = ""


_DECODER = msgspec.json.Decoder(FormContent)


def to_draft(content: FormContent) -> bytes:
    """Return the content as it is kept between key presses and after a crash."""
    return msgspec.json.encode(content)


def from_draft(raw: bytes) -> FormContent | None:
    """Return the content of a draft; None for one this version cannot read: a draft never keeps a form from opening."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
