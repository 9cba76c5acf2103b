"""A GnuCash transaction as a voucher in the base currency.

A split has a value in the transaction's currency and a quantity in its account's commodity. In base:

- a transaction in the base currency: its values;
- any other: the quantities of its splits on base-currency accounts as they are, everything else at the rate
  these imply, or without such splits at the nearest price of the price table (`no-exchange-rate` if none).

A split on an account in another currency keeps its quantity as the foreign amount. Securities are kept at
cost, the shares said in `kept`. What rounding leaves, at most half a minor unit a split, goes to the entry
with the largest foreign amount and is said in `kept`; a larger difference is refused (`unbalanced`).

Every transaction is a journal, but: where cash and bank accounts all move one way and everything else, no
equity among it, the other way, it is a payment or a receipt; where only cash and bank move, a contra.
"""

from collections.abc import Mapping
from fractions import Fraction

from ledgerflow_core.errors import refuse
from ledgerflow_core.money.amount import decimal_text, divide_half_even
from ledgerflow_core.money.currency import Currency, currency
from ledgerflow_desktop.interchange.gnucash.behaviour import RESERVED_BY_TYPE, is_cash_or_bank
from ledgerflow_desktop.interchange.gnucash.book import BookAccount, Split, Transaction, uuid_of
from ledgerflow_desktop.interchange.gnucash.rates import BaseRates
from ledgerflow_desktop.interchange.rate_text import rate_text
from ledgerflow_desktop.interchange.records import EntryRecord, ForeignRecord, InstrumentRecord, VoucherRecord


