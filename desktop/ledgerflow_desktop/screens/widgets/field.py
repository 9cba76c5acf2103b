"""A field of a form: its name above, what is wrong with it below, and room for the message always kept."""

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from ledgerflow_desktop.screens.look.tokens import SPACE


class Field(QWidget):
    """A name, an editor and the problem of the editor. Typing takes the problem away."""

    def __init__(self, name: str, editor: QLineEdit | QComboBox, parent: QWidget, *, hint: str = "") -> None:
        super().__init__(parent)
        self.editor = editor
        self._hint = hint
        self._label = label = QLabel(name, self)
        label.setBuddy(editor)
        self._below = QLabel(hint, self)
        self._below.setWordWrap(True)
        self._below.setMinimumHeight(18)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.small)
        column.addWidget(label)
        column.addWidget(editor)
        column.addWidget(self._below)
        editor.setAccessibleName(name)
        editor.setMinimumWidth(80)
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(lambda _: self.clear_problem())
        else:
            editor.currentIndexChanged.connect(lambda _: self.clear_problem())
        self.clear_problem()

    @property
    def problem(self) -> str:
        """What is said to be wrong; empty when nothing is."""
        return self._below.text() if self.editor.property("problem") else ""

    def rename(self, name: str) -> None:
        """Ask for something else in the same place."""
        self._label.setText(name)
        self.editor.setAccessibleName(name)
        self.clear_problem()

    def show_problem(self, words: str) -> None:
        """Say what is wrong."""
        self._say(words, wrong=True)

    def clear_problem(self) -> None:
        """Say the hint again."""
        self._say(self._hint, wrong=False)

    def _say(self, words: str, *, wrong: bool) -> None:
        self._below.setText(words)
        self._below.setProperty("role", "problem" if wrong else "key")
        self.editor.setProperty("problem", wrong)
        self.editor.setAccessibleDescription(words)
        for widget in (self._below, self.editor):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
