"""Real GnuCash books in SQLite (see books/LICENSE), against what SQL of its own says of them."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_desktop.interchange import gnucash
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    GroupRecord,
    InstrumentRecord,
    NotImported,
    Record,
    VoucherRecord,
)

BOOKS = sorted((Path(__file__).parent / "books").glob("*.gnucash"))
SIMPLE = Path(__file__).parent / "books" / "simple_sample.gnucash"

# Everything below the book's own root; the root of the templates is another.
SUMS = """
    WITH RECURSIVE tree(guid) AS (
        SELECT root_account_guid FROM books UNION SELECT a.guid FROM accounts a JOIN tree t ON a.parent_guid = t.guid)
    SELECT a.name, s.value_num, s.value_denom, s.quantity_num, s.quantity_denom, c.mnemonic
    FROM splits s JOIN tree USING (guid) JOIN accounts a ON a.guid = tree.guid
    JOIN commodities c ON c.guid = a.commodity_guid
""".replace("USING (guid)", "ON tree.guid = s.account_guid")


def records(path: Path, base: str | None = None) -> list[Record]:
    return [placed.record for placed in gnucash.read(path, base_currency=base)]


def vouchers(path: Path) -> list[VoucherRecord]:
    return [record for record in records(path) if isinstance(record, VoucherRecord)]


def accounts(path: Path) -> dict[str, AccountRecord]:
    return {record.name: record for record in records(path) if isinstance(record, AccountRecord)}


def problem_of(path: Path) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        records(path)
    return caught.value.problems[0]


@pytest.fixture
def simple(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a copy of a small book to change; it lies at ``book.gnucash`` and autocommits."""
    shutil.copy(SIMPLE, tmp_path / "book.gnucash")
    connection = sqlite3.connect(tmp_path / "book.gnucash", isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_every_account_has_the_balance_of_its_splits(path: Path) -> None:
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
        value, quantity = Counter[str](), Counter[str]()
        for name, top, bottom, amount, of, code in connection.execute(SUMS):
            value[name] += Fraction(top, bottom)
            quantity[name] += Fraction(amount, of) if code == "EUR" else 0
        (count,) = connection.execute("SELECT COUNT(*) FROM transactions").fetchone()
    connection.close()
    read = records(path)
    by_id = {record.id: record for record in read if isinstance(record, AccountRecord)}
    moved = Counter[str]()
    for record in read:
        if isinstance(record, VoucherRecord):
            assert sum(Fraction(entry.amount) for entry in record.entries) == 0
            for entry in record.entries:
                moved[by_id[entry.ledger].name] += Fraction(entry.amount)
    assert {name: total for name, total in moved.items() if total} == {n: t for n, t in value.items() if t}
    said = {account.name: Fraction(account.closing) for account in by_id.values() if account.closing}
    assert {name: total for name, total in said.items() if total} == {n: t for n, t in quantity.items() if t}
    assert sum(isinstance(record, VoucherRecord) for record in read) == count


def test_the_book_in_the_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "book.gnucash"
    shutil.copy(SIMPLE, path)
    records(path)
    assert path.read_bytes() == SIMPLE.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_a_date_kept_beside_the_time_wins() -> None:
    (loan,) = (voucher for voucher in vouchers(SIMPLE) if voucher.narration == "loan payment")
    assert loan.date == "2014-12-25"
    assert [entry.narration for entry in loan.entries] == ["capital", "interest", "monthly payment"]


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2018-02-20 10:59:00", "2018-02-20"),
        ("20180220105900", "2018-02-20"),
        ("2018-02-19 23:00:00", "2018-02-20"),  # midnight in Paris
        ("2018-02-20 05:00:00", "2018-02-20"),  # midnight in New York
        ("2018-02-19 18:30:00", "2018-02-20"),  # midnight in Mumbai
    ],
)
def test_a_time_stands_for_the_date_it_was_meant_as(
    simple: sqlite3.Connection, tmp_path: Path, stamp: str, day: str
) -> None:
    simple.execute("UPDATE transactions SET post_date = ? WHERE description = 'income 1'", (stamp,))
    (income,) = (v for v in vouchers(tmp_path / "book.gnucash") if v.narration == "income 1")
    assert income.date == day


def test_a_voided_transaction_is_a_cancelled_voucher_with_what_it_was(
    simple: sqlite3.Connection, tmp_path: Path
) -> None:
    (guid,) = simple.execute("SELECT guid FROM transactions WHERE description = 'income 1'").fetchone()
    simple.execute(
        "INSERT INTO slots (obj_guid, name, slot_type, string_val) VALUES (?, 'void-reason', 4, 'twice')", (guid,)
    )
    for split, num in simple.execute("SELECT guid, value_num FROM splits WHERE tx_guid = ?", (guid,)).fetchall():
        for name in ("void-former-amount", "void-former-value"):
            columns = "obj_guid, name, slot_type, numeric_val_num, numeric_val_denom"
            simple.execute(f"INSERT INTO slots ({columns}) VALUES (?, ?, 3, ?, 100)", (split, name, num))
    simple.execute(
        "UPDATE splits SET value_num = 0, quantity_num = 0, reconcile_state = 'v' WHERE tx_guid = ?", (guid,)
    )
    (income,) = (v for v in vouchers(tmp_path / "book.gnucash") if v.narration == "income 1")
    assert income.state == "cancelled"
    assert sorted(entry.amount for entry in income.entries) == ["-150.00", "150.00"]
    assert income.kept == {"void-reason": "twice"}


