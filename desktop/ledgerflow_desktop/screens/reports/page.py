"""The page of a report: any of the catalogue, over its table."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from ledgerflow_core.calendar import Period
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.reports.catalogue import REPORTS
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.report_table import ReportTable, Row
from ledgerflow_core.reports.two_sided import Layout
from ledgerflow_desktop.actions import report_windows, reports
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.actions.report_windows import LongReport
from ledgerflow_desktop.printing.report_words import heading_facts, notes
from ledgerflow_desktop.screens.background import Task
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import PreviewPrint, ShowReport
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.reports.export import ask_and_export
from ledgerflow_desktop.screens.reports.models import WINDOW, LongModel, ReportModel, TreeModel
from ledgerflow_desktop.screens.reports.period_sheet import PeriodSheet
from ledgerflow_desktop.screens.reports.search import LineSearch
from ledgerflow_desktop.screens.reports.state import Choice, opens, row_under, same_line, usual_period
from ledgerflow_desktop.screens.reports.view import ReportView
from ledgerflow_desktop.storage.book import Book

_QUIET_MS = 200


class ReportPage(Page):
    """A report, kept as it was left while pages opened from it are in front."""

    def __init__(self, desk: Desk, destination: ShowReport) -> None:
        super().__init__(desk)
        options, period = destination.options, desk.open_period
        self.choice = Choice(destination.code, options)
        if options.first is None and options.last is None:
            self.choice = self.choice.over(usual_period(destination.code, period, desk.machine.today()))
        self._subject = destination.subject
        self._table: ReportTable | None = None
        self._lines = 0
        self._search: LineSearch | None = None
        self._drawing: Task | None = None
        self._is_stale = False
        self._build()
        self._make_commands()
        self._draw()

    # --- the page -----------------------------------------------------------------------------------

    def title(self) -> str:
        return self._subject or self.tr(REPORTS[self.choice.code].title)

    def first_focus(self) -> QWidget:
        return self.view.table

    def shown(self) -> None:
        if self._is_stale:
            self._draw()

    def refresh(self, changed: Changed) -> None:
        if changed & (Changed.VOUCHERS | Changed.MASTERS | Changed.COMPANY):
            self._is_stale = True
            if self.isVisible():
                self._draw()

    def escape(self) -> bool:
        if self.filter.text():
            self.filter.clear()
            self.view.table.setFocus()
            return True
        return False

    def leave(self) -> None:
        if self._search is not None:
            self._search.stop()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._notes, self._problem = self._label("banner-warning"), self._label("banner-danger")
        self._empty = self._label("quiet")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for banner in (self._notes, self._problem, self._empty):
            banner.setWordWrap(True)
            banner.hide()
        self.view = ReportView(self.desk.look, self)
        self.view.table.activated.connect(self._open_line)
        self.view.table.typed.connect(self._begin_filter)
        self.view.table.sideways.connect(self._sideways)
        column.addLayout(self._head())
        column.addWidget(self._notes)
        column.addWidget(self._problem)
        column.addWidget(self._empty, 1)
        column.addWidget(self.view, 1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_QUIET_MS)
        self._wait.timeout.connect(lambda: self._said.setText(self.tr("Reading…")))

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE.section, SPACE.wide, SPACE.section, SPACE.large)
        head.setSpacing(SPACE.wide)
        words = QVBoxLayout()
        words.setSpacing(SPACE.hair)
        self._heading, self._facts, self._said = self._label("title"), self._label("quiet"), self._label("quiet")
        self._heading.setText(self.title())
        words.addWidget(self._heading)
        words.addWidget(self._facts)
        head.addLayout(words, 1)
        head.addWidget(self._said)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter: just type"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(220)
        self.filter.textChanged.connect(self._filter)
        self.filter.returnPressed.connect(self._to_table)
        head.addWidget(self.filter)
        return head

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        return label

    def _make_commands(self) -> None:
        self.command(Command.PERIOD, self.choose_period)
        takes = REPORTS[self.choice.code].options
        if "compare" in takes:
            self.command(Command.ADD_COLUMN, self._ask_comparison)
            self.command(Command.AUTO_COLUMNS, self._ask_columns)
        if "monthly" in takes:
            self.command(Command.MONTHLY, lambda: self._choose(self.choice.by_month()))
        if takes & {"zero_rows", "flat", "layout"}:
            self.command(Command.DETAILED, self._toggle_all)
            self.command(Command.EXPAND, self._toggle_line)
        self.command(Command.CONFIGURE, self._configure)
        self.command(Command.FILTER, self.filter.setFocus)
        self.command(Command.COPY, self.copy)
        self.command(Command.PRINT, self._print)
        self.command(Command.EXPORT, self._export)

    # --- drawing ------------------------------------------------------------------------------------

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self._draw()

    def _draw(self) -> None:
        """Draw the report anew off the GUI thread; the cursor comes back to its line."""
        if self._drawing is not None:
            self._drawing.cancel()
        self._is_stale = False
        self._wait.start()
        code, options = self.choice.code, self.choice.options
        if report_windows.is_long(code, options):
            self._drawing = self.desk.work(
                self, lambda book: report_windows.open_long(book, code, options), self._show_long, self._refused
            )
        else:
            self._drawing = self.desk.work(
                self, lambda book: reports.run(book, code, options), self._show_tree, self._refused
            )

    def _show_tree(self, table: ReportTable) -> None:
        before = self.view.model()
        closed = before.open_rows.closed_lines() if isinstance(before, TreeModel) else set()
        model = TreeModel(table, self)
        model.open_rows.close_lines(closed)
        if self.filter.text():
            model.filter(self.filter.text())
        self._show(model, table)

    def _show_long(self, report: LongReport) -> None:
        self._lines = report.lines
        model = LongModel(report.head, report.lines, self._read_window, self)
        self._show(model, report.head)
        if self.filter.text():
            self._filter(self.filter.text())

    def _show(self, model: ReportModel, table: ReportTable) -> None:
        self._wait.stop()
        at, line = self._cursor()
        self._table = table
        self._problem.hide()
        self._heading.setText(f"{self.tr(table.title)}: {table.subject}" if table.subject else self.tr(table.title))
        self._facts.setText("   ·   ".join(heading_facts(table)))
        said = "\n".join(notes(table))
        self._notes.setText(said)
        self._notes.setVisible(bool(said))
        self.view.show_model(model)
        self._say_size()
        nothing = model.rowCount() == 0
        self._empty.setText(self.tr("Nothing was entered in this period. Alt+F2 chooses another one."))
        self._empty.setVisible(nothing)
        self.view.setVisible(not nothing)
        self.view.select_line(self._line_like(model, at, line))

    def _say_size(self) -> None:
        lines = self._lines if isinstance(self.view.model(), LongModel) else 0
        self._said.setText(self.tr("{0} lines").format(f"{lines:,}") if lines else "")

    def _refused(self, error: LedgerFlowError) -> None:
        self._wait.stop()
        self._said.clear()
        self._problem.setText(error_words(error))
        self._problem.show()

    def _cursor(self) -> tuple[int, tuple[object, ...] | None]:
        model, index = self.view.model(), self.view.table.currentIndex()
        if model is None or not index.isValid():
            return 0, None
        row = model.row_at(index.row())
        return index.row(), same_line(row) if row is not None else None

    def _line_like(self, model: ReportModel, at: int, line: tuple[object, ...] | None) -> int:
        """Return where the line of before stands now; where it stood if it is gone or not read yet."""
        if line is not None and isinstance(model, TreeModel):
            for now, where in enumerate(model.open_rows.shown):
                if same_line(model.table.rows[where]) == line:
                    return now
        return at

    def _read_window(self, window: int) -> None:
        model, choice = self.view.model(), self.choice

        def read(book: Book) -> Sequence[Row] | None:
            if not isinstance(model, LongModel) or not model.wants(window):
                return None
            return report_windows.lines(book, choice.code, choice.options, offset=window * WINDOW, limit=WINDOW)

        self.desk.work(self, read, lambda rows: self._take_window(model, window, rows))

    def _take_window(self, model: ReportModel | None, window: int, rows: Sequence[Row] | None) -> None:
        if rows is not None and model is self.view.model() and isinstance(model, LongModel):
            is_first = model.rows_in_memory == 0
            model.take(window, rows)
            if is_first:
                self.view.measure()

    # --- commands -----------------------------------------------------------------------------------

    def choose_period(self) -> None:
        """Ask for another period."""
        options, company = self.choice.options, self.desk.open_company
        today = self.desk.machine.today()
        shown = Period(options.first or company.books_begin, options.last or today)
        sheet = PeriodSheet(shown, today, company.financial_year, self)
        sheet.chosen.connect(self._take_period)
        sheet.open()

    def _take_period(self, period: Period) -> None:
        self.desk.period = period
        self._choose(self.choice.over(period))
        self.title_changed.emit()

    def _ask_comparison(self) -> None:
        previous = (self.tr("Previous period"), Comparison.PREVIOUS_PERIOD)
        self._ask(previous, (self.tr("Previous year"), Comparison.PREVIOUS_YEAR))

    def _ask_columns(self) -> None:
        self._ask((self.tr("Months"), Comparison.MONTH), (self.tr("Quarters"), Comparison.QUARTER))

    def _ask(self, *comparisons: tuple[str, Comparison]) -> None:
        menu = QMenu(self)
        for words, comparison in comparisons:
            action = self._tick(menu, words, is_on=self.choice.options.compare is comparison)
            action.triggered.connect(lambda _=False, c=comparison: self._choose(self.choice.compared(c)))
        self._pop_up(menu)

    def _configure(self) -> None:
        options, menu = self.choice.options, QMenu(self)
        lines = (
            ("zero_rows", self.tr("Show accounts in which nothing stands"), options.zero_rows),
            ("flat", self.tr("Accounts without their groups"), options.flat),
            ("layout", self.tr("Two sides facing each other"), options.layout is Layout.HORIZONTAL),
        )
        for option, words, is_on in lines:
            if self.choice.takes(option):
                action = self._tick(menu, words, is_on=is_on)
                action.triggered.connect(lambda _=False, o=option: self._choose(self.choice.toggled(o)))
        menu.addSeparator()
        for at, place in self.view.columns():
            action = self._tick(menu, place.replace("\n", " "), is_on=not self.view.table.isColumnHidden(at))
            action.triggered.connect(lambda on, at=at: self.view.show_column(at, shown=on))
        self._pop_up(menu)

    def _tick(self, menu: QMenu, words: str, *, is_on: bool) -> QAction:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(is_on)
        return action

    def _pop_up(self, menu: QMenu) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setActiveAction(menu.actions()[0])
        menu.popup(self.view.mapToGlobal(self.view.rect().topRight()) - self.view.rect().topRight() / 3)

    def _toggle_all(self) -> None:
        if isinstance(model := self.view.model(), TreeModel):
            model.toggle_all()
            self.view.select_line(0)

    def _toggle_line(self) -> None:
        model, at = self.view.model(), self.view.table.currentIndex().row()
        if isinstance(model, TreeModel) and at >= 0:
            model.toggle(at)
            self.view.select_line(at)

    def _sideways(self, way: int) -> None:
        model, at = self.view.model(), self.view.table.currentIndex().row()
        if model is not None and at >= 0 and model.is_closed(at) is (way > 0):
            self._toggle_line()

    def _open_line(self, index: QModelIndex) -> None:
        model = self.view.model()
        row = model.row_at(index.row()) if model is not None else None
        if model is None or row is None:
            return
        at = model.cells.places[index.column()].at
        destination = opens(row_under(model.table, row, at), self.choice, model.table.period)
        if destination is not None and type(destination) in self.desk.destinations:
            self.open(destination)

    def _begin_filter(self, text: str) -> None:
        self.filter.setFocus()
        self.filter.setText(self.filter.text() + text)

    def _to_table(self) -> None:
        self.view.table.setFocus()
        self.view.select_line(max(0, self.view.table.currentIndex().row()))

    def _filter(self, text: str) -> None:
        if self._search is not None:
            self._search.stop()
            self._search = None
        model = self.view.model()
        if isinstance(model, TreeModel):
            model.filter(text)
            self.view.select_line(0)
        elif isinstance(model, LongModel):
            if text.strip():
                self._search = LineSearch(self.desk, self.choice, model, self._lines, text, self._searched)
            else:
                model.show_found(None)
                self._say_size()
                self.view.select_line(0)

    def _searched(self, found: int, read: int, finished: bool) -> None:
        if finished:
            self._said.setText(self.tr("{0} of {1} lines").format(f"{found:,}", f"{self._lines:,}"))
        else:
            self._said.setText(self.tr("Searching… {0} %").format(100 * read // max(1, self._lines)))

    def copy(self) -> None:
        """Put the chosen lines on the clipboard, as a spreadsheet takes them; all lines when one is chosen."""
        model = self.view.model()
        if model is None:
            return
        chosen = sorted({index.row() for index in self.view.table.selectionModel().selectedRows()})
        if len(chosen) < 2 and isinstance(model, TreeModel):
            chosen = list(range(model.rowCount()))
        rows = [row for at in chosen if (row := model.row_at(at)) is not None]
        QGuiApplication.clipboard().setText(model.cells.tsv(rows))
        self._said.setText(self.tr("{0} lines copied").format(len(rows)))

    def _print(self) -> None:
        choice = self.choice
        self._said.setText(self.tr("Setting pages…"))
        self.desk.work(self, lambda book: reports.run(book, choice.code, choice.options), self._preview, self._refused)

    def _preview(self, table: ReportTable) -> None:
        self._say_size()
        self.open(PreviewPrint(table))

    def _export(self) -> None:
        ask_and_export(self, self.desk, self.choice, self._said.setText, self._refused)
