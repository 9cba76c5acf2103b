"""Random masters, vouchers and histories for properties. Everything made here is right: a book takes all of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from builders import BANK, BOOKS_BEGIN, CUSTOMER, RENT, SALES, SUPPLIER, a_voucher
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, Entry, ForeignAmount
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

ACCOUNTS: tuple[AccountId, ...] = (CASH, BANK, CUSTOMER, SUPPLIER, SALES, RENT)
AMOUNTS = st.one_of(st.integers(-5_000, 5_000), st.integers(-(2**40), 2**40))
DAYS = st.integers(0, 800).map(lambda days: BOOKS_BEGIN + timedelta(days))
STATES = st.sampled_from((VoucherState.REGULAR, VoucherState.REGULAR, VoucherState.OPTIONAL, VoucherState.POST_DATED))
NATURES = st.sampled_from(
    (VoucherNature.JOURNAL, VoucherNature.SALES, VoucherNature.MEMORANDUM, VoucherNature.REVERSING_JOURNAL)
)
NARRATIONS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn")), max_size=20)


@st.composite
def entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    """Two to seven entries that add up to zero, some with bills or a foreign amount."""
    made = [
        _detailed(draw, Entry(account=draw(st.sampled_from(ACCOUNTS)), amount=draw(AMOUNTS)))
        for _ in range(draw(st.integers(1, 6)))
    ]
    balancing = Entry(account=draw(st.sampled_from(ACCOUNTS)), amount=-sum(entry.amount for entry in made))
    return (*made, balancing)


def _detailed(draw: st.DrawFn, entry: Entry) -> Entry:
    if entry.account in (CUSTOMER, SUPPLIER) and draw(st.booleans()):
        part = draw(st.integers(-100, 100))
        bills = (
            BillAllocation(kind=BillKind.NEW, name=draw(st.sampled_from("ABC")), amount=entry.amount - part),
            BillAllocation(kind=BillKind.ON_ACCOUNT, amount=part),
        )
        return replace(entry, bills=bills)
    if entry.account == BANK and draw(st.booleans()):
        return replace(entry, foreign=ForeignAmount(currency="USD", amount=entry.amount // 80, rate="80"))
    return entry


@st.composite
def vouchers(draw: st.DrawFn, name: str = "v") -> Voucher:
    """One voucher that balances, of any state but cancelled."""
    return a_voucher(
        draw(NATURES),
        name=name,
        day=draw(DAYS),
        narration=draw(NARRATIONS),
        entries=draw(entries()),
        state=draw(STATES),
    )


@dataclass(frozen=True)
class Post:
    """A new voucher."""

    voucher: Voucher


@dataclass(frozen=True)
class Alter:
    """The voucher posted `at`-th gets the content of another, within its year; a cancelled one is left alone."""

    at: int
    content: Voucher


@dataclass(frozen=True)
class Cancel:
    """The voucher posted `at`-th is cancelled, unless it is already."""

    at: int


Deed = Post | Alter | Cancel


@st.composite
def histories(draw: st.DrawFn, *, most: int = 12) -> list[Deed]:
    """Post, alter and cancel in any order that makes sense."""
    deeds: list[Deed] = []
    posted: list[Voucher] = []
    gone: set[int] = set()
    for step in range(draw(st.integers(1, most))):
        alive = [at for at in range(len(posted)) if at not in gone]
        kind = draw(st.sampled_from(("post", "post", "alter", "cancel"))) if alive else "post"
        if kind == "post":
            voucher = draw(vouchers(f"v{step}"))
            posted.append(voucher)
            deeds.append(Post(voucher))
        elif kind == "alter":
            at = draw(st.sampled_from(alive))
            before = posted[at]
            content = replace(draw(vouchers()), id=before.id, type=before.type, date=_same_year(draw, before.date))
            posted[at] = content
            deeds.append(Alter(at, content))
        else:
            at = draw(st.sampled_from(alive))
            gone.add(at)
            deeds.append(Cancel(at))
    return deeds


def _same_year(draw: st.DrawFn, day: date) -> date:
    first = date(day.year if day.month >= 4 else day.year - 1, 4, 1)
    return first + timedelta(draw(st.integers(0, 364)))
