"""What the books said on a day: every answer equals that of a book that was folded up to that day and no further."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.storage.sample_company import (
    BANK,
    RAVI,
    RENT,
    SALES_ACCOUNT,
    Clock,
    account_id,
    add_masters,
    foreign_journal,
    machine,
    new_company,
    open_it,
    rent,
    sale,
    voucher_id,
)
from ledgerflow_core.calendar import Period
from ledgerflow_core.events.event import decode_event
from ledgerflow_core.masters.account import CASH, Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.posting.books import Books
from ledgerflow_core.reports import catalogue
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.actions import companies, masters, vouchers
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.as_known import AsKnownFigures, end_of_day
from ledgerflow_desktop.storage.book import Book
from shared.reports.memory_figures import MemoryFigures

NEWCOMER = account_id("Newcomer")


@dataclass
class Story:
    book: Book
    days: list[date]


def alter(book: Book, name: str, **changed: object) -> None:
    before = vouchers.load(book, voucher_id(name))
    vouchers.alter(book, before, replace(before.voucher, **changed))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """Four days of work: vouchers posted, altered twice, cancelled, moved to another day, masters changed."""
    clock = Clock()
    on = machine(clock)
    new_company(tmp_path / "Lotus.ledgerflow", on)
    with open_it(tmp_path / "Lotus.ledgerflow", on) as book:
        days = [on.today()]
        add_masters(book)
        vouchers.post(book, [sale(f"a{at}", 1_000 + at, date(2026, 5, 1 + at % 9)) for at in range(30)])
        vouchers.post(book, [replace(rent("later", 4_000, date(2026, 6, 2)), state=VoucherState.POST_DATED)])
        clock.wait_days(1)
        days.append(on.today())
        alter(book, "a3", date=date(2026, 6, 20))
        alter(book, "a4", entries=sale("a4", 99_000).entries)
        vouchers.cancel(book, vouchers.load(book, voucher_id("a5")))
        vouchers.post(book, [rent("r1"), foreign_journal("f1")])
        clock.wait_days(1)
        days.append(on.today())
        alter(book, "a4", entries=sale("a4", 11_000).entries, narration="put right")
        alter(book, "r1", entries=rent("r1", 31_000).entries)
        masters.create(book, [Account(id=NEWCOMER, name="Newcomer", group=group_id("sundry-debtors"), opening=700)])
        masters.change(book, replace(book.chart.accounts[RAVI], name="Ravi and Sons", opening=90_000))
        masters.change(book, replace(book.chart.accounts[SALES_ACCOUNT], opening=-90_700))
        companies.change_company(book, replace(book.company, name="Lotus and Daughters"))
        clock.wait_days(1)
        days.append(on.today())
        vouchers.post(book, [sale(f"b{at}", 500, date(2026, 4, 2)) for at in range(5)])
        vouchers.cancel(book, vouchers.load(book, voucher_id("a4")))
        masters.change(book, replace(book.chart.accounts[BANK], group=group_id("loans-and-advances")))
        yield Story(book, days)


def folded(book: Book, day: date) -> MemoryFigures:
    events = [decode_event(raw) for run in log_store.runs(book.connection) for raw in run.events]
    books = Books().fold(event.body for event in events if event.at < end_of_day(day))
    assert books.company is not None
    return MemoryFigures(books.company, books.chart, list(books.vouchers.values()), day)


PERIODS = [
    Period(date(2026, 4, 1), date(2027, 3, 31)),
    Period(date(2026, 5, 3), date(2026, 5, 6)),
    Period(date(2026, 5, 1), date(2026, 6, 30)),
    Period(date(2026, 4, 2), date(2026, 4, 2)),
]


@pytest.mark.parametrize("at", range(4))
def test_every_figure_is_what_a_book_folded_up_to_that_day_says(story: Story, at: int) -> None:
    day = story.days[at]
    expected = folded(story.book, day)
    with AsKnownFigures(story.book, day) as figures:
        assert figures.company == expected.company
        assert figures.chart.masters == expected.chart.masters
        for period in PERIODS:
            assert figures.movements(period) == expected.movements(period)
            assert figures.balances(period.last) == expected.balances(period.last)
            assert figures.vouchers(period, offset=3, limit=12) == list(expected.vouchers(period, offset=3, limit=12))
            assert figures.count_vouchers(period) == len(expected.vouchers(period, offset=0, limit=999))
            for account in (RAVI, CASH, RENT, SALES_ACCOUNT):
                for offset in (0, 1, 7, 25):
                    window = figures.entries(account, period, offset=offset, limit=6)
                    assert window == list(expected.entries(account, period, offset=offset, limit=6))
                    assert figures.net_before(account, period, offset=offset) == expected.net_before(
                        account, period, offset=offset
                    )
            assert sorted(figures.bill_movements([RAVI], period.last), key=repr) == sorted(
                expected.bill_movements([RAVI], period.last), key=repr
            )
            assert figures.cost_movements(period) == list(expected.cost_movements(period))
            assert sorted(figures.cash_counter_movements(period), key=repr) == sorted(
                expected.cash_counter_movements(period), key=repr
            )


def test_a_whole_report_is_drawn_from_it_and_today_is_not_touched(story: Story) -> None:
    options = ReportOptions(as_known=story.days[1])
    with AsKnownFigures(story.book, story.days[1]) as figures:
        table = catalogue.run("trial-balance", figures, options)
    assert "Ravi Stores" in repr(table)
    assert "Ravi and Sons" not in repr(table)
    assert story.book.connection.execute("SELECT count(*) FROM voucher").fetchone()[0] == 38


def test_before_the_company_was_made_there_is_nothing(story: Story) -> None:
    with AsKnownFigures(story.book, date(2026, 5, 1)) as figures:
        assert figures.movements(PERIODS[0]) == {}
        assert figures.balances(date(2027, 3, 31)) == {}
        assert figures.first_and_last_day() is None


def test_no_query_reads_a_whole_table_because_of_it(story: Story) -> None:
    with AsKnownFigures(story.book, story.days[2]) as figures:
        seen: list[str] = []
        connection = figures._beside.connection
        real = figures._execute

        def explaining(sql: str, values: object = ()) -> object:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            seen.extend(row[3] for row in plan)
            return real(sql, values)

        figures._execute = explaining  # type: ignore[assignment]
        figures.entries(RAVI, PERIODS[0], offset=5, limit=5)
        figures.vouchers(PERIODS[0], offset=5, limit=5)
        figures.net_before(RAVI, PERIODS[0], offset=5)
        figures.bill_movements([RAVI], PERIODS[0].last)
    kept = {"main.entry", "main.voucher", "main.bill_entry"}
    assert [step for step in seen if step.split()[0] == "SCAN" and step.split()[1] in kept] == []
    # Windows of a statement and of the day book come sorted: nothing behind the window is read for them.
    assert [step for step in seen if "TEMP B-TREE" in step] == []
