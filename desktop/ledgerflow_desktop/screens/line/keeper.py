"""Keeps the open company in step with its server: a session while it is open, and what may be shown of it.

Everything here runs on the GUI thread and waits for nothing. What arrives from other offices is shown in pieces of
half a second, so that a long catching up does not redraw every page a thousand times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions.line_facts import LineFacts, line_facts
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.screens.background import Background
from ledgerflow_desktop.screens.line.state import LineState
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.sync_client.progress import Progress

_SHOW_AFTER_MS = 500
_END_SECONDS = 1.0


class Session(Protocol):
    """What the keeper needs of a `line.session.BookSession`."""

    def start(self) -> None: ...

    def wake(self) -> None: ...

    def end(self) -> None: ...

    def join(self, seconds: float) -> bool: ...

    def take_changed(self) -> Changed: ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came from other offices, and how the company and its masters stand now."""

    changed: Changed
    company: Company
    chart: Chart


@dataclass(frozen=True, slots=True)
class _Look:
    known: LineFacts | None
    arrived: Arrived | None


class LineKeeper(QObject):
    """The line of whichever company is open. `state` is replaced, never altered."""

    changed = Signal()  # `state` is another
    arrived = Signal(object)  # Arrived
    _told = Signal(object, object, object)

    def __init__(self, background: Background, machine: Machine, parent: QObject) -> None:
        super().__init__(parent)
        self._background, self._machine = background, machine
        self._book: Book | None = None
        self._session: Session | None = None
        self._ended: list[Session] = []
        self._last: Progress | None = None
        self.state = LineState()
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._show_soon = QTimer(self)
        self._show_soon.setSingleShot(True)
        self._show_soon.setInterval(_SHOW_AFTER_MS)
        self._show_soon.timeout.connect(self._look)

    def begin(self, book: Book) -> None:
        """Take up the line of a book that was opened, or that was enrolled just now."""
        self._book = book

        def act() -> tuple[LineFacts | None, Session | None, LedgerFlowError | None]:
            known = line_facts(book)
            try:
                return known, self._made(book) if known is not None and book.writable else None, None
            except LedgerFlowError as error:
                return known, None, error  # it syncs with a server all the same, and that is said with the reason

        def done(found: tuple[LineFacts | None, Session | None, LedgerFlowError | None]) -> None:
            known, session, trouble = found
            if self._book is not book or self._session is not None:
                return
            self._session = session
            self._show(LineState(known=known))
            if session is not None:
                session.start()
            if trouble is not None:
                self._failed(trouble)

        self._background.run(self, act, done, self._failed)

    def end(self) -> None:
        """Let go of the book: on return no session asks for it any more."""
        self._show_soon.stop()
        if self._session is not None:
            self._session.end()
            self._ended.append(self._session)
        self._book = self._session = self._last = None
        self._show(LineState())

    def finish(self) -> None:
        """Wait a moment for the threads of sessions that ended: for the end of the program."""
        self._ended = [session for session in self._ended if not session.join(_END_SECONDS)]

    def wake(self) -> None:
        """Sync now: something was posted, or somebody asked. What kept a session from being made may be over."""
        if self._session is not None:
            self._show(self.state.asked())
            self._session.wake()
            self._show_soon.start()
        elif self._book is not None and self.state.is_enrolled and not self.state.is_asked_for:
            self._show(self.state.asked())
            self.begin(self._book)

    def _made(self, book: Book) -> Session:
        # Loaded by the worker when it is first needed: it brings HTTP and TLS along.
        make: Callable[..., Session] = import_module("ledgerflow_desktop.screens.line.session").BookSession
        return make(self._background, book, self._machine, self._told.emit)

    def _hear(self, session: Session, progress: Progress, fault: Exception | None) -> None:
        if session is not self._session:
            return
        self._last = progress
        if progress.status is Status.UP_TO_DATE:
            self._look()  # shown once the file says so, too: something may wait for a decision
        else:
            self._show(self.state.heard(progress, self._machine.milliseconds()))
            if not self._show_soon.isActive():
                self._show_soon.start()
        if fault is not None:
            raise fault

    def _look(self) -> None:
        """Ask the worker how the book stands, and what came from elsewhere since the last look."""
        self._show_soon.stop()
        book, session, last = self._book, self._session, self._last
        if book is None or session is None:
            return

        def act() -> _Look:
            changed = session.take_changed()
            arrived = Arrived(changed, book.company, Chart(list(book.chart.masters.values())))
            return _Look(line_facts(book), arrived if changed is not Changed.NOTHING else None)

        def done(found: _Look) -> None:
            if self._book is not book:
                return
            if found.arrived is not None:
                self.arrived.emit(found.arrived)
            state = self.state.knowing(found.known)
            if last is self._last and last is not None and last.status is Status.UP_TO_DATE:
                state = state.heard(last, self._machine.milliseconds())
            self._show(state)

        self._background.run(self, act, done, self._failed)

    def _failed(self, error: LedgerFlowError) -> None:
        if self._book is not None:
            trouble = Progress(Status.ATTENTION, error.problems[0].code)
            self._show(self.state.heard(trouble, self._machine.milliseconds()))

    def _show(self, state: LineState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
