"""The examples of docs/file-format.md are events this program reads, and its program reads a book of this program."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from desktop.storage.sample_company import PASSPHRASE, fill, machine, new_company, open_it
from ledgerflow_core.events.chain import follow, genesis
from ledgerflow_core.events.event import Body, decode_event, encode_event
from ledgerflow_desktop.storage import schema
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import PAGE_SIZE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "file-format.md").read_text("utf-8")
TABLES = re.compile(r"^\| (`[a-z_]+`.*?) \|", re.MULTILINE)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    here, folder = machine(), tmp_path / "Lotus.ledgerflow"
    new_company(folder, here)
    with open_it(folder, here) as opened:
        fill(opened)
        yield opened


def test_the_two_events_shown_begin_a_chain() -> None:
    raws = re.findall(r'^\{"v":1.*$', PAGE, re.MULTILINE)
    events = [decode_event(raw.encode()) for raw in raws]
    head = genesis(events[0].replica)
    for event, raw in zip(events, raws, strict=True):
        assert encode_event(event) == raw.encode()
        head = follow(head, event, raw.encode(), replica=event.replica)
    assert head.seq == 2


def test_every_body_has_an_example_that_is_read() -> None:
    examples = [json.loads(found) for found in re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]
    read = [msgspec.convert(example, Body) for example in examples]

    for body, example in zip(read, examples, strict=True):
        assert msgspec.json.decode(msgspec.json.encode(body)) == example
    assert {type(body) for body in read} == set(get_args(Body))


def test_every_table_of_a_book_is_described_with_its_columns(book: Book) -> None:
    described = {}
    for cells in TABLES.findall(PAGE.partition("## books.db")[2].partition("## Events")[0]):
        for name, columns in re.findall(r"`([a-z_]+)`(?: \(([^)]*)\))?", cells):
            described[name] = columns
    tables = [name for (name,) in book.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    assert sorted(described) == sorted(tables)
    for name, columns in described.items():
        if columns and not columns.endswith("..."):
            there = [row[1] for row in book.connection.execute(f"PRAGMA table_info({name})")]
            assert columns.split(", ") == there, name


def test_the_page_names_the_version_and_page_size_in_use() -> None:
    assert f"migration `{schema.HEAD}`" in PAGE
    assert re.findall(r"cipher_page_size = (\d+)", PAGE) == [str(PAGE_SIZE)] * 2


def test_the_program_of_the_page_reads_a_book(book: Book) -> None:
    found: dict[str, Any] = {}
    exec(PAGE.partition("```python\n")[2].partition("```")[0], found)
    folder, names = book.folder.path, book.chart.accounts
    book.checkpoint()

    key = found["book_key"](folder, PASSPHRASE)
    read = found["open_book"](folder, key)
    try:
        assert key == book.book_key
        assert [event["seq"] for event in found["events"](read)][-1] > 2
        ours = {names[account].name: balance for account, balance in book.closing_balances().items()}
        assert found["closing_balances"](read) == ours
    finally:
        read.close()
