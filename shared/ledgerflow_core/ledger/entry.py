"""Entries: one line of a voucher, an amount on an account. Debit is positive, credit negative."""

import datetime
from enum import StrEnum

import msgspec

from ledgerflow_core.identifiers import AccountId, CostCentreId


class BillKind(StrEnum):
    """What an allocation does with a bill reference."""

    NEW = "new"  # opens a bill
    AGAINST = "against"  # settles one that is open
    ADVANCE = "advance"  # money ahead of its bill, open until one is set against it
    ON_ACCOUNT = "on-account"  # belongs to no bill yet; has no name


class BillAllocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                     gc=False):  # fmt: skip
    """Part of an entry set to a bill; `amount` in base minor units, debit positive. `due` belongs to a new bill."""

    kind: BillKind
    amount: int
    name: str = ""
    due: datetime.date | None = None


class CostAllocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                     gc=False):  # fmt: skip
    """Part of an entry set to a cost centre; `amount` in base minor units, debit positive."""

    centre: CostCentreId
    amount: int


class ForeignAmount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                    gc=False):  # fmt: skip
    """The entry in another currency: `amount` in that currency's minor units, `rate` base units per unit."""

    currency: str
    amount: int
    rate: str


class Instrument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                 gc=False):  # fmt: skip
    """The cheque, transfer or card behind a bank entry; `cleared` is the day the bank booked it."""

    kind: str = ""
    number: str = ""
    date: datetime.date | None = None
    cleared: datetime.date | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
            gc=False):  # fmt: skip
    """An amount on an account, in minor units of the base currency, debit positive."""

    account: AccountId
    amount: int
    foreign: ForeignAmount | None = None
    bills: tuple[BillAllocation, ...] = ()
    costs: tuple[CostAllocation, ...] = ()
    instrument: Instrument | None = None
    narration: str = ""
