"""What a page is given of its surroundings: the open company, the worker thread, the keys, the preferences."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from ledgerflow_core.calendar import Period
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.screens.background import Background, Failed, Task
from ledgerflow_desktop.screens.keyboard_map import KeyboardMap
from ledgerflow_desktop.screens.line.keeper import Arrived, LineKeeper
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.settings.preferences import Preferences
from ledgerflow_desktop.storage.book import Book

Value = TypeVar("Value")


class TrialLine(Protocol):
    """A line to a server on this machine that may be cut on purpose."""

    @property
    def is_cut(self) -> bool: ...

    def cut(self) -> None: ...

    def mend(self) -> None: ...


class Desk(QObject):
    """One person at work. The book itself is handed only to work on the worker thread.

    `company` and `chart` are what the open company looked like after the last change: a snapshot for the GUI
    thread, replaced and never altered, so that reading it needs no lock. Both are None while none is open.
    """

    changed = Signal(object)  # Changed: after an action that altered the books, before its `on_done`
    company_closing = Signal()  # the open company is about to be closed, and can still be written to
    company_changed = Signal()  # another company is open, or none
    saved = Signal()  # something was written and is on the disk
    failed = Signal(object)  # LedgerFlowError that no page took

    def __init__(self, machine: Machine, preferences: Preferences, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.machine = machine
        self.preferences = preferences
        self.background = Background(self)
        # For what waits for a network and needs no book: neither typing nor the end of the program waits with it.
        self.network = Background(self)
        self.line = LineKeeper(self.background, machine, self)
        self.line.arrived.connect(self._arrived)
        self.keys = KeyboardMap(preferences.keyboard)
        self.company: Company | None = None
        self.chart: Chart | None = None
        self.period: Period | None = None
        self.is_writable = False
        self.destinations: frozenset[type] = frozenset()  # what there are pages for
        self.trial_line: TrialLine | None = None  # a line this program made to try things out on
        self._book: Book | None = None
        self._afterwards: Callable[[], None] | None = None

    @property
    def is_thrown_away(self) -> bool:
        """Whether the open company is gone when it is closed: the sample."""
        return self._afterwards is not None

    @property
    def open_company(self) -> Company:
        """The open company, for pages that only exist while one is."""
        assert self.company is not None, "no company is open"
        return self.company

    @property
    def open_chart(self) -> Chart:
        """The masters of the open company."""
        assert self.chart is not None, "no company is open"
        return self.chart

    @property
    def open_period(self) -> Period:
        """The period that reports open with: the financial year of today until the user chooses another."""
        return self.period or self.open_company.financial_year.year_of(self.machine.today())

    def work(
        self,
        owner: QObject,
        action: Callable[[Book], Value],
        on_done: Callable[[Value], None],
        on_failed: Failed | None = None,
    ) -> Task:
        """Do an action on the open book, off the GUI thread. An `Outcome` that changed something is announced."""
        return self.work_long(owner, lambda book, _: action(book), on_done, on_failed)

    def work_long(
        self,
        owner: QObject,
        action: Callable[[Book, Task], Value],
        on_done: Callable[[Value], None],
        on_failed: Failed | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Task:
        """Do an action that says how far it is and asks whether to go on; otherwise as `work`."""
        book = self._book
        assert book is not None, "no company is open"

        def act(task: Task) -> tuple[Value, Company, Chart | None]:
            value = action(book, task)
            moved = isinstance(value, Outcome) and Changed.MASTERS in value.changed
            return value, book.company, _snapshot(book.chart) if moved else None

        def done(answer: tuple[Value, Company, Chart | None]) -> None:
            value, company, chart = answer
            if self._book is book and isinstance(value, Outcome) and value.changed is not Changed.NOTHING:
                self.company, self.chart = company, chart or self.chart
                self.saved.emit()
                self.line.wake()
                self.changed.emit(value.changed)
            on_done(value)

        return self.background.run_long(owner, act, done, on_failed or self._fail, on_progress)

    def run(
        self,
        owner: QObject,
        action: Callable[[], Value],
        on_done: Callable[[Value], None],
        on_failed: Failed | None = None,
    ) -> Task:
        """Do something off the GUI thread that needs no open book."""
        return self.background.run(owner, action, on_done, on_failed or self._fail)

    def open(
        self,
        owner: QObject,
        opening: Callable[[], Book],
        on_done: Callable[[], None],
        on_failed: Failed | None = None,
        afterwards: Callable[[], None] | None = None,
    ) -> Task:
        """Open a book and make it the one that is worked on; the one before is closed when that succeeded.

        `afterwards` is done when this book is closed, on the worker thread: throwing it away.
        """

        def act() -> tuple[Book, Chart]:
            book = opening()
            return book, _snapshot(book.chart)

        def done(answer: tuple[Book, Chart]) -> None:
            self._close_book()
            self._book, self.chart = answer
            self._afterwards = afterwards
            self.company, self.period = self._book.company, None
            self.is_writable = self._book.writable
            self.line.begin(self._book)
            self.company_changed.emit()
            on_done()

        return self.background.run(owner, act, done, on_failed or self._fail)

    def take_up_line(self) -> None:
        """Begin to sync the open company, which was enrolled just now."""
        assert self._book is not None, "no company is open"
        self.line.end()  # a line it had, under what it was before
        self.line.begin(self._book)

    def close_company(self) -> None:
        """Close the open book, if any; the worker does it after what it was asked before."""
        if self._close_book():
            self.company = self.chart = self.period = None
            self.company_changed.emit()

    def _close_book(self) -> bool:
        """Let the pages keep what was typed, then drop the book; False where there is none."""
        if self._book is None:
            return False
        self.company_closing.emit()
        self.line.end()
        book, afterwards = self._book, self._afterwards
        self._book = self._afterwards = None

        def act() -> None:
            book.close()
            if afterwards is not None:
                afterwards()

        self.run(self, act, lambda _: None)
        return True

    def keep_preferences(self, preferences: Preferences) -> None:
        """Work with other preferences from now on, and write them to the disk."""
        self.preferences = preferences
        if preferences.keyboard != self.keys.name:
            self.keys = KeyboardMap(preferences.keyboard)
        self.run(self, preferences.write, lambda _: None)

    def shut_down(self) -> None:
        """Close the company and end the worker thread. Waits for both: the end of the program."""
        self.close_company()
        self.line.finish()
        self.network.leave()
        self.background.stop()

    def _arrived(self, arrived: Arrived) -> None:
        """Show what came from other offices; nothing of it was saved here just now."""
        self.company, self.chart = arrived.company, arrived.chart
        self.changed.emit(arrived.changed)

    def _fail(self, error: LedgerFlowError) -> None:
        self.failed.emit(error)


def _snapshot(chart: Chart) -> Chart:
    return Chart(list(chart.masters.values()))
