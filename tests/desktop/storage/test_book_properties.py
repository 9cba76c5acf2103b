"""Whatever is done to a book, in whatever order: the tables equal the log, and the log equals the plain fold."""

import tempfile
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.storage.sample_company import (
    BANK,
    JOURNAL,
    RAVI,
    RENT,
    SALES,
    SALES_ACCOUNT,
    account_id,
    add_masters,
    machine,
    new_company,
    open_it,
    voucher_id,
)
from ledgerflow_core.calendar import day_number
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.events.event import decode_event
from ledgerflow_core.identifiers import MasterId, VoucherId
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, Entry
from ledgerflow_core.masters.account import CASH, Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.posting.books import Books
from ledgerflow_core.posting.kept_totals import without_empty
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import masters, periods, vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book

TWINS = [
    Account(id=account_id(name), name=name, group=group_id("sundry-debtors"), bill_by_bill=True)
    for name in ("Ravi Store", "Ravi & Sons")
]
ACCOUNTS = [RAVI, SALES_ACCOUNT, RENT, BANK, CASH, *(twin.id for twin in TWINS)]
BEGIN = date(2026, 4, 1)

amounts = st.integers(-(10**12), 10**12)
days = st.integers(0, 800).map(lambda after: BEGIN + timedelta(after))
states = st.sampled_from([VoucherState.REGULAR, VoucherState.OPTIONAL, VoucherState.POST_DATED])
legs = st.lists(st.tuples(st.sampled_from(ACCOUNTS), amounts), min_size=1, max_size=4)

posting = st.tuples(st.just("post"), st.lists(st.tuples(st.sampled_from([SALES, JOURNAL]), days, legs, states),
                                              min_size=1, max_size=4))  # fmt: skip
altering = st.tuples(st.just("alter"), st.tuples(st.integers(0, 99), days, legs, states))
cancelling = st.tuples(st.just("cancel"), st.integers(0, 99))
locking = st.tuples(st.just("lock"), days)
unlocking = st.tuples(st.just("unlock"), st.just(None))
renaming = st.tuples(st.just("master"), st.tuples(st.sampled_from(ACCOUNTS), st.integers(-1000, 1000)))
merging = st.tuples(st.just("merge"), st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)))
retiring = st.tuples(st.just("retire"), st.sampled_from(ACCOUNTS))
creating = st.tuples(st.just("create"), st.integers(0, 10**6))
steps_of_work = (posting, altering, cancelling, locking, unlocking, renaming, creating, merging, retiring)
stories = st.lists(st.one_of(*steps_of_work), max_size=14)


def entries(given_legs: list[tuple[object, int]]) -> tuple[Entry, ...]:
    made = [Entry(account=account, amount=amount) for account, amount in given_legs]  # type: ignore[arg-type]
    first = made[0]
    bill = BillAllocation(kind=BillKind.NEW, name=f"bill {abs(first.amount) % 7}", amount=first.amount)
    made[0] = replace(first, bills=(bill,))
    return (*made, Entry(account=CASH, amount=-sum(amount for _, amount in given_legs)))


class Doer:
    """Does one step after another; what the rules refuse is refused, and changes nothing."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.posted: list[VoucherId] = []

    def do(self, step: tuple[str, object]) -> None:
        name, given_with = step
        with suppress(InvalidInput):
            getattr(self, name)(given_with)

    def post(self, wanted: list[tuple[object, date, list[tuple[object, int]], VoucherState]]) -> None:
        made = [
            Voucher(
                id=voucher_id(f"{len(self.posted)}.{at}"), type=kind, date=day, entries=entries(given_legs), state=state
            )  # type: ignore[arg-type]
            for at, (kind, day, given_legs, state) in enumerate(wanted)
        ]
        self.posted += [voucher.id for voucher in vouchers.post(self.book, made, strict=False).value]

    def alter(self, wanted: tuple[int, date, list[tuple[object, int]], VoucherState]) -> None:
        which, day, given_legs, state = wanted
        if self.posted:
            before = vouchers.load(self.book, self.posted[which % len(self.posted)])
            vouchers.alter(
                self.book, before, replace(before.voucher, date=day, entries=entries(given_legs), state=state)
            )

    def cancel(self, which: int) -> None:
        if self.posted:
            vouchers.cancel(self.book, vouchers.load(self.book, self.posted[which % len(self.posted)]))

    def lock(self, until: date) -> None:
        periods.lock(self.book, until)

    def unlock(self, _: None) -> None:
        periods.unlock(self.book, None, "asked for")

    def master(self, wanted: tuple[object, int]) -> None:
        account, opening = wanted
        masters.change(self.book, replace(self.book.chart.accounts[account], opening=opening))  # type: ignore[index]

    def create(self, which: int) -> None:
        name = f"Made {which}"
        masters.create(self.book, [Account(id=account_id(name), name=name, group=group_id("sundry-debtors"))])

    def merge(self, wanted: tuple[MasterId, MasterId]) -> None:
        masters.merge(self.book, *wanted)

    def retire(self, which: MasterId) -> None:
        masters.retire(self.book, which)


def folded(book: Book) -> Books:
    return Books().fold(decode_event(raw).body for run in log_store.runs(book.connection) for raw in run.events)


def kept_in_tables(book: Book) -> dict[tuple[object, int], tuple[int, ...]]:
    id_by_no = {no: master for master, no in book.no_by_id.items()}
    rows = book.connection.execute("SELECT account_no, day, debit, credit, entries FROM day_total")
    return {(id_by_no[account], day): tuple(kept) for account, day, *kept in rows}


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories)
def test_any_sequence_of_work_leaves_tables_log_and_fold_saying_the_same(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        on = machine()
        new_company(Path(place) / "Any.ledgerflow", on)
        with open_it(Path(place) / "Any.ledgerflow", on) as book:
            add_masters(book)
            masters.create(book, TWINS)
            doer = Doer(book)
            for step in steps:
                doer.do(step)
            assert verify_book(book).findings == ()
            books = folded(book)
            assert kept_in_tables(book) == without_empty(books.totals)
            assert book.chart.masters == books.chart.masters
            assert book.locked_until == books.locked_until
            for found, voucher in books.vouchers.items():
                assert vouchers.load(book, VoucherId(found)).voucher == voucher
            check_numbers(book, books)


def check_numbers(book: Book, books: Books) -> None:
    serials: dict[tuple[str, int], list[int]] = {}
    for voucher in books.vouchers.values():
        year = day_number(book.company.financial_year.year_of(voucher.date).first)
        serials.setdefault((voucher.type, year), []).append(int(voucher.number.rsplit("/", 1)[1]))
    for given_out in serials.values():
        assert sorted(given_out) == list(range(1, len(given_out) + 1))
