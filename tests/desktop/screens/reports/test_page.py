"""Reports by keyboard: drilling down and coming back, filtering, comparing, and never on the GUI thread."""

from datetime import date
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.screens.office import PAYMENTS, books, office, watched_actions
from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.screens.destinations import ShowReport
from ledgerflow_desktop.screens.reports.export import export_to
from ledgerflow_desktop.screens.reports.models import LongModel
from ledgerflow_desktop.screens.vouchers.page import VoucherPage


def test_trial_balance_to_voucher_and_back_to_the_same_line(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk, watched_actions() as slow:
        desk.open(path)
        desk.press("T")
        assert desk.front.title() == "Trial Balance"
        desk.go_to_line("Hill Bank")
        desk.press("Return")
        assert desk.report.title() == "Hill Bank"
        desk.press("Down", "Down", "Down")
        line = desk.report.view.table.currentIndex().row()
        assert line == 3
        desk.press("Return")
        assert isinstance(desk.front, VoucherPage)
        desk.press("Escape")
        assert desk.report.title() == "Hill Bank"
        assert desk.report.view.table.currentIndex().row() == line
        assert desk.report.view.table.hasFocus()
        desk.press("Escape")
        assert desk.line() == "Hill Bank"
        desk.press("Escape")
        assert desk.front.title() == "Nila Stores"
    assert slow == []


def test_a_statement_is_read_in_windows(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("D")
        desk.settle()
        model = desk.report.view.model()
        assert isinstance(model, LongModel)
        assert model.rowCount() == PAYMENTS
        assert model.rows_in_memory == 200


def test_typing_filters_and_escape_gives_everything_back(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("T")
        everything = desk.lines()
        desk.type("hill")
        assert desk.lines() == ["Current Assets", "Bank Accounts", "Hill Bank"]
        desk.press("Escape")
        assert desk.lines() == everything
        assert desk.report.view.table.hasFocus()


def test_filtering_a_long_report_finds_what_no_window_holds(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("D")
        desk.type("no. 399")
        model = desk.report.view.model()
        assert model is not None and model.rowCount() == 1
        desk.press("Escape")
        assert model.rowCount() == PAYMENTS


def test_the_cursor_stays_on_its_line_when_the_books_change(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("T")
        desk.go_to_line("Rent")
        desk.desk.changed.emit(Changed.VOUCHERS)
        desk.settle()
        assert desk.line() == "Rent"


def test_another_period_and_columns_beside(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("T")
        page = desk.report
        page._take_period(Period(date(2026, 4, 1), date(2026, 4, 30)))
        desk.settle()
        assert desk.desk.open_period == Period(date(2026, 4, 1), date(2026, 4, 30))
        page._choose(page.choice.compared(Comparison.PREVIOUS_YEAR))
        desk.settle()
        model = page.view.model()
        assert model is not None and model.columnCount() == 6


def test_lines_copied_are_those_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("T")
        desk.press("Ctrl+C")
        copied = QGuiApplication.clipboard().text().split("\n")
        assert copied[0].split("\t") == ["Particulars", "Opening", "Debit", "Credit", "Closing"]
        # Rent: the sum of 1 to 450 rupees, worked by hand: 450 * 451 / 2 = 101475.
        assert [line.split("\t") for line in copied if line.startswith("  Rent")] == [
            ["  Rent", "0.00", "101475.00", "0.00", "101475.00"]
        ]


def test_a_report_is_exported_off_the_gui_thread(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk, watched_actions() as slow:
        desk.open(path)
        desk.navigation.open(ShowReport("trial-balance"))
        desk.settle()
        said: list[str] = []
        for suffix in ("csv", "xlsx", "pdf"):
            export_to(desk.front, desk.desk, desk.report.choice, tmp_path / f"tb.{suffix}", said.append, lambda e: None)
            desk.settle()
        assert (tmp_path / "tb.csv").read_text("utf-8-sig").splitlines()
        assert (tmp_path / "tb.xlsx").read_bytes()[:2] == b"PK"
        assert (tmp_path / "tb.pdf").read_bytes()[:5] == b"%PDF-"
        assert said[-1] == "Exported to tb.pdf"
    assert slow == []
