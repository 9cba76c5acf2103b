"""Books in XML, small and written for one rule each; figures worked by hand."""

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.interchange.gnucash.xml_book import account, book, price, split, transaction
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_desktop.interchange import gnucash
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CurrencyRecord,
    EntryRecord,
    ForeignRecord,
    GroupRecord,
    NotImported,
    Record,
    VoucherRecord,
)

CHART = (
    account(1, "Assets", "ASSET", placeholder="true"),
    account(2, "Giro", "BANK", 1),
    account(3, "Purse", "CASH", 1),
    account(4, "Expenses", "EXPENSE"),
    account(5, "Food", "EXPENSE", 4),
    account(6, "Equity", "EQUITY"),
    account(7, "Dollars", "BANK", 1, code="USD"),
    account(8, "Shares", "STOCK", 1, code="ACME", space="NYSE"),
    account(9, "Pounds", "BANK", 1, code="GBP"),
)
SMALL = book(
    *CHART,
    transaction(20, [split(2, "10000/100"), split(6, "-10000/100")], description="Opening"),
    transaction(21, [split(5, "250/100", memo="bread & milk"), split(3, "-250/100")], num="7", notes="at the market"),
)


def uid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012x}"


def records(tmp_path: Path, content: bytes, base: str | None = "EUR") -> list[Record]:
    path = tmp_path / "book.gnucash"
    path.write_bytes(content)
    return [placed.record for placed in gnucash.read(path, base_currency=base)]


def voucher(tmp_path: Path, *parts: str, prices: tuple[str, ...] = (), base: str | None = "EUR") -> VoucherRecord:
    read = records(tmp_path, book(*CHART, *parts, prices=prices), base)
    (found,) = (record for record in read if isinstance(record, VoucherRecord))
    return found


def problem_of(tmp_path: Path, content: bytes) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        records(tmp_path, content)
    return caught.value.problems[0]


def test_a_plain_book_and_the_same_gzipped_read_alike(tmp_path: Path) -> None:
    read = records(tmp_path, SMALL, None)
    assert read[0] == CompanyRecord(currency="EUR")
    by_name = {record.name: record for record in read if isinstance(record, AccountRecord)}
    assert by_name["Giro"].group == ["Assets", "Bank Accounts"]
    assert GroupRecord(path=["Assets", "Bank Accounts"], maps_to="bank-accounts") in read
    closing = {name: a.closing for name, a in by_name.items() if a.closing not in ("", "0.00")}
    assert closing == {"Giro": "100.00", "Purse": "-2.50", "Food": "2.50", "Equity": "-100.00"}
    assert by_name["Dollars"].currency == "USD"
    assert read[-1] == VoucherRecord(
        id=uid(21),
        type="payment",
        date="2025-04-01",
        entries=[EntryRecord(uid(5), "2.50", narration="bread & milk"), EntryRecord(uid(3), "-2.50")],
        reference="7",
        narration="at the market",
    )
    assert records(tmp_path, gzip.compress(SMALL), None) == read


def test_an_account_that_groups_and_holds_splits_is_both(tmp_path: Path) -> None:
    content = book(
        account(1, "Car", "EXPENSE"),
        account(2, "Fuel", "EXPENSE", 1),
        account(3, "Home", "EXPENSE"),
        account(4, "Fuel", "EXPENSE", 3),
        transaction(20, [split(1, "5/1"), split(2, "-5/1")]),
    )
    read = records(tmp_path, content)
    assert [(r.name, r.group) for r in read if isinstance(r, AccountRecord)] == [
        ("Car", ["Car"]),
        ("Fuel (Car)", ["Car"]),
        ("Fuel (Home)", ["Home"]),
    ]
    assert GroupRecord(path=["Car"], maps_to="indirect-expenses") in read


def test_a_group_of_nothing_but_bank_accounts_stands_among_them(tmp_path: Path) -> None:
    content = book(
        account(1, "Assets", "ASSET"),
        account(2, "At the bank", "ASSET", 1, placeholder="true"),
        account(3, "Giro", "BANK", 2),
        account(4, "Fixed Assets", "ASSET", 1),
        account(5, "House", "ASSET", 4),
        account(6, "Bank-Accounts", "ASSET", 1),
        account(7, "Savings", "BANK", 6),
    )
    groups = [(r.path, r.maps_to) for r in records(tmp_path, content) if isinstance(r, GroupRecord)]
    assert groups == [
        (["Assets"], ""),
        (["Assets", "At the bank"], "bank-accounts"),
        (["Assets", "Fixed Assets"], "fixed-assets"),
        (["Assets", "Bank-Accounts"], ""),
    ]


@pytest.mark.parametrize(
    ("splits", "type_"),
    [
        ([split(2, "5/1"), split(3, "-5/1")], "contra"),
        ([split(5, "5/1"), split(2, "-3/1"), split(3, "-2/1")], "payment"),
        ([split(2, "5/1"), split(5, "-5/1")], "receipt"),
        ([split(2, "5/1"), split(6, "-5/1")], "journal"),
        ([split(2, "5/1"), split(5, "2/1"), split(3, "-7/1")], "journal"),
    ],
)
def test_what_moves_which_way_says_the_voucher_type(tmp_path: Path, splits: list[str], type_: str) -> None:
    assert voucher(tmp_path, transaction(20, splits)).type == type_


