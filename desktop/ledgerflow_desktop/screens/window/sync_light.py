"""The light at the bottom of the window: how sync stands, in one of four words. A click opens the Sync page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.line.words import TONES, light_words, reason_words, status_words


class SyncLight(QPushButton):
    """Shown only while a company is open that syncs."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setProperty("role", "light")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        desk.line.changed.connect(self._show_state)
        self._show_state()

    def _show_state(self) -> None:
        state = self._desk.line.state
        self.setVisible(state.is_enrolled)
        if not state.is_enrolled:
            return
        self.setText("● " + light_words(state, self._desk.machine))
        self.setToolTip(reason_words(state) or self.tr("Open the Sync page"))
        self.setAccessibleName(self.tr("Sync: {0}").format(status_words(state.status)))
        tone = TONES[state.status]
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)
