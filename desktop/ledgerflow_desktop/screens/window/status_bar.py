"""The line at the bottom: where the books stand, said honestly, and who works on which day."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.window.sync_light import SyncLight
from ledgerflow_desktop.screens.words import clock_time, long_date

# Work shorter than this is not worth a flicker.
_QUIET_MS = 200


class StatusBar(QFrame):
    """Saved means: written, and the disk has confirmed it."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._saved_at = ""
        self.setProperty("role", "status")
        self.setFixedHeight(30)
        self._state, self._who = QLabel(self), QLabel(self)
        self._state.setAccessibleName(self.tr("State of the books"))
        self._who.setAccessibleName(self.tr("Today and user"))
        self._who.setProperty("role", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.wide, 0, SPACE.wide, 0)
        row.addWidget(self._state)
        row.addStretch(1)
        self.light = SyncLight(desk, self)
        row.addWidget(self.light)
        row.addSpacing(SPACE.wide)
        row.addWidget(self._who)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_QUIET_MS)
        self._wait.timeout.connect(self._show_working)
        desk.saved.connect(self._note_saved)
        desk.company_changed.connect(self._opened)
        desk.background.busy_changed.connect(self._busy)
        self._opened()

    def state_text(self) -> str:
        """Return what is said of the books."""
        return self._state.text()

    def _opened(self) -> None:
        self._saved_at = ""
        self._show_state()

    def _note_saved(self) -> None:
        self._saved_at = clock_time(self._desk.machine)
        self._show_state()

    def _busy(self, busy: bool) -> None:
        if busy:
            self._wait.start()
        else:
            self._wait.stop()
            self._show_state()

    def _show_working(self) -> None:
        self._say(self.tr("Working…"), "quiet")

    def _show_state(self) -> None:
        self._who.setText(f"{long_date(self._desk.machine.today())}   ·   {self._desk.machine.user_name}")
        if self._desk.company is None:
            self._say(self.tr("No company open"), "quiet")
        elif not self._desk.is_writable:
            self._say(self.tr("Open for reading only"), "warning")
        elif self._desk.is_thrown_away:
            self._say(self.tr("Sample company: thrown away when it is closed"), "warning")
        elif self._saved_at:
            self._say(self.tr("● Saved on this disk at {0}").format(self._saved_at), "good")
        else:
            self._say(self.tr("● Everything is saved on this disk"), "good")

    def _say(self, text: str, role: str) -> None:
        self._state.setText(text)
        if self._state.property("role") != role:
            self._state.setProperty("role", role)
            self._state.style().polish(self._state)