def test_a_foreign_account_in_a_base_transaction_keeps_its_quantity_and_rate(tmp_path: Path) -> None:
    found = voucher(tmp_path, transaction(20, [split(7, "90/1", "100/1"), split(2, "-90/1")]))
    assert found.entries == [
        EntryRecord(uid(7), "90.00", foreign=ForeignRecord(currency="USD", amount="100.00", rate="0.9")),
        EntryRecord(uid(2), "-90.00"),
    ]


def test_a_foreign_transaction_takes_the_rate_of_its_base_splits(tmp_path: Path) -> None:
    """100 dollars for 90.01 euros, 1/3 and 2/3 of them: 30.0033 and 60.0067 round to 30.00 and 60.01."""
    splits = [split(7, "3333/100"), split(5, "6667/100", "6001/100"), split(2, "-100/1", "-9001/100")]
    found = voucher(tmp_path, transaction(20, splits, code="USD"))
    assert [entry.amount for entry in found.entries] == ["30.00", "60.01", "-90.01"]
    assert found.entries[0].foreign == ForeignRecord(currency="USD", amount="33.33", rate="0.900090009001")
    assert found.kept == {}


def test_what_rounding_leaves_goes_to_the_largest_foreign_amount_and_is_said(tmp_path: Path) -> None:
    """At 0.5, thrice 0.01 dollars are 0.005 euros each, which round to nothing; 0.03 are 0.015, rounded to 0.02."""
    splits = [*(split(7, "1/100") for _ in range(3)), split(7, "-3/100")]
    found = voucher(tmp_path, transaction(20, splits, code="USD"), prices=(price("USD", "EUR", "2025-04-01", "1/2"),))
    assert [entry.amount for entry in found.entries] == ["0.00", "0.00", "0.00", "0.00"]
    assert found.kept["rounding"] == "entries[3]: 0.02 EUR"


@pytest.mark.parametrize(
    ("prices", "amount"),
    [
        ((price("USD", "EUR", "2025-03-30", "9/10"), price("USD", "EUR", "2025-06-01", "8/10")), "90.00"),
        ((price("USD", "EUR", "2024-03-30", "9/10"), price("USD", "EUR", "2025-06-01", "8/10")), "80.00"),
        ((price("EUR", "USD", "2025-03-30", "125/100"),), "80.00"),
    ],
)
def test_without_base_splits_the_nearest_price_counts(tmp_path: Path, prices: tuple[str, ...], amount: str) -> None:
    splits = [split(7, "100/1"), split(9, "-100/1", "-75/1")]
    found = voucher(tmp_path, transaction(20, splits, code="USD"), prices=prices)
    assert [entry.amount for entry in found.entries] == [amount, f"-{amount}"]
    pounds = found.entries[1].foreign
    assert pounds is not None
    assert (pounds.currency, pounds.amount) == ("GBP", "-75.00")


def test_without_any_price_the_transaction_is_named(tmp_path: Path) -> None:
    content = book(*CHART, transaction(20, [split(7, "1/1"), split(7, "-1/1")], code="USD"))
    problem = problem_of(tmp_path, content)
    assert (problem.code, problem.place) == ("no-exchange-rate", "book.gnucash:14")
    assert problem.facts == {"currency": "USD", "date": "2025-04-01"}


def test_shares_are_kept_at_cost_with_their_number(tmp_path: Path) -> None:
    found = voucher(tmp_path, transaction(20, [split(8, "120/1", "15/2"), split(2, "-120/1")]))
    assert [(entry.amount, entry.foreign) for entry in found.entries] == [("120.00", None), ("-120.00", None)]
    assert found.kept == {"entries[0].quantity": "7.5 NYSE:ACME"}


def test_a_split_of_shares_moves_their_number_alone(tmp_path: Path) -> None:
    found = voucher(tmp_path, transaction(20, [split(8, "0/1", "100/1")]))
    assert [entry.amount for entry in found.entries] == ["0.00"]
    assert found.kept == {"entries[0].quantity": "100 NYSE:ACME"}


def test_prices_are_the_rates_of_currencies(tmp_path: Path) -> None:
    prices = [price("USD", "EUR", "2025-04-01", "9/10"), price("EUR", "GBP", "2025-04-01", "4/5")]
    read = records(tmp_path, book(*CHART, prices=[*prices, price("ACME", "EUR", "2025-04-01", "5/1", "NYSE")]))
    assert [record for record in read if isinstance(record, CurrencyRecord)] == [
        CurrencyRecord(code="GBP", rates=[("2025-04-01", "1.25")]),
        CurrencyRecord(code="USD", rates=[("2025-04-01", "0.9")]),
    ]
    assert NotImported(what="prices of securities", count=1) in read


