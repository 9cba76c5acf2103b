"""A dollar invoice settled at another rate. Worked by hand: 100 USD at 80 are 8,000.00; at 83.50 they are 8,350.00."""

from datetime import date
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, books, new_books, posted, type_of, voucher_id
from desktop.screens.vouchers.small_company import ABROAD, BANK, EXCHANGE, SALES
from ledgerflow_core.ledger.entry import Entry, ForeignAmount
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import voucher_entry


def invoice() -> Voucher:
    dollars = ForeignAmount(currency="USD", amount=10_000, rate="80")
    return Voucher(
        id=voucher_id("export"),
        type=type_of(VoucherNature.SALES),
        date=date(2026, 6, 1),
        entries=(Entry(account=ABROAD, amount=800_000, foreign=dollars), Entry(account=SALES, amount=-800_000)),
    )


def test_settling_a_foreign_balance_offers_the_gain(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [invoice()])
    with at_work(qtbot, folder) as typist:
        typist.press("F6").entry("ban").press("Enter")
        typist.entry("over").entry("100").press("Enter", "Enter")  # dollars, the rate of the day, the worth
        assert typist.page.sheet.banner.words() == "Settling Overseas Buyer realises a gain of INR 350.00."
        typist.press("Alt+E", "Ctrl+A")
        assert "Saved here" in typist.page.sheet.message.text()
        typist.say("A foreign receipt with its gain")
        receipt = posted(typist)[-1]
        left = books(typist, lambda book: voucher_entry.foreign_balance(book, ABROAD, "USD", date(2026, 12, 1)))
    assert [(e.account, e.amount) for e in receipt.entries] == [
        (ABROAD, -835_000),
        (ABROAD, 35_000),
        (EXCHANGE, -35_000),
        (BANK, 835_000),
    ]
    assert receipt.entries[0].foreign == ForeignAmount(currency="USD", amount=-10_000, rate="83.5")
    assert left == (0, 0)


def test_a_foreign_amount_may_be_typed_into_the_amount(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [])
    with at_work(qtbot, folder) as typist:
        typist.press("F7").entry("pow").type("usd 10 @ 83.25")
        assert typist.page.sheet.table.amount.hint() == "= 832.50"
        typist.press("Enter", "Enter").entry("cas").press("Enter", "Ctrl+A")
        (journal,) = posted(typist)
    assert journal.entries[0].foreign == ForeignAmount(currency="USD", amount=1_000, rate="83.25")
    assert [e.amount for e in journal.entries] == [83_250, -83_250]
