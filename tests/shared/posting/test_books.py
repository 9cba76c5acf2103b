"""The fold of a log: any cut gives the same books, and the kept totals are what adding up anew would give."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import CUSTOMER, RENT, a_company, a_payment, a_sale, a_voucher, accounts, an_account
from ledgerflow_core.calendar import day_number
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import AccountId, MasterId, VoucherId
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.posting.books import Books
from ledgerflow_core.posting.kept_totals import without_empty
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from strategies import Alter, Cancel, Deed, Post, histories, vouchers


def beginning() -> list[Body]:
    return [CompanyCreated(company=a_company()), *(MasterCreated(master=account) for account in accounts())]


def bodies(deeds: list[Deed]) -> list[Body]:
    posted: list[VoucherId] = []
    made: list[Body] = []
    for deed in deeds:
        match deed:
            case Post(voucher):
                posted.append(voucher.id)
                made.append(VoucherPosted(voucher=voucher))
            case Alter(_, content):
                made.append(VoucherAltered(base="", voucher=content))
            case Cancel(at):
                made.append(VoucherCancelled(base="", voucher=posted[at]))
    return made


def in_books(books: Books) -> Iterator[Voucher]:
    """The rule of the design page, said again: regular and post-dated vouchers of the types that move accounts."""
    moving = {"Contra", "Payment", "Receipt", "Journal", "Sales", "Purchase", "Credit Note", "Debit Note", "Payroll"}
    for voucher in books.vouchers.values():
        if voucher.state.value in ("regular", "post-dated") and books.chart.voucher_types[voucher.type].name in moving:
            yield voucher


def recomputed(books: Books) -> dict[tuple[object, int], tuple[int, ...]]:
    debits: Counter[tuple[object, int]] = Counter()
    credits: Counter[tuple[object, int]] = Counter()
    counts: Counter[tuple[object, int]] = Counter()
    for voucher in in_books(books):
        for entry in voucher.entries:
            key = (entry.account, day_number(voucher.date))
            counts[key] += 1
            if entry.amount < 0:
                credits[key] += entry.amount
            else:
                debits[key] += entry.amount
    return {key: (debits[key], credits[key], count) for key, count in counts.items()}


def state(books: Books) -> tuple[object, ...]:
    return (
        books.company,
        books.locked_until,
        list(books.vouchers.items()),
        list(books.chart.masters.items()),
        without_empty(books.totals),
    )


@given(vouchers())
def test_every_voucher_made_balances(voucher: Voucher) -> None:
    assert sum(entry.amount for entry in voucher.entries) == 0


@given(histories())
def test_after_any_history_kept_totals_are_recomputation(deeds: list[Deed]) -> None:
    books = Books().fold(beginning() + bodies(deeds))
    assert without_empty(books.totals) == recomputed(books)


@given(histories())
def test_after_every_prefix_the_books_balance(deeds: list[Deed]) -> None:
    books = Books().fold(beginning())
    for body in bodies(deeds):
        books.apply(body)
        by_day: Counter[int] = Counter()
        for (_, day), (debit, credit, _) in without_empty(books.totals).items():
            by_day[day] += debit + credit
        assert not any(by_day.values())


@given(histories(), st.data())
def test_a_log_may_be_cut_anywhere(deeds: list[Deed], data: st.DataObject) -> None:
    log = beginning() + bodies(deeds)
    cut = data.draw(st.integers(0, len(log)))
    assert state(Books().fold(log)) == state(Books().fold(log[:cut]).fold(log[cut:]))


def test_an_alteration_takes_the_old_entries_back_from_their_own_day() -> None:
    books = Books().fold(beginning())
    before = a_sale(amount=500, day=date(2026, 5, 4))
    after = replace(before, date=date(2026, 6, 1))
    books.fold([VoucherPosted(voucher=before), VoucherAltered(base="", voucher=after)])
    assert {day for (_, day) in without_empty(books.totals)} == {day_number(date(2026, 6, 1))}
    assert books.totals[CUSTOMER, day_number(date(2026, 6, 1))] == [500, 0, 1]


def test_a_cancelled_voucher_leaves_nothing_in_the_totals_and_stays_in_the_list() -> None:
    sale = a_sale(number="S/1")
    cancelling = VoucherCancelled(base="", voucher=sale.id)
    books = Books().fold([*beginning(), VoucherPosted(voucher=sale), cancelling])
    assert without_empty(books.totals) == {}
    assert books.vouchers[sale.id] == replace(sale, state=VoucherState.CANCELLED)


@pytest.mark.parametrize(
    ("nature", "status", "counts"),
    [
        (VoucherNature.JOURNAL, VoucherState.REGULAR, True),
        (VoucherNature.JOURNAL, VoucherState.POST_DATED, True),
        (VoucherNature.JOURNAL, VoucherState.OPTIONAL, False),
        (VoucherNature.JOURNAL, VoucherState.CANCELLED, False),
        (VoucherNature.MEMORANDUM, VoucherState.REGULAR, False),
        (VoucherNature.REVERSING_JOURNAL, VoucherState.REGULAR, False),
        (VoucherNature.SALES_ORDER, VoucherState.REGULAR, False),
        (VoucherNature.PAYROLL, VoucherState.REGULAR, True),
    ],
)
def test_type_and_state_decide_whether_a_voucher_counts(
    nature: VoucherNature, status: VoucherState, counts: bool
) -> None:
    voucher = a_voucher(nature, (RENT, 5), (CASH, -5), state=status)
    books = Books().fold([*beginning(), VoucherPosted(voucher=voucher)])
    assert bool(without_empty(books.totals)) is counts


@pytest.mark.parametrize(
    "body",
    [VoucherAltered(base="", voucher=a_payment()), VoucherCancelled(base="", voucher=a_payment().id)],
)
def test_what_was_never_posted_cannot_be_altered_or_cancelled(body: Body) -> None:
    with pytest.raises(Damaged) as refused:
        Books().fold([*beginning(), body])
    assert refused.value.facts["voucher"] == a_payment().id


def totals_by_name(books: Books) -> dict[tuple[str, int], tuple[int, ...]]:
    return {(books.chart.masters[str(key)].name, day): kept for (key, day), kept in without_empty(books.totals).items()}


@given(histories(), st.data())
def test_a_merge_counts_the_same_wherever_it_stands_among_the_vouchers(deeds: list[Deed], data: st.DataObject) -> None:
    twin, third = (
        an_account("Ravi Store", "sundry-debtors", opening=70),
        an_account("Ravi", "sundry-debtors", opening=5),
    )
    merges: list[Body] = [
        MasterMerged(merged=MasterId(CUSTOMER), into=MasterId(twin.id)),
        MasterMerged(merged=MasterId(twin.id), into=MasterId(third.id)),
    ]
    log = bodies(deeds)
    first = data.draw(st.integers(0, len(log)))
    second = data.draw(st.integers(first, len(log)))
    begun = [*beginning(), MasterCreated(master=twin), MasterCreated(master=third)]
    mixed = Books().fold([*begun, *log[:first], merges[0], *log[first:second], merges[1], *log[second:]])
    # The plain way: the vouchers of a world in which there was only ever the one account.
    plain = Books().fold([*begun, *(on_one_account(body, third.id) for body in log)])
    assert totals_by_name(mixed) == totals_by_name(plain)
    assert mixed.chart.accounts[third.id].opening == 50_000 + 70 + 5
    assert list(mixed.vouchers) == list(plain.vouchers)


def on_one_account(body: Body, account: AccountId) -> Body:
    if not isinstance(body, VoucherPosted | VoucherAltered):
        return body
    entries = tuple(
        replace(entry, account=account) if entry.account == CUSTOMER else entry for entry in body.voucher.entries
    )
    return replace(body, voucher=replace(body.voucher, entries=entries))


def test_a_voucher_on_a_retired_account_counts_all_the_same() -> None:
    retiring = MasterRetired(master=MasterId(RENT))
    payment = a_payment(amount=40)
    books = Books().fold([*beginning(), retiring, VoucherPosted(voucher=payment)])
    assert books.chart.accounts[RENT].retired
    assert books.totals[RENT, day_number(payment.date)] == [40, 0, 1]


def test_masters_locks_and_the_company_are_as_the_last_event_left_them() -> None:
    renamed = replace(accounts()[-1], name="Rent of Shop")
    moved = replace(a_company(), phone="555")
    books = Books().fold(
        [
            *beginning(),
            MasterChanged(master=renamed),
            CompanyChanged(company=moved),
            PeriodLocked(until=date(2026, 4, 30)),
        ]
    )
    assert books.chart.accounts[RENT] == renamed
    assert books.company == moved
    assert books.locked_until == date(2026, 4, 30)
    assert books.fold([PeriodUnlocked(until=None, reason="audit")]).locked_until is None
