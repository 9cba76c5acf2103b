"""The window: one step back at a time, a name for everything, and an honest word on the state of the books."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.screens.office import books, office
from ledgerflow_core.reports.catalogue import REPORTS
from ledgerflow_desktop.screens.destinations import CreateCompany, Destination, ImportFiles, ShowReport
from ledgerflow_desktop.screens.window.key_bar import KeyHint

NAMED = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit)


def nameless(window: QWidget) -> list[str]:
    found = []
    for widget in window.findChildren(QWidget):
        is_own = not widget.objectName().startswith("qt_") and "QLineEditIconButton" not in type(widget).__name__
        if isinstance(widget, NAMED) and is_own and widget.isVisible():
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not (widget.accessibleName() or text):
                found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def test_escape_takes_one_step_back_and_stops_at_the_gateway(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("B")
        assert [page.title() for page in desk.navigation.pages] == ["Nila Stores", "Balance Sheet"]
        desk.press("Escape", "Escape")
        assert [page.title() for page in desk.navigation.pages] == ["Nila Stores"]


def test_f3_closes_the_company_and_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        assert desk.window.status_bar.state_text() == "● Everything is saved on this disk"
        desk.press("F3")
        assert desk.front.title() == "Companies"
        assert desk.window.status_bar.state_text() == "No company open"


@pytest.mark.parametrize("code", [code for code, report in REPORTS.items() if not report.required])
def test_every_report_opens_and_every_widget_has_a_name(qtbot: QtBot, tmp_path: Path, code: str) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.navigation.open(ShowReport(code))
        desk.settle()
        assert desk.front.title() == REPORTS[code].title
        assert not desk.report._problem.isVisible()
        assert nameless(desk.window) == []


@pytest.mark.parametrize("destination", [CreateCompany()])
def test_every_widget_of_a_form_has_a_name(qtbot: QtBot, destination: Destination) -> None:
    with office(qtbot) as desk:
        desk.navigation.open(destination)
        assert nameless(desk.window) == []


def test_the_tab_key_walks_a_form_in_the_order_it_is_read(qtbot: QtBot) -> None:
    with office(qtbot) as desk:
        desk.navigation.open(CreateCompany())
        seen = []
        for _ in range(10):
            focus = QApplication.focusWidget()
            seen.append(focus.accessibleName() or focus.text())
            desk.press("Tab")
        assert seen == [
            "Name", "Country", "State", "Currency", "Year begins on", "Books begin on", "Kept in the folder",
            "Passphrase", "Passphrase again", "Create",
        ]  # fmt: skip


def test_the_look_changes_with_one_key_and_is_kept(qtbot: QtBot) -> None:
    with office(qtbot) as desk:
        desk.press("Ctrl+Shift+D")
        assert desk.desk.look.is_dark
        assert desk.desk.preferences.look == "dark"
        desk.press("Ctrl+Shift+D")
        assert not desk.desk.look.is_dark


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_help_lists_every_key_and_finds_one(qtbot: QtBot) -> None:
    with office(qtbot) as desk:
        desk.press("F1")
        card = QApplication.activeModalWidget()
        assert card is not None and nameless(card) == []
        card.close()


def test_everything_stands_the_other_way_round_for_right_to_left(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        with office(qtbot) as desk:
            desk.open(path)
            desk.press("T")
            assert desk.window.key_bar.mapTo(desk.window, desk.window.key_bar.rect().topLeft()).x() == 0
            heads = desk.report.view.table.horizontalHeader()
            assert heads.sectionViewportPosition(0) > heads.sectionViewportPosition(1)
            assert not desk.window.grab().isNull()
    finally:
        application.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_import_is_not_offered_without_a_company(qtbot: QtBot, tmp_path: Path) -> None:
    with office(qtbot) as desk:
        desk.press("Alt+O")
        assert desk.front.title() == "Companies"
        desk.open(books(tmp_path))
        desk.press("Alt+O")
        assert desk.front.title() == "Import files"
        assert ImportFiles in desk.desk.destinations


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_the_keys_of_a_voucher_are_all_in_the_bar_and_in_the_help(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        desk.press("F7")
        in_bar = {hint.accessibleName() for hint in desk.window.key_bar.findChildren(KeyHint)}
        desk.press("F1")
        card = QApplication.activeModalWidget()
        assert card is not None
        in_help = {label.text() for label in card.findChildren(QLabel)}
        card.close()
        for words, key in (
            ("Insert line", "Alt+I"), ("Line narration", "Ctrl+I"), ("Oldest bills first", "Alt+B"),
            ("Print voucher", "Alt+P"),
        ):  # fmt: skip
            assert f"{words}, {key}" in in_bar
            assert words in in_help
