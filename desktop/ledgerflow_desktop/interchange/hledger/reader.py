"""A plain hledger journal as records: read once for the accounts, once for the transactions.

The base currency is the one given, or the one in most postings. A posting in another needs a price in the
base: an amount without one is refused, as hledger's own guess would be ours to answer for. What rounding
leaves, at most one minor unit a posting, goes to the largest foreign amount and is said in `kept`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED, PREDEFINED_GROUPS
from ledgerflow_core.money.amount import decimal_text, divide_half_even
from ledgerflow_core.money.currency import Currency, currency
from ledgerflow_desktop.interchange.distinct_names import Named, distinct_names
from ledgerflow_desktop.interchange.hledger.journal import (
    AccountDirective,
    Amount,
    JournalTransaction,
    Posting,
    items,
)
from ledgerflow_desktop.interchange.lines import Progress, line_place
from ledgerflow_desktop.interchange.rate_text import rate_text
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CurrencyRecord,
    EntryRecord,
    ForeignRecord,
    GroupRecord,
    Placed,
    VoucherRecord,
)

# hledger's account types, and the first words of names from which it tells them: reserved names of groups.
_RESERVED_BY_TYPE = {
    "A": "current-assets", "C": "bank-accounts", "L": "current-liabilities", "E": "capital",
    "R": "indirect-incomes", "X": "indirect-expenses", "V": "capital",
    "ASSET": "current-assets", "CASH": "bank-accounts", "LIABILITY": "current-liabilities", "EQUITY": "capital",
    "REVENUE": "indirect-incomes", "EXPENSE": "indirect-expenses", "CONVERSION": "capital",
}  # fmt: skip
_RESERVED_BY_ROOT = {
    "asset": "current-assets", "assets": "current-assets", "liability": "current-liabilities",
    "liabilities": "current-liabilities", "debt": "current-liabilities", "debts": "current-liabilities",
    "equity": "capital", "income": "indirect-incomes", "revenue": "indirect-incomes",
    "revenues": "indirect-incomes", "expense": "indirect-expenses", "expenses": "indirect-expenses",
}  # fmt: skip
# Roots every reader of the neutral records knows without being told.
_KNOWN_ROOTS = {"assets", "liabilities", "equity", "income", "expenses"} | {folded(g.name) for g in PREDEFINED_GROUPS}


@dataclass(slots=True)
class _Survey:
    """What the first reading learns: accounts in order of appearance with their types, currencies in use."""

    type_by_account: dict[str, str] = field(default_factory=dict)
    currencies: Counter[str] = field(default_factory=Counter)


def read(path: Path, *, base_currency: str | None, progress: Progress | None = None) -> Iterator[Placed]:
    """Yield the company, groups, accounts and currencies, then the transactions in the journal's order.

    Each transaction becomes a journal voucher under its code, or a voucher of the type and id that
    `writer` left as tags. Raises `InvalidInput` with ``file:line``: `hledger-not-understood`, `bad-date`,
    `no-currency`, `no-price`, `unbalanced`, and what `lines` refuses.
    """
    survey = _survey(path, _BothReadings(path, progress, 0))
    if base_currency is None and not survey.currencies:
        raise refuse("no-currency", path.name)
    counts = survey.currencies
    base = currency(base_currency or min(counts, key=lambda code: (-counts[code], code)))
    yield Placed(path.name, CompanyRecord(currency=base.code))
    for master in _masters(survey):
        yield Placed(path.name, master)
    for code in sorted(set(counts) - {base.code}):
        yield Placed(path.name, CurrencyRecord(code=code))
    seen: Counter[int] = Counter()
    for item in items(path, _BothReadings(path, progress, 1)):
        if isinstance(item, JournalTransaction):
            place = line_place(path, item.line)
            try:
                yield Placed(place, _voucher(item, base, seen))
            except InvalidInput as error:
                raise InvalidInput([problem.at(place) for problem in error.problems]) from None


class _BothReadings:
    """Turns bytes of one of the two readings into progress over both."""

    def __init__(self, path: Path, progress: Progress | None, half: int) -> None:
        self._size = path.stat().st_size if path.exists() else 0
        self._progress = progress
        self._done = half * self._size

    def __call__(self, read_bytes: int) -> None:
        self._done += read_bytes
        if self._progress is not None:
            self._progress(self._done, 2 * self._size)


def _survey(path: Path, progress: _BothReadings) -> _Survey:
    survey = _Survey()
    for item in items(path, progress):
        if isinstance(item, AccountDirective):
            survey.type_by_account[item.name] = item.type.upper() or survey.type_by_account.get(item.name, "")
            continue
        for posting in item.postings:
            survey.type_by_account.setdefault(posting.account, "")
            for amount in (posting.amount, posting.price):
                if amount is not None and amount.currency:
                    survey.currencies[amount.currency] += 1
    return survey


def _masters(survey: _Survey) -> Iterator[GroupRecord | AccountRecord]:
    """Yield each group when the first account below it comes, then the accounts in order."""
    parents = {name.rpartition(":")[0] for name in survey.type_by_account}
    path_by_account: dict[str, list[str]] = {}
    said: set[tuple[str, ...]] = set()
    for name, type_ in survey.type_by_account.items():
        # An account with others below it is a group, and an account of the same name inside.
        path = name.split(":") if name in parents else name.split(":")[:-1]
        root = folded(name.split(":")[0])
        reserved = _RESERVED_BY_TYPE.get(type_) or _RESERVED_BY_ROOT.get(root, "suspense")
        if not path:
            path = [PREDEFINED_GROUP_BY_RESERVED[reserved].name]
        path_by_account[name] = path
        for depth in range(1, len(path) + 1):
            if tuple(path[:depth]) not in said:
                said.add(tuple(path[:depth]))
                is_told = depth == 1 and folded(path[0]) not in _KNOWN_ROOTS
                yield GroupRecord(path=path[:depth], maps_to=reserved if is_told else "")
    names = distinct_names((name, Named(name.rpartition(":")[2], path[-1])) for name, path in path_by_account.items())
    for name, path in path_by_account.items():
        yield AccountRecord(id=name, name=names[name], group=path, kind=_kind(survey.type_by_account[name], name))


def _kind(type_: str, name: str) -> str:
    """Return the hint for what hledger calls cash: by its name money in hand, else in a bank."""
    if type_ not in ("C", "CASH"):
        return ""
    return "cash" if "cash" in name.rpartition(":")[2].casefold() else "bank"


def _voucher(transaction: JournalTransaction, base: Currency, seen: Counter[int]) -> VoucherRecord:
    try:
        date.fromisoformat(transaction.date)
    except ValueError:
        raise refuse("bad-date", given=transaction.date) from None
    kept: dict[str, str] = {}
    amounts = _amounts_minor(transaction.postings, base, kept)
    entries = [
        EntryRecord(
            ledger=posting.account,
            amount=decimal_text(amount, base.exponent),
            foreign=_foreign(posting.amount, amount, base, f"entries[{at}]", kept),
            narration=posting.comment,
        )
        for at, (posting, amount) in enumerate(zip(transaction.postings, amounts, strict=True))
    ]
    kept |= {f"tag.{name}": value for name, value in transaction.tags.items() if name not in ("id", "voucher-type")}
    return VoucherRecord(
        id=transaction.tags.get("id") or _id(transaction, seen),
        type=transaction.tags.get("voucher-type") or "journal",
        date=transaction.date,
        entries=entries,
        number=transaction.code,
        narration="\n".join(text for text in (transaction.description, *transaction.comments) if text),
        kept=kept,
    )


def _amounts_minor(postings: list[Posting], base: Currency, kept: dict[str, str]) -> list[int]:
    """Return the postings' base amounts, adding up to zero; one amount may have been left out."""
    minor: list[int | None] = []
    for posting in postings:
        worth = _worth(posting, base)
        scaled = None if worth is None else worth * 10**base.exponent
        minor.append(None if scaled is None else divide_half_even(scaled.numerator, scaled.denominator))
    left = sum(amount or 0 for amount in minor)
    elided = [at for at, amount in enumerate(minor) if amount is None]
    if len(elided) > 1:
        raise refuse("hledger-not-understood", given="more than one posting without amount")
    known = [amount or 0 for amount in minor]
    if elided:
        known[elided[0]] = -left
    elif left:
        foreign = [at for at, posting in enumerate(postings) if posting.price is not None]
        if not foreign or abs(left) > len(postings):
            raise refuse("unbalanced", difference=decimal_text(left, base.exponent))
        at = max(foreign, key=lambda at: (abs(known[at]), -at))
        known[at] -= left
        kept["rounding"] = f"entries[{at}]: {decimal_text(-left, base.exponent)} {base.code}"
    return known


