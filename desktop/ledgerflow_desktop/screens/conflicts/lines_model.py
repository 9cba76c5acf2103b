"""The lines of the list of conflicts as Qt wants them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from ledgerflow_desktop.actions.conflict_list import Listed
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.conflicts.state import Money, headline, who_words, why
from ledgerflow_desktop.screens.words import short_date

Index = QModelIndex | QPersistentModelIndex
AMOUNT, EFFECT = 5, 6
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


class ConflictModel(QAbstractTableModel):
    """One row for each conflict. `moment` writes the time an office's event was taken."""

    def __init__(self, money: Money, moment: Callable[[str], str], parent: QObject) -> None:
        super().__init__(parent)
        self._money, self._moment = money, moment
        self.lines: Sequence[Listed] = ()
        translate = QCoreApplication.translate
        self._heads = (
            translate("Conflicts", "Arrived"), translate("Conflicts", "From"), translate("Conflicts", "What"),
            translate("Conflicts", "Date"), translate("Conflicts", "Party"), translate("Conflicts", "Amount"),
            translate("Conflicts", "Would move"), translate("Conflicts", "Why it waits"),
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
            return _RIGHT if section in (AMOUNT, EFFECT) else None
        return self._heads[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        one, column = self.lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(one, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{self._heads[column]}: {self._text(one, column)}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column in (AMOUNT, EFFECT) else None
            case _:
                return None

    def _text(self, one: Listed, column: int) -> str:
        return (
            self._moment(one.at),
            who_words(one.office),
            headline(one),
            "" if one.day is None else short_date(one.day),
            visible(one.party),
            "" if one.amount is None else self._money.plain(one.amount),
            self._money.plain(one.effect) if one.effect else "–",
            why(one),
        )[column]
