"""The table of a report with its totals line, which stands still while the rows scroll."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout, QWidget

from ledgerflow_desktop.printing.report_words import total_row
from ledgerflow_desktop.screens.look.fonts import font
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.look.tokens import ROW_HEIGHT, SPACE, TYPE
from ledgerflow_desktop.screens.reports.drawing import INDENT, CellPainter, ReportDelegate, side_width
from ledgerflow_desktop.screens.reports.models import ReportModel

_LABEL_MIN, _LABEL_MAX, _TEXT_MIN, _TEXT_MAX = 240, 820, 72, 340
_FIGURE_ROOM_MAX = 72
_SPARE = 260
_SAMPLE = 200


class ReportTableView(QTableView):
    """Whole lines, no grid, keys of its own: a letter begins the filter, arrows open and close groups."""

    typed = Signal(str)
    sideways = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        rows, heads = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setAccessibleName(self.tr("Lines"))
        heads.setAccessibleName(self.tr("Columns"))
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        heads.setHighlightSections(False)
        heads.setSectionsMovable(True)
        heads.setMinimumSectionSize(40)
        heads.setMinimumHeight(ROW_HEIGHT + SPACE.small)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, modifiers = event.text(), event.modifiers()
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and plain:
            self.sideways.emit(-1 if event.key() == Qt.Key.Key_Left else 1)
        elif plain and text and text.isprintable() and not text.isspace():
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)


class TotalsLine(QWidget):
    """The totals under their columns."""

    def __init__(self, table: QTableView, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._table, self._look, self._cells = table, look, CellPainter(look)
        self.setFixedHeight(ROW_HEIGHT + SPACE.medium)
        heads = table.horizontalHeader()
        heads.sectionResized.connect(lambda *_: self.update())
        heads.sectionMoved.connect(lambda *_: self.update())
        table.horizontalScrollBar().valueChanged.connect(lambda _: self.update())

    def paintEvent(self, event: QPaintEvent) -> None:
        model = self._table.model()
        painter = QPainter(self)
        colours = self._look.colours
        painter.fillRect(self.rect(), QColor(colours.sunken))
        painter.setPen(QPen(QColor(colours.line_strong), 1))
        painter.drawLine(0, 0, self.width(), 0)
        if not isinstance(model, ReportModel) or (total := total_row(model.table)) is None:
            return
        heads = self._table.horizontalHeader()
        for column in range(model.columnCount()):
            if not self._table.isColumnHidden(column):
                rect = self.rect()
                rect.setLeft(heads.sectionViewportPosition(column))
                rect.setWidth(heads.sectionSize(column))
                self._cells.draw(painter, rect, model, total, column)


class ReportView(QWidget):
    """A table and its totals, with columns as wide as what stands in them."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = ReportTableView(self)
        self.totals = TotalsLine(self.table, look, self)
        self.table.setItemDelegate(ReportDelegate(look, self))
        self.setFocusProxy(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.totals)
        self._natural: list[int] = []
        self._hidden: frozenset[str] = frozenset()
        look.changed.connect(self._repaint)

    def model(self) -> ReportModel | None:
        """Return the report that is shown."""
        found = self.table.model()
        return found if isinstance(found, ReportModel) else None

    def show_model(self, model: ReportModel) -> None:
        """Show a report in place of the one before."""
        before, selection = self.table.model(), self.table.selectionModel()
        self.table.setModel(model)
        if isinstance(before, ReportModel):
            selection.deleteLater()
            before.deleteLater()
        for at, title in self.columns():
            self.table.setColumnHidden(at, title in self._hidden)
        total = total_row(model.table)
        self.totals.setVisible(total is not None)
        if total is not None:
            texts = (model.cells.text(total, at) for at in range(model.columnCount()))
            self.totals.setAccessibleName(", ".join(text for text in texts if text))
        self.table.setAccessibleName(model.table.title)
        self.measure()

    def measure(self) -> None:
        """Work out how wide each column would like to be, from the first rows and the totals."""
        model = self.model()
        if model is None:
            return
        rows = [row for at in range(min(_SAMPLE, model.rowCount())) if (row := model.row_at(at)) is not None]
        total = total_row(model.table)
        rows += [total] if total is not None else []
        plain, bold, head = (
            QFontMetrics(font()),
            QFontMetrics(font(bold=True)),
            QFontMetrics(font(TYPE.small, bold=True)),
        )
        self._natural = []
        for at, place in enumerate(model.cells.places):
            widest = max(head.horizontalAdvance(line) for line in place.title.split("\n"))
            for row in rows:
                metrics = bold if model.cells.is_strong(row) else plain
                said = model.cells.figure(row, at)
                width = metrics.horizontalAdvance(said.digits) + (row.level * INDENT if place.at is None else 0)
                widest = max(widest, width + (side_width() if place.is_signed else 0))
            width = widest + 2 * SPACE.medium + SPACE.small
            self._natural.append(width if place.is_figure else max(_TEXT_MIN, min(width, _TEXT_MAX)))
        self._share_out()

    def columns(self) -> list[tuple[int, str]]:
        """Return the columns that can be put away, with their headings: all but the name of the row."""
        model = self.model()
        places = model.cells.places if model is not None else []
        return [(at, place.title) for at, place in enumerate(places) if place.at is not None]

    def show_column(self, at: int, *, shown: bool) -> None:
        """Show a column or put it away; it stays so while this page is open."""
        key = dict(self.columns())[at]
        self._hidden = self._hidden - {key} if shown else self._hidden | {key}
        self.table.setColumnHidden(at, not shown)
        self._share_out()

    def select_line(self, at: int) -> None:
        """Put the cursor on a line, in the middle of the view when it is out of it."""
        model = self.model()
        if model is None or model.rowCount() == 0:
            return
        at = max(0, min(at, model.rowCount() - 1))
        self.table.setCurrentIndex(model.index(at, 0))
        self.table.scrollTo(model.index(at, 0), QAbstractItemView.ScrollHint.EnsureVisible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.measure()

    def _share_out(self) -> None:
        """Give figures what they need, words what is left: the label most of it."""
        model = self.model()
        if model is None or len(self._natural) != model.columnCount():
            return
        room = self.table.viewport().width()
        widths = [0 if self.table.isColumnHidden(at) else width for at, width in enumerate(self._natural)]
        label = next(at for at, place in enumerate(model.cells.places) if place.at is None)
        others = sum(widths) - widths[label]
        last = len(widths) - 1
        left = room - others
        if left < _LABEL_MIN and not model.cells.places[last].is_figure and last != label:
            taken = min(_LABEL_MIN - left, widths[last] - 2 * _TEXT_MIN)
            widths[last] -= max(0, taken)
            left += max(0, taken)
        # A little more room than the widest label should have goes to the label all the same.
        label_max = left if left < _LABEL_MAX + _SPARE else max(_LABEL_MAX, self._natural[label])
        widths[label] = max(_LABEL_MIN, min(left, label_max))
        # On a wide window figures stand further apart, and what is left over stays empty at the end.
        figures = [at for at, place in enumerate(model.cells.places) if place.is_figure and widths[at]]
        over = min((left - widths[label]) // max(1, len(figures)), _FIGURE_ROOM_MAX)
        for at in figures if over > 0 else ():
            widths[at] += over
        for at, width in enumerate(widths):
            if width:
                self.table.setColumnWidth(at, width)
        self.totals.update()

    def _repaint(self) -> None:
        self.table.viewport().update()
        self.totals.update()
