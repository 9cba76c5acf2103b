"""The list of companies: what the program opens with."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import (
    CreateCompany,
    OpenFromServer,
    OpenSample,
    RestoreBackup,
    Unlock,
    Welcome,
)
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.screens.widgets.menu_line import MenuLine


class WelcomePage(Page):
    """Companies opened here before, and the ways to another one. Arrows walk, letters open."""

    def __init__(self, desk: Desk, _destination: Welcome) -> None:
        super().__init__(desk)
        self._by_letter: dict[str, MenuLine] = {}
        self._lines: list[MenuLine] = []
        recent = desk.preferences.recent
        explanation = (
            self.tr("Choose a company to open.")
            if recent
            else self.tr("Your books stay on this computer, encrypted. Make your first company, or look at a sample.")
        )
        self._form = FormColumn(self.tr("Companies"), explanation, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        column = self._form.column
        for at, each in enumerate(recent):
            letter = str(at + 1) if at < 9 else ""
            line = self._add(visible(each.name), letter, about=visible(each.path))
            line.clicked.connect(lambda _=False, path=each.path: self.open(Unlock(Path(path))))
        if recent:
            column.addSpacing(SPACE.large)
        column.addWidget(self._form.label(self.tr("Another company"), "section"))
        self._add(self.tr("Create a company"), "C").clicked.connect(lambda: self.open(CreateCompany()))
        self._add(self.tr("Open a company from a folder"), "O").clicked.connect(self._choose_folder)
        self._add(self.tr("Open a company from a server"), "V").clicked.connect(lambda: self.open(OpenFromServer()))
        self._add(self.tr("Restore from a backup"), "R").clicked.connect(lambda: self.open(RestoreBackup()))
        self._add(self.tr("Try the sample company"), "S").clicked.connect(lambda: self.open(OpenSample()))
        column.addStretch(1)

    def title(self) -> str:
        return self.tr("Companies")

    def first_focus(self) -> QWidget:
        return self._lines[0]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self._by_letter.get(event.text().upper()) if not event.modifiers() else None
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if line is not None:
            line.setFocus()
            line.click()
        elif step:
            at = next((at for at, each in enumerate(self._lines) if each.hasFocus()), 0)
            self._lines[(at + step) % len(self._lines)].setFocus()
        else:
            super().keyPressEvent(event)

    def _add(self, words: str, letter: str, *, about: str = "") -> MenuLine:
        line = MenuLine(words, letter, self._form.body, about=about)
        self._form.column.addWidget(line)
        self._lines.append(line)
        if letter:
            self._by_letter[letter] = line
        return line

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder of the company"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.open(Unlock(Path(name))))
        dialog.open()
