"""Vouchers on paper: what each kind says, and that nothing of a voucher is left out."""

import io
from collections.abc import Callable
from datetime import date

import msgspec
import pytest
from pypdf import PdfReader

from desktop.printing.pdf_pieces import assert_inside, joined
from ledgerflow_core.identifiers import AccountId, VoucherId, named
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry, ForeignAmount, Instrument
from ledgerflow_core.masters.account import Party, TaxIdentity
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre
from ledgerflow_core.masters.voucher_type import VoucherNature, VoucherType, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.voucher_contents import Contents, voucher_contents
from ledgerflow_desktop.printing.voucher_pdf import voucher_pdf, vouchers_pdf

MakeAccount = Callable[..., AccountId]
CUSTOMER = Party(
    mailing_name="Lakeside Stationers & Co.",
    address=("12, Lake View Road", "Thane 400601"),
    tax_identities=(TaxIdentity("GSTIN", "27BBBBB1111B1Z4"),),
)


def voucher(nature: VoucherNature, *entries: Entry, **fields: object) -> Voucher:
    made = Voucher(
        id=VoucherId(named("voucher", nature)), type=voucher_type_id(nature), date=date(2026, 4, 5), entries=entries
    )
    return msgspec.structs.replace(made, **{"number": "X/26-27/00042", **fields})


@pytest.fixture
def show(company: Company, chart: Chart) -> Callable[..., str]:
    """Print a voucher, check that it lies within its page, return its text."""

    def shown(printed: Voucher, *, paper: Paper = Paper.A4, by: Company = company) -> str:
        out = io.BytesIO()
        voucher_pdf(printed, by, chart, chart.voucher_types[printed.type], out, paper=paper)
        reader = PdfReader(io.BytesIO(out.getvalue()))
        assert_inside(reader)
        return joined(reader)

    return shown


@pytest.fixture
def read(company: Company, chart: Chart) -> Callable[[Voucher], Contents]:
    return lambda of: voucher_contents(of, company, chart, chart.voucher_types[of.type])


@pytest.fixture
def receipt(account: MakeAccount) -> Voucher:
    customer = account("Lakeside", "sundry-debtors", party=CUSTOMER)
    cheque = Instrument(kind="cheque", number="004512", date=date(2026, 4, 4))
    return voucher(
        VoucherNature.RECEIPT,
        Entry(account=account("First Bank", "bank-accounts"), amount=11600000, instrument=cheque),
        Entry(account=account("TDS receivable", "current-assets"), amount=200000),
        Entry(
            account=customer,
            amount=-11800000,
            bills=(
                BillAllocation(kind=BillKind.AGAINST, name="S/41", amount=-10000000),
                BillAllocation(kind=BillKind.ADVANCE, name="A/7", amount=-1800000),
            ),
        ),
        party=customer,
        narration="In full settlement, ₹18,000 in advance.",
    )


@pytest.mark.parametrize("paper", list(Paper))
def test_a_receipt_says_from_whom_how_much_what_for_and_through_what(
    paper: Paper, receipt: Voucher, show: Callable[..., str]
) -> None:
    text = show(receipt, paper=paper)
    for said in (
        "Receipt",
        "X/26-27/00042",
        "5 April 2026",
        "Sample Traders",
        "GSTIN: 27AAAAA0000A1Z5",
        "Received from",
        "Lakeside Stationers & Co.",
        "GSTIN: 27BBBBB1111B1Z4",
        "Received through",
        "First Bank",
        "Cheque no. 004512 dated 04-Apr-2026",
        "Against bill S/41: 1,00,000.00 Cr",
        "Advance A/7: 18,000.00 Cr",
        "1,16,000.00",
        "Rupees One Lakh Sixteen Thousand Only",
        "In full settlement, ₹18,000 in advance.",
        "Authorised signatory",
        "Page 1 of 1",
    ):
        assert said in text, said