def test_what_has_no_place_in_the_books_is_counted(tmp_path: Path) -> None:
    template = account(90, "t", "BANK") + transaction(91, [split(90, "0/1")])
    parts = (
        "<gnc:budget><bgt:name>2026</bgt:name></gnc:budget>",
        f"<gnc:template-transactions>{template}</gnc:template-transactions>",
        "<gnc:schedxaction><sx:name>Rent</sx:name></gnc:schedxaction>",
        "<gnc:schedxaction><sx:name>Phone</sx:name></gnc:schedxaction>",
        transaction(20, [], description="empty"),
        transaction(21, [split(2, "0/1")], description="nothing"),
    )
    read = records(tmp_path, book(*CHART, *parts))
    assert [record for record in read if isinstance(record, NotImported)] == [
        NotImported(what="budgets", count=1, example="2026"),
        NotImported(what="scheduled transactions", count=2, example="Rent"),
        NotImported(what="transactions without splits", count=1, example="empty"),
        NotImported(what="transactions of nothing", count=1, example="nothing"),
    ]
    assert not any(isinstance(record, VoucherRecord) for record in read)
    assert "t" not in {record.name for record in read if isinstance(record, AccountRecord)}


DOCTYPE = '<!DOCTYPE gnc-v2 [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (book(*CHART, before=DOCTYPE), "xml-doctype-refused", "book.gnucash:2"),
        (book("<a>" * 100), "xml-too-deep", "book.gnucash:5"),
        (book(*CHART)[:-20], "bad-xml", "book.gnucash:14"),
        (book("&unknown;"), "bad-xml", "book.gnucash:5"),
        (b"<html></html>", "not-a-gnucash-file", "book.gnucash"),
        (gzip.compress(SMALL)[:-30], "damaged-file", "book.gnucash"),
        (b"\x1f\x8bnonsense", "damaged-file", "book.gnucash"),
        (book("<gnc:account>" + "<a/>" * 200_001 + "</gnc:account>"), "element-too-large", "book.gnucash:5"),
        (book("<gnc:account>" + "x" * (2**22 + 1) + "</gnc:account>"), "element-too-large", "book.gnucash:5"),
        (book("<gnc:account " + "x" * (2**22 + 2**17)), "element-too-large", "book.gnucash:5"),
        (book(account(1, "A", "BANK"), account(1, "B", "BANK")), "duplicate-id", "book.gnucash:6"),
        (book(account(1, "A", "BANK", 2), account(2, "B", "BANK", 1)), "account-outside-tree", "book.gnucash"),
        (book(account(1, "A", "CHESS")), "unknown-account-type", "book.gnucash: A"),
        (book(*CHART, transaction(20, [split(99, "0/1", "1/1")])), "unknown-account", "book.gnucash:14"),
        (book(*CHART, transaction(20, [split(2, "1/1")])), "unbalanced", "book.gnucash:14"),
        (book(*CHART, transaction(20, [split(2, "1/0")])), "bad-amount", "book.gnucash:14"),
        (book(*CHART, transaction(20, [split(2, "1.5")])), "bad-amount", "book.gnucash:14"),
        (book(*CHART, transaction(20, [split(2, "0/1")], day="2025-13-01")), "bad-date", "book.gnucash:14"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_book_is_refused_with_its_place(
    tmp_path: Path, content: bytes, code: str, place: str
) -> None:
    problem = problem_of(tmp_path, content)
    assert (problem.code, problem.place) == (code, place)


def test_a_file_that_unpacks_without_end_is_given_up(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(book(*CHART)[:-10])] + [
        packer.compress(b"<!--" + b" " * 2**20 + b"-->") for _ in range(80)
    ]
    # Which limit is met first depends on how far the machine's expat says it has come.
    found = problem_of(tmp_path, b"".join([*parts, packer.flush()])).code
    assert found in ("unpacks-too-far", "element-too-large")


def test_progress_runs_over_both_readings(tmp_path: Path) -> None:
    path = tmp_path / "book.gnucash"
    path.write_bytes(SMALL)
    seen: list[tuple[int, int]] = []
    list(gnucash.read(path, base_currency=None, progress=lambda done, total: seen.append((done, total))))
    assert seen == [(len(SMALL), 2 * len(SMALL)), (2 * len(SMALL), 2 * len(SMALL))]


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, len(SMALL) - 1), put=st.binary(max_size=3), cut=st.integers(0, 60), is_gzipped=st.booleans())
def test_a_damaged_book_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, put: bytes, cut: int, *, is_gzipped: bool
) -> None:
    content = gzip.compress(SMALL, mtime=0) if is_gzipped else SMALL
    at = min(at, len(content) - 1)
    path = tmp_path_factory.mktemp("damaged") / "book.gnucash"
    path.write_bytes(content[:at] + put + content[at + cut :])
    problem: Problem | None = None
    try:
        list(gnucash.read(path, base_currency=None))
    except InvalidInput as error:
        problem = error.problems[0]
    assert problem is None or problem.place.startswith("book.gnucash")
