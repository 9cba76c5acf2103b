"""Creating, opening and importing by keyboard, with every problem said where it is."""

import tempfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.screens.office import PASSPHRASE, books, office, watched_actions
from ledgerflow_desktop.screens.companies.backup_page import BackupPage
from ledgerflow_desktop.screens.companies.create_page import CreatePage
from ledgerflow_desktop.screens.companies.import_page import ImportPage
from ledgerflow_desktop.screens.companies.recovery_page import RecoveryPage
from ledgerflow_desktop.screens.companies.restore_page import RestorePage
from ledgerflow_desktop.screens.companies.state import wait_seconds
from ledgerflow_desktop.screens.companies.unlock_page import UnlockPage
from ledgerflow_desktop.screens.destinations import ImportFiles, Unlock
from ledgerflow_desktop.settings.preferences import Preferences

LINES = """\
{"kind": "account", "id": "bank", "name": "Lake Bank", "group": ["Bank Accounts"], "opening": "100.00"}
{"kind": "account", "id": "cap", "name": "Capital", "group": ["Capital Account"], "opening": "-100.00"}
"""


def test_everything_wrong_is_said_at_once_beside_its_field(qtbot: QtBot, tmp_path: Path) -> None:
    with office(qtbot) as desk:
        desk.press("C")
        page = desk.front
        assert isinstance(page, CreatePage)
        editor = page.fields["currency"].editor
        assert isinstance(editor, QLineEdit)
        editor.setText("rupee")
        desk.press("Ctrl+A")
        wrong = {name for name, field in page.fields.items() if field.problem}
        assert wrong == {"name", "currency", "passphrase"}
        assert page.fields["name"].editor.hasFocus()


def test_a_company_is_created_its_code_kept_and_opened_by_keyboard(qtbot: QtBot, tmp_path: Path) -> None:
    with office(qtbot) as desk, watched_actions() as slow:
        desk.press("C")
        page = desk.front
        assert isinstance(page, CreatePage)
        folder = page.fields["folder"].editor
        assert isinstance(folder, QLineEdit)
        folder.setText(str(tmp_path))
        desk.type("River Goods")
        for name in ("passphrase", "again"):
            page.fields[name].editor.setFocus()
            desk.type(PASSPHRASE)
        desk.press("Ctrl+A")
        assert isinstance(desk.front, RecoveryPage)
        desk.press("Escape", "F3")
        assert isinstance(desk.front, RecoveryPage)
        desk.navigation.back_to(desk.navigation.pages[0])
        assert isinstance(desk.front, RecoveryPage)
        assert "Tick" in desk.front._said.text()
        desk.press("Ctrl+A")
        assert isinstance(desk.front, RecoveryPage)
        desk.press("Space", "Ctrl+A")
        assert desk.front.title() == "River Goods"
        assert desk.desk.preferences.recent[0].name == "River Goods"
        assert (tmp_path / "River Goods.ledgerflow").is_dir()
    assert slow == []


def test_a_wrong_passphrase_is_said_and_the_right_one_opens(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.navigation.open(Unlock(path))
        desk.settle()
        page = desk.front
        assert isinstance(page, UnlockPage)
        desk.type("wrong one")
        desk.press("Return")
        assert "does not open" in page.field.problem
        desk.type(PASSPHRASE)
        desk.press("Return")
        assert desk.front.title() == "Nila Stores"


def test_wrong_tries_wait_longer_and_longer() -> None:
    assert [wait_seconds(tries) for tries in (1, 2, 3, 4, 5, 8, 40)] == [0, 0, 1, 2, 4, 30, 30]


def test_the_third_wrong_try_has_to_wait(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with office(qtbot) as desk:
        desk.navigation.open(Unlock(path))
        desk.settle()
        page = desk.front
        assert isinstance(page, UnlockPage)
        for _ in range(3):
            page.key.setText("wrong one")
            desk.press("Return")
        assert not page.unlock_button.isEnabled()
        page._count_down()
        assert page.unlock_button.isEnabled()


def test_import_shows_its_proof_before_anything_is_written(qtbot: QtBot, tmp_path: Path) -> None:
    path, file = books(tmp_path), tmp_path / "books.jsonl"
    file.write_text(LINES, "utf-8")
    with office(qtbot) as desk, watched_actions() as slow:
        desk.open(path)
        desk.navigation.open(ImportFiles())
        page = desk.front
        assert isinstance(page, ImportPage)
        page.check([file])
        desk.settle()
        assert page.take.isVisible(), page._verdict.text()
        assert desk.desk.open_chart.account_named("Lake Bank") is None
        desk.press("Ctrl+A")
        assert desk.desk.open_chart.account_named("Lake Bank") is not None
        assert desk.window.status_bar.state_text().startswith("● Saved on this disk at")
    assert slow == []


def test_a_file_that_cannot_be_read_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    path, file = books(tmp_path), tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    with office(qtbot) as desk:
        desk.open(path)
        desk.navigation.open(ImportFiles())
        page = desk.front
        assert isinstance(page, ImportPage)
        page.check([file])
        desk.settle()
        assert "holiday.jpg" in page._verdict.text()
        assert not page.take.isVisible()


def test_recent_companies_are_one_key_away(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    known = Preferences().with_recent(path, "Nila Stores", "2026-11-21T06:00:00.000Z")
    with office(qtbot, preferences=known) as desk:
        desk.press("1")
        assert isinstance(desk.front, UnlockPage)
        assert QApplication.focusWidget() is desk.front.key


def test_a_company_is_backed_up_and_comes_back_elsewhere(qtbot: QtBot, tmp_path: Path) -> None:
    path, safe, new = books(tmp_path), tmp_path / "safe", tmp_path / "new"
    safe.mkdir()
    (tmp_path / "Nila Stores.ledgerflow").mkdir()  # something stands where the company would go
    with office(qtbot) as desk, watched_actions() as slow:
        desk.open(path)
        desk.press("K")
        page = desk.front
        assert isinstance(page, BackupPage)
        page.back_up(safe)
        desk.settle()
        assert page.said.text().startswith("Backed up and read back")
        desk.press("F3", "R")
        restore = desk.front
        assert isinstance(restore, RestorePage)
        (file,) = safe.iterdir()
        restore.look_at(file)
        desk.settle()
        restore._line(restore.folder).setText(str(tmp_path))
        desk.type("not the passphrase")
        desk.press("Ctrl+A")
        assert "Nila Stores" in restore.folder.problem
        restore._line(restore.folder).setText(str(new))
        desk.press("Ctrl+A")
        assert restore.key.problem
        restore._line(restore.key).setText(PASSPHRASE)
        desk.press("Ctrl+A")
        assert desk.front.title() == "Nila Stores"
        assert desk.desk.company is not None
    assert slow == []


@pytest.mark.parametrize("end", ["F3", "close"])
def test_the_sample_company_says_that_it_goes_and_is_gone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with office(qtbot) as desk:
        desk.press("S")
        qtbot.waitUntil(lambda: desk.desk.company is not None, timeout=30_000)
        desk.settle()
        assert "thrown away" in desk.window.status_bar.state_text()
        assert len(list(tmp_path.glob("ledgerflow-sample-*/Sample*"))) == 1
        if end == "F3":
            desk.press("F3")
        else:
            desk.window.close()
        assert list(tmp_path.iterdir()) == []