def test_what_was_held_back_from_a_receipt_is_taken_off_below(
    receipt: Voucher, read: Callable[[Voucher], Contents]
) -> None:
    contents = read(receipt)
    assert [(line.name, line.figures) for line in contents.lines] == [
        ("Lakeside", (11800000,)),
        ("TDS receivable", (-200000,)),
    ]
    assert contents.totals == (11600000,)


def test_an_invoice_lists_what_is_sold_and_the_hand_typed_tax(
    account: MakeAccount, read: Callable[[Voucher], Contents], show: Callable[..., str]
) -> None:
    customer = account("Lakeside", "sundry-debtors", party=CUSTOMER)
    bill = BillAllocation(kind=BillKind.NEW, name="S/42", amount=11800000, due=date(2026, 5, 5))
    invoice = voucher(
        VoucherNature.SALES,
        Entry(account=customer, amount=11800000, bills=(bill,)),
        Entry(account=account("Stationery", "sales"), amount=-10000000),
        Entry(account=account("CGST 9%", "duties-taxes"), amount=-900000),
        Entry(account=account("SGST 9%", "duties-taxes"), amount=-900000),
        party=customer,
        reference="PO-118",
        reference_date=date(2026, 3, 28),
    )
    assert [line.figures for line in read(invoice).lines] == [(10000000,), (900000,), (900000,)]
    text = show(invoice)
    for said in ("Invoice", "Bill to", "1,18,000.00", "due 05-May-2026", "PO-118", "28 March 2026", "CGST 9%"):
        assert said in text, said
    assert "Tax Invoice" not in text


def test_a_credit_note_and_a_purchase_read_from_their_own_side(
    account: MakeAccount, read: Callable[[Voucher], Contents]
) -> None:
    supplier, goods = account("Mill", "sundry-creditors"), account("Paper", "purchases")
    for nature in (VoucherNature.PURCHASE, VoucherNature.CREDIT_NOTE):
        bought = voucher(nature, Entry(account=goods, amount=500), Entry(account=supplier, amount=-500), party=supplier)
        assert read(bought).totals == (500,)
    returned = voucher(
        VoucherNature.DEBIT_NOTE,
        Entry(account=supplier, amount=500),
        Entry(account=goods, amount=-500),
        party=supplier,
    )
    assert read(returned).totals == (500,)


def test_a_journal_has_debit_and_credit_and_its_cost_centres(
    account: MakeAccount, chart: Chart, show: Callable[..., str]
) -> None:
    north = CostCentre(id=named("cost-centre", "north"), name="North", category=PRIMARY_COST_CATEGORY)  # type: ignore[arg-type]
    chart.put(north)
    share = CostAllocation(centre=north.id, amount=12345)
    text = show(
        voucher(
            VoucherNature.JOURNAL,
            Entry(account=account("Rent", "indirect-expenses"), amount=12345, costs=(share,)),
            Entry(account=account("Landlord", "sundry-creditors"), amount=-12345),
        )
    )
    for said in (
        "Journal Voucher",
        "Debit (INR)",
        "Credit (INR)",
        "123.45",
        "Cost centre North: 123.45",
        "Prepared by",
    ):
        assert said in text, said


def test_a_voucher_that_does_not_fit_one_column_shows_both_sides(
    account: MakeAccount, read: Callable[[Voucher], Contents]
) -> None:
    bank, cash = account("First Bank", "bank-accounts"), account("Till", "cash-in-hand")
    odd = voucher(
        VoucherNature.RECEIPT,
        Entry(account=bank, amount=700),
        Entry(account=cash, amount=-200),
        Entry(account=account("Sales", "sales"), amount=-500),
    )
    contents = read(odd)
    assert contents.figure_titles == ("Debit", "Credit")
    assert [line.figures for line in contents.lines] == [(700, None), (None, 200), (None, 500)]
    assert contents.totals == (700, 700)


