"""`new`, `sample` and `post` from the command line."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from desktop.builders import PASSPHRASE, a_company_folder, opened
from desktop.cli.running import run, run_process
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.interchange.book_records import records_of
from ledgerflow_desktop.interchange.records import VoucherRecord

CODE = re.compile(r"Recovery code:\s+(\S+)")


def journal(**more: object) -> dict[str, object]:
    entries = [{"ledger": "Rent", "amount": "10.00"}, {"ledger": "Cash", "amount": "-10.00"}]
    return {"type": "Payment", "date": "2026-05-04", "entries": entries} | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_company_folder(tmp_path)


def numbers(folder: Path) -> list[str]:
    with opened(folder, read_only=True) as book:
        return [record.number for record in records_of(book) if isinstance(record, VoucherRecord)]


def test_a_new_company_opens_with_its_passphrase_and_its_recovery_code(tmp_path: Path) -> None:
    done = run("new", tmp_path / "Acme", "--name", "Acme  Traders", "--state", "27", "--books-begin", "2025-04-01")
    assert (done.code, done.err) == (0, "")
    assert f"Created {tmp_path / 'Acme.ledgerflow'}" in done.out
    shown = CODE.search(done.out)
    assert shown
    for given in (PASSPHRASE, shown[1]):
        report = run("report", tmp_path / "Acme", "trial-balance", "--format", "json", passphrase=given)
        assert report.code == 0
        assert json.loads(report.out)["company"] == "Acme Traders"
    files = [file for file in (tmp_path / "Acme.ledgerflow").rglob("*") if file.is_file()]
    assert not [file for file in files if shown[1].encode() in file.read_bytes()]
    again = run("new", tmp_path / "Acme", "--name", "Other")
    assert (again.code, again.codes) == (1, ["company-exists"])
    assert run("report", tmp_path / "Acme", "trial-balance").code == 0


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--name", " "], ["name-empty"]),
        (["--name", "x" * 201], ["text-too-long"]),
        (["--name", "a\u202eb"], ["character-not-allowed"]),
        (["--name", "A", "--country", "India"], ["bad-country"]),
        (["--name", "A", "--currency", "rupee"], ["bad-currency"]),
        (["--name", "A", "--year-start", "02-29"], ["bad-year-start"]),
        (["--name", "A", "--year-start", "April"], ["bad-year-start"]),
        (["--name", "A", "--books-begin", "soon"], ["bad-date"]),
        (["--name", "", "--country", "x", "--currency", "x", "--year-start", "x", "--books-begin", "x"],
         ["name-empty", "bad-country", "bad-currency", "bad-year-start", "bad-date"]),
    ],
)  # fmt: skip
def test_everything_wrong_with_a_new_company_is_said_at_once(
    tmp_path: Path, options: list[str], codes: list[str]
) -> None:
    done = run("new", tmp_path / "Acme", *options)
    assert (done.code, done.codes) == (1, codes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("passphrase", "code", "named"), [("short", 1, "passphrase-too-short"), (None, 3, "passphrase-missing")]
)
def test_a_new_company_needs_a_passphrase(tmp_path: Path, passphrase: str | None, code: int, named: str) -> None:
    done = run("new", tmp_path / "Acme", "--name", "Acme", passphrase=passphrase)
    assert (done.code, done.codes) == (code, [named])
    assert list(tmp_path.iterdir()) == []


def test_what_stands_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "Acme.ledgerflow").write_text("a file of somebody's")
    done = run("new", tmp_path / "Acme", "--name", "Acme")
    assert (done.code, done.codes) == (1, ["company-exists"])
    assert (tmp_path / "Acme.ledgerflow").read_text() == "a file of somebody's"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_sample_company_balances_and_verifies(tmp_path: Path) -> None:
    done = run("sample", tmp_path / "Sample", "--vouchers", "150")
    assert (done.code, done.err) == (0, "")
    assert CODE.search(done.out)
    assert run("verify", tmp_path / "Sample").code == 0
    totals = json.loads(run("report", tmp_path / "Sample", "trial-balance", "--format", "json").out)["totals"]
    assert totals["debit"] == totals["credit"]
    assert totals["closing"] == "0.00"


@pytest.mark.parametrize("count", ["0", "-1"])
def test_the_smallest_sample_is_a_sound_company_too(tmp_path: Path, count: str) -> None:
    done = run("sample", tmp_path / "Sample", "--vouchers", count)
    assert (done.code, done.err) == (0, "")
    assert run("verify", tmp_path / "Sample").code == 0


def test_vouchers_are_posted_and_their_numbers_said(folder: Path) -> None:
    lines = b"\n".join(json.dumps(journal(narration=str(at))).encode() for at in range(3))
    done = run("post", folder, "-", stdin=lines + b"\n\n")
    assert (done.code, done.err) == (0, "")
    said = [json.loads(line) for line in done.out.splitlines()]
    assert [line["number"] for line in said] == [f"P/26-27/{at:05d}" for at in (1, 2, 3)]
    assert {line["type"] for line in said} == {"Payment"}
    with opened(folder, read_only=True) as book:
        assert [vouchers.load(book, line["id"]).voucher.narration for line in said] == ["0", "1", "2"]


def test_an_array_in_a_file_is_posted_as_lines_are(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "vouchers.json"
    entries = [{"ledger": "Harbour Bank", "amount": "5.00"}, {"ledger": "Ravi Stores", "amount": "-5.00"}]
    file.write_text(json.dumps([journal(), journal(type="Receipt", entries=entries)], indent=1))
    done = run("post", folder, file)
    assert done.code == 0, done.err
    assert numbers(folder) == ["P/26-27/00001", "R/26-27/00001"]


def test_an_id_of_ones_own_makes_posting_twice_harmless(folder: Path) -> None:
    line = json.dumps(journal(id="0190a6c0-7b1c-7000-8000-000000000001")).encode()
    assert json.loads(run("post", folder, "-", stdin=line).out)["id"] == "0190a6c0-7b1c-7000-8000-000000000001"
    again = run("post", folder, "-", stdin=line)
    assert (again.code, again.codes) == (1, ["voucher-already-posted"])
    assert len(numbers(folder)) == 1


WRONG: dict[str, tuple[bytes, list[str], str]] = {
    "nothing": (b"", ["not-a-voucher"], "standard input: "),
    "an empty array": (b"[]", ["not-a-voucher"], "standard input: "),
    "no JSON": (b"{", ["bad-json"], "standard input:1: "),
    "not an object": (b'"x"', ["wrong-type"], "standard input:1: "),
    "noise": (b"\x00\xff\xfe", ["bad-json"], "standard input:1: "),
    "a master": (b'{"id":1,"name":"x","group":["Assets"],"opening":"0"}', ["not-a-voucher"], "standard input:1: "),
    "an array cut off": (b'[{"a":1}', ["bad-json"], "standard input: "),
    "an unknown field": (json.dumps(journal(discount=5)).encode(), ["unknown-field"], "standard input:1: "),
    "a number for an amount": (
        json.dumps(journal(entries=[{"ledger": "Rent", "amount": 10}])).encode(),
        ["wrong-type"],
        "standard input:1: entries[0].amount: ",
    ),
    "unbalanced": (
        json.dumps(journal(entries=[{"ledger": "Rent", "amount": "10.00"}])).encode(),
        ["unbalanced"],
        "standard input:1: entries: ",
    ),
    "an unknown account": (
        json.dumps(journal(entries=[{"ledger": "Nobody", "amount": "1.00"}, {"ledger": "Cash", "amount": "-1.00"}]))
        .encode(),
        ["unknown-account"],
        "standard input:1: entries[0].ledger: ",
    ),
    "the second of two": (
        json.dumps(journal()).encode() + b"\n" + json.dumps(journal(date="2020-01-01")).encode(),
        ["before-books-begin"],
        "standard input:2: date: ",
    ),
    "a number twice": (
        (json.dumps(journal(number="7")).encode() + b"\n") * 2, ["number-taken"], "standard input:2: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "codes", "begins"), WRONG.values(), ids=WRONG.keys())
def test_nothing_is_posted_when_anything_is_wrong(folder: Path, given: bytes, codes: list[str], begins: str) -> None:
    done = run("post", folder, "-", stdin=given)
    assert (done.code, done.codes) == (1, codes)
    assert done.err.startswith(begins)
    assert done.raw == b""
    assert numbers(folder) == []


def test_a_file_that_cannot_be_read_is_named(folder: Path, tmp_path: Path) -> None:
    for file in (tmp_path / "none.json", tmp_path):
        done = run("post", folder, file)
        assert (done.code, done.codes) == (1, ["unreadable-file"])


def test_two_programs_posting_at_once_give_every_number_once(folder: Path) -> None:
    """The second writer is refused or waits its turn; nothing is numbered twice either way."""

    def post(at: int) -> Any:
        return run_process("post", folder, "-", stdin=json.dumps(journal(narration=str(at))).encode())

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(post, range(6)))
    assert {found.code for found in done} <= {0, 3}
    assert {code for found in done for code in found.codes} <= {"company-in-use"}
    posted = [json.loads(found.out)["number"] for found in done if found.code == 0]
    assert sorted(posted) == sorted(numbers(folder)) == [f"P/26-27/{at:05d}" for at in range(1, len(posted) + 1)]


def test_a_command_in_a_pipe_does_not_wait_for_a_passphrase_nobody_types(folder: Path) -> None:
    done = run_process("report", folder, "trial-balance", passphrase=None)
    assert (done.code, done.codes) == (3, ["passphrase-missing"])


@pytest.mark.parametrize(
    ("country", "currency", "year_start"), [("US", "USD", (1, 1)), ("AE", "AED", (1, 1)), ("IN", "INR", (4, 1))]
)
def test_a_country_brings_its_currency_and_year(
    tmp_path: Path, country: str, currency: str, year_start: tuple[int, int]
) -> None:
    done = run("new", tmp_path / "There", "--name", "There", "--country", country)
    assert done.code == 0, done.err
    with opened(tmp_path / "There.ledgerflow", read_only=True) as book:
        assert book.company.currency == currency
        assert (book.company.year_start_month, book.company.year_start_day) == year_start


@pytest.mark.parametrize(
    ("option", "value", "code"), [("--currency", "XYZ", "bad-currency"), ("--state", "99", "bad-state")]
)
def test_codes_that_do_not_exist_are_refused(tmp_path: Path, option: str, value: str, code: str) -> None:
    done = run("new", tmp_path / "There", "--name", "There", option, value)
    assert (done.code, done.codes) == (1, [code])
    assert list(tmp_path.iterdir()) == []


def test_one_object_may_be_laid_out_over_lines(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    file = tmp_path / "voucher.json"
    file.write_text(json.dumps(journal(), indent=2))
    done = run("post", folder, file)
    assert done.code == 0, done.err
