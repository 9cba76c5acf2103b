"""`report`: every report in every format, read beside a writer, to a pipe or to a whole file."""

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import openpyxl
import pypdf
import pytest

from builders import a_contra, a_journal, a_payment, a_receipt, a_sale
from desktop.builders import a_company_folder, opened
from desktop.cli.running import Done, run, run_process
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.cli.report_options import REPORTS
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "report-envelope.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(SCHEMA.read_text("utf-8")), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
NEEDED = {"account": ["--account", "Cash"], "group-summary": ["--group", "Current Assets"]}
FIRST_BYTES = {"xlsx": b"PK\x03\x04", "pdf": b"%PDF-"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One company for all: reports change nothing."""
    made = a_company_folder(tmp_path_factory.mktemp("reports"))
    with opened(made) as book:
        vouchers.post(book, [a_sale(), a_receipt(), a_payment(), a_contra(), a_journal()])
    database = made / "books.db"
    before = database.read_bytes()
    yield made
    assert database.read_bytes() == before


def report(folder: Path, code: str, *more: str | Path) -> Done:
    done = run("report", folder, code, *NEEDED.get(code, []), *more)
    assert (done.code, done.err) == (0, "")
    return done


@pytest.mark.parametrize("code", REPORTS)
def test_a_report_is_the_same_figures_in_every_format(folder: Path, code: str, tmp_path: Path) -> None:
    envelope = json.loads(report(folder, code, "--format", "json").out)
    VALIDATOR.validate(envelope)
    assert envelope["report"] == code
    assert envelope["company"] == "Lotus Traders"
    rows = list(csv.DictReader(io.StringIO(report(folder, code, "--format", "csv").out)))
    keys = [column["key"] for column in envelope["columns"] if column["type"] != "text"]
    totals = [envelope["totals"]] if envelope["totals"] else []
    assert [{key: row[key] for key in keys} for row in rows] == [
        {key: said.get(key) or "" for key in keys} for said in [*envelope["rows"], *totals]
    ]
    table = report(folder, code).out
    assert "Lotus Traders" in table.splitlines()[0]
    for format_, first in FIRST_BYTES.items():
        file = tmp_path / f"report.{format_}"
        assert report(folder, code, "--format", format_, "-o", file).raw == b""
        assert file.read_bytes().startswith(first)
        assert report(folder, code, "--format", format_).raw.startswith(first)
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets[0].max_row > 1
    assert "Lotus Traders" in pypdf.PdfReader(tmp_path / "report.pdf").pages[0].extract_text()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["report.pdf", "report.xlsx"]


def test_the_trial_balance_is_what_a_bookkeeper_adds_up(folder: Path) -> None:
    """Openings and vouchers of `builders`, added up by hand."""
    envelope = json.loads(report(folder, "trial-balance", "--flat", "--format", "json").out)
    closing = {row["account"]: row["closing"] for row in envelope["rows"]}
    assert closing == {
        "Proprietor": "-300.00",
        "Meena Mills": "-207.00",  # 200.00 opening, 7.00 journal
        "Ravi Stores": "1562.00",  # 500.00 opening, 1180.00 sold, 118.00 received
        "Cash": "83.00",  # 118.00 received, 25.00 rent, 10.00 to the bank
        "Harbour Bank": "10.00",
        "Sales of Lamps": "-1180.00",
        "Rent": "32.00",  # 25.00 paid, 7.00 journal
    }
    assert sum(int(amount.replace(".", "")) for amount in closing.values()) == 0


@pytest.mark.parametrize(
    "options",
    [
        ["trial-balance", "--from", "2026-05-01", "--to", "2026-05-31"],
        ["trial-balance", "--zero-rows", "--depth", "0"],
        ["trial-balance", "--compare", "month"],
        ["trial-balance", "--as-known", "2026-01-01"],
        ["profit-and-loss", "--layout", "horizontal"],
        ["balance-sheet", "--compare", "previous-year"],
        ["receivables", "--account", "Ravi Stores", "--ageing", "15,45"],
        ["account", "--account", "cash", "--monthly"],
        ["account", "--account", "Cash", "--offset", "1", "--limit", "1"],
        ["day-book", "--limit", "2"],
        ["cost-centres", "--centre", "Pune"],
    ],
    ids=" ".join,
)
def test_every_option_leads_to_an_envelope_of_the_schema(folder: Path, options: list[str]) -> None:
    done = run("report", folder, *options, "--format", "json")
    assert (done.code, done.err) == (0, "")
    VALIDATOR.validate(json.loads(done.out))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["trial-balance", "--from", "soon"], "bad-date"),
        (["trial-balance", "--from", "2026-06-01", "--to", "2026-05-01"], "period-ends-before-it-begins"),
        (["trial-balance", "--from", "0001-01-01", "--to", "9999-12-31", "--compare", "month"], None),
        (["trial-balance", "--depth", "-1"], "bad-depth"),
        (["trial-balance", "--account", "Cash"], "option-not-taken"),
        (["account"], "option-missing"),
        (["account", "--account", "Nobody"], "unknown-account"),
        (["account", "--account", "\x1b[2J\u202e"], "unknown-account"),
        (["group-summary", "--group", "Nowhere"], "unknown-group"),
        (["receivables", "--ageing", "x"], "bad-ageing"),
        (["receivables", "--ageing", "60,30"], "bad-ageing"),
        (["receivables", "--account", "Meena Mills"], "not-a-party-of"),
        (["day-book", "--limit", "-1"], "bad-window"),
        (["cost-centres", "--centre", "Nowhere"], None),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_cannot_be_reported_is_named(folder: Path, options: list[str], code: str | None) -> None:
    done = run("report", folder, *options)
    assert done.code == 1
    assert done.raw == b""
    assert done.codes if code is None else done.codes == [code]
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err


def test_a_wrong_option_writes_no_file(folder: Path, tmp_path: Path) -> None:
    assert run("report", folder, "account", "--account", "Nobody", "-o", tmp_path / "x.csv").code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole_and_never_by_half(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "tb.json"
    file.write_text("before")
    assert report(folder, "trial-balance", "--format", "json", "-o", file).out == ""
    VALIDATOR.validate(json.loads(file.read_text("utf-8")))
    assert [found.name for found in tmp_path.iterdir()] == ["tb.json"]


@pytest.mark.parametrize("target", ["", ".", "missing/tb.csv", "file/tb.csv", "x" * 300])
def test_a_place_where_no_file_can_be_is_named(
    folder: Path, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("in the way")
    done = run("report", folder, "trial-balance", "-o", target)
    assert (done.code, done.codes) == (3, ["not-there" if "/" in target else "storage-failed"])
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["books.db", "keys.json", "new.csv"])
def test_an_output_never_takes_the_place_of_the_books(folder: Path, name: str) -> None:
    done = run("report", folder, "trial-balance", "-o", folder / name)
    assert (done.code, done.codes) == (1, ["company-exists"])
    assert run("verify", folder).code == 0


def test_a_device_is_written_to_and_not_replaced(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert report(folder, "trial-balance", "--format", "json", "-o", pipe).out == ""
        VALIDATOR.validate(json.loads(os.read(reader, 1 << 16)))
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_report_is_read_while_another_program_writes(folder: Path) -> None:
    with WriterLock(CompanyFolder(folder)):
        assert report(folder, "trial-balance").out
        refused = run("post", folder, "-", stdin=b'{"type":"Journal","date":"2026-05-01","entries":[]}')
    assert (refused.code, refused.codes) == (3, ["company-in-use"])


def test_nothing_is_drawn_in_a_pipe_and_a_reader_may_go_away(folder: Path) -> None:
    done = run_process("report", folder, "trial-balance")
    assert (done.code, done.err) == (0, "")
    assert b"\x1b" not in done.raw
    assert b"\r" not in done.raw


@pytest.mark.parametrize("passphrase", ["wrong passphrase", ""])
def test_without_the_passphrase_nothing_is_said_of_the_books(folder: Path, passphrase: str) -> None:
    done = run("report", folder, "trial-balance", passphrase=passphrase)
    assert done.code == 3
    assert done.codes == ["wrong-passphrase" if passphrase else "passphrase-missing"]
    assert done.raw == b""
