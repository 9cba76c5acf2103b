"""Vouchers of the books: looked at, altered, and back to where one came from."""

from datetime import date
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, new_books, posted, type_of, voucher_id
from desktop.screens.vouchers.small_company import CASH, POWER, RENT, SHOP
from ledgerflow_core.ledger.entry import CostAllocation, Entry
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.vouchers.voucher import StockLine, Voucher
from ledgerflow_desktop.screens.destinations import OpenVoucher
from ledgerflow_desktop.screens.reports.page import ReportPage


def payment(name: str, amount: int, day: int, **fields: object) -> Voucher:
    return Voucher(
        id=voucher_id(name),
        type=type_of(VoucherNature.PAYMENT),
        date=date(2026, 11, day),
        entries=(Entry(account=POWER, amount=amount), Entry(account=CASH, amount=-amount)),
        **fields,  # type: ignore[arg-type]
    )


def test_altering_a_voucher_reached_from_the_trial_balance(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [payment("a", 10_000, 3), payment("b", 20_000, 5), payment("c", 30_000, 9)])
    with at_work(qtbot, folder) as typist:
        window = typist.window
        typist.type("t")
        typist.settle()
        report = window.navigation.front
        assert isinstance(report, ReportPage)
        model = report.view.model()
        assert model is not None
        names = [str(model.index(row, 0).data()) for row in range(model.rowCount())]
        here = next(row for row, name in enumerate(names) if name.strip() == "Power")
        for _ in range(here - report.view.table.currentIndex().row()):
            typist.press("Down")
        typist.press("Enter")
        statement = window.navigation.front
        assert isinstance(statement, ReportPage)
        typist.press("Down", "Down")
        line = statement.view.table.currentIndex().row()
        typist.press("Enter")
        assert typist.page.title() == "Payment P/26-27/00002"
        typist.press("Enter", "Enter").type("250").press("Ctrl+A")
        typist.say("Altering a voucher reached from the trial balance")
        assert window.navigation.front is statement
        assert statement.view.table.currentIndex().row() == line
        typist.press("Esc")
        assert window.navigation.front is report
        assert report.view.table.currentIndex().row() == here
        after = posted(typist)[1]
    assert (after.id, after.number, after.debit_total) == (voucher_id("b"), "P/26-27/00002", 25_000)


def test_page_keys_turn_from_voucher_to_voucher(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [payment("a", 10_000, 3), payment("b", 20_000, 5), payment("c", 30_000, 9)])
    with at_work(qtbot, folder) as typist:
        typist.press("F5", "PgUp")
        titles = [typist.page.title()]
        for key in ("PgUp", "PgUp", "PgUp", "PgDown"):
            typist.press(key)
            titles.append(typist.page.title())
        typist.press("Ctrl+A")  # nothing was changed: it only closes
        assert typist.page.title() == "Payment"
        assert len(posted(typist)) == 3
    assert titles == [f"Payment P/26-27/0000{at}" for at in (3, 2, 1, 1, 2)]


def test_an_alteration_keeps_what_the_form_does_not_show(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    rent = Voucher(
        id=voucher_id("r"), type=type_of(VoucherNature.PAYMENT), date=date(2026, 11, 3), kept=(("a/b", "c"),),
        effective=date(2026, 11, 4),
        entries=(Entry(account=RENT, amount=500, costs=(CostAllocation(centre=SHOP, amount=500),)),
                 Entry(account=CASH, amount=-500)),
    )  # fmt: skip
    new_books(folder, [rent])
    with at_work(qtbot, folder) as typist:
        typist.window.navigation.open(OpenVoucher(rent.id))
        typist.settle()
        typist.press("Enter", "Enter", "Enter", "Enter", "Enter").type("Said later").press("Ctrl+A")
        (after,) = posted(typist)
    assert (after.narration, after.kept, after.effective) == ("Said later", rent.kept, rent.effective)
    assert after.entries == rent.entries


def test_a_voucher_with_goods_is_only_looked_at(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "nila.ledgerflow"
    new_books(folder, [payment("a", 10_000, 3, stock=(StockLine(item="Lamp", quantity="1"),))])
    with at_work(qtbot, folder) as typist:
        typist.window.navigation.open(OpenVoucher(voucher_id("a")))
        typist.settle()
        assert "goods" in typist.page.sheet.problem.text()
        typist.press("Ctrl+A", "Esc")
        assert len(posted(typist)) == 1
