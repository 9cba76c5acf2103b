"""Lines in columns of text as Qt wants them, for a `LineTable`."""

from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
Line = TypeVar("Line")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class LineModel(QAbstractTableModel, Generic[Line]):
    """One row for each of `lines`; `heads` over the columns, those of `figures` to the right; `text` fills them."""

    def __init__(
        self, heads: Sequence[str], figures: Collection[int], text: Callable[[Line, int], str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.lines: Sequence[Line] = ()
        self._heads, self._figures, self._said = heads, figures, text

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._heads)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:  # fmt: skip
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in self._figures else None
        return self._heads[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line, column = self.lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._said(line, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._heads[column]}: {self._said(line, column)}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column in self._figures else None
            case _:
                return None
