"""A receipt of 15,000.00 that settles one bill whole and another in part, by keys alone."""

from datetime import date
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, new_books, posted, type_of, voucher_id
from desktop.screens.vouchers.small_company import BANK, CUSTOMER, SALES
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, Entry
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.screens.vouchers.lines_model import PROBLEM_ROLE


def sale(name: str, amount: int, day: date) -> Voucher:
    bill = BillAllocation(kind=BillKind.NEW, name=name, amount=amount)
    return Voucher(
        id=voucher_id(name),
        type=type_of(VoucherNature.SALES),
        date=day,
        party=CUSTOMER,
        entries=(Entry(account=CUSTOMER, amount=amount, bills=(bill,)), Entry(account=SALES, amount=-amount)),
    )


def test_a_receipt_against_two_bills(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [sale("A-101", 1_000_000, date(2026, 9, 1)), sale("A-102", 800_000, date(2026, 10, 1))])
    with at_work(qtbot, folder) as typist:
        typist.press("F6").entry("ban").press("Enter")  # the bank on top, no cheque details
        typist.entry("ash").entry("15000")
        typist.press("Enter", "Enter")  # the oldest bill, whole
        typist.press("Enter", "Enter")  # the next, for what is left
        typist.press("Enter").entry("Part payment").press("Enter")
        assert typist.page.sheet.message.text() == "Saved here · Receipt R/26-27/00001"
        typist.say("A receipt against two bills")
        receipt = posted(typist)[-1]
    assert (receipt.number, receipt.date, receipt.party) == ("R/26-27/00001", date(2026, 11, 21), CUSTOMER)
    assert receipt.narration == "Part payment"
    assert [(e.account, e.amount) for e in receipt.entries] == [(CUSTOMER, -1_500_000), (BANK, 1_500_000)]
    assert [(b.kind, b.name, b.amount) for b in receipt.entries[0].bills] == [
        (BillKind.AGAINST, "A-101", -1_000_000),
        (BillKind.AGAINST, "A-102", -500_000),
    ]


def test_the_oldest_bills_are_filled_with_one_key(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [sale("A-101", 1_000_000, date(2026, 9, 1)), sale("A-102", 800_000, date(2026, 10, 1))])
    with at_work(qtbot, folder) as typist:
        typist.press("F6").entry("ban").press("Enter").entry("ash").entry("20000").press("Alt+B", "Ctrl+A")
        typist.say("A receipt against two bills, the oldest filled first")
        bills = posted(typist)[-1].entries[0].bills
    assert [(b.kind, b.name, b.amount) for b in bills] == [
        (BillKind.AGAINST, "A-101", -1_000_000),
        (BillKind.AGAINST, "A-102", -800_000),
        (BillKind.ON_ACCOUNT, "", -200_000),
    ]


def test_bills_that_do_not_add_up_keep_the_receipt_out_of_the_books(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [sale("A-101", 1_000_000, date(2026, 9, 1))])
    with at_work(qtbot, folder) as typist:
        typist.press("F6").entry("ban").press("Enter").entry("ash").entry("15000").press("Enter", "Ctrl+A")
        assert len(posted(typist)) == 1
        model = typist.page.sheet.table.lines
        assert "5,000.00" in str(model.data(model.index(0, 0), PROBLEM_ROLE))
        typist.press("Enter", "Enter", "Ctrl+A")  # the keyboard stands where the rest belongs: on account
        assert len(posted(typist)) == 2