def test_a_foreign_amount_is_shown_in_its_own_currency(account: MakeAccount, show: Callable[..., str]) -> None:
    foreign = ForeignAmount(currency="USD", amount=-10000, rate="83.25")
    text = show(
        voucher(
            VoucherNature.JOURNAL,
            Entry(account=account("Freight", "indirect-expenses"), amount=832500),
            Entry(account=account("Carrier", "sundry-creditors"), amount=-832500, foreign=foreign),
        )
    )
    assert "USD 100.00 at 83.25" in text


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (VoucherState.CANCELLED, "CANCELLED"),
        (VoucherState.OPTIONAL, "OPTIONAL"),
        (VoucherState.POST_DATED, "POST-DATED"),
    ],
)
def test_a_voucher_that_does_not_count_as_it_stands_is_stamped(
    state: VoucherState, word: str, receipt: Voucher, show: Callable[..., str]
) -> None:
    assert word in show(msgspec.structs.replace(receipt, state=state))
    assert word not in show(receipt)


def test_a_memorandum_says_that_it_moves_nothing(account: MakeAccount, show: Callable[..., str]) -> None:
    text = show(voucher(VoucherNature.MEMORANDUM, Entry(account=account("Rent", "indirect-expenses"), amount=0)))
    assert "Memorandum Voucher" in text and "moves no ledger account" in text


def test_words_and_groups_follow_the_company(receipt: Voucher, company: Company, show: Callable[..., str]) -> None:
    abroad = msgspec.structs.replace(company, country="AE", currency="AED")
    text = show(receipt, by=abroad)
    assert "Dirhams One Hundred Sixteen Thousand Only" in text and "116,000.00" in text


def test_500_entries_repeat_the_head_and_keep_the_total(account: MakeAccount, company: Company, chart: Chart) -> None:
    entries = [Entry(account=account(f"Account {at}", "indirect-expenses"), amount=100) for at in range(500)]
    bulk = voucher(VoucherNature.JOURNAL, *entries, Entry(account=account("Bank", "bank-accounts"), amount=-50000))
    out = io.BytesIO()
    voucher_pdf(bulk, company, chart, chart.voucher_types[bulk.type], out, paper=Paper.LETTER)
    reader = PdfReader(io.BytesIO(out.getvalue()))
    assert len(reader.pages) > 5
    assert all(page.extract_text().count("Particulars") == 1 for page in reader.pages[:-1])
    text = joined(reader)
    assert all(f"Account {at}" in text for at in range(500)) and "500.00" in text
    assert_inside(reader)


def test_hostile_and_endless_text_stays_on_the_page(
    account: MakeAccount, company: Company, show: Callable[..., str]
) -> None:
    names = ["W" * 10_000, "a\u202eb\x00c", ") Tj ET (", "مؤسسة النور", "हिन्दी"]
    entries = [Entry(account=account(name, "indirect-expenses"), amount=0, narration=name) for name in names]
    hostile = voucher(VoucherNature.JOURNAL, *entries, narration="N" * 10_000, number="9" * 60, reference="R" * 500)
    endless = msgspec.structs.replace(company, name="C" * 200, address=("A" * 3000,) * 5, email="e" * 200)
    text = show(hostile, by=endless).replace("\n", "")
    assert "ab\ufffdc" in text and ") Tj ET (" in text
    assert text.count("N") >= 10_000


def test_several_vouchers_make_one_document_each_with_its_own_pages(
    receipt: Voucher, company: Company, chart: Chart
) -> None:
    kind: VoucherType = chart.voucher_types[receipt.type]
    out = io.BytesIO()
    vouchers_pdf([(receipt, kind)] * 3, company, chart, out, paper=Paper.A4)
    reader = PdfReader(io.BytesIO(out.getvalue()))
    assert len(reader.pages) == 3
    assert all("Page 1 of 1" in page.extract_text() for page in reader.pages)
