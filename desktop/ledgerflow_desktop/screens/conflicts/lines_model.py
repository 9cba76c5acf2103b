"""The lines of the list of conflicts."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject

from ledgerflow_desktop.actions.conflict_list import Listed
from ledgerflow_desktop.actions.conflict_words import Money, headline, who_words, why
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.widgets.line_model import LineModel
from ledgerflow_desktop.screens.words import short_date

AMOUNT, EFFECT = 5, 6


class ConflictModel(LineModel[Listed]):
    """One row for each conflict. `moment` writes the time an office's event was taken."""

    def __init__(self, money: Money, moment: Callable[[str], str], parent: QObject) -> None:
        translate = QCoreApplication.translate
        heads = (
            translate("Conflicts", "Arrived"), translate("Conflicts", "From"), translate("Conflicts", "What"),
            translate("Conflicts", "Date"), translate("Conflicts", "Party"), translate("Conflicts", "Amount"),
            translate("Conflicts", "Would move"), translate("Conflicts", "Why it waits"),
        )  # fmt: skip
        super().__init__(heads, (AMOUNT, EFFECT), self._text, parent)
        self._money, self._moment = money, moment

    def _text(self, line: Listed, column: int) -> str:
        return (
            self._moment(line.at),
            who_words(line.office),
            headline(line),
            "" if line.day is None else short_date(line.day),
            visible(line.party),
            "" if line.amount is None else self._money.plain(line.amount),
            self._money.plain(line.effect) if line.effect else "–",
            why(line),
        )[column]
