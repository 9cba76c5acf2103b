"""The pictures show vouchers as they are at work, and nothing of the machine they are taken on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.screens.line_server import line_server
from desktop.screens.office import office
from ledgerflow_core.identifiers import CompanyId, named
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions.line_facts import LineFacts
from ledgerflow_desktop.sample.trial_line import TrialLine
from ledgerflow_desktop.sample.trial_server import TrialServer
from ledgerflow_desktop.sample.two_offices import Meeting
from ledgerflow_desktop.screens import shot_connecting, shot_line
from ledgerflow_desktop.screens.companies.join_page import JoinPage
from ledgerflow_desktop.screens.destinations import OpenFromServer
from ledgerflow_desktop.screens.line.state import LineState
from ledgerflow_desktop.screens.shot_vouchers import HALF_WAY, leave_without_draft, type_half_way
from ledgerflow_desktop.screens.shots import Album
from ledgerflow_desktop.sync_client.progress import Progress

FACTS = LineFacts("https://h", "d", "", 0, 0, 9, "", 0, 0)
UP_TO_DATE = LineState(FACTS, Progress(Status.UP_TO_DATE))


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


def test_a_picture_is_taken_once_what_it_shows_has_stood_for_a_while(qtbot: QtBot, tmp_path: Path) -> None:
    said = [False] * 7 + [True] * 2 + [False]
    asked: list[bool] = []

    def stands() -> bool:
        asked.append(said[len(asked)] if len(asked) < len(said) else True)
        return asked[-1]

    with office(qtbot) as desk:
        album = Album(desk.window, desk.desk.machine, tmp_path, tmp_path / "scratch")
        album.suffix = "now"
        album.take("welcome", stands)
    assert asked == [*said, *[True] * 5]
    assert (tmp_path / "welcome-now.png").is_file()


@pytest.mark.parametrize(
    ("state", "is_at_rest"),
    [
        (LineState(), True),
        (LineState(FACTS), False),
        (UP_TO_DATE, True),
        (UP_TO_DATE.asked(), False),
        (UP_TO_DATE.knowing(replace(FACTS, conflicts=1)), True),
        (UP_TO_DATE.knowing(replace(FACTS, conflicts=1, pending=1)), False),
        (UP_TO_DATE.knowing(replace(FACTS, files_to_send=2)), False),
        (UP_TO_DATE.knowing(replace(FACTS, files_to_come=2)), False),
        (LineState(replace(FACTS, pending=3), Progress(Status.WAITING, "no-answer")), True),
    ],
)
def test_a_line_is_at_rest_where_nothing_moves_unless_it_waits(state: LineState, is_at_rest: bool) -> None:
    assert shot_line.is_at_rest(state) is is_at_rest


def test_the_page_of_joining_is_taken_empty_filled_in_and_refused(qtbot: QtBot) -> None:
    taken: dict[str, tuple[str, ...]] = {}
    with line_server(CompanyId(named("test", "company"))) as served, office(qtbot) as desk:

        def take(name: str, until: Callable[[], bool] = lambda: True, /) -> None:
            qtbot.waitUntil(until, timeout=30_000)
            page = desk.front
            assert isinstance(page, JoinPage)
            taken[name] = tuple(name for name, field in page.fields.items() if field.problem)

        shot_connecting.take_joining(desk.window, served.at.address, take)
    assert taken == {
        "from-server": (),
        "from-server-problems": ("url", "code", "name", "passphrase"),
        "from-server-filled": (),
        "from-server-refused": ("code",),
    }


def test_the_server_of_the_machine_is_in_no_picture(qtbot: QtBot, tmp_path: Path) -> None:
    with office(qtbot) as desk:
        line = TrialLine(1)
        album = Album(desk.window, desk.desk.machine, tmp_path, tmp_path / "scratch")
        album.meeting = Meeting(TrialServer(tmp_path / "server"), line, ("", ""))
        album.suffix = "now"
        desk.navigation.open(OpenFromServer())
        page = desk.front
        assert isinstance(page, JoinPage)
        address = page.fields["url"].editor
        assert isinstance(address, QLineEdit)
        address.setText(line.address)
        album.take("from-server")
        assert address.text() == "https://books.example.com:8443"
        album.meeting.end()
