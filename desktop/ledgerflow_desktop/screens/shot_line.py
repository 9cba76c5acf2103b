"""The line in pictures: the sample in two offices, with an invoice both altered and a line that is cut."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.settings.machine import Machine

_PATIENCE_SECONDS = 60.0


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


def take_pages(window: MainWindow, meeting: Meeting, take: Callable[[str], None]) -> None:
    """Take the Sync page in order and without a line, the list of what waits, and both versions of one of it."""
    navigation, line = window.navigation, window.desk.line
    window.desk.trial_line = meeting.line
    _wait_for(window, Status.ATTENTION)
    navigation.open(ShowSync())
    take("sync")
    navigation.open(ShowConflicts())
    take("conflicts")
    QTest.keyClick(navigation.front.first_focus(), Qt.Key.Key_Return)
    take("conflict-sides")
    front = navigation.front_destination
    assert isinstance(navigation.front, SidesPage) and isinstance(front, DecideConflict)
    navigation.replace(CorrectVoucher(front.conflict))
    take("conflict-correct")
    navigation.back_to(navigation.pages[0])
    meeting.line.cut()
    line.wake()
    _wait_for(window, Status.WAITING)
    navigation.open(ShowSync())
    take("sync-waiting")
    navigation.back_to(navigation.pages[0])
    meeting.line.mend()
    line.wake()
    _wait_for(window, Status.ATTENTION)


def _wait_for(window: MainWindow, status: Status) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while (now := window.desk.line.state.status) is not status:
        assert time.monotonic() < end, f"still {now}, not {status}"
        QTest.qWait(20)
