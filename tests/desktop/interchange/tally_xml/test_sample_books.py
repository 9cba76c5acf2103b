"""Two made-up books as TallyPrime exports them, with every balance worked by hand.

Tarang Book House (UTF-16, as exported: forbidden characters, empty tags, flags), April to June 2024:

    Bank     300000 +40000 -20000 -10000 -30000 +8350 +5000            =  293350.00
    Cash      50000 +10000 -12000 +236                                 =   48236.00
    Lotus     80000 -40000 +14160 -590 +1050.50 -5000                  =   49620.50
    Quill    -50000 +20000 -7330 +708                                  =  -36622.00
    Sales    -10000 -2000 +500 -1050 -200                              =  -12750.00
    CGST and SGST, each: out -1080 +45 -18 = -1053; in 540 -54 = 486

Vouchers that do not reach the books (optional, cancelled, post-dated, memorandum, reversing, order, notes)
are read but not in these figures.
"""

from decimal import Decimal

import pytest

from desktop.interchange.tally_xml.envelope import FERRY, TARANG, of, records, vouchers
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CurrencyRecord,
    GroupRecord,
    NotImported,
    VoucherRecord,
    VoucherTypeRecord,
)
from ledgerflow_desktop.interchange.tally_xml import read

POSTS = {
    "Receipt",
    "Payment",
    "Contra",
    "Journal",
    "Sales",
    "Purchase",
    "Credit Note",
    "Debit Note",
    "Tax Invoice",
}
TARANG_CLOSING = {
    "Bank of Meridian": "293350.00", "Cash": "48236.00", "Lotus Readers": "49620.50", "Quill Papers": "-36622.00",
    "Furniture": "114000.00", "Depreciation": "6000.00", "Sales": "-12750.00", "Output CGST": "-1053.00",
    "Output SGST": "-1053.00", "Purchases": "5400.00", "Input CGST": "486.00", "Input SGST": "486.00",
    "Freight Inward": "250.40", "Round Off": "-0.90", "Salaries": "30000.00", "Rent": "12000.00",
    "Export Sales": "-8320.00", "Exchange Difference": "-30.00", "Capital": "-500000.00",
}  # fmt: skip
FERRY_CLOSING = {
    "Cash": "724.50", "Delta Yard": "900.00", "Repair Income": "-1500.00", "Owner": "-200.00", "Diesel": "75.50"
}  # fmt: skip


@pytest.mark.parametrize(("path", "expected"), [(TARANG, TARANG_CLOSING), (FERRY, FERRY_CLOSING)])
def test_every_ledger_closes_where_the_book_was_worked_by_hand(path, expected) -> None:
    closing = {account.id: Decimal(account.opening) for account in of(path, AccountRecord)}
    for voucher in of(path, VoucherRecord):
        assert sum(Decimal(line.amount) for line in voucher.entries) == 0, voucher.number
        if voucher.state == "regular" and voucher.type in POSTS:
            for line in voucher.entries:
                closing[line.ledger] += Decimal(line.amount)
    assert {name: amount for name, amount in closing.items() if amount} == {
        name: Decimal(amount) for name, amount in expected.items()
    }


def test_masters_stand_before_the_vouchers_wherever_the_file_has_them() -> None:
    kinds = [type(record) for record in records(FERRY)]
    assert kinds == [CompanyRecord, GroupRecord, *[AccountRecord] * 5, *[VoucherRecord] * 3]


def test_the_company_and_its_currencies() -> None:
    assert of(TARANG, CompanyRecord) == [CompanyRecord(name="Tarang Book House", currency="INR")]
    assert of(TARANG, CurrencyRecord) == [
        CurrencyRecord(code="USD", rates=[("2024-04-01", "83.00"), ("2024-05-01", "83.20")])
    ]


def test_groups_have_paths_and_keep_what_the_company_calls_them() -> None:
    found = {group.path[-1]: group for group in of(TARANG, GroupRecord)}
    assert found["North Zone"].path == ["Current Assets", "Sundry Debtors", "Customers' Zones", "North Zone"]
    assert found["Sundry Debtors"] == GroupRecord(path=["Current Assets", "Sundry Debtors"], maps_to="sundry-debtors")
    assert found["Bank OD A/c"].renamed == "Bank OCC A/c"
    assert found["Reserves & Surplus"].renamed == "Retained Earnings"
    assert found["Society Funds"].path == ["Current Liabilities", "Society Funds"]
    assert len(found) == len(of(TARANG, GroupRecord)), "a group the file repeats comes once"


