"""Setting an amount to bills, without Qt. Figures by head."""

from datetime import date

from desktop.screens.vouchers.small_company import CUSTOMER, TODAY, small_chart
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.reports.figures import BillMovement
from ledgerflow_desktop.screens.vouchers.bills import BillSheet, PendingBill, less_taken, pending_bills
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, BillRow, Line, Side

ACCOUNT = small_chart().accounts[CUSTOMER]
NEW, AGAINST = BillKind.NEW, BillKind.AGAINST


def movement(kind: BillKind, name: str, day: date, amount: int, voucher: str = "v", due: date | None = None):
    return BillMovement(CUSTOMER, kind, name, day, due, amount, voucher)  # type: ignore[arg-type]


MOVEMENTS = [
    movement(NEW, "A-1", date(2026, 9, 1), 10_000),
    movement(NEW, "A-2", date(2026, 8, 1), 8_000, due=date(2026, 12, 1)),
    movement(AGAINST, "A-1", date(2026, 9, 20), -4_000, voucher="paid"),
    movement(NEW, "A-3", date(2026, 9, 2), 5_000),
    movement(AGAINST, "A-3", date(2026, 9, 3), -5_000),
    movement(BillKind.ON_ACCOUNT, "", date(2026, 9, 3), -700),
]


def sheet(amount: int, side: Side = Side.CREDIT, nature: VoucherNature = VoucherNature.RECEIPT) -> BillSheet:
    line = Line(side=side, account=CUSTOMER, amount=AmountField(minor=amount))
    return BillSheet(line, pending_bills(ACCOUNT, MOVEMENTS), nature=nature, account=ACCOUNT, day=TODAY)


def test_open_bills_come_in_the_order_they_fall_due_with_what_is_left() -> None:
    """A-1 is due 30 days after 1 September, A-2 as agreed; A-3 is settled."""
    assert [(bill.name, bill.due, bill.pending) for bill in pending_bills(ACCOUNT, MOVEMENTS)] == [
        ("A-1", date(2026, 10, 1), 6_000),
        ("A-2", date(2026, 12, 1), 8_000),
    ]


def test_the_voucher_being_altered_is_left_out_of_what_is_pending() -> None:
    assert pending_bills(ACCOUNT, MOVEMENTS, without="paid")[0].pending == 10_000


def test_a_row_proposes_the_lesser_of_what_is_left_and_what_is_pending() -> None:
    bills = sheet(9_000)
    for name, proposed in (("A-1", 6_000), ("A-2", 3_000)):
        at = bills.add_row()
        bills.set_kind(at, AGAINST)
        bills.rows[at].name = name
        assert bills.proposed_amount(at) == proposed
        bills.rows[at].amount.set(proposed)
    assert bills.left == 0


def test_a_bill_taken_whole_by_one_row_is_not_offered_to_the_next() -> None:
    bills = sheet(9_000)
    bills.rows.append(BillRow(kind=AGAINST, name="A-1", amount=AmountField(minor=6_000)))
    assert [bill.name for bill in bills.open_bills(1)] == ["A-2"]


def test_the_oldest_are_filled_first_and_the_rest_goes_on_account() -> None:
    bills = sheet(20_000)
    bills.fill_oldest_first()
    assert [(row.kind, row.name, row.amount.minor) for row in bills.rows] == [
        (AGAINST, "A-1", 6_000),
        (AGAINST, "A-2", 8_000),
        (BillKind.ON_ACCOUNT, "", 6_000),
    ]


def test_a_bill_is_settled_from_the_other_side_only() -> None:
    assert sheet(1_000, side=Side.DEBIT).pending == []


def test_a_sale_opens_a_bill_and_knows_when_it_is_due() -> None:
    bills = sheet(1_000, side=Side.DEBIT, nature=VoucherNature.SALES)
    at = bills.add_row()
    bills.set_kind(at, NEW)
    assert (bills.rows[at].kind, bills.rows[at].due) == (NEW, date(2026, 12, 21))


def test_money_without_an_open_bill_is_an_advance() -> None:
    line = Line(side=Side.CREDIT, account=CUSTOMER, amount=AmountField(minor=100))
    bills = BillSheet(line, [], nature=VoucherNature.RECEIPT, account=ACCOUNT, day=TODAY)
    assert bills.proposed_kind() is BillKind.ADVANCE


def test_what_another_line_of_the_voucher_settles_is_not_pending_any_more() -> None:
    pending = [PendingBill("A-1", TODAY, TODAY, 6_000), PendingBill("A-2", TODAY, TODAY, 8_000)]
    row = BillRow(kind=AGAINST, name="A-1", amount=AmountField(minor=6_000))
    assert [bill.name for bill in less_taken(pending, [Line(side=Side.CREDIT, bills=[row])])] == ["A-2"]
