"""Go To finds anything by typing, and Enter goes there."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.screens.office import books, office
from ledgerflow_desktop.screens.go_to.state import GoToIndex, Kind, Place, report_places
from ledgerflow_desktop.screens.vouchers.page import VoucherPage


def test_reports_come_before_accounts_that_fit_as_well() -> None:
    index = GoToIndex([Place(Kind.ACCOUNT, "Cash"), *report_places(), Place(Kind.ACCOUNT, "Cashew purchases")])
    assert [place.words for place in index.find("cash")][:3] == ["Cash", "Cash Flow", "Cashew purchases"]


def test_one_slip_of_the_finger_is_forgiven() -> None:
    index = GoToIndex(report_places())
    assert "Balance Sheet" in [place.words for place in index.find("balamce")]


def test_an_account_is_two_keys_and_a_few_letters_away(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("Ctrl+K")
        desk.type("hill")
        desk.press("Return")
        assert desk.front.title() == "Hill Bank"
        assert desk.report.view.table.hasFocus()


def test_a_voucher_is_found_by_its_number(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("Alt+G")
        desk.type("P/26-27/00017")
        assert [place.words for place in desk.window.popup.model.places] == ["Payment P/26-27/00017"]
        desk.press("Return")
        assert isinstance(desk.front, VoucherPage)


def test_escape_closes_the_list_and_nothing_else(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("T", "Ctrl+K", "Escape")
        assert not desk.window.popup.isVisible()
        assert desk.front.title() == "Trial Balance"
        assert desk.report.view.table.hasFocus()