def _worth(posting: Posting, base: Currency) -> Fraction | None:
    """Return a posting's amount in base units; None where it was left out."""
    amount, price = posting.amount, posting.price
    if amount is None:
        return None
    if (amount.currency or base.code) == base.code:
        if (amount.number * 10**base.exponent).denominator != 1:
            raise refuse("too-many-decimals", given=posting.account[:60], decimals=base.exponent)
        return amount.number
    if price is None or (price.currency or base.code) != base.code:
        raise refuse("no-price", given=f"{posting.account[:60]}: {amount.currency}")
    return price.number if amount.number >= 0 else -price.number


def _foreign(
    amount: Amount | None, minor: int, base: Currency, place: str, kept: dict[str, str]
) -> ForeignRecord | None:
    """Return the amount in its own currency; in `kept` only, where it gives no rate."""
    if amount is None or not amount.number or amount.currency in ("", base.code):
        return None
    exponent = currency(amount.currency).exponent
    scaled = amount.number * 10**exponent
    text = decimal_text(divide_half_even(scaled.numerator, scaled.denominator), exponent)
    rate = rate_text(Fraction(minor, 10**base.exponent) / amount.number)
    if scaled.denominator != 1 or not rate:
        kept[f"{place}.quantity"] = f"{amount.number} {amount.currency}"
        return None
    return ForeignRecord(currency=amount.currency, amount=text, rate=rate)


def _id(transaction: JournalTransaction, seen: Counter[int]) -> str:
    """Return an id that the same journal gives again: from what the transaction says, and how often it came before."""
    said = repr((transaction.date, transaction.code, transaction.description, transaction.comments, [
        (posting.account, posting.amount, posting.price, posting.comment) for posting in transaction.postings
    ]))  # fmt: skip
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    seen[int(digest[:16], 16)] += 1
    return f"hledger/{digest}/{seen[int(digest[:16], 16)]}"
