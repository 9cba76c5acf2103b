"""The pictures show vouchers as they are at work, and nothing of the machine they are taken on."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.screens.office import office
from ledgerflow_desktop.screens.shot_vouchers import HALF_WAY, leave_without_draft, type_half_way
from ledgerflow_desktop.screens.shots import Album


def test_the_vouchers_of_the_pictures_are_half_way(qtbot: QtBot) -> None:
    with office(qtbot) as desk:
        desk.press("S")
        qtbot.waitUntil(lambda: desk.desk.company is not None, timeout=30_000)
        desk.settle()
        seen = {}
        for shot in (*HALF_WAY, HALF_WAY[0]):
            page = type_half_way(desk.window, shot, desk.settle)
            assert page.form is not None
            assert page.sheet.banner.words() == ""
            seen[shot.name] = (
                len([line for line in page.form.content.lines if line.account]),
                len([bill for line in page.form.content.lines for bill in line.bills if bill.amount.value]),
                len(page.form.problems()) if shot.is_accepted else 0,
            )
            leave_without_draft(desk.window, page)
            desk.settle()
    assert seen == {"receipt-two-bills": (1, 2, 0), "journal-lines": (5, 0, 0), "payment-problems": (2, 0, 2)}


def test_no_folder_of_the_machine_is_in_a_picture(qtbot: QtBot, tmp_path: Path) -> None:
    with office(qtbot) as desk:
        here = tmp_path / "scratch"
        desk.desk.preferences = desk.desk.preferences.with_recent(here / "Sample.ledgerflow", "Sample", "2026-11-21")
        desk.window.start()
        album = Album(desk.window, desk.desk.machine, tmp_path, here)
        album.suffix = "now"
        album.take("welcome")
        shown = [label.text() for label in desk.window.findChildren(type(desk.window.status_bar._who))]
        assert "~/Documents/LedgerFlow/Sample.ledgerflow" in shown
        assert not any(str(tmp_path) in text for text in shown)
        assert (tmp_path / "welcome-now.png").is_file()
