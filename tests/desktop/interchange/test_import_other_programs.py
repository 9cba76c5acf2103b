"""Books that other programs wrote, from the file to the proof page; what they come to was worked out elsewhere."""

import sqlite3
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from desktop.builders import a_book, a_company_folder, a_machine, opened
from desktop.cli.running import run
from desktop.interchange.importing import closing, closing_of, content, generate, take
from desktop.interchange.tally_xml.test_sample_books import FERRY, FERRY_CLOSING, TARANG, TARANG_CLOSING
from ledgerflow_desktop.actions.exporting import export
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book

GNUCASH = sorted((Path(__file__).parent / "gnucash" / "books").glob("*.gnucash"))
# What each transaction moves, in its own currency; all transactions of these books are in euros.
SUMS = """SELECT a.name, s.value_num, s.value_denom FROM splits s JOIN accounts a ON a.guid = s.account_guid"""


def by_gnucash(path: Path) -> list[Fraction]:
    """Return the balances of the book's accounts, zeros left out, added up in GnuCash's own tables."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        found: Counter[str] = Counter()
        for name, top, bottom in connection.execute(SUMS):
            found[name] += Fraction(top, bottom)
    finally:
        connection.close()
    return sorted(total for total in found.values() if total)


def balances(book: Book) -> list[Fraction]:
    return sorted(Fraction(amount) for amount in closing(book).values())


@pytest.mark.parametrize("path", GNUCASH, ids=lambda path: path.stem)
def test_a_gnucash_book_comes_to_its_own_balances(path: Path, tmp_path: Path) -> None:
    with a_book(tmp_path, books_begin=date(2000, 1, 1), currency="EUR", with_masters=False) as book:
        proof = take(book, path)
        assert proof.format == "gnucash"
        assert proof.proved
        assert proof.debit_total == -proof.credit_total
        assert proof.checked
        assert balances(book) == by_gnucash(path)
        before, position = content(book), log_store.last_position(book.connection)
        assert take(book, path).vouchers_posted == 0
        assert (content(book), log_store.last_position(book.connection)) == (before, position)
        assert verify_book(book).findings == ()


def test_there_are_four_gnucash_books() -> None:
    assert len(GNUCASH) == 4


@pytest.mark.parametrize(("path", "expected"), [(TARANG, TARANG_CLOSING), (FERRY, FERRY_CLOSING)], ids=["16", "8"])
def test_a_tally_export_comes_to_the_balances_worked_by_hand(
    path: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    # On the day of the export: it counts no voucher that was post-dated then, nor may we.
    exported_on = a_machine(now=1_722_470_400_000)  # 1 August 2024
    with a_book(tmp_path, books_begin=date(2023, 4, 1), with_masters=False, machine=exported_on) as book:
        proof = take(book, path)
        assert proof.format == "tally"
        assert proof.proved
        assert bool(proof.checked) is (path == TARANG)  # the other states no closing balances
        assert closing(book) == expected
        before, position = content(book), log_store.last_position(book.connection)
        assert take(book, path).vouchers_posted == 0
        assert (content(book), log_store.last_position(book.connection)) == (before, position)
        assert verify_book(book).findings == ()


def test_two_tally_files_each_bring_their_own_masters(tmp_path: Path) -> None:
    expected = generate(tmp_path, 20)
    with a_book(tmp_path, "First", books_begin=date(2023, 4, 1), with_masters=False) as book:
        take(book, tmp_path / "ledgers.jsonl", tmp_path / "vouchers.jsonl")
        with (tmp_path / "second.xml").open("wb") as file:
            export(book, "tally", file)
    with a_book(tmp_path, "Both", books_begin=date(2023, 4, 1), with_masters=False) as book:
        told: list[tuple[int, int]] = []
        proof = take(book, FERRY, tmp_path / "second.xml", progress=lambda done, size: told.append((done, size)))
        assert proof.vouchers_posted == 3 + 20
        found = closing(book)
        assert found["Delta Yard"] == FERRY_CLOSING["Delta Yard"]
        assert found["Customer-001"] == closing_of(expected)["Customer-001"]
        assert verify_book(book).findings == ()
    sizes = FERRY.stat().st_size + (tmp_path / "second.xml").stat().st_size
    assert {size for _, size in told} <= {sizes}


def test_a_proof_page_says_what_was_not_imported_and_names_each_difference(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path, books_begin=date(2025, 4, 1), with_masters=False)
    file = tmp_path / "books.jsonl"
    file.write_text(
        '{"id":1,"name":"Till","group":["Assets","Cash"],"opening":"5.00","closing":"5.00"}\n'
        '{"id":2,"name":"Owner","group":["Equity"],"opening":"-5.00","closing":"-4.00"}\n'
        '{"kind":"not-imported","what":"budget","count":2,"example":"2025\\u202e"}\n',
        "utf-8",
    )
    done = run("import", folder, file)
    assert done.code == 1  # taken in, and the source disagrees with itself
    assert "balances stated by the source: 2, equal to ours: 1" in done.out
    assert "Owner: source 4.00 Cr, ours 5.00 Cr" in done.out
    assert "not imported: 2 × budget (such as 2025)" in done.out
    with opened(folder, read_only=True) as book:
        assert book.chart.account_named("Owner")
