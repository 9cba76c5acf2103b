"""A voucher of each kind entered with the keyboard alone; each says what it cost in keys."""

from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, new_books, posted
from desktop.screens.vouchers.small_company import (
    BANK,
    CASH,
    CUSTOMER,
    OFFICE,
    OTHER_BANK,
    POWER,
    RENT,
    SALES,
    SHOP,
    SUPPLIER,
)
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.vouchers.voucher import VoucherState


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_books(tmp_path / "nila.ledgerflow", [])
    return tmp_path / "nila.ledgerflow"


def test_a_contra(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F4").entry("ban").press("Enter").entry("cas").entry("2000").press("Enter", "Enter", "Enter")
        assert typist.page.sheet.message.text() == "Saved here · Contra C/26-27/00001"
        typist.say("A contra")
        (contra,) = posted(typist)
    assert [(e.account, e.amount) for e in contra.entries] == [(CASH, -200_000), (BANK, 200_000)]


def test_a_payment_with_arithmetic(qtbot: QtBot, folder: Path) -> None:
    """1,200 and 18 % on top: 1,416.00."""
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").type("1200*1.18")
        assert typist.page.sheet.table.amount.hint() == "= 1,416.00"
        typist.press("Enter", "Enter", "Enter", "Enter")
        assert typist.page.sheet.message.text() == "Saved here · Payment P/26-27/00001"
        typist.say("A payment with arithmetic")
        (payment,) = posted(typist)
    assert [(e.account, e.amount) for e in payment.entries] == [(POWER, 141_600), (CASH, -141_600)]


def test_a_journal_of_six_lines(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F7")
        typist.entry("ren").entry("300").press("Enter").entry("100").press("Enter", "Enter")  # Office 100, Shop 200
        typist.type("b").press("Enter").entry("pow").entry("50")
        typist.type("b").press("Enter").entry("exch").entry("25")
        typist.type("t").press("Enter").entry("ved").entry("200").entry("V-7").press("Enter", "Enter")
        typist.type("t").press("Enter").entry("cas").entry("75")
        typist.press("Enter").entry("hil").press("Enter")  # the last line takes what is left: 100
        typist.press("Enter").entry("Month end").press("Enter")
        assert typist.page.sheet.message.text() == "Saved here · Journal J/26-27/00001"
        typist.say("A journal of six lines")
        (journal,) = posted(typist)
    assert [e.amount for e in journal.entries] == [30_000, 5_000, 2_500, -20_000, -7_500, -10_000]
    assert [e.account for e in journal.entries][3:] == [SUPPLIER, CASH, OTHER_BANK]
    assert [(c.centre, c.amount) for c in journal.entries[0].costs] == [(OFFICE, 10_000), (SHOP, 20_000)]
    assert [(b.kind, b.name, b.amount) for b in journal.entries[3].bills] == [(BillKind.NEW, "V-7", -20_000)]


def test_a_sale_with_tax_typed_by_hand(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F8").entry("ash").entry("118").entry("S-1").press("Enter", "Enter")
        typist.press("Enter").entry("sal").entry("100").press("Enter").entry("exc").press("Enter").press("Ctrl+A")
        assert typist.page.sheet.message.text() == "Saved here · Sales S/26-27/00001"
        typist.say("A sale with one tax line")
        (sale,) = posted(typist)
    assert sale.party == CUSTOMER
    assert [e.amount for e in sale.entries] == [11_800, -10_000, -1_800]
    assert [e.account for e in sale.entries][:2] == [CUSTOMER, SALES]
    assert sale.entries[0].bills[0].due == date(2026, 12, 21)


def test_a_cheque_is_asked_for_at_a_bank(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("ban").entry("ch").entry("000123").entry("20").entry("pow").entry("50")
        typist.press("Ctrl+L", "Ctrl+A")
        typist.say("An optional payment by cheque")
        (payment,) = posted(typist)
    instrument = payment.entries[1].instrument
    assert instrument is not None
    assert (instrument.kind, instrument.number, instrument.date) == ("Cheque", "000123", date(2026, 11, 20))
    assert payment.state is VoucherState.OPTIONAL


def test_the_next_voucher_keeps_type_day_and_bank_and_the_narration_repeats(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5", "F2").entry("5-11")
        typist.entry("cas").entry("pow").entry("50").press("Enter").entry("Lamps").press("Ctrl+A")
        typist.press("Enter").entry("ren").entry("70").press("Enter", "Enter", "Ctrl+R", "Ctrl+A")
        first, second = posted(typist)
    assert (first.date, second.date) == (date(2026, 11, 5), date(2026, 11, 5))
    assert (second.narration, second.entries[1].account) == ("Lamps", CASH)
    assert second.entries[0].account == RENT


def test_every_problem_is_shown_at_once_and_the_cursor_goes_to_the_first(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5", "F2").entry("5-4-25").press("Ctrl+A")
        sheet = typist.page.sheet
        assert sheet.date.property("problem")
        assert sheet.top.property("problem")
        assert "05-Apr-2025 lies before the books begin on 01-Apr-2026" in sheet.date.toolTip() + sheet.problem.text()
        assert "Nothing has been entered" in sheet.problem.text() or "ledger account" in sheet.top.toolTip()
        assert posted(typist) == []


def test_an_unknown_name_keeps_the_keyboard_and_says_why(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F7").entry("nobody at all")
        assert typist.page.sheet.table.account.hasFocus()
        assert "no ledger account" in typist.page.sheet.table.account.toolTip()


def test_a_voucher_is_cancelled_after_asking_and_keeps_its_number(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").entry("50").press("Ctrl+A")
        typist.press("PgUp", "Alt+X", "Alt+Y")
        typist.say("Looking at the last voucher and cancelling it, with its entry")
        (payment,) = posted(typist)
    assert (payment.state, payment.number) == (VoucherState.CANCELLED, "P/26-27/00001")


def test_ctrl_z_takes_back_the_last_field(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").entry("50")
        form = typist.page.form
        assert form is not None
        assert len(form.content.lines) == 2
        typist.press("Ctrl+Z")
        assert typist.page.form is form
        assert [line.amount.minor for line in form.content.lines] == [None]
        typist.press("Ctrl+Z")
        assert form.content.lines[0].account is None
