"""What the tests of importing share: generated books, lines of the neutral format, and a book as plain values."""

import importlib.util
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.identifiers import named
from ledgerflow_core.money.amount import decimal_text
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import as_envelope
from ledgerflow_desktop.actions import reports
from ledgerflow_desktop.actions.importing import import_files
from ledgerflow_desktop.interchange.book_records import records_of
from ledgerflow_desktop.interchange.proof import Proof
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book

_GENERATOR = Path(__file__).resolve().parents[3] / "benchmarks" / "generate_books.py"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_books", _GENERATOR)
    assert spec, "it stands in benchmarks"
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generate(folder: Path, vouchers: int, formats: str = "jsonl", **options: object) -> dict[str, Any]:
    """Write the books of a trading company, from 1 April 2025; return what they must come to."""
    more = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    _generator().main(["--vouchers", str(vouchers), "--out", str(folder), "--formats", formats, *more])
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    return expected


def closing_of(expected: dict[str, Any]) -> dict[str, str]:
    """Return the closing balances as decimal text by account, zeros left out."""
    return {
        path.rpartition(":")[2]: decimal_text(minor, 2) for path, minor in expected["closing_minor"].items() if minor
    }


def trial_balance(book: Book) -> dict[str, Any]:
    return as_envelope(reports.run(book, "trial-balance", ReportOptions(flat=True)))


def closing(book: Book) -> dict[str, str]:
    """Return the balances that are not zero by account; a difference in the openings goes by its label."""
    rows = trial_balance(book)["rows"]
    return {row.get("account") or row["label"]: row["closing"] for row in rows if row["closing"] != "0.00"}


def content(book: Book) -> list[dict[str, Any]]:
    """Return everything the book holds as plain values, in an order that does not depend on how it got in."""
    found = [{"kind": type(record).__name__} | msgspec.to_builtins(record) for record in records_of(book)]
    return sorted(found, key=lambda record: json.dumps(record, sort_keys=True))


def account(file_id: int, name: str, group: str = "Expenses", **more: object) -> dict[str, object]:
    """A line of an account."""
    return {"id": file_id, "name": name, "group": group.split(":"), "opening": "0.00"} | more


CASH, RENT, SHOP = 1, 2, 3
ACCOUNTS = [
    account(CASH, "Till", "Assets:Current-Assets:Cash-in-Hand", opening="500.00"),
    account(RENT, "Rent"),
    account(SHOP, "Owner", "Equity:Capital", opening="-500.00"),
]


def voucher(name: str = "v1", **more: object) -> dict[str, object]:
    """A line of a voucher that may be posted; `more` makes it another."""
    entries = [{"ledger": RENT, "amount": "10.00"}, {"ledger": CASH, "amount": "-10.00"}]
    plain: dict[str, object] = {"id": named("test-voucher", name), "type": "payment", "date": "2025-05-04"}
    return plain | {"number": name, "entries": entries} | more


def entries(*amounts: str, ledgers: Sequence[int | str] = (RENT, CASH)) -> list[dict[str, object]]:
    return [{"ledger": ledger, "amount": amount} for ledger, amount in zip(ledgers, amounts, strict=False)]


def write_lines(path: Path, lines: Iterable[object]) -> Path:
    path.write_bytes(b"".join(line if isinstance(line, bytes) else msgspec.json.encode(line) + b"\n" for line in lines))
    return path


def take(book: Book, *paths: Path, **options: Any) -> Proof:
    """Import files and return the proof page."""
    return import_files(book, list(paths), **options).value


def refused(book: Book, *paths: Path, **options: Any) -> list[Problem]:
    """Import files that must be refused; the book must be left as it was. Return what is wrong."""
    before, events = content(book), log_store.last_position(book.connection)
    with pytest.raises(InvalidInput) as error:
        import_files(book, list(paths), **options)
    assert content(book) == before
    assert log_store.last_position(book.connection) == events
    assert not book.connection.in_transaction
    return list(error.value.problems)
