"""Files that mean harm or mean nothing: a named problem with its place, never a traceback, never half an import."""

import csv
import gzip
import io
import json
import os
import random
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from desktop.builders import a_company_folder
from desktop.cli.running import Done, run
from desktop.interchange.importing import ACCOUNTS, CASH, RENT, account, voucher, write_lines
from ledgerflow_desktop.phrases.cell_safety import reads_as_formula

FORMATS = ("auto", "jsonl", "tally", "gnucash", "hledger")
FORMULAS = ['=HYPERLINK("http://127.0.0.1/","x")', "+1+1", "-2+3", "@SUM(A1)", "\uff1d1+1", " =1"]

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<ENVELOPE><BODY>&c;</BODY></ENVELOPE>"""
EXTERNAL_ENTITY = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>
<ENVELOPE><BODY><TALLYMESSAGE><LEDGER NAME="&secret;"/></TALLYMESSAGE></BODY></ENVELOPE>"""
DEEP = b"<ENVELOPE>" + b"<A>" * 100_000

GARBAGE = {
    "nothing": b"",
    "NULs": b"\0" * 5000,
    "noise": random.Random(7).randbytes(5000),
    "noise like gzip": b"\x1f\x8b\x08\x00" + random.Random(8).randbytes(3000),
    "half a gzip": gzip.compress(b'{"kind":"company"}\n' * 1000)[:-20],
    "noise like SQLite": b"SQLite format 3\x00" + random.Random(9).randbytes(5000),
    "UTF-16 without end": b"\xff\xfe<\x00E",
    "a long line": b'{"a":"' + b"x" * 20_000_000,
    "laughs": BILLION_LAUGHS,
    "an entity": EXTERNAL_ENTITY,
    "without end deep": DEEP,
    "JSON without end deep": b'{"entries":' + b"[" * 100_000,
    "an envelope cut off": b"<ENVELOPE><BODY><TALLYMESSAGE><VOUCHER",
    "GnuCash cut off": b'<?xml version="1.0"?><gnc-v2 xmlns:gnc="http://www.gnucash.org/XML/gnc"><gnc:book>',
    "Latin 1": b'{"kind":"company","name":"caf\xe9"}\n',
    "a lone surrogate": b'{"kind":"company","name":"\\ud800"}\n',
    "NaN": b'{"id":1,"name":"x","group":["Assets"],"opening":NaN}\n',
    "a number where text belongs": b'{"id":1,"name":2,"group":["Assets"],"opening":"0"}\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_company_folder(tmp_path_factory.mktemp("hostile"), books_begin=date(2025, 4, 1))


@pytest.fixture
def unchanged(folder: Path) -> object:
    before = (folder / "books.db").read_bytes()
    yield folder
    assert run("verify", folder).code == 0
    assert (folder / "books.db").read_bytes() == before


def named(done: Done, file: Path) -> None:
    """Assert that a refusal names the file and a code, shows nothing raw, and says nothing else."""
    assert done.code == 1, (done.code, done.err)
    assert done.raw == b""
    assert done.codes
    assert all(line.startswith((file.name, str(file))) for line in done.err.splitlines()), done.err
    assert all(character.isprintable() or character == "\n" for character in done.err)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused_by_name_in_every_format(
    unchanged: Path, tmp_path: Path, content: bytes, format_: str
) -> None:
    file = tmp_path / "books.xml"
    file.write_bytes(content)
    done = run("import", unchanged, file, "--format", format_)
    if content in (b"",) and format_ in ("jsonl", "hledger"):
        assert done.code == 0  # a file of no lines is a file of no records
        return
    if format_ in ("auto", "jsonl") and content == GARBAGE["a lone surrogate"]:
        assert done.code in (0, 1)
        return
    named(done, file)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_folder_and_a_missing_file_are_no_books(unchanged: Path, tmp_path: Path, format_: str) -> None:
    (tmp_path / "folder").mkdir()
    for file in (tmp_path / "folder", tmp_path / "missing.jsonl"):
        done = run("import", unchanged, file, "--format", format_)
        named(done, file)
        assert done.codes == ["unreadable-file"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(unchanged: Path, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "books.jsonl", ACCOUNTS)
    file.chmod(0)
    done = run("import", unchanged, file)
    assert (done.code, done.codes) == (1, ["unreadable-file"])


def test_the_name_of_a_file_cannot_drive_the_terminal(unchanged: Path, tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[2Jb\u202ec.jsonl"
    file.write_bytes(b"{}\n")
    done = run("import", unchanged, file)
    assert done.code == 1
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err


def test_no_entity_of_a_file_reads_another_file(unchanged: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.xml"
    file.write_bytes(EXTERNAL_ENTITY)
    assert run("import", unchanged, file).codes == ["xml-doctype-refused"]


@pytest.fixture(scope="module")
def with_formulas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose names and texts a spreadsheet would run."""
    tmp_path = tmp_path_factory.mktemp("formulas")
    folder = a_company_folder(tmp_path, books_begin=date(2025, 4, 1), with_masters=False)
    lines: list[object] = [*ACCOUNTS]
    for at, text in enumerate(FORMULAS):
        lines.append(account(10 + at, text, f"Expenses:{text}x"))
        entries = [{"ledger": 10 + at, "amount": "1.00"}, {"ledger": CASH, "amount": "-1.00"}]
        lines.append(voucher(f"f{at}", number=text, narration=text, reference=text, entries=entries))
    lines.append(voucher("plain", entries=[{"ledger": RENT, "amount": "-5.00"}, {"ledger": CASH, "amount": "5.00"}]))
    done = run("import", folder, write_lines(tmp_path / "books.jsonl", lines))
    assert done.code == 0, done.err
    return folder


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize(
    "argv",
    [
        ["export", "--format", "csv"],
        ["log", "--limit", "0", "--format", "csv"],
        ["report", "day-book", "--format", "csv"],
        ["report", "trial-balance", "--format", "csv"],
        ["report", "account", "--account", "Till", "--format", "csv"],
    ],
    ids=" ".join,
)
def test_no_cell_of_a_csv_is_a_formula(with_formulas: Path, argv: list[str]) -> None:
    done = run(argv[0], with_formulas, *argv[1:])
    assert (done.code, done.err) == (0, "")
    found = cells(done.out)
    amounts = {cell for cell in found if cell.replace("-", "", 1).replace(".", "", 1).isdigit()}
    assert not [cell for cell in set(found) - amounts if reads_as_formula(cell)]
    assert any(cell.startswith("'=") or "'=" in cell for cell in found)
    assert "-5.00" in found or argv[0] != "export"  # figures stay figures


def test_no_cell_of_a_spreadsheet_is_a_formula_but_our_own_totals(with_formulas: Path, tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    assert run("report", with_formulas, "day-book", "--format", "xlsx", "-o", file).code == 0
    sheet = openpyxl.load_workbook(file).worksheets[0]
    run_by_sheet = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(str(formula).startswith(("=SUM(", "=SUBTOTAL(")) for formula in run_by_sheet)
    shown = {cell.value for row in sheet.iter_rows() for cell in row}
    assert FORMULAS[0] in shown


def test_a_formula_keeps_its_text_in_the_neutral_format(with_formulas: Path) -> None:
    lines = [json.loads(line) for line in run("export", with_formulas, "--format", "jsonl").out.splitlines()]
    assert set(FORMULAS) - {" =1"} <= {line.get("narration") for line in lines}
