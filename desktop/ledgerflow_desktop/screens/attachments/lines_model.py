"""The lines of a voucher's files as Qt wants them."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from ledgerflow_desktop.actions.attachments import Listed
from ledgerflow_desktop.screens.attachments.state import kind_text, name_text, size_text

Index = QModelIndex | QPersistentModelIndex
_SIZE = 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class FilesModel(QAbstractTableModel):
    """One row for each file."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lines: Sequence[Listed] = ()
        translate = QCoreApplication.translate
        self._here, self._to_come = "", translate("Files", "Not here yet")
        self._heads = (
            translate("Files", "File"), translate("Files", "Size"), translate("Files", "Kind"), "",
        )  # fmt: skip

    def show(self, lines: Sequence[Listed]) -> None:
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
            return _RIGHT if section == _SIZE else None
        return self._heads[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        text = self._text(self.lines[index.row()], index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return text
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._heads[index.column()]}: {text}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if index.column() == _SIZE else None
            case _:
                return None

    def _text(self, one: Listed, column: int) -> str:
        state = self._here if one.is_here else self._to_come
        return (name_text(one), size_text(one.attachment.size), kind_text(one), state)[column]
