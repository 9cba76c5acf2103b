"""Small books for the plain-text writers: every awkward name, a foreign account, vouchers in and out of the books."""

from collections import Counter
from fractions import Fraction

from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CurrencyRecord,
    EntryRecord,
    ForeignRecord,
    GroupRecord,
    Record,
    VoucherRecord,
    VoucherTypeRecord,
)

BANKS = ["Current Assets", "Bank Accounts"]

MASTERS: list[Record] = [
    CompanyRecord(name='Acme "Traders"; [2025/99/99]', currency="INR", books_begin="2025-04-01"),
    CurrencyRecord(code="USD"),
    CurrencyRecord(code="JPY"),
    GroupRecord(path=["Eigenkapital"], maps_to="capital"),
    VoucherTypeRecord(name="Kasse: Bon", parent="Receipt"),
    VoucherTypeRecord(name="Notiz", parent="Memorandum"),
    AccountRecord(id=1, name="Bank  One", group=BANKS, opening="1000.00"),
    AccountRecord(id=2, name="bank one", group=BANKS, opening="-0.50"),
    AccountRecord(id=3, name="Dollars", group=BANKS, opening="850.00", currency="USD", opening_foreign="10.00"),
    AccountRecord(id=4, name="Capital", group=["Eigenkapital"], opening="-1800.00"),
    AccountRecord(id=5, name="Round: off; (net)", group=["Indirect Expenses"]),
    AccountRecord(id=6, name="*starred", group=["Sales Accounts"]),
    AccountRecord(id=7, name="(virtual)", group=["Sales Accounts"]),
    AccountRecord(id=8, name="मुंबई शाखा", group=["Sundry Debtors", "पश्चिम"]),
    AccountRecord(id=9, name="a\u202eb\u00a0\u3000c\u2028d\te\x00", group=["Sundry Debtors"]),
    AccountRecord(id=10, name="Équité", group=["Sundry Creditors"]),
    AccountRecord(id=11, name="E\u0301quité", group=["Sundry Creditors"]),
    AccountRecord(id=12, name="ß-straße", group=["Sundry Creditors"]),
    AccountRecord(id=13, name="***", group=["Sundry Creditors"]),
    AccountRecord(id=14, name="+++", group=["Sundry Creditors"]),
    AccountRecord(id="x y", name="1st floor @ $5 = 10% {a} #tag ^link | !", group=["Fixed Assets"]),
    AccountRecord(id=15, name="Assets", group=["Assets"]),
    AccountRecord(id=16, name="ǆ", group=["Sundry Creditors"]),
]


def usd(amount: str, rate: str) -> ForeignRecord:
    return ForeignRecord(currency="USD", amount=amount, rate=rate)


VOUCHERS: list[VoucherRecord] = [
    VoucherRecord(
        "11111111-1111-1111-1111-111111111111", "sales", "2025-04-02",
        [EntryRecord(8, "100.00"), EntryRecord(6, "-60.00"), EntryRecord(7, "-40.00")],
        number="S/1", party=8, narration='cash; "10%" off\n[2025/99/99] a:: b, date: never\n\\end',
    ),
    VoucherRecord(
        "2", "Kasse: Bon", "2025-04-02",
        [EntryRecord(1, "5.00", narration="date:soon ; [=x]"), EntryRecord("x y", "-5.00"), EntryRecord(9, "0.00")],
        number="a)b", narration="(no code) * !",
    ),
    VoucherRecord(
        "3", "payment", "2025-04-03",
        [EntryRecord(3, "-425.01", usd("-5.00", "85.002")), EntryRecord(5, "425.01")],
        narration="  leading blanks",
    ),
    VoucherRecord(
        "4", "journal", "2025-04-04",
        [EntryRecord(n, f"{n}.00") for n in range(10, 17)] + [EntryRecord(2, f"-{sum(range(10, 17))}.00")],
    ),
    VoucherRecord("5", "Notiz", "2025-04-05", [EntryRecord(1, "9.00"), EntryRecord(2, "-9.00")], narration="a\nb"),
    VoucherRecord("6", "sales", "2025-04-05", [EntryRecord(1, "9.00"), EntryRecord(2, "-9.00")], state="cancelled"),
    VoucherRecord("7", "sales-order", "2025-04-05", [EntryRecord(1, "9.00"), EntryRecord(2, "-9.00")]),
    VoucherRecord("8", "sales", "2025-04-06", [], state="cancelled", number="S/2"),
]  # fmt: skip
POSTED = VOUCHERS[:4]
RECORDS: list[Record] = [*MASTERS, *VOUCHERS]


def balances() -> dict[int | str, Fraction]:
    """Return what each account with entries or an opening must come to, in rupees."""
    found: Counter[int | str] = Counter()
    for record in MASTERS:
        if isinstance(record, AccountRecord):
            found[record.id] += Fraction(record.opening)
    for voucher in POSTED:
        for entry in voucher.entries:
            found[entry.ledger] += Fraction(entry.amount)
    return {account: total for account, total in found.items() if total}


# 1000 - 0.50 + 850 - 1800: what the openings lack is said as an entry of its own.
OPENING_DIFFERENCE = Fraction("49.50")