def test_ledgers_keep_their_details() -> None:
    accounts = {account.name: account for account in of(TARANG, AccountRecord)}
    lotus = accounts["Lotus Readers"]
    assert lotus.party is not None
    assert (lotus.party.mailing_name, lotus.party.address) == (
        "Lotus Readers Club",
        ["12 Lamp Street", "Old Town"],
    )
    assert lotus.party.tax_ids == {"GSTIN": "32AAAAA0000A1Z5", "PAN": "AAAAA0000A"}
    assert (lotus.party.credit_days, lotus.party.credit_limit, lotus.party.state) == (
        30,
        "100000.00",
        "Kerala",
    )
    assert lotus.bill_by_bill
    assert [(bill.name, bill.date, bill.amount, bill.due) for bill in lotus.opening_bills] == [
        ("L-1", "2024-03-10", "50000.00", "2024-04-09"),
        ("L-2", "2024-03-20", "30000.00", ""),
    ]
    left = accounts["Quill Papers"].opening_bills[-1]
    assert (left.name, left.amount) == ("On Account", "-5000.00"), "bills add up to the opening balance"
    assert accounts["Bank of Meridian"].closing == "293350.00"
    assert (accounts["Bank of Meridian"].bank_account, accounts["Bank of Meridian"].aliases) == (
        "0012345678",
        ["Meridian CA"],
    )
    assert accounts["Furniture"].opening == "120000.00", "1,20,000.00"
    assert accounts["Harbor Books"].currency == "USD"
    assert accounts["Profit & Loss A/c"].reserved == "profit-and-loss"
    assert accounts["Rent"].group == ["Indirect Expenses"], "Expenses (Indirect) is its other name"
    assert accounts["Rent"].notes == "Lease to 2027"


def test_cost_centres_come_after_their_parents_and_types_know_what_they_derive_from() -> None:
    assert of(TARANG, CostCategoryRecord) == [CostCategoryRecord(name="Branches")]
    assert of(TARANG, CostCentreRecord) == [
        CostCentreRecord(name="Office"),
        CostCentreRecord(name="Riverside", category="Branches"),
        CostCentreRecord(name="Shop", parent="Office"),
    ]
    assert of(TARANG, VoucherTypeRecord) == [
        VoucherTypeRecord(name="Counter Bill", parent="Sales", abbreviation="Ctr", numbering="manual"),
        VoucherTypeRecord(name="Tax Invoice", parent="Sales", abbreviation="TxIn", numbering="automatic", prefix="TI/"),
    ]


def test_an_invoice_posts_its_party_its_taxes_and_the_ledger_inside_its_items() -> None:
    sale = vouchers(TARANG)["S/1"]
    assert [(line.ledger, line.amount) for line in sale.entries] == [
        ("Lotus Readers", "14160.00"), ("Output CGST", "-1080.00"), ("Output SGST", "-1080.00"), ("Sales", "-12000.00")
    ]  # fmt: skip
    assert [(s.item, s.quantity, s.unit, s.rate, s.amount, s.godown, s.batch) for s in sale.stock] == [
        ("Atlas, large", "-60", "Nos", "100.00", "-6000.00", "Main Store", "B-24A"),
        ("Atlas, large", "-40", "Nos", "100.00", "-4000.00", "River Godown", "B-24B"),
        ("Notebook", "-50", "Nos", "40.00", "-2000.00", "Main Store", ""),
    ]
    assert {line.ledger for line in sale.stock} == {"Sales"}
    assert sale.stock[2].kept["ACTUALQTY"] == "50 Nos = 5 Box"
    assert sale.stock[0].kept["ACCOUNTINGALLOCATIONS.LIST/RATEDETAILS.LIST/GSTRATE"] == "9"
    bill = (sale.entries[0].bills or [])[0]
    assert (bill.kind, bill.name, bill.amount, bill.due) == ("new", "S/1", "14160.00", "2024-05-10")
    assert (sale.reference, sale.reference_date) == ("PO-55", "2024-04-01")
    assert sale.kept["PLACEOFSUPPLY"] == "Kerala"


def test_a_purchase_takes_goods_in_and_its_cost_centre_along() -> None:
    purchase = vouchers(TARANG)["B-1"]
    goods = purchase.entries[-1]
    assert (goods.ledger, goods.amount) == ("Purchases", "6000.00")
    assert [(cost.centre, cost.amount) for cost in goods.costs or []] == [("Shop", "6000.00")]
    assert (purchase.stock[0].quantity, purchase.stock[0].kept["BILLEDQTY"]) == ("20", "19 Ream")
    assert [bill.due for bill in purchase.entries[0].bills or []] == ["2024-05-15"]


