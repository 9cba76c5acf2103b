"""The line in pictures: the sample in two offices, with an invoice both altered and a line that is cut."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.sample import story, trial_server, two_offices
from ledgerflow_desktop.sample.story import Offices
from ledgerflow_desktop.sample.trial_server import TrialServer
from ledgerflow_desktop.sample.two_offices import SECOND, Meeting
from ledgerflow_desktop.screens.conflicts.sides_page import SidesPage
from ledgerflow_desktop.screens.destinations import CorrectVoucher, DecideConflict, ShowConflicts, ShowSync
from ledgerflow_desktop.screens.line.state import LineState
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.settings.machine import Machine


class Take(Protocol):
    """Takes a picture of the window under a name, once the line is at rest and `until` is so."""

    def __call__(self, name: str, until: Callable[[], bool] = ..., /) -> None: ...


def is_at_rest(state: LineState) -> bool:
    """Whether a picture of the line shows what will stand: nothing is on its way, unless it waits for the server."""
    if state.known is None or state.status is Status.WAITING:
        return True
    left = state.known.pending + state.known.files_to_send + state.known.files_to_come
    return state.status is not Status.SYNCING and not left


def meet(sample: Path, passphrase: str, folder: Path, data: Path, machine: Machine) -> Meeting | None:
    """Bring the sample to where one thing waits for a decision; None where no server is installed."""
    if not trial_server.is_installed():
        return None
    meeting = two_offices.meet(TrialServer(data), machine.timestamp())
    try:
        far = replace(two_offices.office_machine(machine, SECOND, folder), user_name="ravi")
        with companies.open_company(sample, machine, passphrase=passphrase) as first:
            two_offices.enrol_first(first, meeting)
            two_offices.sync(first, patience=2)
            joined = two_offices.join_second(folder / "Second", passphrase, meeting, far)
            with companies.open_company(joined, far, passphrase=passphrase) as second:
                story.disagree(Offices(first, second, meeting), lambda _: None)
    except BaseException:
        meeting.end()
        raise
    return meeting


def meet_alone(sample: Path, passphrase: str, meeting: Meeting, machine: Machine) -> None:
    """Enrol one more company at the server, the only office of it, so that nothing waits for a decision."""
    codes = meeting.server.new_company(f"Alone {machine.timestamp()}")
    with companies.open_company(sample, machine, passphrase=passphrase) as book:
        two_offices.enrol_first(book, replace(meeting, codes=(codes[0], codes[1])))
        two_offices.sync(book, patience=2)


def take_pages(window: MainWindow, meeting: Meeting, take: Take) -> None:
    """Take the Sync page in order and without a line, the list of what waits, and both versions of one of it."""
    navigation, line = window.navigation, window.desk.line
    window.desk.trial_line = meeting.line

    def needs_attention() -> bool:
        return line.state.status is Status.ATTENTION

    navigation.open(ShowSync())
    take("sync", needs_attention)
    navigation.open(ShowConflicts())
    take("conflicts", needs_attention)
    QTest.keyClick(navigation.front.first_focus(), Qt.Key.Key_Return)
    take("conflict-sides", needs_attention)
    front = navigation.front_destination
    assert isinstance(navigation.front, SidesPage) and isinstance(front, DecideConflict)
    navigation.replace(CorrectVoucher(front.conflict))
    take("conflict-correct", needs_attention)
    navigation.back_to(navigation.pages[0])
    meeting.line.cut()
    line.wake()
    navigation.open(ShowSync())
    take("sync-waiting", lambda: line.state.status is Status.WAITING)
    navigation.back_to(navigation.pages[0])
    meeting.line.mend()
    line.wake()
    window.desk.trial_line = None


def take_in_order(window: MainWindow, take: Take) -> None:
    """Take the pages of sync of the open company, where everything is in order."""
    for name, page in (("sync-in-order", ShowSync()), ("conflicts-none", ShowConflicts())):
        window.navigation.open(page)
        take(name, lambda: window.desk.line.state.status is Status.UP_TO_DATE)
    window.navigation.back_to(window.navigation.pages[0])
