"""The list that opens over the window: type, arrow, Enter."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ledgerflow_desktop.screens.go_to.state import Kind, Place
from ledgerflow_desktop.screens.look.fonts import font
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.look.tokens import RADIUS, SPACE, TYPE

_WIDTH, _HEIGHT, _ROW = 640, 440, 34
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_Index = QModelIndex | QPersistentModelIndex


class PlaceModel(QAbstractListModel):
    """The places found."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.places: list[Place] = []

    def show(self, places: Sequence[Place]) -> None:
        """Show other places."""
        self.beginResetModel()
        self.places = list(places)
        self.endResetModel()

    def add(self, places: Sequence[Place]) -> None:
        """Show more places below."""
        if places:
            self.beginInsertRows(QModelIndex(), len(self.places), len(self.places) + len(places) - 1)
            self.places += places
            self.endInsertRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        place = self.places[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return place.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (place.words, self.kind_words(place), place.keys) if part)
        return None

    def kind_words(self, place: Place) -> str:
        """Return what a place is, for its right-hand side."""
        words = {
            Kind.COMMAND: self.tr("Command"),
            Kind.SCREEN: self.tr("Screen"),
            Kind.REPORT: self.tr("Report"),
            Kind.VOUCHER_TYPE: self.tr("New voucher"),
            Kind.ACCOUNT: self.tr("Account"),
            Kind.GROUP: self.tr("Group"),
            Kind.VOUCHER: self.tr("Voucher"),
        }[place.kind]
        return f"{words} · {place.about}" if place.about else words


class PlaceDelegate(QStyledItemDelegate):
    """A place on one line: what it is called, what it is, and its key."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model, colours = index.model(), self._look.colours
        assert isinstance(model, PlaceModel)
        place = model.places[index.row()]
        rect: QRect = option.rect.adjusted(SPACE.small, 1, -SPACE.small, -1)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = state & QStyle.StateFlag.State_Selected
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection if chosen else colours.raised))
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        text = rect.adjusted(SPACE.large, 0, -SPACE.large, 0)
        left, right = Qt.AlignmentFlag.AlignLeading, Qt.AlignmentFlag.AlignTrailing
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(colours.text_quiet))
        painter.setFont(font(TYPE.small))
        aside = "   ".join(part for part in (model.kind_words(place), place.keys) if part)
        used = painter.fontMetrics().horizontalAdvance(aside) + SPACE.wide
        painter.drawText(text, int(right | middle), aside)
        painter.setPen(QColor(colours.text))
        painter.setFont(font())
        room = text.width() - used
        words = painter.fontMetrics().elidedText(place.words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(text, int(left | middle), words)
        painter.restore()


class GoToPopup(QFrame):
    """The box. `typed` asks for places; `chosen` says which one was taken."""

    typed = Signal(str)
    chosen = Signal(object)
    left = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._above = parent
        self.setProperty("role", "popup")
        self.field, self.list = QLineEdit(self), QListView(self)
        self.model = PlaceModel(self)
        self.field.setProperty("role", "palette")
        self.field.setPlaceholderText(self.tr("Report, account, voucher number or command"))
        self.field.setAccessibleName(self.tr("Go to"))
        self.field.textChanged.connect(self.typed)
        self.field.installEventFilter(self)
        self.list.setAccessibleName(self.tr("Places found"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(PlaceDelegate(look, self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.clicked.connect(lambda index: self._choose(index.row()))
        self._empty = QLabel(self.tr("Nothing is called that. Try fewer letters."), self)
        self._empty.setProperty("role", "quiet")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, SPACE.small)
        column.setSpacing(SPACE.small)
        column.addWidget(self.field)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 70))
        self.setGraphicsEffect(shadow)
        self.hide()

    def open(self, text: str = "") -> None:
        """Come up over the window with the keyboard in the field."""
        above = self._above
        width = min(_WIDTH, above.width() - 2 * SPACE.page)
        self.setGeometry((above.width() - width) // 2, 72, width, min(_HEIGHT, above.height() - 120))
        self.field.setText(text)
        self.typed.emit(text)
        self.show()
        self.raise_()
        self.field.setFocus()

    def leave(self) -> None:
        """Go away without choosing."""
        if self.isVisible():
            self.hide()
            self.left.emit()

    def show_places(self, places: Sequence[Place]) -> None:
        """Show what was found, the first one chosen."""
        self.model.show(places)
        self._show_state()

    def add_places(self, places: Sequence[Place]) -> None:
        """Show what was found later, below."""
        self.model.add(places)
        self._show_state()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self.list.event(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex().row())
                return True
        return super().eventFilter(watched, event)

    def _show_state(self) -> None:
        found = bool(self.model.places)
        self.list.setVisible(found)
        self._empty.setVisible(not found)
        rows = max(2, len(self.model.places)) * _ROW
        self.resize(self.width(), min(64 + rows, _HEIGHT, self._above.height() - 120))
        if found and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.model.places):
            place = self.model.places[row]
            self.leave()
            self.chosen.emit(place)
