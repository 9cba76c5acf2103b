"""How a cell of a report is drawn: figures on their decimal point, Dr and Cr in a column of their own, trees."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ledgerflow_core.reports.report_table import Row, RowKind
from ledgerflow_desktop.screens.look.fonts import font
from ledgerflow_desktop.screens.look.theme import Look, picture
from ledgerflow_desktop.screens.look.tokens import ROW_HEIGHT, SPACE, TYPE
from ledgerflow_desktop.screens.reports.models import ReportModel

INDENT = 20
_ARROW = 14
_SIDE_GAP = 6
_QUIET_COLUMNS = frozenset({"narration", "type"})


def side_width() -> int:
    """Return the room that Dr and Cr take beside the digits."""
    return QFontMetrics(font(TYPE.small)).horizontalAdvance("Dr") + _SIDE_GAP


class CellPainter:
    """Draws one cell of a row into a rectangle; the totals line uses it too."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def draw(self, painter: QPainter, rect: QRect, model: ReportModel, row: Row, column: int) -> None:
        """Draw the text of a cell; what stands behind it is drawn already."""
        place, colours = model.cells.places[column], self._look.colours
        strong = model.cells.is_strong(row)
        text = rect.adjusted(SPACE.medium, 0, -SPACE.medium, 0)
        key = model.table.columns[place.at].key if place.at is not None else ""
        quiet = key in _QUIET_COLUMNS or row.kind is RowKind.OPENING
        painter.setPen(QColor(colours.text_quiet if quiet else colours.text))
        painter.setFont(font(bold=strong))
        if not place.is_figure:
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(model.cells.text(row, column), Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(text, int(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter), shown)
            return
        said = model.cells.figure(row, column)
        # Figures stand on the right of their column in every script: digits run from left to right.
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
        if place.is_signed:
            digits = text.adjusted(0, 0, -side_width(), 0)
            painter.drawText(digits, right, said.digits)
            painter.setPen(QColor(colours.text_quiet))
            painter.setFont(font(TYPE.small))
            left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
            painter.drawText(
                QRect(digits.right() + _SIDE_GAP, text.top(), side_width(), text.height()), left, said.side
            )
        else:
            painter.drawText(text, right, said.digits)


class ReportDelegate(QStyledItemDelegate):
    """Draws the cells of a table."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._cells = CellPainter(look)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model, colours = index.model(), self._look.colours
        assert isinstance(model, ReportModel)
        rect: QRect = option.rect
        row = model.row_at(index.row())
        painter.save()
        painter.setLayoutDirection(option.direction)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.selection))
        elif row is not None and row.kind in (RowKind.RESULT, RowKind.TOTAL):
            painter.fillRect(rect, QColor(colours.raised))
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if index.column() == 0 and option.state & QStyle.StateFlag.State_Selected:
            at_right = option.direction == Qt.LayoutDirection.RightToLeft
            left = rect.right() - 2 if at_right else rect.left()
            painter.fillRect(QRect(left, rect.top(), 3, rect.height()), QColor(colours.accent))
        if row is None:
            self._draw_waiting(painter, rect)
        elif model.cells.places[index.column()].at is None:
            self._draw_label(painter, rect, model, index, row)
        else:
            self._cells.draw(painter, rect, model, row, index.column())
        painter.restore()

    def _draw_label(
        self,
        painter: QPainter,
        rect: QRect,
        model: ReportModel,
        index: QModelIndex | QPersistentModelIndex,
        row: Row,
    ) -> None:
        right_to_left = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        closed = model.is_closed(index.row())
        has_tree = any(each.level for each in model.table.rows)
        indent = row.level * INDENT + (_ARROW + SPACE.small if has_tree else 0)
        if closed is not None:
            arrow = picture("closed-rtl" if closed and right_to_left else "closed" if closed else "down", self._look)
            left = SPACE.medium + row.level * INDENT
            x = rect.right() - left - _ARROW if right_to_left else rect.left() + left
            painter.drawPixmap(QRect(x, rect.center().y() - _ARROW // 2 + 1, _ARROW, _ARROW), arrow)
        inner = rect.adjusted(0, 0, -indent, 0) if right_to_left else rect.adjusted(indent, 0, 0, 0)
        self._cells.draw(painter, inner, model, row, index.column())

    def _draw_waiting(self, painter: QPainter, rect: QRect) -> None:
        bar = QRect(rect.left() + SPACE.medium, rect.center().y() - 3, max(0, rect.width() - 4 * SPACE.medium), 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.colours.sunken))
        painter.drawRoundedRect(bar, 3, 3)
