"""Filtering a report with a line for each voucher: read through window by window, found lines shown as they come.

Each window is a piece of work of its own, so that whatever else is asked of the books comes in between.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject

from ledgerflow_core.reports.report_table import Row
from ledgerflow_desktop.actions import report_windows
from ledgerflow_desktop.screens.background import Task
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.reports.models import LongModel
from ledgerflow_desktop.screens.reports.state import Choice, holds
from ledgerflow_desktop.storage.book import Book

_AT_ONCE = 4_000
# More lines than this nobody reads: another letter is quicker.
_FOUND_MAX = 5_000


class LineSearch(QObject):
    """One search. `told(found, read, finished)` is called after every window."""

    def __init__(
        self,
        desk: Desk,
        choice: Choice,
        model: LongModel,
        lines: int,
        text: str,
        told: Callable[[int, int, bool], None],
    ) -> None:
        super().__init__(model)
        self._desk, self._choice, self._model, self._lines = desk, choice, model, lines
        self._text, self._told = text.strip().casefold(), told
        self._read = self._found = 0
        self._task: Task | None = None
        model.show_found([])
        self._next()

    def stop(self) -> None:
        """Search no further."""
        if self._task is not None:
            self._task.cancel()
        self.deleteLater()

    def _next(self) -> None:
        offset, choice, text = self._read, self._choice, self._text

        def look(book: Book) -> list[Row]:
            rows = report_windows.lines(book, choice.code, choice.options, offset=offset, limit=_AT_ONCE)
            return [row for row in rows if holds(row, text)]

        self._task = self._desk.work(self, look, self._take)

    def _take(self, rows: list[Row]) -> None:
        self._model.add_found(rows)
        self._read = min(self._read + _AT_ONCE, self._lines)
        self._found += len(rows)
        finished = self._read >= self._lines or self._found >= _FOUND_MAX
        self._told(self._found, self._read, finished)
        if not finished:
            self._next()
