"""The sample company with a server beside it and a second office in a window of its own: `./dev run`.

The window is there at once, as without a server; the rest joins it when it is ready. Everything ends with the program.
"""

import tempfile
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.sample import two_offices
from ledgerflow_desktop.sample.trial_server import TrialServer
from ledgerflow_desktop.sample.two_offices import SECOND, Meeting
from ledgerflow_desktop.screens.background import Background
from ledgerflow_desktop.screens.destinations import OpenSample
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.wiring import build_window
from ledgerflow_desktop.storage.book import Book

_BESIDE = 48


class Trial(QObject):
    """Two offices of one sample. `stop` ends what it started."""

    def __init__(self, application: QApplication, window: MainWindow, folder: Path, *, offices: int) -> None:
        super().__init__(window)
        self._application, self._window, self._offices = application, window, offices
        self._desk = window.desk
        self._scratch = tempfile.TemporaryDirectory(prefix="ledgerflow-offices-", ignore_cleanup_errors=True)
        self._server = TrialServer(folder)
        self._meeting: Meeting | None = None
        self._is_enrolled = False
        self._has_joined = False
        self.second: MainWindow | None = None
        # Starting a server takes seconds in which the sample is made: not on the window's own worker.
        self._background = Background(self)
        at = self._desk.machine.timestamp()
        self._background.run(self, lambda: two_offices.meet(self._server, at), self._met, self._desk.failed.emit)
        self._desk.company_changed.connect(self._enrol)
        self._desk.line.changed.connect(self._join)

    def stop(self) -> None:
        """End the server and the line, and throw the second office's books away."""
        if self._meeting is not None:
            self._meeting.end()
        else:
            self._server.stop()
        self._background.stop()
        self._scratch.cleanup()

    def _met(self, meeting: Meeting) -> None:
        self._meeting = meeting
        self._desk.trial_line = meeting.line
        self._enrol()

    def _enrol(self) -> None:
        """Enrol the sample once it is open and the server is there, whichever was last."""
        meeting = self._meeting
        if meeting is None or self._is_enrolled or not self._desk.is_thrown_away or self._desk.company is None:
            return
        self._is_enrolled = True
        self._desk.work(
            self._window, lambda book: two_offices.enrol_first(book, meeting), lambda _: self._desk.take_up_line()
        )

    def _join(self) -> None:
        """Open the second office once the server has the books of the first."""
        meeting, status = self._meeting, self._desk.line.state.status
        if meeting is None or self._has_joined or self._offices < 2 or not self._desk.line.state.is_enrolled:
            return
        if status is not Status.UP_TO_DATE:
            return
        self._has_joined = True
        place = Path(self._scratch.name)
        machine = two_offices.office_machine(self._desk.machine, SECOND, place)
        window = self.second = build_window(self._application, machine, self._desk.preferences)
        window.desk.trial_line = meeting.line
        window.move(self._window.x() + _BESIDE, self._window.y() + _BESIDE)
        window.show()

        def opening() -> Book:
            passphrase = machine.random_bytes(16).hex()
            made = two_offices.join_second(place / "Sample", passphrase, meeting, machine)
            return companies.open_company(made, machine, passphrase=passphrase)

        window.desk.open(window, opening, lambda: None, afterwards=lambda: None)


def begin(application: QApplication, window: MainWindow, folder: Path, *, offices: int) -> Trial:
    """Open the sample in a window, with a server that keeps its data in `folder`, and the second office beside it."""
    trial = Trial(application, window, folder, offices=offices)
    application.aboutToQuit.connect(trial.stop)
    window.navigation.open(OpenSample())
    return trial
