"""A mistake of the program is said in plain words, the books stay open, and nothing of them is in the text."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.screens.office import Office, books, office
from ledgerflow_desktop.screens.window.fault_card import FaultCard, Faults

SECRET = "Ashok Traders owes 12,345.67"


def fail() -> None:
    raise ValueError(SECRET)


def card_of(desk: Office) -> FaultCard:
    card = QApplication.activeModalWidget()
    assert isinstance(card, FaultCard)
    return card


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_a_mistake_in_a_slot_is_said_and_the_books_stay_open(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.open(path)
        faults = Faults(desk.window)
        monkeypatch.setattr(sys, "excepthook", faults.caught)
        for _ in range(3):
            QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
        qtbot.wait(20)
        card = card_of(desk)
        assert "Your books stay open" in card.said.text()
        card.copy.click()
        copied = QGuiApplication.clipboard().text()
        assert "ValueError" in copied and "test_fault_card.py" in copied and "fail" in copied
        assert "Ashok" not in copied and "12,345" not in copied
        assert str(Path(__file__).parents[3]) not in copied
        assert len(desk.window.findChildren(FaultCard)) == 1
        card.close()
        desk.window.activateWindow()
        qtbot.waitUntil(desk.window.isActiveWindow)
        desk.press("T")
        assert desk.front.title() == "Trial Balance"


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_a_mistake_on_the_worker_thread_is_said_as_well(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(qtbot) as desk:
        monkeypatch.setattr(sys, "excepthook", Faults(desk.window).caught)
        desk.desk.run(desk.window, fail, lambda _: None)
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
        card_of(desk).close()
        assert desk.front.title() == "Companies"
