"""A question on the page itself, above its content, answered by a key: nothing pops up over what is looked at."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE


class Banner(QFrame):
    """A line above the content that offers something: take it, or drop it. Both have keys of their own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self.take, self.drop = QPushButton(self), QPushButton(self)
        self.drop.setProperty("role", "flat")
        self._take_shortcut, self._drop_shortcut = QShortcut(self), QShortcut(self)
        self._take_shortcut.activated.connect(self._take)
        self._drop_shortcut.activated.connect(self._drop)
        self._on_take: Callable[[], object] = bool
        self._on_drop: Callable[[], object] = bool
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.wide, SPACE.medium, SPACE.medium, SPACE.medium)
        row.addWidget(self._words, 1)
        for button, act in ((self.take, self._take), (self.drop, self._drop)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)
            row.addWidget(button)
        self.hide()

    def words(self) -> str:
        """Return what is offered."""
        return self._words.text() if not self.isHidden() else ""

    def offer(
        self, words: str, take: str, drop: str, *, on_take: Callable[[], object], on_drop: Callable[[], object]
    ) -> None:  # fmt: skip
        """Show an offer; the letters after `&` in the two answers are their keys, with Alt."""
        self._words.setText(words)
        self.setAccessibleName(words)
        for button, shortcut, text in (
            (self.take, self._take_shortcut, take),
            (self.drop, self._drop_shortcut, drop),
        ):
            button.setText(text)
            button.setAccessibleName(text.replace("&", ""))
            # A button's own key clicks a tenth of a second later; nobody who types waits for that.
            button.setShortcut(QKeySequence())
            shortcut.setKey(QKeySequence.mnemonic(text))
            shortcut.setEnabled(True)
        self._on_take, self._on_drop = on_take, on_drop
        self.show()

    def withdraw(self) -> None:
        """Offer nothing any more."""
        self._take_shortcut.setEnabled(False)
        self._drop_shortcut.setEnabled(False)
        self.hide()

    def _take(self) -> None:
        self.withdraw()
        self._on_take()

    def _drop(self) -> None:
        self.withdraw()
        self._on_drop()
