"""Merged and retired masters in a real book: rows, totals, reports, the past, the edit log, and proof from the log."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.storage.sample_company import (
    CENTRE,
    PASSPHRASE,
    RAVI,
    RENT,
    SALES_ACCOUNT,
    Clock,
    account_id,
    add_masters,
    machine,
    new_company,
    open_it,
    rent,
    sale,
    voucher_id,
)
from ledgerflow_core.calendar import Period
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import MasterChanged, MasterMerged, MasterRetired, decode_event
from ledgerflow_core.identifiers import AccountId, CostCentreId, MasterId, named
from ledgerflow_core.masters.account import CASH, Account, OpeningBill
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.posting.books import Books
from ledgerflow_core.posting.kept_totals import without_empty
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import edit_log, exporting, importing, masters, periods, vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.as_known import AsKnownFigures
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.edit_log import EditLogFilter
from ledgerflow_desktop.storage.figures import BookFigures
from shared.reports.memory_figures import MemoryFigures

TWIN, THIRD = account_id("Ravi Store"), account_id("Ravi & Sons")
CAMP = replace(CENTRE, id=CostCentreId(MasterId(named("test-centre", "Camp"))), name="Camp")
OPENING = (OpeningBill(name="S/25-26/9", date=date(2026, 3, 1), amount=900),)
YEAR = Period(date(2026, 4, 1), date(2027, 3, 31))


def twin(of: AccountId, name: str, opening: int = 0) -> Account:
    bills = OPENING if opening else ()
    group = group_id("sundry-debtors")
    return Account(id=of, name=name, group=group, bill_by_bill=True, opening=opening, opening_bills=bills)


def on(account: AccountId, voucher: Voucher) -> Voucher:
    """The same voucher, had it been entered on another customer."""
    entries = tuple(replace(entry, account=account) if entry.account == RAVI else entry for entry in voucher.entries)
    return replace(voucher, party=account, entries=entries)


def in_camp(voucher: Voucher) -> Voucher:
    first = voucher.entries[0]
    costs = tuple(replace(cost, centre=CAMP.id) for cost in first.costs)
    return replace(voucher, entries=(replace(first, costs=costs), *voucher.entries[1:]))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    here = machine(clock)
    new_company(tmp_path / "Lotus.ledgerflow", here)
    with open_it(tmp_path / "Lotus.ledgerflow", here) as opened:
        begin(opened)
        vouchers.post(opened, [sale("a", 1_000), on(TWIN, sale("b", 200)), on(TWIN, sale("c", 30))])
        both = sale("both", 70)
        between = (replace(both.entries[0], account=TWIN), replace(both.entries[1], account=RAVI))
        vouchers.post(opened, [replace(both, type=voucher_type_id(VoucherNature.JOURNAL), entries=between, party=None)])
        vouchers.post(opened, [replace(on(TWIN, sale("maybe", 5_000)), state=VoucherState.OPTIONAL)])
        vouchers.cancel(opened, vouchers.load(opened, voucher_id("c")), "entered twice")
        vouchers.post(opened, [rent("r1", 400), in_camp(rent("r2", 50))])
        yield opened


def begin(book: Book) -> None:
    add_masters(book)
    # Without its opening balance on bills it could not take one over that is.
    masters.change(book, replace(book.chart.accounts[RAVI], opening=0))
    masters.change(book, replace(book.chart.accounts[SALES_ACCOUNT], opening=-900))
    masters.create(book, [twin(TWIN, "Ravi Store", 900), twin(THIRD, "Ravi & Sons"), CAMP])


def merge(book: Book, merged: str, into: str) -> None:
    masters.merge(book, MasterId(merged), MasterId(into))


def balances(book: Book) -> dict[str, int]:
    figures = BookFigures(book, YEAR.last)
    return {book.chart.accounts[account].name: amount for account, amount in figures.balances(YEAR.last).items()}


def last_events(book: Book, count: int) -> list[bytes]:
    return [raw for run in log_store.runs(book.connection) for raw in run.events][-count:]


def folded(book: Book) -> Books:
    return Books().fold(decode_event(raw).body for run in log_store.runs(book.connection) for raw in run.events)


def kept_in_tables(book: Book) -> dict[tuple[object, int], tuple[int, ...]]:
    id_by_no = {no: master for master, no in book.no_by_id.items()}
    rows = book.connection.execute("SELECT account_no, day, debit, credit, entries FROM day_total")
    return {(id_by_no[account], day): tuple(kept) for account, day, *kept in rows}


def test_what_stood_on_a_merged_account_stands_on_the_other_in_every_answer(book: Book) -> None:
    before = balances(book)
    assert (before["Ravi Stores"], before["Ravi Store"]) == (1_000 - 70, 900 + 200 + 70)
    merge(book, TWIN, RAVI)
    after = balances(book)
    assert after["Ravi Stores"] == before["Ravi Stores"] + before["Ravi Store"] == 2_100
    assert "Ravi Store" not in after
    figures = BookFigures(book, YEAR.last)
    lines = figures.entries(RAVI, YEAR, offset=0, limit=10)
    assert sorted(line.amount for line in lines) == [-70, 70, 200, 1_000]
    assert figures.entries(TWIN, YEAR, offset=0, limit=10) == []
    assert sum(bill.amount for bill in figures.bill_movements([RAVI], YEAR.last)) == 900 + 1_000 + 200 + 70
    assert book.chart.accounts[RAVI].opening_bills == OPENING
    assert verify_book(book).findings == ()
    assert kept_in_tables(book) == without_empty(folded(book).totals)


def test_a_cost_centre_merges_as_well(book: Book) -> None:
    merge(book, CAMP.id, CENTRE.id)
    figures = BookFigures(book, YEAR.last)
    assert [(found.centre, found.movement.net) for found in figures.cost_movements(YEAR)] == [(CENTRE.id, 450)]
    assert verify_book(book).findings == ()


def test_merges_one_after_another_lead_to_the_end_also_for_what_is_posted_later(book: Book) -> None:
    merge(book, TWIN, RAVI)
    merge(book, RAVI, THIRD)
    vouchers.post(book, [on(TWIN, sale("late", 3)), sale("later", 4)], strict=False)
    assert balances(book)["Ravi & Sons"] == 2_107
    assert verify_book(book).findings == ()
    assert book.chart.masters == folded(book).chart.masters


def test_a_merge_into_an_account_made_after_the_vouchers_is_proved_too(book: Book) -> None:
    newcomer = account_id("Newcomer")
    masters.create(book, [twin(newcomer, "Newcomer")])
    merge(book, TWIN, newcomer)
    assert verify_book(book).findings == ()


def test_a_merge_is_the_next_version_of_both(book: Book) -> None:
    masters.change(book, replace(book.chart.accounts[RAVI], notes="pays late"))
    changed = version_hash(last_events(book, 1)[0]).hex()
    merge(book, TWIN, RAVI)
    merging = last_events(book, 1)[0]
    masters.change(book, replace(book.chart.accounts[RAVI], notes="pays on time"))
    again = decode_event(last_events(book, 1)[0]).body
    body = decode_event(merging).body
    assert isinstance(body, MasterMerged) and body.into_base == changed
    assert isinstance(again, MasterChanged) and again.base == version_hash(merging).hex()
    assert again.master == folded(book).chart.accounts[RAVI]
    assert verify_book(book).findings == ()


def test_new_vouchers_are_refused_on_what_was_merged_or_retired(book: Book) -> None:
    merge(book, TWIN, RAVI)
    masters.retire(book, MasterId(RENT))
    masters.retire(book, MasterId(CENTRE.id))
    for voucher, found in (
        (on(TWIN, sale("x")), [("master-merged", "entries[0].account")]),
        (rent("y"), [("master-retired", "entries[0].account"), ("master-retired", "entries[0].costs[0]")]),
    ):
        with pytest.raises(InvalidInput) as refused:
            vouchers.post(book, [voucher])
        assert [(problem.code, problem.place) for problem in refused.value.problems] == found
    assert verify_book(book).findings == ()


def test_retiring_changes_no_figure_and_can_be_taken_back(book: Book) -> None:
    before = balances(book)
    masters.retire(book, MasterId(RENT))
    assert isinstance(decode_event(last_events(book, 1)[0]).body, MasterRetired)
    assert balances(book) == before
    with pytest.raises(InvalidInput) as twice:
        masters.retire(book, MasterId(RENT))
    assert [problem.code for problem in twice.value.problems] == ["retired-already"]
    masters.change(book, replace(book.chart.accounts[RENT], retired=False))
    vouchers.post(book, [rent("r9")])
    assert verify_book(book).findings == ()


def test_what_is_predefined_is_not_retired(book: Book) -> None:
    with pytest.raises(InvalidInput) as refused:
        masters.retire(book, MasterId(CASH))
    assert [problem.code for problem in refused.value.problems] == ["reserved-name-is-fixed"]


def test_a_lock_keeps_opening_balances_where_they_are(book: Book) -> None:
    periods.lock(book, date(2026, 4, 30))
    with pytest.raises(InvalidInput) as refused:
        merge(book, TWIN, RAVI)
    assert [problem.code for problem in refused.value.problems] == ["opening-balance-locked"]
    merge(book, THIRD, RAVI)


def test_a_refused_merge_leaves_the_book_as_it_was(book: Book) -> None:
    events = len(last_events(book, 10_000))
    with pytest.raises(InvalidInput):
        merge(book, TWIN, SALES_ACCOUNT)
    assert len(last_events(book, 10_000)) == events
    assert book.chart.merged == {}


def test_the_books_of_an_earlier_day_know_nothing_of_a_later_merge(book: Book, clock: Clock) -> None:
    day, before = book.machine.today(), balances(book)
    clock.wait_days(1)
    merge(book, TWIN, RAVI)
    masters.change(book, replace(book.chart.accounts[RAVI], name="Ravi and Ravi"))
    vouchers.cancel(book, vouchers.load(book, voucher_id("b")))
    between = book.machine.today()
    clock.wait_days(1)
    merge(book, RAVI, THIRD)
    merge(book, CAMP.id, CENTRE.id)
    with AsKnownFigures(book, day) as figures:
        assert {figures.chart.accounts[a].name: amount for a, amount in figures.balances(YEAR.last).items()} == before
        assert figures.chart.accounts[TWIN].opening_bills == OPENING
        assert sorted(line.amount for line in figures.entries(TWIN, YEAR, offset=0, limit=10)) == [70, 200]
        by_centre = {found.centre: found.movement.net for found in figures.cost_movements(YEAR)}
        assert by_centre == {CENTRE.id: 400, CAMP.id: 50}
    with AsKnownFigures(book, between) as figures:
        assert figures.chart.accounts[RAVI].name == "Ravi and Ravi"
        assert (figures.balances(YEAR.last)[RAVI], figures.chart.accounts[RAVI].opening) == (1_900, 900)
        assert THIRD not in figures.balances(YEAR.last)


def test_the_edit_log_says_what_became_of_what(book: Book) -> None:
    merge(book, TWIN, RAVI)
    masters.change(book, replace(book.chart.accounts[RAVI], name="Ravi and Ravi"))
    masters.retire(book, MasterId(RENT))
    masters.change(book, replace(book.chart.accounts[RENT], retired=False, notes="gone"))
    back, retired, renamed, merged = edit_log.page(book, limit=4).lines
    assert (merged.kind, merged.subject) == ("master.merged", "Ravi Store")
    assert [(change.field, change.after) for change in merged.changes] == [("merged_into", "Ravi and Ravi")]
    assert [(change.field, change.before, change.after) for change in renamed.changes] == [
        ("name", "Ravi Stores", "Ravi and Ravi")
    ]
    assert (retired.kind, retired.subject) == ("master.retired", "Rent")
    assert [(change.field, change.before, change.after) for change in back.changes] == [
        ("notes", None, "gone"),
        ("retired", "yes", None),
    ]
    for master in (TWIN, RAVI):
        kinds = [line.kind for line in edit_log.page(book, EditLogFilter(master=MasterId(master))).lines]
        assert "master.merged" in kinds and "master.created" in kinds


def test_figures_of_a_merged_book_are_those_of_a_book_that_never_had_two(book: Book) -> None:
    merge(book, TWIN, RAVI)
    known = [on_ravi(voucher) for voucher in book.vouchers_in_order()]
    plain = MemoryFigures(book.company, book.chart, known, YEAR.last)
    figures = BookFigures(book, YEAR.last)
    assert figures.movements(YEAR) == plain.movements(YEAR)
    assert figures.vouchers(YEAR, offset=0, limit=20) == list(plain.vouchers(YEAR, offset=0, limit=20))
    for account in (RAVI, SALES_ACCOUNT):
        assert figures.entries(account, YEAR, offset=0, limit=20) == list(
            plain.entries(account, YEAR, offset=0, limit=20)
        )


def on_ravi(voucher: Voucher) -> Voucher:
    entries = tuple(replace(entry, account=RAVI) if entry.account == TWIN else entry for entry in voucher.entries)
    return replace(voucher, party=RAVI if voucher.party == TWIN else voucher.party, entries=entries)


def test_what_is_exported_names_only_what_is_left(book: Book, tmp_path: Path) -> None:
    merge(book, TWIN, RAVI)
    merge(book, CAMP.id, CENTRE.id)
    before = balances(book)
    with (tmp_path / "books.jsonl").open("wb") as file:
        exporting.export(book, "jsonl", file)
    here = machine(seed=9)
    new_company(tmp_path / "Again.ledgerflow", here)
    with open_it(tmp_path / "Again.ledgerflow", here) as again:
        importing.import_files(again, [tmp_path / "books.jsonl"])
        assert balances(again) == before
        assert again.chart.masters.keys().isdisjoint({TWIN, CAMP.id})


CUSTOMERS = [RAVI, TWIN, THIRD]
posting = st.tuples(st.just("post"), st.sampled_from(CUSTOMERS), st.integers(1, 9_999))
altering = st.tuples(st.just("alter"), st.sampled_from(CUSTOMERS), st.integers(0, 99))
cancelling = st.tuples(st.just("cancel"), st.just(RAVI), st.integers(0, 99))
merging = st.tuples(st.just("merge"), st.sampled_from(CUSTOMERS), st.integers(0, 2))
renaming = st.tuples(st.just("rename"), st.sampled_from(CUSTOMERS), st.integers(0, 9))


Step = tuple[str, AccountId, int]


def do(book: Book, step: Step, posted: list[str]) -> None:
    name, account, number = step
    if name == "post":
        made = on(account, sale(f"p{len(posted)}", number))
        vouchers.post(book, [made], strict=False)
        posted.append(f"p{len(posted)}")
    elif name == "merge":
        merge(book, account, CUSTOMERS[number])
    elif name == "rename":
        masters.change(book, replace(book.chart.accounts[account], name=f"{account[:4]} {number}"))
    elif posted:
        before = vouchers.load(book, voucher_id(posted[number % len(posted)]))
        if name == "cancel":
            vouchers.cancel(book, before)
        else:
            vouchers.alter(book, before, replace(on(account, sale("x", number + 1)), id=before.voucher.id,
                                                 number=before.voucher.number))  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(posting, posting, altering, cancelling, merging, renaming), max_size=12))
def test_any_order_of_vouchers_and_merges_leaves_rows_log_and_fold_alike(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as place:
        here, folder = machine(), Path(place) / "Any.ledgerflow"
        new_company(folder, here)
        with open_it(folder, here, passphrase=PASSPHRASE) as book:
            begin(book)
            posted: list[str] = []
            for step in steps:
                with suppress(InvalidInput):
                    do(book, step, posted)
            assert verify_book(book).findings == ()
            books = folded(book)
            assert kept_in_tables(book) == without_empty(books.totals)
            assert book.chart.masters == books.chart.masters
            assert sum(book.closing_balances().values()) == 0