def test_the_day_of_a_reconciliation_is_the_day_the_bank_booked_it(simple: sqlite3.Connection, tmp_path: Path) -> None:
    simple.execute(
        "UPDATE splits SET reconcile_state = 'y', reconcile_date = '2014-12-31 10:59:00' WHERE value_num = 15000"
    )
    simple.execute("UPDATE splits SET reconcile_state = 'y' WHERE value_num = -15000")
    (income,) = (v for v in vouchers(tmp_path / "book.gnucash") if v.narration == "income 1")
    assert [entry.instrument for entry in income.entries] == [InstrumentRecord(cleared="2014-12-31"), None]


def test_a_scheduled_transaction_is_named_and_its_template_left_out(simple: sqlite3.Connection, tmp_path: Path) -> None:
    simple.execute("INSERT INTO schedxactions VALUES ('a', 'Rent', 1, '', '', '', 0, 0, 0, 0, 0, 0, 0, 'b')")
    simple.execute(
        "INSERT INTO accounts SELECT ?, 'rent', 'BANK', commodity_guid, 100, 0, root_template_guid, '', '', 0, 0 "
        "FROM books, accounts WHERE name = 'Asset'",
        ("b" * 32,),
    )
    simple.execute(
        "INSERT INTO transactions SELECT ?, currency_guid, '', post_date, '', 'rent' FROM transactions LIMIT 1",
        ("c" * 32,),
    )
    simple.execute("INSERT INTO splits VALUES ('d', ?, ?, '', '', 'n', '', 0, 1, 0, 1, NULL)", ("c" * 32, "b" * 32))
    read = records(tmp_path / "book.gnucash")
    assert NotImported(what="scheduled transactions", count=1, example="Rent") in read
    assert sum(isinstance(record, VoucherRecord) for record in read) == 5
    assert "rent" not in {record.name for record in read if isinstance(record, AccountRecord)}


def test_a_hidden_account_is_retired(simple: sqlite3.Connection, tmp_path: Path) -> None:
    simple.execute("UPDATE accounts SET hidden = 1 WHERE name = 'Income'")
    by_name = accounts(tmp_path / "book.gnucash")
    assert [name for name, account in by_name.items() if account.retired] == ["Income"]


def test_the_tree_becomes_groups_that_behave_as_their_accounts() -> None:
    path = SIMPLE.with_name("invoices.gnucash")
    groups = {tuple(record.path): record.maps_to for record in records(path) if isinstance(record, GroupRecord)}
    assert groups["Assets",] == ""
    assert groups["Assets", "Current Assets"] == "current-assets"
    assert groups["Assets", "Current Assets", "Bank Accounts"] == "bank-accounts"
    assert groups["Expenses", "Auto"] == ""
    assert accounts(path)["Checking Account"].group == ["Assets", "Current Assets", "Bank Accounts"]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ("DROP TABLE splits", "damaged-file", "book.gnucash"),
        ("DROP TABLE splits; CREATE VIEW splits AS SELECT * FROM transactions", "damaged-file", "book.gnucash"),
        ("DELETE FROM books", "damaged-file", "book.gnucash"),
        ("UPDATE accounts SET parent_guid = guid WHERE name = 'Asset'", "account-outside-tree", "book.gnucash"),
        ("UPDATE accounts SET account_type = 'LOTTERY' WHERE name = 'Asset'", "unknown-account-type",
         "book.gnucash: Asset"),
        ("UPDATE splits SET value_num = 1 WHERE memo = 'capital'", "unbalanced",
         "book.gnucash: transaction 325537f4f0fadfd9ffb6aad3cd18e360"),
        ("UPDATE splits SET quantity_denom = 0", "bad-amount", "book.gnucash"),
        ("UPDATE splits SET value_denom = 0 WHERE memo = 'capital'", "bad-amount",
         "book.gnucash: transaction 325537f4f0fadfd9ffb6aad3cd18e360"),
        ("UPDATE splits SET value_num = 'much' WHERE memo = 'capital'", "wrong-type",
         "book.gnucash: transaction 325537f4f0fadfd9ffb6aad3cd18e360"),
        ("UPDATE transactions SET post_date = 'soon' WHERE description = 'income 1'", "bad-date",
         "book.gnucash: transaction 6c8876003c4a6026e38e3afb67d6f2b1"),
        ("UPDATE transactions SET description = CAST(X'ff' AS TEXT)", "damaged-file", "book.gnucash"),
        ("UPDATE accounts SET guid = 'short' WHERE name = 'Income'", "bad-identifier", "book.gnucash"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_book_is_named(
    simple: sqlite3.Connection, tmp_path: Path, change: str, code: str, place: str
) -> None:
    simple.executescript(change)
    problem = problem_of(tmp_path / "book.gnucash")
    assert (problem.code, problem.place) == (code, place)


def test_a_file_that_is_no_book_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.gnucash"
    path.write_bytes(b"PK\x03\x04")
    assert problem_of(path).code == "not-a-gnucash-file"
    assert problem_of(tmp_path / "none").code == "unreadable-file"


whole = SIMPLE.read_bytes()


@settings(max_examples=60, deadline=None)
@given(
    flips=st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=20),
    length=st.one_of(st.just(len(whole)), st.integers(0, len(whole))),
)
@example(flips=[(115898, 128)], length=len(whole))
def test_a_damaged_book_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]], length: int
) -> None:
    damaged = bytearray(whole)
    for at, byte in flips:
        damaged[at] = byte
    path = tmp_path_factory.mktemp("damaged") / "book.gnucash"
    path.write_bytes(damaged[:length])
    problem: Problem | None = None
    try:
        read = vouchers(path)
    except InvalidInput as error:
        problem, read = error.problems[0], []
    assert problem is None or problem.place.startswith("book.gnucash")
    assert all(sum(Fraction(entry.amount) for entry in voucher.entries) == 0 for voucher in read)