def test_a_foreign_amount_keeps_both_sides_and_the_rate() -> None:
    sale = vouchers(TARANG)["EX-1"]
    line = sale.entries[0]
    assert line.foreign is not None
    assert (line.amount, line.foreign.currency, line.foreign.amount, line.foreign.rate) == (
        "8320.00", "USD", "100.00", "83.20"
    )  # fmt: skip
    assert [bill.amount for bill in line.bills or []] == ["8320.00"]


def test_bills_instruments_cost_centres_and_narrations_of_entries() -> None:
    found = vouchers(TARANG)
    receipt = found["R-1"]
    assert receipt.narration == "Part payment of L-1\r\nby cheque"
    paid = receipt.entries[0].instrument
    assert paid is not None
    assert (paid.kind, paid.number, paid.date, paid.cleared) == (
        "Cheque",
        "501122",
        "2024-04-04",
        "2024-04-08",
    )
    assert receipt.kept["ALLLEDGERENTRIES.LIST[1]/BANKALLOCATIONS.LIST/UNIQUEREFERENCENUMBER"] == "tz91"
    assert [(bill.kind, bill.name, bill.amount) for bill in found["R-3"].entries[1].bills or []] == [
        ("advance", "ADV-1", "-3000.00"),
        ("on-account", "", "-2000.00"),
    ]
    assert [(c.centre, c.amount) for c in found["P-2"].entries[0].costs or []] == [
        ("Office", "20000.00"),
        ("Shop", "10000.00"),
    ]
    assert found["P-2"].narration == "Salaries April", "the control character inside is gone"


def test_states_types_and_days_of_vouchers() -> None:
    found = vouchers(TARANG)
    assert {number: v.state for number, v in found.items() if v.state != "regular"} == {
        "J-2": "optional", "S/2": "cancelled", "P-4": "post-dated"
    }  # fmt: skip
    assert found["RJ-1"].reverses_on == "2024-05-31"
    assert (found["TI/1"].type, found["TI/1"].effective) == ("Tax Invoice", "2024-06-03")
    assert found["TI/1"].party == "Lotus Readers", "written in another case in the voucher"
    assert (found["TI/1"].entries[0].bills or [])[0].due == "2024-06-17", "two weeks from the effective date"
    assert "J-3" not in found, "deleted"


def test_goods_that_post_nothing() -> None:
    found = vouchers(TARANG)
    assert [(s.item, s.quantity, s.amount) for s in found["SJ-1"].stock] == [
        ("Box set", "3", "900.00"),
        ("Notebook", "-30", "-900.00"),
    ]
    assert not found["SJ-1"].entries
    note = found["DL-1"].stock[0]
    assert (note.quantity, note.kept["ACTUALQTY"]) == ("", "1 Box 2 Nos"), "two units are no single number"


def test_lines_given_twice_post_once() -> None:
    sale = vouchers(TARANG)["S/3"]
    assert [(line.ledger, line.amount) for line in sale.entries] == [
        ("Cash", "236.00"), ("Sales", "-200.00"), ("Output CGST", "-18.00"), ("Output SGST", "-18.00")
    ]  # fmt: skip
    assert sale.kept["LEDGERENTRIES.LIST[1]/AMOUNT"] == "-236.00", "the repetition is kept aside"


def test_what_is_not_imported_is_said() -> None:
    assert {note.what: (note.count, note.example) for note in of(TARANG, NotImported)} == {
        "stock item": (2, "Atlas, large"),
        "opening stock value": (1, "Atlas, large: -25000.00"),
        "unit": (1, "Nos"),
        "godown": (2, "Main Store"),
        "stock group": (1, "Books"),
        "primary position of a group": (1, "Society Funds"),
        "deleted voucher": (1, "tarang.utf16.xml: voucher 16 (line 2037)"),
    }


def test_places_name_the_line_on_which_an_object_starts() -> None:
    lines = TARANG.read_bytes().decode("utf-16").split("\n")
    placed = [found.place for found in read(TARANG) if isinstance(found.record, VoucherRecord)]
    for number, place in enumerate(placed[:15], 1):
        line = int(place.rpartition(" ")[2].rstrip(")"))
        assert place == f"tarang.utf16.xml: voucher {number} (line {line})"
        assert lines[line - 1].lstrip().startswith("<VOUCHER ")
