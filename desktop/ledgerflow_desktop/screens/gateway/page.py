"""The gateway: vouchers, reports and the company on the left, what was entered last on the right."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.money.amount import grouped_text
from ledgerflow_core.reports.report_table import Row
from ledgerflow_desktop.actions import report_windows
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import (
    BackUp,
    ConnectServer,
    EnterVoucher,
    Gateway,
    ImportFiles,
    OpenVoucher,
    ShowReport,
    ShowSync,
)
from ledgerflow_desktop.screens.gateway.state import Line, report_lines, voucher_lines
from ledgerflow_desktop.screens.keyboard_map import COMMAND_BY_NATURE
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.widgets.menu_line import MenuLine
from ledgerflow_desktop.screens.words import period_words, short_date

_RECENT = 12
_LINE = 208


class GatewayPage(Page):
    """The menu. Arrows walk it, a letter opens its line."""

    def __init__(self, desk: Desk, _destination: Gateway) -> None:
        super().__init__(desk)
        self._lines: dict[str, MenuLine] = {}
        self._order: list[MenuLine] = []
        self._is_stale = False
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE.page, SPACE.page, SPACE.page, SPACE.page)
        outer.setSpacing(SPACE.page)
        outer.addWidget(self._menu(), 0, Qt.AlignmentFlag.AlignTop)
        outer.addWidget(self._recent_card(), 1, Qt.AlignmentFlag.AlignTop)
        self._read_recent()

    def title(self) -> str:
        return visible(self.desk.open_company.name) if self.desk.company is not None else ""

    def first_focus(self) -> QWidget:
        return self._order[0]

    def shown(self) -> None:
        self._show_heading()
        if self._is_stale:
            self._read_recent()

    def refresh(self, changed: Changed) -> None:
        if changed & (Changed.VOUCHERS | Changed.MASTERS):
            self._is_stale = True
            if self.isVisible():
                self._read_recent()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self._lines.get(event.text().upper()) if not event.modifiers() else None
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if line is not None and line.isVisible():
            line.setFocus()
            line.click()
        elif step:
            order = [each for each in self._order if each.isVisible()]
            at = next((at for at, each in enumerate(order) if each.hasFocus()), 0)
            order[(at + step) % len(order)].setFocus()
        else:
            super().keyPressEvent(event)

    # --- the menu -----------------------------------------------------------------------------------

    def _menu(self) -> QWidget:
        menu = QWidget(self)
        menu.setFixedWidth(2 * _LINE + SPACE.wide)
        column = QVBoxLayout(menu)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.hair)
        self._heading, self._facts = QLabel(menu), QLabel(menu)
        self._heading.setProperty("role", "title")
        self._heading.setWordWrap(True)
        self._facts.setProperty("role", "quiet")
        column.addWidget(self._heading)
        column.addWidget(self._facts)
        sides = QHBoxLayout()
        sides.setSpacing(SPACE.wide)
        column.addLayout(sides)
        key_by_nature = {nature: self.desk.keys.hint(command) for nature, command in COMMAND_BY_NATURE.items()}
        knows = self.desk.destinations
        groups = [(self.tr("Reports"), report_lines())]
        if EnterVoucher in knows:
            groups.insert(0, (self.tr("Enter"), voucher_lines(key_by_nature)))
        company = [
            Line(self.tr("Import files"), "I", ImportFiles()),
            Line(self.tr("Back up"), "K", BackUp()),
            Line(self.tr("Sync"), "S", ShowSync()),
            Line(self.tr("Connect to a server"), "N", ConnectServer()),
        ]
        groups.append((self.tr("Company"), [line for line in company if type(line.destination) in knows]))
        self._add_groups(sides, groups)
        self._show_heading()
        self.desk.line.changed.connect(self._show_line)
        self._show_line()
        return menu

    def _add_groups(self, sides: QHBoxLayout, groups: Sequence[tuple[str, Sequence[Line]]]) -> None:
        """Put what is entered on the left and everything else beside it."""
        for part in (groups[:1], groups[1:]) if len(groups) > 2 else (groups,):
            column = QVBoxLayout()
            column.setSpacing(SPACE.hair)
            for heading, lines in part:
                self._add_group(column, heading, lines)
            column.addStretch(1)
            sides.addLayout(column)
        sides.addStretch(1)

    def _add_group(self, column: QVBoxLayout, heading: str, lines: Sequence[Line]) -> None:
        label = QLabel(heading, self)
        label.setProperty("role", "section")
        label.setContentsMargins(SPACE.large, SPACE.large, 0, SPACE.small)
        column.addWidget(label)
        for line in lines:
            button = MenuLine(self.tr(line.words), line.letter, self)
            button.setFixedWidth(_LINE)
            button.clicked.connect(lambda _=False, to=line.destination: self.open(to))
            if len(line.letter) == 1:  # longer ones are keys of the window
                self._lines[line.letter] = button
            self._order.append(button)
            column.addWidget(button)

    def _show_line(self) -> None:
        """Offer what goes with the company: to see how it syncs, or to let it."""
        enrolled = self.desk.line.state.is_enrolled
        for letter, is_offered in (("S", enrolled), ("N", not enrolled)):
            if letter in self._lines:
                self._lines[letter].setVisible(is_offered)

    def _show_heading(self) -> None:
        if self.desk.company is not None:
            self._heading.setText(visible(self.desk.company.name))
            self._facts.setText(period_words(self.desk.open_period))

    # --- what was entered last ----------------------------------------------------------------------

    def _recent_card(self) -> QWidget:
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setMaximumWidth(820)
        column = QVBoxLayout(card)
        column.setContentsMargins(SPACE.wide, SPACE.wide, SPACE.wide, SPACE.wide)
        column.setSpacing(SPACE.medium)
        head = QHBoxLayout()
        label = QLabel(self.tr("Latest vouchers"), card)
        label.setProperty("role", "strong")
        more = QPushButton(self.tr("Day Book"), card)
        more.setProperty("role", "flat")
        more.clicked.connect(lambda: self.open(ShowReport("day-book")))
        head.addWidget(label, 1)
        head.addWidget(more)
        column.addLayout(head)
        self._empty = QLabel(
            self.tr("Nothing is entered yet. F4 to F9 enter a voucher; Import files brings books from elsewhere."), card
        )
        self._empty.setProperty("role", "quiet")
        self._empty.setWordWrap(True)
        self._empty.hide()
        column.addWidget(self._empty)
        self._recent = QGridLayout()
        self._recent.setHorizontalSpacing(SPACE.wide)
        self._recent.setVerticalSpacing(0)
        self._recent.setColumnStretch(1, 1)
        column.addLayout(self._recent)
        return card

    def _read_recent(self) -> None:
        self._is_stale = False
        self.desk.work(self, lambda book: report_windows.latest_vouchers(book, _RECENT), self._show_recent)

    def _show_recent(self, rows: Sequence[Row]) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._empty.setVisible(not rows)
        for at, row in enumerate(rows):
            self._add_recent(at, row)

    def _add_recent(self, at: int, row: Row) -> None:
        day, voucher_type, number, amount, *_ = row.cells
        company = self.desk.open_company
        name = visible(row.label) or str(voucher_type)
        button = QPushButton(name, self)
        button.setProperty("role", "line")
        button.setAccessibleName(f"{voucher_type} {number}, {name}")
        drill = VoucherId(row.drill or "")
        button.clicked.connect(lambda: self.open(OpenVoucher(drill)))
        button.setEnabled(OpenVoucher in self.desk.destinations)
        said = "" if not isinstance(amount, int) else grouped_text(
            amount, company.exponent, indian=company.groups_digits_indian
        )  # fmt: skip
        texts = (short_date(day) if isinstance(day, date) else "", f"{voucher_type} {number}", said)
        for column, text in zip((0, 2, 3), texts, strict=True):
            label = QLabel(text, self)
            label.setProperty("role", "figure" if column == 3 else "quiet")
            side = Qt.AlignmentFlag.AlignRight if column == 3 else Qt.AlignmentFlag.AlignLeading
            self._recent.addWidget(label, at, column, side | Qt.AlignmentFlag.AlignVCenter)
        self._recent.addWidget(button, at, 1)
