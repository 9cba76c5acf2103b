"""The list that stands open beside a field: names, and behind each the figure one chooses by."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ledgerflow_desktop.screens.look.fonts import font
from ledgerflow_desktop.screens.look.tokens import SPACE, TYPE

_ROW_HEIGHT = 26
_DETAIL_ROLE = Qt.ItemDataRole.UserRole + 1
_FIGURE_ROLE = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: what it stands for, its name, a quiet word behind the name, and a figure at the right."""

    key: str
    text: str
    detail: str = ""
    figure: str = ""


class ChoiceModel(QAbstractListModel):
    """The choices of the moment."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.choices: Sequence[Choice] = ()

    def show(self, choices: Sequence[Choice]) -> None:
        """Show other choices."""
        self.beginResetModel()
        self.choices = choices
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        choice = self.choices[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return choice.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (choice.text, choice.detail, choice.figure) if part)
            case _ if role == _DETAIL_ROLE:
                return choice.detail
            case _ if role == _FIGURE_ROLE:
                return choice.figure
            case _:
                return None


class _ChoiceDelegate(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style = option.widget.style()
        option.text = ""
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        painter.save()
        area = option.rect.adjusted(SPACE.medium, 0, -SPACE.medium, 0)
        figure = str(index.data(_FIGURE_ROLE) or "")
        direction = option.widget.layoutDirection()
        begin, end = (
            QStyle.visualAlignment(direction, edge | Qt.AlignmentFlag.AlignVCenter)
            for edge in (Qt.AlignmentFlag.AlignLeading, Qt.AlignmentFlag.AlignTrailing)
        )
        # The style sheet fades the widget's own placeholder colour; the program's keeps its contrast.
        quiet, plain = QApplication.palette().placeholderText().color(), option.palette.text().color()
        painter.setFont(font())
        metrics = painter.fontMetrics()
        figure_width = metrics.horizontalAdvance(figure) + (SPACE.wide if figure else 0)
        name_area = _part(area, 0, area.width() - figure_width, option)
        painter.setPen(plain)
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, name_area.width())
        painter.drawText(name_area, begin, text)
        painter.drawText(area, end, figure)
        taken = metrics.horizontalAdvance(text) + SPACE.medium
        room = name_area.width() - taken
        detail = str(index.data(_DETAIL_ROLE) or "")
        if detail and room > 60:
            painter.setFont(font(TYPE.small))
            painter.setPen(quiet)
            small = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, room)
            painter.drawText(_part(area, taken, room, option), begin, small)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW_HEIGHT)


def _part(area: QRect, begin: int, width: int, option: QStyleOptionViewItem) -> QRect:
    """Return a stretch of a row, counted from where reading begins."""
    left = (
        area.right() - begin - width + 1 if option.direction is Qt.LayoutDirection.RightToLeft else area.left() + begin
    )
    return QRect(left, area.top(), width, area.height())


class ChoiceList(QListView):
    """The list. The keyboard stays in the field: it moves the list by `step`, the mouse by clicking."""

    picked = Signal(str)  # the key of the line the mouse chose

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("role", "menu")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_ChoiceDelegate(self))
        self._model = ChoiceModel(self)
        self.setModel(self._model)
        self.clicked.connect(lambda index: self.picked.emit(self._model.choices[index.row()].key))

    def show_choices(self, choices: Sequence[Choice], current: str | None = None, *, mark_first: bool = True) -> None:
        """Show other choices; the one with the key `current` is marked, else the first where that is wanted."""
        self._model.show(choices)
        at = next((row for row, choice in enumerate(choices) if choice.key == current), 0 if mark_first else -1)
        if choices and at >= 0:
            self.setCurrentIndex(self._model.index(at))

    def current(self) -> Choice | None:
        """Return the choice that Enter takes, None where none is marked."""
        at = self.currentIndex().row()
        return self._model.choices[at] if 0 <= at < len(self._model.choices) else None

    def step(self, rows: int) -> None:
        """Choose the line so many rows further down (or up)."""
        count = len(self._model.choices)
        if count:
            at = min(max(self.currentIndex().row() + rows, 0), count - 1)
            self.setCurrentIndex(self._model.index(at))

    def page_rows(self) -> int:
        """Return how many lines fit."""
        return max(self.viewport().height() // _ROW_HEIGHT - 1, 1)
