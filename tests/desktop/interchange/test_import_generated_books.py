"""The books of a trading company, made by a program of their own, which says what they must come to."""

import csv
import io
import json
import multiprocessing
import shutil
import subprocess
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from desktop.builders import a_book, a_company_folder, a_machine, opened
from desktop.cli.running import run
from desktop.interchange.importing import closing, closing_of, content, generate, take, trial_balance
from ledgerflow_core.money.amount import decimal_text
from ledgerflow_desktop.actions import importing
from ledgerflow_desktop.actions.exporting import export
from ledgerflow_desktop.actions.importing import Cancelled, import_files
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.interchange import beancount as beancount_writer
from ledgerflow_desktop.interchange.book_records import records_of
from ledgerflow_desktop.interchange.hledger.writer import account_names
from ledgerflow_desktop.interchange.posted_records import gather
from ledgerflow_desktop.storage import log_store

VOUCHERS = 2_000
FROM_2025: dict[str, Any] = {"with_masters": False, "books_begin": date(2025, 4, 1)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("generated")
    return folder, generate(folder, VOUCHERS)


@pytest.fixture(scope="module")
def imported(made: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with these books; tests that change it take a copy."""
    folder = a_company_folder(tmp_path_factory.mktemp("imported"), **FROM_2025)
    with opened(folder) as book:
        take(book, *files(made))
    return folder


def files(made: tuple[Path, dict[str, Any]]) -> list[Path]:
    return [made[0] / "ledgers.jsonl", made[0] / "vouchers.jsonl"]


@pytest.fixture
def copied(imported: Path, tmp_path: Path) -> Path:
    shutil.copytree(imported, tmp_path / "Copy.ledgerflow")
    return tmp_path / "Copy.ledgerflow"


def test_import_and_report_come_to_what_the_generator_says_to_the_paisa(
    made: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder = a_company_folder(tmp_path, **FROM_2025)
    done = run("import", folder, *files(made))
    assert (done.code, done.err) == (0, "")
    assert f"vouchers   {VOUCHERS:>12,}" in done.out
    assert f"entries    {made[1]['entries']:>12,}" in done.out
    report = run("report", folder, "trial-balance", "--flat", "--format", "json")
    envelope = json.loads(report.out)
    expected = closing_of(made[1])
    found = {row["account"]: row["closing"] for row in envelope["rows"] if row["closing"] != "0.00"}
    assert found == expected
    result = json.loads(run("report", folder, "profit-and-loss", "--format", "json").out)
    profits = [row["amount"] for row in result["rows"] if row.get("label") == "Net profit"]
    assert [decimal_text(-made[1]["profit_minor"], 2)] == profits
    assert run("verify", folder).code == 0


@pytest.mark.parametrize(("file", "format_"), [("books.journal", "hledger"), ("books.gnucash", "gnucash")])
def test_the_same_books_in_other_formats_come_to_the_same(tmp_path: Path, file: str, format_: str) -> None:
    expected = generate(tmp_path, 300, "ledger,gnucash")
    with a_book(tmp_path, **FROM_2025) as book:
        proof = take(book, tmp_path / file)
        assert proof.format == format_
        assert proof.proved
        assert proof.vouchers_posted == 300 + 1  # their opening balances are a transaction
        assert closing(book) == closing_of(expected)


def test_importing_twice_changes_nothing(made: tuple[Path, dict[str, Any]], copied: Path) -> None:
    with opened(copied) as book:
        before, position = content(book), log_store.last_position(book.connection)
        proof = take(book, *files(made))
        assert (proof.vouchers_posted, proof.vouchers_known) == (0, VOUCHERS)
        assert (proof.accounts_made, proof.groups_made) == (0, 0)
        assert proof.proved
        assert content(book) == before
        assert log_store.last_position(book.connection) == position


def test_the_rest_of_a_file_comes_in_beside_what_is_there(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    part = tmp_path / "part.jsonl"
    lines = files(made)[1].read_bytes().splitlines(keepends=True)
    part.write_bytes(b"".join(lines[: VOUCHERS // 2]))
    with a_book(tmp_path, **FROM_2025) as book:
        take(book, files(made)[0], part)
        proof = take(book, *files(made))
        assert (proof.vouchers_posted, proof.vouchers_known) == (VOUCHERS // 2, VOUCHERS // 2)
        assert closing(book) == closing_of(made[1])


@pytest.mark.parametrize("second_process", [False, True])
def test_a_dry_run_shows_the_proof_and_changes_nothing(
    made: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second_process: bool
) -> None:
    monkeypatch.setattr(importing, "SECOND_PROCESS_BYTES", 1 if second_process else 2**40)
    with a_book(tmp_path, **FROM_2025) as book:
        before = content(book)
        proof = take(book, *files(made), dry_run=True)
        assert (proof.vouchers_posted, proof.entries) == (VOUCHERS, made[1]["entries"])
        assert proof.dry_run
        assert content(book) == before
        assert not book.has_vouchers()
        assert verify_book(book).findings == ()


def test_a_dry_run_on_the_command_line_says_would_import(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path, **FROM_2025)
    done = run("import", folder, *files(made), "--dry-run")
    assert done.code == 0
    assert done.out.startswith("Would import ledgers.jsonl, vouchers.jsonl (jsonl)")
    assert json.loads(run("report", folder, "day-book", "--format", "json").out)["rows"] == []


@pytest.mark.parametrize("second_process", [False, True])
def test_stopped_in_the_middle_nothing_is_kept_and_nothing_runs_on(
    made: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second_process: bool
) -> None:
    monkeypatch.setattr(importing, "SECOND_PROCESS_BYTES", 1 if second_process else 2**40)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return True

    with a_book(tmp_path, **FROM_2025) as book:
        before = content(book)
        with pytest.raises(Cancelled):
            import_files(book, files(made), cancelled=cancelled)
        assert asked
        assert content(book) == before
        assert not multiprocessing.active_children()
        take(book, *files(made))
        assert closing(book) == closing_of(made[1])


def test_a_second_process_brings_the_same_books(
    made: tuple[Path, dict[str, Any]], imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SECOND_PROCESS_BYTES", 1)
    with a_book(tmp_path, **FROM_2025) as book, opened(imported, read_only=True) as other:
        proof = take(book, *files(made))
        assert (proof.vouchers_posted, proof.entries) == (VOUCHERS, made[1]["entries"])
        assert content(book) == content(other)
        assert trial_balance(book)["rows"] == trial_balance(other)["rows"]
        assert verify_book(book).findings == ()
        assert verify_book(other).findings == ()


def test_progress_runs_from_nothing_to_everything(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    with a_book(tmp_path, **FROM_2025) as book:
        take(book, *files(made), progress=lambda done, total: said.append((done, total)))
    size = sum(path.stat().st_size for path in files(made))
    assert {total for _, total in said} == {size}
    assert [done for done, _ in said] == sorted(done for done, _ in said)


def test_numbers_of_the_source_are_kept_and_the_series_go_on_by_themselves(copied: Path) -> None:
    line = {"type": "journal", "date": "2025-07-01", "entries": [{"ledger": "Cash", "amount": "1.00"},
            {"ledger": "Round-Off", "amount": "-1.00"}]}  # fmt: skip
    done = run("post", copied, "-", stdin=json.dumps(line).encode())
    assert done.code == 0, done.err
    posted = json.loads(done.out)
    with opened(copied, read_only=True) as book:
        taken = Counter(record.number for record in records_of(book) if hasattr(record, "entries"))
    assert taken[posted["number"]] == 1
    assert posted["number"].startswith("J/25-26/")


@pytest.fixture(scope="module")
def exported(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exported")
    found = {}
    for format_ in ("jsonl", "hledger", "beancount", "tally", "csv"):
        found[format_] = folder / f"books.{format_}"
        done = run("export", imported, "--format", format_, "-o", found[format_])
        assert (done.code, done.raw, done.err) == (0, b"", "")
    assert len(list(folder.iterdir())) == 5
    return found


def test_an_export_goes_to_a_pipe_as_it_goes_to_a_file(imported: Path, exported: dict[str, Path]) -> None:
    for format_ in ("jsonl", "csv"):
        assert run("export", imported, "--format", format_).raw == exported[format_].read_bytes()


def test_the_import_of_an_export_is_an_equal_book(imported: Path, exported: dict[str, Path], tmp_path: Path) -> None:
    with a_book(tmp_path, **FROM_2025) as book, opened(imported, read_only=True) as original:
        proof = take(book, exported["jsonl"])
        assert proof.proved
        assert proof.checked == 300 + 1  # the Profit & Loss A/c stands in every company
        assert content(book) == content(original)
        assert trial_balance(book) == trial_balance(original) | {"as_known": None}


@pytest.mark.parametrize("format_", ["tally", "hledger"])
def test_what_is_written_for_others_is_read_back_to_the_same_balances(
    made: tuple[Path, dict[str, Any]], exported: dict[str, Path], tmp_path: Path, format_: str
) -> None:
    with a_book(tmp_path, **FROM_2025) as book:
        proof = take(book, exported[format_], format=format_)
        assert proof.proved
        assert sorted(closing(book).values()) == sorted(closing_of(made[1]).values())


def by_account(names: dict[Any, str], imported: Path) -> dict[str, Fraction]:
    """Return what each account must come to, under the name a writer gave it."""
    with opened(imported, read_only=True) as book:
        expected = book.closing_balances()
    return {names[account]: Fraction(minor, 100) for account, minor in expected.items() if minor}


def test_beancount_recomputes_the_same_balances(imported: Path, exported: dict[str, Path]) -> None:
    loader = pytest.importorskip("beancount.loader", reason="beancount is not installed")
    data = pytest.importorskip("beancount.core.data")
    directives, errors, _ = loader.load_file(str(exported["beancount"]))
    assert errors == []
    found: Counter[str] = Counter()
    for transaction in data.filter_txns(directives):
        for posting in transaction.postings:
            found[posting.account] += Fraction(posting.units.number)
    with opened(imported, read_only=True) as book:
        names = beancount_writer.account_names(gather(records_of(book))[0])
    assert {name: total for name, total in found.items() if total} == by_account(names, imported)


@pytest.mark.parametrize("program", ["hledger", "ledger"])
def test_hledger_and_ledger_recompute_the_same_balances(
    imported: Path, exported: dict[str, Path], program: str
) -> None:
    found_at = shutil.which(program)
    if found_at is None:
        pytest.skip(f"{program} is not installed")
    asked = {
        "hledger": ["balance", "--flat", "--no-total", "-O", "csv", "--layout", "bare"],
        "ledger": ["balance", "--flat", "--no-total", "--balance-format", "%(account)\t%(quantity(scrub(total)))\n"],
    }[program]
    done = subprocess.run(
        [found_at, "-f", str(exported["hledger"]), *asked],
        capture_output=True, encoding="utf-8", check=False, env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if program == "hledger":
        rows = {row["account"]: Fraction(row["balance"]) for row in csv.DictReader(io.StringIO(done.stdout))}
    else:
        rows = {name: Fraction(amount) for name, amount in (line.split("\t") for line in done.stdout.splitlines())}
    with opened(imported, read_only=True) as book:
        names = account_names(gather(records_of(book))[0])
    assert {name: amount for name, amount in rows.items() if amount} == by_account(names, imported)


def test_the_csv_of_entries_adds_up_to_the_same_balances(
    made: tuple[Path, dict[str, Any]], exported: dict[str, Path]
) -> None:
    found: Counter[str] = Counter()
    with exported["csv"].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["account"]] += int(row["amount"].replace(".", ""))
    expected = {path.rpartition(":")[2]: minor for path, minor in made[1]["closing_minor"].items() if minor}
    assert {name: minor for name, minor in found.items() if minor} == expected


@pytest.mark.slow
def test_fifty_thousand_vouchers_come_to_the_same_by_the_second_process(tmp_path: Path) -> None:
    expected = generate(tmp_path, 50_000)
    with a_book(tmp_path, machine=a_machine(seed=9), **FROM_2025) as book:
        proof = take(book, tmp_path / "ledgers.jsonl", tmp_path / "vouchers.jsonl")
        assert proof.vouchers_posted == 50_000
        assert closing(book) == closing_of(expected)
        out = io.BytesIO()
        export(book, "jsonl", out)
        assert out.getvalue().count(b"\n") > 50_300