class Conversion:
    """Makes the vouchers of one book."""

    def __init__(self, accounts: Mapping[str, BookAccount], base: Currency, rates: BaseRates) -> None:
        self._accounts = accounts
        self._base = base
        self._rates = rates

    def voucher(self, transaction: Transaction) -> VoucherRecord | None:
        """Return the voucher; None for a transaction that moves nothing and was not voided."""
        splits = _as_before_voiding(transaction)
        difference = sum((split.value for split in splits), Fraction(0))
        if difference:
            raise refuse("unbalanced", difference=str(difference)[:40])
        kept: dict[str, str] = {}
        if transaction.void_reason:
            kept["void-reason"] = transaction.void_reason
        if transaction.document:
            kept["document"] = transaction.document
        amounts = self._amounts_minor(transaction, splits, kept)
        entries = [
            self._entry(split, amount, f"entries[{at}]", kept)
            for at, (split, amount) in enumerate(zip(splits, amounts, strict=True))
        ]
        is_void = transaction.void_reason is not None
        if not is_void and not any(amounts) and all(split.quantity == 0 for split in splits):
            return None
        return VoucherRecord(
            id=uuid_of(transaction.guid),
            type=self._type(splits, amounts),
            date=transaction.date.isoformat(),
            entries=entries,
            reference=transaction.num,
            narration="\n".join(text for text in (transaction.description, transaction.notes) if text),
            state="cancelled" if is_void else "regular",
            kept=kept,
        )

    def _account(self, split: Split) -> BookAccount:
        account = self._accounts.get(split.account)
        if account is None:
            raise refuse("unknown-account", given=split.account[:60])
        return account

    def _amounts_minor(self, transaction: Transaction, splits: list[Split], kept: dict[str, str]) -> list[int]:
        """Return the splits' base amounts in minor units, adding up to zero."""
        scale = 10**self._base.exponent
        if transaction.currency == ("CURRENCY", self._base.code):
            exact = [split.value for split in splits]
        else:
            rate = self._rate(transaction, splits)
            exact = [split.quantity if self._is_base(split) else split.value * rate for split in splits]
        minor = [divide_half_even(amount.numerator * scale, amount.denominator) for amount in exact]
        left = sum(minor)
        if abs(left) > len(minor):
            raise refuse("unbalanced", difference=decimal_text(left, self._base.exponent))
        if left:
            at = max(range(len(minor)), key=lambda at: (not self._is_base(splits[at]), abs(minor[at]), -at))
            minor[at] -= left
            kept["rounding"] = f"entries[{at}]: {decimal_text(-left, self._base.exponent)} {self._base.code}"
        return minor

    def _is_base(self, split: Split) -> bool:
        commodity = self._account(split).commodity
        return commodity is not None and commodity.is_currency and commodity.code == self._base.code

    def _rate(self, transaction: Transaction, splits: list[Split]) -> Fraction:
        """Return base units for one unit of the transaction's currency."""
        base_splits = [split for split in splits if self._is_base(split)]
        value = sum(split.value for split in base_splits)
        quantity = sum(split.quantity for split in base_splits)
        if not value:
            value = sum(abs(split.value) for split in base_splits)
            quantity = sum(abs(split.quantity) for split in base_splits)
        if value and quantity / value > 0:
            return Fraction(quantity) / value
        nearest = self._rates.nearest(transaction.currency.code, transaction.date)
        if nearest is None or not transaction.currency.is_currency:
            facts = {"currency": str(transaction.currency)[:40], "date": transaction.date.isoformat()}
            raise refuse("no-exchange-rate", **facts)
        return nearest

    def _entry(self, split: Split, amount_minor: int, place: str, kept: dict[str, str]) -> EntryRecord:
        account = self._account(split)
        commodity = account.commodity
        foreign: ForeignRecord | None = None
        if commodity is not None and not self._is_base(split) and split.quantity:
            foreign = self._foreign(split, commodity.code, amount_minor) if commodity.is_currency else None
            if foreign is None:
                kept[f"{place}.quantity"] = f"{_plain(split.quantity)} {commodity}"
        if split.action:
            kept[f"{place}.action"] = split.action
        return EntryRecord(
            ledger=uuid_of(split.account),
            amount=decimal_text(amount_minor, self._base.exponent),
            foreign=foreign,
            instrument=InstrumentRecord(cleared=split.cleared) if split.cleared else None,
            narration=split.memo,
        )

    def _foreign(self, split: Split, code: str, amount_minor: int) -> ForeignRecord | None:
        """Return the amount in the account's own currency; None where base and quantity give no rate."""
        exponent = currency(code).exponent
        amount = Fraction(amount_minor, 10**self._base.exponent)
        rate = rate_text(amount / split.quantity)
        minor = divide_half_even(split.quantity.numerator * 10**exponent, split.quantity.denominator)
        return ForeignRecord(currency=code, amount=decimal_text(minor, exponent), rate=rate) if rate and minor else None

    def _type(self, splits: list[Split], amounts: list[int]) -> str:
        types = [self._account(split).type for split in splits]
        if any(RESERVED_BY_TYPE[each] in ("capital", "suspense") for each in types):
            return "journal"
        money = {amount > 0 for each, amount in zip(types, amounts, strict=True) if amount and is_cash_or_bank(each)}
        other = {
            amount > 0 for each, amount in zip(types, amounts, strict=True) if amount and not is_cash_or_bank(each)
        }
        if money and not other:
            return "contra"
        if len(money) == 1 and len(other) == 1 and money != other:
            return "receipt" if True in money else "payment"
        return "journal"


def _as_before_voiding(transaction: Transaction) -> list[Split]:
    """Return the splits; those of a voided transaction as they were, if the file still says so and it balanced."""
    if transaction.void_reason is None:
        return transaction.splits
    former = [split.former for split in transaction.splits if split.former is not None]
    if len(former) < len(transaction.splits) or sum((value for value, _ in former), Fraction(0)):
        return transaction.splits
    return [
        split._replace(value=value, quantity=quantity)
        for split, (value, quantity) in zip(transaction.splits, former, strict=True)
    ]


def _plain(quantity: Fraction) -> str:
    """Return a quantity as decimal text where it has an end within 12 decimals, else as a fraction."""
    scaled = quantity * 10**12
    if scaled.denominator != 1:
        return str(quantity)
    text = decimal_text(scaled.numerator, 12).rstrip("0").rstrip(".")
    return text or "0"
