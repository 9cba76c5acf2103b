"""Ledger accounts and the party behind one. "Account" in code is "ledger" on Indian screens."""

import datetime

import msgspec

from ledgerflow_core.identifiers import AccountId, GroupId, MasterId, named
from ledgerflow_core.masters.group import group_id

# Far above what any office keeps on one master: a large one is copied and compared with all that look at its chart.
ALIASES_MAX = 100
ADDRESS_LINES_MAX = 20
TAX_IDENTITIES_MAX = 100
OPENING_BILLS_MAX = 10_000


class TaxIdentity(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A registration with a tax office: `scheme` is GSTIN, PAN, TRN, VAT ...; `number` as written by the office."""

    scheme: str
    number: str


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who stands behind a customer's or supplier's account. `credit_limit` is in minor units of the base currency."""

    mailing_name: str = ""
    address: tuple[str, ...] = ()
    state: str = ""
    country: str = ""
    postcode: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    tax_identities: tuple[TaxIdentity, ...] = ()
    credit_days: int | None = None
    credit_limit: int | None = None


class OpeningBill(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A bill that was already open when the books began; `amount` in minor units, debit positive."""

    name: str
    date: datetime.date
    amount: int
    due: datetime.date | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag="account",
              tag_field="kind"):  # fmt: skip
    """A ledger account.

    `opening` is its balance when the books begin, in minor units of the base currency, debit positive.
    `currency` is set when the account is kept in another currency (`opening_foreign` in its minor units).
    `bill_by_bill` asks every entry for bill references; `cost_centres` asks for cost allocations.
    `merged_into` is the account that what stands on this one counts on; only a merge sets it (`Chart.merge`).
    """

    id: AccountId
    name: str
    group: GroupId
    opening: int = 0
    aliases: tuple[str, ...] = ()
    code: str = ""
    currency: str | None = None
    opening_foreign: int = 0
    bill_by_bill: bool = False
    cost_centres: bool = False
    opening_bills: tuple[OpeningBill, ...] = ()
    party: Party | None = None
    bank_account: str = ""
    notes: str = ""
    reserved: str | None = None
    retired: bool = False
    merged_into: AccountId | None = None


def account_id(reserved: str) -> AccountId:
    """Return the fixed id of a predefined account (``cash``, ``profit-and-loss``)."""
    return AccountId(MasterId(named("account", reserved)))


CASH = account_id("cash")
# Holds the result that earlier years brought forward when a company's books are taken over. It stands in no
# group: the balance sheet shows it together with the result of the years in these books.
PROFIT_AND_LOSS = account_id("profit-and-loss")


def predefined_accounts() -> list[Account]:
    """Return the two accounts a company is born with."""
    return [
        Account(id=CASH, name="Cash", group=group_id("cash-in-hand"), reserved="cash"),
        Account(id=PROFIT_AND_LOSS, name="Profit & Loss A/c", group=group_id("capital"), reserved="profit-and-loss"),
    ]
