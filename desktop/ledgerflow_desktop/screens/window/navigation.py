"""The stack of open pages: opening puts one on top, Esc takes it off and the one below is as it was left."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import Destination
from ledgerflow_desktop.screens.page import Page

# Makes the page of a destination. The destination is of the class the factory is kept under.
PageFactory = Callable[[Desk, Any], Page]


class Navigation(QObject):
    """Pages on a stack. The bottom one is never left."""

    moved = Signal()  # another page is in front, or its title or commands are others

    def __init__(self, desk: Desk, factories: Mapping[type, PageFactory], stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._desk = desk
        self._factories = factories
        self._stack = stack
        self._pages: list[Page] = []
        self._left: set[Page] = set()
        self._destination_by_page: dict[Page, Destination] = {}
        self._focus_by_page: dict[Page, QWidget] = {}
        desk.changed.connect(self._refresh)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The open pages, the one in front last."""
        return tuple(self._pages)

    @property
    def front(self) -> Page:
        """The page in front."""
        return self._pages[-1]

    @property
    def front_destination(self) -> Destination:
        """What the page in front was opened for."""
        return self._destination_by_page[self.front]

    def knows(self, destination: type) -> bool:
        """Whether there is a page for a kind of destination."""
        return destination in self._factories

    def start(self, *destinations: Destination) -> None:
        """Leave everything that is open and begin again with these pages, the last in front."""
        left = self._pages
        self._pages = []
        for destination in destinations:
            self._pages.append(self._made(destination))
        self._bring_front(self.front.first_focus())
        for page in reversed(left):
            self._remove(page)

    def open(self, destination: Destination) -> None:
        """Put a page on top."""
        if self._pages:
            self._keep_focus()
        page = self._made(destination)
        self._pages.append(page)
        self._bring_front(page.first_focus())

    def replace(self, destination: Destination) -> None:
        """Put a page in the place of the front one, which keeps what was typed before the new one looks for it."""
        self._leave(self.front)
        page = self._made(destination)
        left = self._pages.pop()
        self._pages.append(page)
        self._bring_front(page.first_focus())
        self._remove(left)

    def back(self) -> None:
        """Take one step back: inside the page, or from it to the one below."""
        if not self.front.escape():
            self.close(self.front, None)

    def back_to(self, page: Page) -> None:
        """Take pages off until this one is in front."""
        while self.front is not page and len(self._pages) > 1:
            if self.front.is_held:
                self.front.escape()
                return
            self.close(self.front, None)

    def leave_all(self) -> None:
        """Let every page keep what was typed: the company they work in is about to be closed."""
        for page in reversed(self._pages):
            self._leave(page)

    def close(self, page: Page, result: object) -> None:
        """Take a page off the stack and tell the one below what came of it."""
        if len(self._pages) < 2 or page is not self.front:
            return
        self._pages.pop()
        below = self.front
        below.returned(result)
        self._bring_front(self._focus_by_page.pop(below) if below in self._focus_by_page else below.first_focus())
        self._remove(page)

    def _made(self, destination: Destination) -> Page:
        page = self._factories[type(destination)](self._desk, destination)
        self._destination_by_page[page] = destination
        page.open_requested.connect(self.open)
        page.replace_requested.connect(self.replace)
        page.close_requested.connect(lambda result, page=page: self.close(page, result))
        page.title_changed.connect(self.moved)
        page.commands_changed.connect(self.moved)
        self._stack.addWidget(page)
        return page

    def _bring_front(self, focus: QWidget) -> None:
        self._stack.setCurrentWidget(self.front)
        self.front.shown()
        focus.setFocus()
        self.moved.emit()

    def _leave(self, page: Page) -> None:
        if page not in self._left:
            self._left.add(page)
            page.leave()

    def _keep_focus(self) -> None:
        focus: QWidget | None = self.front.focusWidget()
        if focus is not None:
            self._focus_by_page[self.front] = focus

    def _remove(self, page: Page) -> None:
        self._leave(page)
        self._left.discard(page)
        self._destination_by_page.pop(page)
        self._focus_by_page.pop(page, None)
        self._stack.removeWidget(page)
        page.deleteLater()

    def _refresh(self, changed: Changed) -> None:
        for page in self._pages:
            page.refresh(changed)
