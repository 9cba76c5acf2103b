"""The rows of a report for Qt: a tree in memory, or a long report of which only what is looked at is read."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ledgerflow_core.reports.report_table import ReportTable, Row
from ledgerflow_desktop.screens.reports.cells import Cells
from ledgerflow_desktop.screens.reports.state import OpenRows

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

# Lines read at once, and how many such windows are kept: what a few screens show, not a book.
WINDOW = 200
_KEPT = 30
_WAITING_MAX = 3


class ReportModel(QAbstractTableModel):
    """What both kinds have in common. A row that is not here yet is None."""

    def __init__(self, table: ReportTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cells = Cells(table)
        self.table = table

    def row_at(self, at: int) -> Row | None:
        """Return the row shown on a line; None while it is being read."""
        raise NotImplementedError

    def is_closed(self, at: int) -> bool | None:
        """Whether the line's rows below are put away; None where it has none."""
        return None

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.cells.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            row = self.row_at(index.row())
            return "…" if row is None else self.cells.text(row, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.cells.places[index.column()].is_figure)
        if role == Qt.ItemDataRole.ToolTipRole and not self.cells.places[index.column()].is_figure:
            row = self.row_at(index.row())
            return self.cells.text(row, index.column()) if row is not None else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.cells.places):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cells.places[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.cells.places[section].is_figure)
        return None


class TreeModel(ReportModel):
    """A report that is in memory whole: as many rows as the chart has accounts, not as many as vouchers."""

    def __init__(self, table: ReportTable, parent: QObject | None = None) -> None:
        super().__init__(table, parent)
        self.open_rows = OpenRows(table.rows)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.open_rows.shown)

    def row_at(self, at: int) -> Row | None:
        return self.table.rows[self.open_rows.shown[at]]

    def is_closed(self, at: int) -> bool | None:
        where = self.open_rows.shown[at]
        return self.open_rows.is_closed(where) if self.open_rows.has_below(where) else None

    def toggle(self, at: int) -> None:
        """Open or close the line."""
        self._changing(lambda: self.open_rows.toggle(self.open_rows.shown[at]))

    def toggle_all(self) -> None:
        """Show everything or the top alone."""
        self._changing(self.open_rows.toggle_all)

    def filter(self, text: str) -> None:
        """Show the lines that hold the text."""
        self._changing(lambda: self.open_rows.filter(text))

    def _changing(self, change: Callable[[], None]) -> None:
        self.beginResetModel()
        change()
        self.endResetModel()


class LongModel(ReportModel):
    """A report with a line for each voucher. `read(window)` asks for lines; they come by `take`.

    Windows lie side by side from line 0. An opening balance in `table` stands above line 0.
    """

    def __init__(
        self, table: ReportTable, lines: int, read: Callable[[int], None], parent: QObject | None = None
    ) -> None:
        super().__init__(table, parent)
        self._lines = lines
        self._read = read
        self._windows: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._waiting: OrderedDict[int, None] = OrderedDict()
        self._found: list[Row] | None = None

    @property
    def rows_in_memory(self) -> int:
        """How many lines are held."""
        return sum(map(len, self._windows.values()))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        if parent.isValid():
            return 0
        return self._lines + len(self.table.rows) if self._found is None else len(self._found)

    def row_at(self, at: int) -> Row | None:
        if self._found is not None:
            return self._found[at]
        above = len(self.table.rows)
        if at < above:
            return self.table.rows[at]
        window, inside = divmod(at - above, WINDOW)
        rows = self._windows.get(window)
        if rows is None:
            self._ask(window)
            return None
        return rows[inside] if inside < len(rows) else None

    def wants(self, window: int) -> bool:
        """Whether a window asked for is still waited for: one scrolled past is not worth reading."""
        return window in self._waiting

    def take(self, window: int, rows: Sequence[Row]) -> None:
        """Take lines that were read."""
        self._waiting.pop(window, None)
        self._windows[window] = rows
        self._windows.move_to_end(window)
        while len(self._windows) > _KEPT:
            self._windows.popitem(last=False)
        if self._found is None and rows:
            first = window * WINDOW + len(self.table.rows)
            last = min(first + len(rows), self.rowCount()) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    def show_found(self, rows: list[Row] | None) -> None:
        """Show these lines alone, or all of them again with None."""
        self.beginResetModel()
        self._found = rows
        self.endResetModel()

    def add_found(self, rows: Sequence[Row]) -> None:
        """Show more lines below those found."""
        if self._found is not None and rows:
            first = len(self._found)
            self.beginInsertRows(_NOWHERE, first, first + len(rows) - 1)
            self._found += rows
            self.endInsertRows()

    def _ask(self, window: int) -> None:
        if window in self._waiting:
            return
        self._waiting[window] = None
        while len(self._waiting) > _WAITING_MAX:
            self._waiting.popitem(last=False)
        self._read(window)


def _alignment(is_figure: bool) -> int:
    side = Qt.AlignmentFlag.AlignTrailing if is_figure else Qt.AlignmentFlag.AlignLeading
    return int(side | Qt.AlignmentFlag.AlignVCenter)
