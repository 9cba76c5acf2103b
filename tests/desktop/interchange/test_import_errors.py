"""Whatever is wrong with a file is named by code and ``file:line``, all of it at once, and the book stays as it was."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desktop.builders import a_book
from desktop.interchange.importing import (
    ACCOUNTS,
    CASH,
    RENT,
    account,
    content,
    entries,
    refused,
    take,
    voucher,
    write_lines,
)
from ledgerflow_desktop.actions import importing, periods
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book

OVERRIDE, NUL = "\u202e", "\0"
MOST = "90071992547409.91"  # 2**53 - 1 minor units
ID = voucher()["id"]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path, with_masters=False, books_begin=date(2025, 4, 1)) as made:
        yield made


@pytest.fixture(params=[False, True], ids=["one process", "two processes"])
def in_two_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(importing, "SECOND_PROCESS_BYTES", 1 if request.param else 2**40)
    return bool(request.param)


def problems(book: Book, tmp_path: Path, *lines: object) -> list[tuple[str, str]]:
    file = write_lines(tmp_path / "books.jsonl", [*ACCOUNTS, *lines])
    return [(problem.code, problem.place) for problem in refused(book, file)]


# Lines 1 to 3 are the accounts, so the first line of a case is line 4.
VOUCHERS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "unknown account": (
        [voucher(entries=entries("1.00", "-1.00", ledgers=(RENT, 99)))],
        [("unknown-account", "books.jsonl:4: entries[1].ledger")],
    ),
    "unknown party": ([voucher(party="Nobody")], [("unknown-account", "books.jsonl:4: party")]),
    "duplicate number": (
        [voucher("a", number="7"), voucher("b", number="7")], [("number-taken", "books.jsonl:5")],
    ),
    "duplicate id": ([voucher(), voucher(number="8")], [("voucher-already-posted", "books.jsonl:5")]),
    "unbalanced": (
        [voucher(entries=entries("10.00", "-9.99"))], [("unbalanced", "books.jsonl:4: entries")],
    ),
    "amount too large": (
        [voucher(entries=entries("90071992547409.92", "-90071992547409.92"))],
        [("amount-too-large", f"books.jsonl:4: entries[{at}].amount") for at in (0, 1)],
    ),
    "debits too large together": (
        [voucher(entries=entries(MOST, "0.01", f"-{MOST}", "-0.01", ledgers=(RENT, RENT, CASH, CASH)))],
        [("amount-too-large", "books.jsonl:4: entries")],
    ),
    "too many decimals": (
        [voucher(entries=entries("10.005", "-10.005"))],
        [("too-many-decimals", f"books.jsonl:4: entries[{at}].amount") for at in (0, 1)],
    ),
    "no amount": (
        [voucher(entries=entries("ten", "-10.00"))], [("bad-amount", "books.jsonl:4: entries[0].amount")],
    ),
    "bad date": ([voucher(date="2025-02-29")], [("bad-date", "books.jsonl:4: date")]),
    "week date": ([voucher(date="2025-W14-1")], [("bad-date", "books.jsonl:4: date")]),
    "no date": ([voucher(date="")], [("bad-date", "books.jsonl:4: date")]),
    "before the books begin": ([voucher(date="2025-03-31")], [("before-books-begin", "books.jsonl:4: date")]),
    "unknown voucher type": ([voucher(type="barter")], [("unknown-voucher-type", "books.jsonl:4: type")]),
    "no entries": ([voucher(entries=[])], [("no-entries", "books.jsonl:4: entries")]),
    "NUL in a narration": ([voucher(narration="a\0b")], [("nul-character", "books.jsonl:4: narration")]),
    "an override in a narration": (
        [voucher(narration=f"a{OVERRIDE}b")], [("character-not-allowed", "books.jsonl:4: narration")],
    ),
    "10,001 characters": ([voucher(narration="x" * 10_001)], [("text-too-long", "books.jsonl:4: narration")]),
    "a number too long": ([voucher(number="x" * 61)], [("text-too-long", "books.jsonl:4: number")]),
    "no rate": (
        [voucher(entries=[
            {"ledger": RENT, "amount": "10.00", "foreign": {"currency": "USD", "amount": "1.00", "rate": "x"}},
            {"ledger": CASH, "amount": "-10.00"},
        ])],
        [("bad-rate", "books.jsonl:4: entries[0].foreign.rate")],
    ),
    "unknown cost centre": (
        [voucher(entries=[
            {"ledger": RENT, "amount": "10.00", "costs": [{"centre": "Goa", "amount": "10.00"}]},
            {"ledger": CASH, "amount": "-10.00"},
        ])],
        [("unknown-cost-centre", "books.jsonl:4: entries[0].costs[0]")],
    ),
    "several lines at once": (
        [voucher("a", date="x"), voucher("b"), voucher("c", entries=entries("1.00", "-2.00"))],
        [("bad-date", "books.jsonl:4: date"), ("unbalanced", "books.jsonl:6: entries")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "named"), VOUCHERS.values(), ids=VOUCHERS.keys())
def test_a_wrong_voucher_is_named_with_its_line(
    book: Book, tmp_path: Path, lines: list[dict[str, Any]], named: list[tuple[str, str]]
) -> None:
    assert problems(book, tmp_path, *lines) == named


@pytest.mark.usefixtures("in_two_processes")
def test_places_are_the_same_whoever_reads_the_file(book: Book, tmp_path: Path) -> None:
    bad = [voucher(f"v{at}", date="x") for at in range(3)]
    assert problems(book, tmp_path, *[voucher(f"g{at}") for at in range(50)], *bad) == [
        ("bad-date", f"books.jsonl:{line}: date") for line in (54, 55, 56)
    ]
    assert problems(book, tmp_path, voucher("a", number="1"), voucher("b"), voucher("c", number="1")) == [
        ("number-taken", "books.jsonl:6")
    ]
    assert problems(book, tmp_path, b'{"entries": [\n') == [("bad-json", "books.jsonl:4")]


MASTERS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "unknown root group": ([account(9, "Odd", "Odds:Ends")], [("unknown-root-group", "books.jsonl:4: group")]),
    "no group": ([account(9, "Odd") | {"group": []}], [("group-missing", "books.jsonl:4: group")]),
    "duplicate id": ([account(CASH, "Odd")], [("duplicate-account", "books.jsonl:4: id")]),
    "no name": ([account(9, " ")], [("name-empty", "books.jsonl:4: name")]),
    "NUL in a name": ([account(9, "a\0b")], [("nul-character", "books.jsonl:4: name")]),
    "an override in a name": ([account(9, f"a{OVERRIDE}b")], [("character-not-allowed", "books.jsonl:4: name")]),
    "a name of 10,000 characters": ([account(9, "x" * 10_000)], [("text-too-long", "books.jsonl:4: name")]),
    "an opening too large": (
        [account(9, "Odd", opening="90071992547409.92")], [("amount-too-large", "books.jsonl:4: opening")],
    ),
    "an opening too fine": ([account(9, "Odd", opening="0.001")], [("too-many-decimals", "books.jsonl:4: opening")]),
    "bills that do not add up": (
        [account(9, "Odd", opening="5.00", opening_bills=[{"name": "B", "date": "2025-03-01", "amount": "4.00"}])],
        [("bills-do-not-add-up", "books.jsonl:4: opening_bills")],
    ),
    "a group too long": ([account(9, "Odd", "Expenses:" + "x" * 201)], [("text-too-long", "books.jsonl:4: group")]),
    "a trick in a group": (
        [account(9, "Odd", f"Expenses:a{OVERRIDE}b")], [("character-not-allowed", "books.jsonl:4: group")],
    ),
    "groups without end": (
        [account(9, "Odd", "Expenses:" + ":".join(map(str, range(40))))],
        [("groups-too-deep", "books.jsonl:4: group")],
    ),
    "another currency": (
        [{"kind": "company", "currency": "AED"}], [("currency-differs", "books.jsonl:4: currency")],
    ),
    "a rate of nothing": (
        [{"kind": "currency", "code": "USD", "rates": [["2025-04-01", "0"]]}],
        [("bad-rate", "books.jsonl:4: rates[0]")],
    ),
    "no currency": ([{"kind": "currency", "code": "dollar"}], [("bad-currency", "books.jsonl:4")]),
    "a type of no known type": (
        [{"kind": "voucher-type", "name": "Odd", "parent": "Barter"}],
        [("unknown-voucher-type", "books.jsonl:4: parent")],
    ),
    "a centre under none": (
        [{"kind": "cost-centre", "name": "Odd", "parent": "Goa"}], [("unknown-cost-centre", "books.jsonl:4: parent")],
    ),
    "several at once": (
        [account(9, ""), account(10, "Good"), account(11, "Odd", "Odds")],
        [("name-empty", "books.jsonl:4: name"), ("unknown-root-group", "books.jsonl:6: group")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "named"), MASTERS.values(), ids=MASTERS.keys())
def test_a_wrong_master_is_named_with_its_line(
    book: Book, tmp_path: Path, lines: list[dict[str, Any]], named: list[tuple[str, str]]
) -> None:
    assert problems(book, tmp_path, *lines, voucher()) == named


def test_a_locked_period_takes_no_import(book: Book, tmp_path: Path) -> None:
    take(book, write_lines(tmp_path / "accounts.jsonl", ACCOUNTS))
    periods.lock(book, date(2025, 5, 3))
    locked = voucher("a", date="2025-05-03")
    assert problems(book, tmp_path, voucher("b"), locked) == [("period-locked", "books.jsonl:5: date")]
    take(book, write_lines(tmp_path / "books.jsonl", [*ACCOUNTS, voucher("b")]))


def test_a_second_import_is_refused_like_the_first(book: Book, tmp_path: Path) -> None:
    take(book, write_lines(tmp_path / "first.jsonl", [*ACCOUNTS, voucher("a", number="7")]))
    assert problems(book, tmp_path, voucher("b", number="7")) == [("number-taken", "books.jsonl:4")]
    assert problems(book, tmp_path, voucher("c", date="x")) == [("bad-date", "books.jsonl:4: date")]
    assert problems(book, tmp_path, b"{}\n") == [("missing-field", "books.jsonl:4")]


def test_a_hundred_problems_are_enough(book: Book, tmp_path: Path) -> None:
    assert len(problems(book, tmp_path, *[voucher(f"v{at}", date="x") for at in range(300)])) == 100
    assert len(problems(book, tmp_path, *[account(100 + at, "") for at in range(300)])) == 100


def test_the_most_entries_a_voucher_takes_and_one_more(book: Book, tmp_path: Path) -> None:
    def long(count: int, name: str = "v1") -> dict[str, Any]:
        return voucher(name, entries=entries(*["1.00", "-1.00"] * (count // 2), ledgers=[RENT, CASH] * (count // 2)))

    one_more = long(12_000)
    one_more["entries"] = [*one_more["entries"], {"ledger": RENT, "amount": "0.00"}]
    assert problems(book, tmp_path, one_more) == [("too-many-entries", "books.jsonl:4: entries")]
    file = write_lines(
        tmp_path / "books.jsonl", [*ACCOUNTS, long(10_000), voucher("most") | {"entries": long(12_000)["entries"]}]
    )
    assert take(book, file).entries == 22_000


def test_arabic_marks_hindi_joiners_and_200_characters_are_taken(book: Book, tmp_path: Path) -> None:
    names = ["شركة\u200f (AED)", "क्\u200dष", "x" * 200, "=HYPERLINK(1)", "🪔"]
    lines = [account(10 + at, name) for at, name in enumerate(names)]
    take(book, write_lines(tmp_path / "books.jsonl", [*ACCOUNTS, *lines, voucher(narration="x" * 10_000)]))
    assert all(book.chart.account_named(name) for name in names)


def test_the_last_day_that_books_have_is_a_day(book: Book, tmp_path: Path) -> None:
    take(book, write_lines(tmp_path / "books.jsonl", [*ACCOUNTS, voucher(date="2199-12-31")]))
    assert book.has_vouchers()


def test_two_accounts_of_one_name_in_one_group_stay_two(book: Book, tmp_path: Path) -> None:
    """A program whose tree allows it means two accounts; merged, their balances would be one."""
    twins = [account(7, "Twin", opening="5.00", closing="5.00"), account(8, "Twin", opening="-5.00", closing="-5.00")]
    file = write_lines(tmp_path / "books.jsonl", [*ACCOUNTS, *twins])
    proof = take(book, file)
    assert proof.accounts_made == len(ACCOUNTS) + 2
    assert proof.differences == []
    assert [code for code, _ in proof.remarks] == ["account-renamed"]
    before, position = content(book), log_store.last_position(book.connection)
    assert take(book, file).accounts_made == 0
    assert (content(book), log_store.last_position(book.connection)) == (before, position)


def test_what_is_not_imported_is_said_once_whenever_it_is_tried(book: Book, tmp_path: Path) -> None:
    left_out = {"kind": "not-imported", "what": "budget", "count": 2, "example": "2025"}
    file = write_lines(tmp_path / "books.jsonl", [*ACCOUNTS, left_out, voucher()])
    assert take(book, file).not_imported == [("budget", 2, "2025")]
    assert take(book, file).not_imported == [("budget", 2, "2025")]


def test_the_problem_of_a_second_file_names_the_second_file(book: Book, tmp_path: Path) -> None:
    first = write_lines(tmp_path / "masters.jsonl", ACCOUNTS)
    second = write_lines(tmp_path / "vouchers.jsonl", [voucher(), voucher("b", date="x")])
    assert [(found.code, found.place) for found in refused(book, first, second)] == [
        ("bad-date", "vouchers.jsonl:2: date")
    ]


def test_no_file_a_mixture_and_an_unknown_format_are_named(book: Book, tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "a.jsonl", ACCOUNTS)
    journal = tmp_path / "b.journal"
    journal.write_text("2025-05-01 x\n    a  1 INR\n    b\n")
    assert [found.code for found in refused(book)] == ["no-files"]
    assert [found.code for found in refused(book, lines, journal)] == ["formats-differ"]
    assert [found.code for found in refused(book, lines, format="sql")] == ["unknown-format"]
    assert json.loads(lines.read_text().splitlines()[0])["id"] == CASH
