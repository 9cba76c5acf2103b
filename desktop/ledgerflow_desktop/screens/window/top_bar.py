"""The bar at the top: where one is, step by step, and the door to everywhere else."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE


class TopBar(QFrame):
    """The breadcrumb and the search button. A step of the breadcrumb leads back to its page."""

    step_chosen = Signal(int)
    go_to_requested = Signal()

    def __init__(self, go_to_key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setFixedHeight(52)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.wide, 0, SPACE.wide, 0)
        row.setSpacing(SPACE.wide)
        self._steps = QHBoxLayout()
        self._steps.setSpacing(0)
        row.addLayout(self._steps)
        row.addStretch(1)
        self._period = QLabel(self)
        self._period.setProperty("role", "quiet")
        self._period.setAccessibleName(self.tr("Period"))
        row.addWidget(self._period)
        self.search = QPushButton(self.tr("Go to…      {0}").format(go_to_key), self)
        self.search.setProperty("role", "search")
        self.search.setMinimumWidth(220)
        self.search.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.search.setAccessibleName(self.tr("Go to"))
        self.search.clicked.connect(self.go_to_requested)
        row.addWidget(self.search)

    def show_steps(self, titles: Sequence[str], period: str) -> None:
        """Show the titles of the open pages, the front one last."""
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for at, title in enumerate(titles):
            here = at == len(titles) - 1
            if at:
                between = QLabel("›", self)
                between.setProperty("role", "crumb")
                self._steps.addWidget(between)
            if here:
                label = QLabel(title, self)
                label.setProperty("role", "crumb-here")
                label.setContentsMargins(SPACE.medium, 0, 0, 0)
                self._steps.addWidget(label)
            else:
                button = QPushButton(title, self)
                button.setProperty("role", "flat")
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.setAccessibleName(self.tr("Back to {0}").format(title))
                button.clicked.connect(partial(self.step_chosen.emit, at))
                self._steps.addWidget(button)
        self._period.setText(period)
