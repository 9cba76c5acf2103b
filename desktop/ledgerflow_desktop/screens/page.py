"""The contract of a page: one screen in the window's stack.

A page says its title and its commands; it opens another by `open_requested` with a destination and hands
back by `close_requested`. The page below is still there, as it was: `returned` tells it the result, `shown`
that it is in front again, so it can put the cursor back on the line it was left from. What an action
changed comes through `refresh`, in front or behind: a page behind may wait until it is shown.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import Destination
from ledgerflow_desktop.screens.keyboard_map import Command


class Page(QWidget):
    """One screen. Subclasses build their widgets in `__init__` and never wait there."""

    open_requested = Signal(object)  # Destination
    replace_requested = Signal(object)  # Destination: in place of this page
    close_requested = Signal(object)  # result for the page below, or None
    title_changed = Signal()
    commands_changed = Signal()
    busy_changed = Signal(bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.commands: list[QAction] = []
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    @property
    def is_held(self) -> bool:
        """Whether leaving now would lose what cannot be had again; `escape` then says what is to be done first."""
        return False

    def title(self) -> str:
        """Return what the breadcrumb says of this page, in the user's language."""
        raise NotImplementedError

    def first_focus(self) -> QWidget:
        """Return the widget that has the keyboard when the page is shown for the first time."""
        return self

    def shown(self) -> None:
        """Come to the front, for the first time or again."""

    def returned(self, result: object) -> None:
        """Take what the page that was opened from here hands back, before `shown`."""

    def refresh(self, changed: Changed) -> None:
        """Show again what an action changed."""

    def escape(self) -> bool:
        """Take one step back inside the page (close a list, clear a filter); False lets the page be left."""
        return False

    def leave(self) -> None:
        """Be taken from the stack for good: keep what was typed as a draft. Nothing may refuse."""

    def open(self, destination: Destination) -> None:
        """Ask the window to put another page on top."""
        self.open_requested.emit(destination)

    def close_with(self, result: object = None) -> None:
        """Ask the window to go back to the page below."""
        self.close_requested.emit(result)

    def command(self, command: Command, act: Callable[[], object], words: str = "") -> QAction:
        """Give a command of the keyboard map to this page: its key works while the page has the keyboard.

        It stands in the right-hand bar in the order of these calls; `words` replace those of the map.
        """
        keys = self.desk.keys
        action = QAction(words or keys.words(command), self)
        action.setShortcuts(keys.sequences(command))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setData(command)
        action.triggered.connect(lambda _checked=False: act())
        self.addAction(action)
        self.commands.append(action)
        return action
