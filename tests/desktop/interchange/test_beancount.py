"""Ledgers written here, loaded and summed by beancount itself."""

import io
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.interchange.plain_books import OPENING_DIFFERENCE, POSTED, RECORDS, balances
from ledgerflow_desktop.interchange import beancount as written_for
from ledgerflow_desktop.interchange.posted_records import gather
from ledgerflow_desktop.interchange.records import AccountRecord, CompanyRecord, EntryRecord, Record, VoucherRecord

loader = pytest.importorskip("beancount.loader", reason="beancount is not installed")
data = pytest.importorskip("beancount.core.data", reason="beancount is not installed")


def loaded(records: list[Record], tmp_path: Path) -> list[Any]:
    out = io.BytesIO()
    written_for.write(records, out)
    path = tmp_path / "books.beancount"
    path.write_bytes(out.getvalue())
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    return list(entries)


def worth(posting: Any) -> Fraction:
    """Return a posting in the base currency, to the paisa: beancount keeps the price of one unit, rounded."""
    if posting.price is None:
        return Fraction(posting.units.number)
    return Fraction((posting.units.number * posting.price.number).quantize(Decimal("0.01")))


def test_beancount_comes_to_the_same_balances(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for transaction in data.filter_txns(loaded(RECORDS, tmp_path)):
        for posting in transaction.postings:
            found[posting.account] += worth(posting)
    names = written_for.account_names(gather(RECORDS)[0])
    expected = {names[account]: total for account, total in balances().items()}
    expected["Equity:Difference-in-Opening-Balances"] = -OPENING_DIFFERENCE
    assert {name: total for name, total in found.items() if total} == expected


def test_only_vouchers_in_the_books_are_written_with_their_texts(tmp_path: Path) -> None:
    opening, *transactions = data.filter_txns(loaded(RECORDS, tmp_path))
    assert opening.narration == "Opening balances"
    assert [transaction.meta["type"] for transaction in transactions] == [voucher.type for voucher in POSTED]
    assert transactions[0].payee == "मुंबई शाखा"
    assert transactions[0].narration == 'cash; "10%" off\n[2025/99/99] a:: b, date: never\n\\end'
    assert transactions[0].meta["number"] == "S/1"


def test_names_take_beancounts_form_and_keep_their_own_beside(tmp_path: Path) -> None:
    opens = {each.account: each.meta.get("name") for each in loaded(RECORDS, tmp_path) if isinstance(each, data.Open)}
    names = written_for.account_names(gather(RECORDS)[0])
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert names[1] == "Assets:Current-Assets:Bank-Accounts:Bank-One"
    assert names[2] == "Assets:Current-Assets:Bank-Accounts:Bank-one-2"
    assert names[4] == "Equity:Eigenkapital:Capital"
    assert names[12] == "Liabilities:Sundry-Creditors:Xß-straße"
    assert names[13] == "Liabilities:Sundry-Creditors:X"
    assert names[15] == "Assets:Assets"
    assert opens[names[2]] == "bank one"
    assert opens[names[15]] is None


text = st.text(max_size=12)


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(text.filter(str.strip), min_size=2, max_size=30), narrations=st.lists(text, min_size=1, max_size=30)
)
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, names: list[str], narrations: list[str]) -> None:
    accounts = [AccountRecord(id=n, name=name, group=[name, "Bank Accounts"]) for n, name in enumerate(names)]
    vouchers = [
        VoucherRecord(str(n), "journal", "2025-04-01",
                      [EntryRecord(n % len(names), "1.00", narration=said), EntryRecord((n + 1) % len(names), "-1.00")],
                      number=said, party=n % len(names), narration=said)
        for n, said in enumerate(narrations)
    ]  # fmt: skip
    entries = loaded(
        [CompanyRecord(name=names[0], currency="INR"), *accounts, *vouchers], tmp_path_factory.mktemp("any")
    )
    assert sum(isinstance(entry, data.Transaction) for entry in entries) == len(vouchers)
