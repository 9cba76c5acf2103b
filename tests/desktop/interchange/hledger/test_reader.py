"""Journals in: what is understood, and that everything else is named with its line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_desktop.interchange import hledger
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CurrencyRecord,
    EntryRecord,
    ForeignRecord,
    GroupRecord,
    Record,
    VoucherRecord,
)

JOURNAL = """\
; a small household
comment
  2025-01-01 nothing here counts
end comment
decimal-mark .
commodity €
  format € 1,000.00
account assets:bank:giro  ; type: C
account Vermögen:Haus
    ; a house
    ; type: Asset
payee Baker

2025/1/5 ! (7) Baker | bread  ; project: kitchen
    ; with butter
    assets:bank:giro  €-3.50
    expenses:food\t3.00 EUR  ; half a loaf
    * expenses:food:butter  EUR 0.50

2025-01-06 Exchange
    assets:bank:dollars  $100.00 @ 0.90 EUR
    assets:bank:giro
2025-01-07 * House
    Vermögen:Haus     EUR 1,250,000.00
    equity
"""


def records(tmp_path: Path, text: str | bytes, base: str | None = "EUR") -> list[Record]:
    path = tmp_path / "books.journal"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [placed.record for placed in hledger.read(path, base_currency=base)]


def problem_of(tmp_path: Path, text: str | bytes) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        records(tmp_path, text)
    return caught.value.problems[0]


def transaction(*postings: str) -> str:
    return "2025-01-05 x\n" + "".join(f"    {posting}\n" for posting in postings)


def test_a_plain_journal_becomes_vouchers(tmp_path: Path) -> None:
    read = records(tmp_path, JOURNAL, None)
    assert read[0] == CompanyRecord(currency="EUR")
    assert CurrencyRecord(code="USD") in read
    bread, exchange, house = (record for record in read if isinstance(record, VoucherRecord))
    assert (bread.type, bread.date, bread.number) == ("journal", "2025-01-05", "7")
    assert bread.narration == "Baker | bread\nwith butter"
    assert bread.kept == {"tag.project": "kitchen"}
    assert bread.entries == [
        EntryRecord("assets:bank:giro", "-3.50"),
        EntryRecord("expenses:food", "3.00", narration="half a loaf"),
        EntryRecord("expenses:food:butter", "0.50"),
    ]
    assert exchange.entries == [
        EntryRecord("assets:bank:dollars", "90.00", ForeignRecord(currency="USD", amount="100.00", rate="0.9")),
        EntryRecord("assets:bank:giro", "-90.00"),
    ]
    assert house.entries == [EntryRecord("Vermögen:Haus", "1250000.00"), EntryRecord("equity", "-1250000.00")]


def test_names_become_groups_and_accounts(tmp_path: Path) -> None:
    read = records(tmp_path, JOURNAL)
    assert [(r.path, r.maps_to) for r in read if isinstance(r, GroupRecord)] == [
        (["assets"], ""),
        (["assets", "bank"], ""),
        (["Vermögen"], "current-assets"),
        (["expenses"], ""),
        (["expenses", "food"], ""),
        (["Capital Account"], ""),
    ]
    assert [(r.id, r.name, r.group) for r in read if isinstance(r, AccountRecord)] == [
        ("assets:bank:giro", "giro", ["assets", "bank"]),
        ("Vermögen:Haus", "Haus", ["Vermögen"]),
        ("expenses:food", "food", ["expenses", "food"]),
        ("expenses:food:butter", "butter", ["expenses", "food"]),
        ("assets:bank:dollars", "dollars", ["assets", "bank"]),
        ("equity", "equity", ["Capital Account"]),
    ]


def test_a_type_of_cash_is_a_hint_at_a_bank_or_at_money_in_hand(tmp_path: Path) -> None:
    read = records(
        tmp_path, "account assets:giro  ; type: C\naccount assets:petty cash  ; type: Cash\naccount assets:car\n"
    )
    assert [(r.name, r.kind) for r in read if isinstance(r, AccountRecord)] == [
        ("giro", "bank"),
        ("petty cash", "cash"),
        ("car", ""),
    ]


def test_the_same_journal_gives_the_same_ids_and_twins_differ(tmp_path: Path) -> None:
    twice = transaction("a  1 EUR", "b") * 2
    first, second = (r.id for r in records(tmp_path, twice) if isinstance(r, VoucherRecord))
    assert first != second
    assert [r.id for r in records(tmp_path, "\n" + twice) if isinstance(r, VoucherRecord)] == [first, second]


def test_what_rounding_leaves_goes_to_the_foreign_amount(tmp_path: Path) -> None:
    """3.33 and 6.67 dollars at 0.95 are 3.1635 and 6.3365, together 9.50: 3.16 and 6.34 come to the same."""
    (one,) = (
        r
        for r in records(tmp_path, transaction("a  3.33 USD @ 0.95 EUR", "b  6.67 USD @ 0.95 EUR", "c  -9.51 EUR"))
        if isinstance(r, VoucherRecord)
    )
    assert [entry.amount for entry in one.entries] == ["3.16", "6.35", "-9.51"]
    assert one.kept == {"rounding": "entries[1]: 0.01 EUR"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("include other.journal\n", "hledger-not-understood", 1),
        ("\nP 2025-01-01 USD 0.9 EUR\n", "hledger-not-understood", 2),
        ("~ monthly\n", "hledger-not-understood", 1),
        ("= expenses:gifts\n", "hledger-not-understood", 1),
        ("alias a=b\n", "hledger-not-understood", 1),
        ("decimal-mark ,\n", "hledger-not-understood", 1),
        ("commodity 1.000,00 EUR\n", "hledger-not-understood", 1),
        ("    a  1 EUR\n", "hledger-not-understood", 1),
        ("2025-01-05=2025-01-07 x\n", "hledger-not-understood", 1),
        ("01-05 x\n", "hledger-not-understood", 1),
        (transaction("(a)  1 EUR"), "hledger-not-understood", 2),
        (transaction("[a]  1 EUR"), "hledger-not-understood", 2),
        (transaction("a  1 EUR = 5 EUR"), "hledger-not-understood", 2),
        (transaction("a  1 ACME {2 EUR}"), "hledger-not-understood", 2),
        (transaction("a  1,50 EUR"), "hledger-not-understood", 2),
        (transaction("a  1,500 EUR"), "hledger-not-understood", 2),
        (transaction("a  --1 EUR"), "hledger-not-understood", 2),
        (transaction("a  1 USD @ -1 EUR"), "hledger-not-understood", 2),
        (transaction("a ; b"), "hledger-not-understood", 2),
        (transaction("a", "b"), "hledger-not-understood", 1),
        (transaction("a  1 USD", "b  -1 USD"), "no-price", 1),
        (transaction("a  1 EUR", "b  -2 EUR"), "unbalanced", 1),
        (transaction("a  0.005 EUR", "b  -0.005 EUR"), "too-many-decimals", 1),
        ("2025-13-05 x\n    a  1 EUR\n    b\n", "bad-date", 1),
        (b"; \xff\n", "bad-utf-8", 1),
        (b"\xef\xbb\xbf; x\n", "byte-order-mark", 1),
    ],
)
def test_what_is_not_understood_is_named_with_its_line(tmp_path: Path, text: str | bytes, code: str, line: int) -> None:
    problem = problem_of(tmp_path, text)
    assert (problem.code, problem.place) == (code, f"books.journal:{line}")


def test_a_journal_without_any_currency_needs_one_given(tmp_path: Path) -> None:
    text = transaction("a  1", "b")
    with pytest.raises(InvalidInput, match="no-currency"):
        records(tmp_path, text, None)
    assert any(isinstance(record, VoucherRecord) for record in records(tmp_path, text, "EUR"))


whole = JOURNAL.encode()


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(whole) - 1), put=st.binary(max_size=3), cut=st.integers(0, 40))
def test_a_damaged_journal_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, put: bytes, cut: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "books.journal"
    path.write_bytes(whole[:at] + put + whole[at + cut :])
    problem: Problem | None = None
    try:
        list(hledger.read(path, base_currency="EUR"))
    except InvalidInput as error:
        problem = error.problems[0]
    assert problem is None or problem.place.startswith("books.journal")
