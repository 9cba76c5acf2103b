"""Journals written here, recomputed by hledger and by ledger."""

import io
import json
import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.interchange.plain_books import MASTERS, OPENING_DIFFERENCE, POSTED, RECORDS, balances
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.interchange import hledger
from ledgerflow_desktop.interchange.hledger.writer import account_names
from ledgerflow_desktop.interchange.posted_records import gather
from ledgerflow_desktop.interchange.records import AccountRecord, CompanyRecord, EntryRecord, Record, VoucherRecord

needs_hledger = pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
needs_ledger = pytest.mark.skipif(shutil.which("ledger") is None, reason="ledger is not installed")


def written(records: list[Record], tmp_path: Path) -> Path:
    out = io.BytesIO()
    hledger.write(records, out)
    path = tmp_path / "books.journal"
    path.write_bytes(out.getvalue())
    return path


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, encoding="utf-8", check=False, env={"LC_ALL": "C.UTF-8"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def expected(records: list[Record]) -> dict[str, Fraction]:
    names = account_names(gather(records)[0])
    found = {names[account]: total for account, total in balances().items()}
    return found | {"Equity:Difference in opening balances": -OPENING_DIFFERENCE}


@needs_hledger
def test_hledger_comes_to_the_same_balances(tmp_path: Path) -> None:
    path = written(RECORDS, tmp_path)
    rows, _ = json.loads(run(shutil.which("hledger") or "", "-f", path, "balance", "--cost", "--flat", "-O", "json"))
    found = {
        name: sum(Fraction(a["aquantity"]["decimalMantissa"], 10 ** a["aquantity"]["decimalPlaces"]) for a in amounts)
        for name, _, _, amounts in rows
    }
    assert found == expected(RECORDS)
    assert all(a["acommodity"] == "INR" for _, _, _, amounts in rows for a in amounts)


@needs_hledger
def test_every_account_and_commodity_is_declared_with_its_type(tmp_path: Path) -> None:
    path = written(RECORDS, tmp_path)
    run(shutil.which("hledger") or "", "-f", path, "check", "--strict")
    names = account_names(gather(RECORDS)[0])
    cash = run(shutil.which("hledger") or "", "-f", path, "accounts", "type:C", "--declared").splitlines()
    assert sorted(cash) == sorted(names[n] for n in (1, 2, 3))


@needs_ledger
def test_ledger_comes_to_the_same_balances(tmp_path: Path) -> None:
    path = written(RECORDS, tmp_path)
    line = "%(account)\t%(quantity(scrub(display_total)))\t%(commodity(scrub(display_total)))\n"
    out = run(
        shutil.which("ledger") or "", "-f", path, "balance", "--flat", "-B", "--no-total", "--balance-format", line
    )
    rows = [row.split("\t") for row in out.splitlines() if row]
    assert {name: Fraction(total) for name, total, _ in rows} == expected(RECORDS)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    names = account_names(gather(RECORDS)[0])
    read = [p.record for p in hledger.read(written(RECORDS, tmp_path), base_currency=None)]
    opening, *vouchers = [record for record in read if isinstance(record, VoucherRecord)]
    assert sum(Fraction(entry.amount) for entry in opening.entries) == 0
    assert [(v.id, v.date) for v in vouchers] == [(v.id, v.date) for v in POSTED]
    assert [[(e.ledger, e.amount) for e in v.entries] for v in vouchers] == [
        [(names[e.ledger], e.amount) for e in v.entries] for v in POSTED
    ]
    assert vouchers[2].entries[0].foreign == POSTED[2].entries[0].foreign
    assert [v.type for v in vouchers] == ["sales", "receipt", "payment", "journal"]
    assert vouchers[0].number == "S/1"


def test_vouchers_that_move_nothing_are_comments(tmp_path: Path) -> None:
    text = written(RECORDS, tmp_path).read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("; not")] == [
        "; not in the books, Notiz, regular: 2025-04-05 * () a",
        "; not in the books, sales, cancelled: 2025-04-05 * ()",
        "; not in the books, sales-order, regular: 2025-04-05 * ()",
        "; not in the books, sales, cancelled: 2025-04-06 * (S/2)",
    ]


def test_names_stay_apart_and_safe() -> None:
    names = account_names(gather(RECORDS)[0])
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert names[5] == "Indirect Expenses:Round- off, (net)"
    assert names[9] == "Sundry Debtors:ab c d e"
    assert (names[13], names[14]) == ("Sundry Creditors:_***", "Sundry Creditors:_+++")
    assert (names[10], names[11]) == ("Sundry Creditors:Équité", "Sundry Creditors:Équité 2")


def test_books_that_begin_on_no_known_day_begin_with_their_first_voucher() -> None:
    company = CompanyRecord(currency="INR")
    assert gather([company, *RECORDS[1:]])[0].first_day == "2025-04-02"
    with pytest.raises(InvalidInput, match="books_begin"):
        gather([company, *MASTERS[1:]])
    with pytest.raises(InvalidInput, match="currency"):
        gather(MASTERS[1:])


text = st.text(max_size=12)


@needs_hledger
@needs_ledger
@settings(max_examples=12, deadline=None)
@given(
    names=st.lists(text.filter(str.strip), min_size=2, max_size=30), narrations=st.lists(text, min_size=1, max_size=30)
)
def test_any_text_survives_both_programs(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], narrations: list[str]
) -> None:
    tmp_path = tmp_path_factory.mktemp("any")
    accounts = [AccountRecord(id=n, name=name, group=[name, "Bank Accounts"]) for n, name in enumerate(names)]
    vouchers = [
        VoucherRecord(str(n), "journal", "2025-04-01",
                      [EntryRecord(n % len(names), "1.00", narration=said), EntryRecord((n + 1) % len(names), "-1.00")],
                      number=said, narration=said + "\n" + said)
        for n, said in enumerate(narrations)
    ]  # fmt: skip
    path = written([CompanyRecord(currency="INR"), *accounts, *vouchers], tmp_path)
    listed = run(shutil.which("hledger") or "", "-f", path, "accounts", "--used").splitlines()
    known = account_names(gather([CompanyRecord(currency="INR"), *accounts])[0])
    assert set(listed) <= set(known.values())
    said = run(shutil.which("ledger") or "", "-f", path, "accounts").splitlines()
    assert {re.sub(r"\s+", " ", name) for name in said} <= set(known.values())
    read = [p.record for p in hledger.read(path, base_currency=None)]
    assert [r.id for r in read if isinstance(r, VoucherRecord)] == [voucher.id for voucher in vouchers]
