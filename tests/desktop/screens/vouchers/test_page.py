"""What every voucher page owes people who see, hear or feel it: names, an order of the keyboard, both looks."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QComboBox, QLineEdit, QListView, QPlainTextEdit, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import Typist, at_work, new_books
from ledgerflow_desktop.screens.vouchers.lines_model import LinesModel

SPOKEN = (QLineEdit, QPlainTextEdit, QListView, QTableView, QComboBox)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_books(tmp_path / "nila.ledgerflow", [])
    return tmp_path / "nila.ledgerflow"


def test_every_widget_has_a_name_that_is_spoken(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F9").press("Enter")
        nameless = [
            f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
            for widget in typist.page.findChildren(QWidget)
            if (isinstance(widget, SPOKEN) and not widget.accessibleName())
            or (isinstance(widget, QPushButton) and not widget.isHidden() and not widget.accessibleName())
        ]
    assert [name for name in nameless if "in Banner" not in name] == []  # named by what it offers, when it offers


def walked(typist: Typist, key: str, times: int) -> list[str]:
    names = []
    for _ in range(times):
        typist.press(key)
        names.append(typist.focus().accessibleName())
    return names


def test_tab_walks_like_enter_and_shift_tab_back(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").type("cas")
        typist.press("Enter").type("pow").press("Enter").type("5")
        there = walked(typist, "Tab", 3)
        back = walked(typist, "Shift+Tab", 5)
    assert there == ["Line 2, ledger account", "Narration", "Accept"]
    assert back == ["Narration", "Line 1, amount", "Line 1, ledger account", "Account on top", "Date of the voucher"]


def test_a_field_that_is_wrong_says_so_to_a_screen_reader(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5", "Enter")
        assert "ledger account" in typist.focus().accessibleDescription()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_fields_lie_over_their_line(qtbot: QtBot, folder: Path, look: str) -> None:
    with at_work(qtbot, folder, look=look) as typist:
        typist.press("F7").entry("pow").entry("50")
        table = typist.page.sheet.table
        row = table.visualRect(table.lines.index(1, 1))
        assert row.contains(table.account.geometry().center())
        assert table.visualRect(table.lines.index(1, 3)).contains(table.amount.geometry().center())


def test_the_page_reads_from_right_to_left(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F7").entry("pow").entry("50")
        typist.window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        qtbot.wait(20)
        table = typist.page.sheet.table
        assert table.amount.geometry().center().x() < table.account.geometry().center().x()
        assert not typist.window.grab().isNull()


def test_the_lines_are_a_model_qt_accepts(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F7").entry("pow").entry("50")
        model = typist.page.sheet.table.lines
        assert isinstance(model, LinesModel)
        tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        typist.press("Up", "Down", "Ctrl+D")
        assert tester.model() is model


def test_a_key_costs_no_disk(qtbot: QtBot, folder: Path) -> None:
    """Between two presses nothing is asked of the worker but the draft, which waits until typing pauses."""
    with at_work(qtbot, folder) as typist:
        typist.press("F7").entry("pow")
        typist.type("1234567")
        assert not typist.window.desk.background.is_busy
