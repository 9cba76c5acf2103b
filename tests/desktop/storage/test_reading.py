"""Beside another program that writes, an answer is of one state of the book, and knows its new masters."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.storage.sample_company import (
    RAVI,
    SALES_ACCOUNT,
    account_id,
    add_masters,
    machine,
    new_company,
    open_it,
    sale,
)
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_desktop.actions import exporting, masters, report_windows, reports, vouchers
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.figures import BookFigures

JUNE = ReportOptions(first=date(2026, 4, 1), last=date(2026, 6, 30))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Lotus.ledgerflow"
    new_company(path, machine())
    return path


@pytest.fixture
def writer(folder: Path) -> Iterator[Book]:
    with open_it(folder, machine()) as book:
        add_masters(book)
        vouchers.post(book, [sale("first", 1_000)])
        yield book


@pytest.fixture
def reader(folder: Path, writer: Book) -> Iterator[Book]:
    with open_it(folder, machine(), read_only=True) as book:
        yield book


def overtaken(monkeypatch: pytest.MonkeyPatch, name: str, write: Callable[[], object]) -> None:
    """Let another program write once, right after a report has asked its first question."""
    real, done = getattr(BookFigures, name), []

    def asked(*given: Any, **named: Any) -> object:
        answer = real(*given, **named)
        if not done:
            done.append(write())
        return answer

    monkeypatch.setattr(BookFigures, name, asked)


def test_a_balance_sheet_balances_while_another_program_posts(
    writer: Book, reader: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = reports.run(reader, "balance-sheet", JUNE)
    overtaken(monkeypatch, "balances", lambda: vouchers.post(writer, [sale("second", 2_000)]))
    assert reports.run(reader, "balance-sheet", JUNE) == undisturbed
    assert reports.run(reader, "balance-sheet", JUNE) != undisturbed


def test_the_lines_of_a_window_are_as_many_as_it_says(
    writer: Book, reader: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, "vouchers", lambda: vouchers.post(writer, [sale("second")]))
    assert report_windows.open_long(reader, "day-book", JUNE).lines == 1
    assert report_windows.open_long(reader, "day-book", JUNE).lines == 2


def test_a_master_made_by_another_program_is_known(writer: Book, reader: Book) -> None:
    lamps = Account(id=account_id("Lamps abroad"), name="Lamps abroad", group=group_id("sales"))
    masters.create(writer, [lamps])
    made = sale("abroad", 5_000)
    other = replace(made, entries=(made.entries[0], replace(made.entries[1], account=lamps.id)))
    vouchers.post(writer, [other])
    table = reports.run(reader, "account", of_account("Lamps abroad"))
    assert len(report_windows.lines(reader, "account", of_account("Lamps abroad"), offset=0, limit=9)) == 1
    assert table.rows
    with reader.reading():
        assert lamps.id in reader.chart.accounts


def of_account(name: str) -> ReportOptions:
    return ReportOptions(first=JUNE.first, last=JUNE.last, account=name)


def test_an_export_is_of_one_state(writer: Book, reader: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = exported(reader)

    class Overtaken(io.BytesIO):
        posted = False

        def write(self, content: Any) -> int:
            if not self.posted:
                self.posted = True
                vouchers.post(writer, [sale("second")])
            return super().write(content)

    out = Overtaken()
    exporting.export(reader, "jsonl", out)
    assert out.getvalue() == undisturbed
    assert exported(reader) != undisturbed


def exported(book: Book) -> bytes:
    out = io.BytesIO()
    exporting.export(book, "jsonl", out)
    return out.getvalue()


def test_reading_inside_reading_and_inside_writing_changes_nothing(writer: Book) -> None:
    with writer.reading():
        with writer.reading():
            pass
        assert writer.connection.in_transaction
    assert not writer.connection.in_transaction
    with writer.writing() as unit:
        unit.post([sale("inside")])
        with writer.reading():
            assert writer.closing_balances()[RAVI] == 50_000 + 1_000 + 118_000
        unit.post([sale("after")])
    assert writer.closing_balances()[SALES_ACCOUNT] == -(50_000 + 1_000 + 2 * 118_000)
