"""Two versions beside each other: fields, then what each does to the accounts; what differs is marked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from ledgerflow_desktop.actions.conflict_words import FieldLine, MoneyLine
from ledgerflow_desktop.screens.look.tokens import SPACE

_MARK = "≠"
_NAME, _STANDS, _PARKED, _LAST = 1, 2, 3, 4


class Comparison(QFrame):
    """A table of labels, so that long texts break. Filled once, by `fields` and then `money`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(SPACE.wide, SPACE.wide, SPACE.wide, SPACE.wide)
        self._grid.setHorizontalSpacing(SPACE.section)
        self._grid.setVerticalSpacing(SPACE.small)
        self._grid.setColumnMinimumWidth(0, SPACE.wide)
        for column in (_STANDS, _PARKED):
            self._grid.setColumnStretch(column, 3)
        self._grid.setColumnStretch(_NAME, 3)
        self._grid.setColumnStretch(_LAST, 2)
        self._row = 0

    def fields(self, lines: Sequence[FieldLine], stands: str, parked: str) -> None:
        """Add the fields of both versions, under what each version is called."""
        self._heads(("", stands, parked, ""))
        for line in lines:
            self._line((line.name, line.stands or "–", line.parked or "–", ""), differs=line.differs)

    def money(self, title: str, lines: Sequence[MoneyLine]) -> None:
        """Add what each version does to some accounts; nothing where there are none."""
        if not lines:
            return
        self._heads((title, self.tr("Stands now"), self.tr("Parked"), self.tr("Difference")), right=True)
        for line in lines:
            cells = (line.account, line.stands, line.parked, line.difference)
            self._line(cells, differs=line.stands != line.parked, right=True)

    def _heads(self, texts: Sequence[str], *, right: bool = False) -> None:
        if self._row:
            self._grid.setRowMinimumHeight(self._row, SPACE.large)
            self._row += 1
        for at, text in enumerate(texts):
            self._cell(_NAME + at, text, "section", right=right and at > 0)
        self._row += 1

    def _line(self, texts: Sequence[str], *, differs: bool, right: bool = False) -> None:
        if differs:
            mark = self._cell(0, _MARK, "warning")
            mark.setAccessibleName(self.tr("Differs"))
        for at, text in enumerate(texts):
            role = "quiet" if at == 0 and not right else "strong" if differs and at > 0 else ""
            self._cell(_NAME + at, text, role, right=right and at > 0)
        self._row += 1

    def _cell(self, column: int, text: str, role: str, *, right: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", role)
        label.setWordWrap(not right)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute if right else Qt.AlignmentFlag.AlignLeading
        label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, self._row, column)
        return label
