"""The table one writes a voucher in: all lines are drawn, and the one line at hand has its fields laid over it.

So a voucher of a thousand lines costs what one of two costs, and the keyboard is always in a real text field.
"""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ledgerflow_desktop.screens.look.fonts import font
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.look.tokens import FIELD_HEIGHT, SPACE, TYPE
from ledgerflow_desktop.screens.vouchers.form_content import Side
from ledgerflow_desktop.screens.vouchers.lines_model import DETAIL_ROLE, PROBLEM_ROLE, LinesModel, Part
from ledgerflow_desktop.screens.vouchers.words import side_words
from ledgerflow_desktop.screens.widgets.choice_edit import ChoiceEdit
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit
from ledgerflow_desktop.screens.widgets.money_edit import MoneyEdit

AMOUNT_WIDTH = 156
_SIDE_WIDTH = 56
_ROW, _SECOND_ROW = FIELD_HEIGHT + SPACE.small, 20
Index = QModelIndex | QPersistentModelIndex


class SideEdit(EntryEdit):
    """By or To: B or D and T or C choose, the blank changes over."""

    side_chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self._side = Side.DEBIT
        self.setReadOnly(True)

    def put(self, side: Side) -> None:
        """Show a side."""
        self._side = side
        self.setText(side_words(side))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text().upper()
        if typed and typed in "BD":
            self.side_chosen.emit(Side.DEBIT)
        elif typed and typed in "TC":
            self.side_chosen.emit(Side.CREDIT)
        elif typed == " ":
            self.side_chosen.emit(self._side.other)
        elif event.key() == Qt.Key.Key_Backspace:
            self.backward.emit()
        else:
            super().keyPressEvent(event)


class _LineDelegate(QStyledItemDelegate):
    """Draws a line: the account, and below it in small type what explains it or what is wrong with it."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._look = look

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        colours = self._look.colours
        painter.setPen(QColor(colours.line))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        area = option.rect.adjusted(SPACE.medium + 1, 0, -SPACE.medium - 1, 0)
        first = QRect(area.left(), area.top(), area.width(), _ROW)
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
        direction = option.widget.layoutDirection()
        begin = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(font())
        painter.setPen(QColor(colours.text))
        text = painter.fontMetrics().elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, first.width())
        painter.drawText(first, begin if alignment is None else QStyle.visualAlignment(direction, alignment), text)
        problem, detail = str(index.data(PROBLEM_ROLE) or ""), str(index.data(DETAIL_ROLE) or "")
        if problem or detail:
            painter.setFont(font(TYPE.small))
            painter.setPen(QColor(colours.danger if problem else colours.text_quiet))
            # On to the end of the table: the amounts leave this row free.
            backwards = direction is Qt.LayoutDirection.RightToLeft
            left = SPACE.medium if backwards else area.left()
            right = area.right() if backwards else option.widget.width() - SPACE.medium
            below = QRect(left, area.top() + _ROW - SPACE.small, right - left, _SECOND_ROW)
            words = painter.fontMetrics().elidedText(problem or detail, Qt.TextElideMode.ElideRight, below.width())
            painter.setClipping(False)
            painter.drawText(below, begin, words)
        painter.restore()


class LinesTable(QTableView):
    """The table with its three fields. The page puts the keyboard into them and reads them."""

    cell_chosen = Signal(int, object)  # line, Part: by the mouse

    def __init__(self, parent: QWidget, look: Look, amount_hint: Callable[[str], str]) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Lines of the voucher"))
        self.line = -1
        self.lines = LinesModel(self)
        self.side = SideEdit(self.tr("By or To"), self.viewport())
        self.account = ChoiceEdit(self.tr("Ledger account"), self.viewport())
        self.amount = MoneyEdit(self.tr("Amount"), self.viewport(), amount_hint)
        self._fields = (self.side, self.account, self.amount)
        for field in self._fields:
            field.hide()
        self.setModel(self.lines)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_LineDelegate(self, look))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._lay_fields())
        self.clicked.connect(lambda index: self.cell_chosen.emit(index.row(), self.lines.parts[index.column()]))
        look.changed.connect(self.viewport().update)

    def show_lines(self) -> None:
        """Show the lines anew after lines came or went, or the form is another."""
        assert self.lines.form is not None, "a form is shown"
        self.lines.show(self.lines.form)
        header = self.horizontalHeader()
        for at, part in enumerate(self.lines.parts):
            stretches = part is Part.PARTICULARS
            header.setSectionResizeMode(
                at, QHeaderView.ResizeMode.Stretch if stretches else QHeaderView.ResizeMode.Fixed
            )
            if not stretches:
                header.resizeSection(at, _SIDE_WIDTH if part is Part.SIDE else AMOUNT_WIDTH)
        self.refresh_all()

    def refresh(self) -> None:
        """Show what stands in the line at hand now."""
        self._refresh(range(self.line, self.line + 1) if 0 <= self.line < self.lines.rowCount() else range(0))

    def refresh_all(self) -> None:
        """Show what stands in every line now. Costs what there are lines: not for every key."""
        self._refresh(range(self.lines.rowCount()))

    def _refresh(self, rows: range) -> None:
        for at in rows:
            height = _ROW + (_SECOND_ROW - SPACE.small if self.lines.has_second_row(at) else 0)
            if self.rowHeight(at) != height:
                self.setRowHeight(at, height)
        self.lines.refreshed()
        self._lay_fields()

    def take_line(self, line: int) -> None:
        """Lay the fields over a line; -1 takes them away."""
        form = self.lines.form
        assert form is not None, "a form is shown"
        self.line = line if line < len(form.content.lines) else -1
        if self.line >= 0:
            self.fill_fields()
            self.scrollTo(self.lines.index(self.line, 0))
        self._lay_fields()

    def fill_fields(self) -> None:
        """Put what stands in the line at hand into its fields."""
        form = self.lines.form
        assert form is not None and self.line >= 0, "a line is at hand"
        line, number = form.content.lines[self.line], self.line + 1
        account = form.chart.accounts.get(line.account) if line.account else None
        self.side.setAccessibleName(self.tr("Line {0}, by or to").format(number))
        self.account.setAccessibleName(self.tr("Line {0}, ledger account").format(number))
        self.amount.setAccessibleName(self.tr("Line {0}, amount").format(number))
        self.side.put(line.side)
        self.account.put(account.id if account else None, account.name if account else line.account_text)
        self.amount.setText(form.amount_text(line.amount))

    def _lay_fields(self) -> None:
        form = self.lines.form
        shown = form is not None and 0 <= self.line < self.lines.rowCount()
        if not shown or form is None:
            for field in self._fields:
                field.hide()
            return
        line = form.content.lines[self.line]
        for at, part in enumerate(self.lines.parts):
            area = self.visualRect(self.lines.index(self.line, at))
            box = QRect(area.left() + 1, area.top() + 2, area.width() - 2, FIELD_HEIGHT)
            match part:
                case Part.SIDE:
                    self.side.setGeometry(box)
                case Part.PARTICULARS:
                    self.account.setGeometry(box)
                case Part.AMOUNT:
                    self.amount.setGeometry(box)
                case Part.DEBIT if line.side is Side.DEBIT:
                    self.amount.setGeometry(box)
                case Part.CREDIT if line.side is Side.CREDIT:
                    self.amount.setGeometry(box)
                case _:
                    pass
        self.side.setVisible(Part.SIDE in self.lines.parts)
        self.account.show()
        self.amount.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the arrows belong to the page: they move between lines

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_fields()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._lay_fields()
