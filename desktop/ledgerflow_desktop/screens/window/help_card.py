"""F1: every key there is, and the choices of look and keys."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ledgerflow_desktop.screens.keyboard_map import Command, KeyboardMap, Where
from ledgerflow_desktop.screens.look.tokens import SPACE


class HelpCard(QDialog):
    """The keys of a map by place; typing keeps only the lines that hold the text."""

    look_chosen = Signal(str)
    keys_chosen = Signal(str)

    def __init__(self, keys: KeyboardMap, look: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Help: every key"))
        self.resize(760, 620)
        self._keys = keys
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.section, SPACE.section, SPACE.section, SPACE.wide)
        column.setSpacing(SPACE.large)
        title = QLabel(self.tr("Every key"), self)
        title.setProperty("role", "title")
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Type to find a key"))
        self.filter.setAccessibleName(self.tr("Find a key"))
        self.filter.textChanged.connect(self._fill)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName(self.tr("Keys"))
        column.addWidget(title)
        column.addWidget(self.filter)
        column.addWidget(self._area, 1)
        column.addLayout(self._choices(look))
        self._fill("")

    def _choices(self, look: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE.medium)
        names = (("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark")))
        self.look = self._choice(self.tr("Look"), names, look)
        maps = (("tally-prime", self.tr("As in TallyPrime")), ("erp-9", self.tr("As in Tally ERP 9")))
        self.map = self._choice(self.tr("Keys"), maps, self._keys.name)
        self.look.activated.connect(lambda _: self.look_chosen.emit(self.look.currentData()))
        self.map.activated.connect(lambda _: self._choose_map(self.map.currentData()))
        for words, box in ((self.tr("Look"), self.look), (self.tr("Keys"), self.map)):
            label = QLabel(words, self)
            label.setProperty("role", "quiet")
            row.addWidget(label)
            row.addWidget(box)
        row.addStretch(1)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        return row

    def _choice(self, name: str, choices: tuple[tuple[str, str], ...], chosen: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        for value, words in choices:
            box.addItem(words, value)
        box.setCurrentIndex(box.findData(chosen))
        return box

    def _choose_map(self, name: str) -> None:
        self._keys = KeyboardMap(name)
        self.keys_chosen.emit(name)
        self._fill(self.filter.text())

    def _fill(self, text: str) -> None:
        body = QWidget(self._area)
        body.setProperty("role", "window")
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, SPACE.wide, 0)
        grid.setHorizontalSpacing(SPACE.wide)
        grid.setVerticalSpacing(SPACE.small)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        at = 0
        for where, heading in self._headings():
            found = [c for c in self._keys.in_place(where) if text.casefold() in self._line(c).casefold()]
            if not found:
                continue
            label = QLabel(heading, body)
            label.setProperty("role", "section")
            label.setContentsMargins(0, SPACE.large, 0, SPACE.small)
            grid.addWidget(label, at, 0, 1, 4)
            half = (len(found) + 1) // 2
            for number, command in enumerate(found):
                row, side = at + 1 + number % half, 2 * (number // half)
                key, words = QLabel(self._keys.all_hints(command), body), QLabel(self._keys.words(command), body)
                key.setProperty("role", "strong")
                grid.addWidget(key, row, side)
                grid.addWidget(words, row, side + 1)
            at += half + 1
        grid.setRowStretch(at, 1)
        grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._area.setWidget(body)

    def _line(self, command: Command) -> str:
        return f"{self._keys.words(command)} {self._keys.all_hints(command)}"

    def _headings(self) -> tuple[tuple[Where, str], ...]:
        return (
            (Where.EVERYWHERE, self.tr("Everywhere")),
            (Where.COMPANY, self.tr("In a company")),
            (Where.REPORT, self.tr("In a report")),
            (Where.VOUCHER, self.tr("In a voucher or form")),
            (Where.PAPER, self.tr("In the print preview")),
            (Where.CONFLICT, self.tr("Deciding what stands")),
            (Where.FILES, self.tr("At the files of a voucher")),
        )
