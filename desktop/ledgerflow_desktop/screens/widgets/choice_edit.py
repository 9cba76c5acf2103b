"""A field with a list beside it: what is typed narrows the list, Enter takes the line that is marked."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ledgerflow_desktop.screens.widgets.choice_list import Choice, ChoiceList
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit, is_plain_enter

Search = Callable[[str], Sequence[Choice]]
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class ChoiceEdit(EntryEdit):
    """The field. `key` is what is chosen, None where nothing is; what was typed without choosing stays as text.

    An empty field is empty: Enter then goes on without choosing, unless the list was walked through. With
    `empty_takes_first` the first line is marked from the beginning, and Enter takes it.
    """

    chosen = Signal(object)  # str key or None, before `forward`

    def __init__(
        self, name: str, parent: QWidget, *, free_text: bool = False, empty_takes_first: bool = False
    ) -> None:  # fmt: skip
        super().__init__(name, parent)
        self._free_text = free_text
        self._empty_takes_first = empty_takes_first
        self._search: Search = lambda _: ()
        self._list: ChoiceList | None = None
        self._key: str | None = None
        self._shown = ""
        self._walked = False
        self.textEdited.connect(self._typed)

    @property
    def key(self) -> str | None:
        """What is chosen; None while the text is another than the chosen one's."""
        return self._key if self.text() == self._shown else None

    def search_with(self, search: Search) -> None:
        """Fill the list by this function of the text."""
        self._search = search

    def attach(self, beside: ChoiceList) -> None:
        """Use this list from now on: several fields share one, the field that has the keyboard fills it."""
        if self._list is not beside:
            self._list = beside
            beside.picked.connect(self._picked)

    def put(self, key: str | None, text: str) -> None:
        """Show what is chosen, or the text that stands for nothing yet."""
        self._key, self._shown, self._walked = key, text, False
        self.setText(text)

    def open_list(self) -> None:
        """Show everything, with what is chosen marked: the keyboard has come here."""
        self._walked = False
        if self._list is not None:
            typed_only = self._key is None and bool(self.text())
            found = self._search(self.text() if typed_only else "")
            self._list.show_choices(found, self._key, mark_first=typed_only or self._empty_takes_first)

    def highlighted(self) -> Choice | None:
        """Return the line that is marked."""
        return self._list.current() if self._list is not None else None

    def _typed(self, text: str) -> None:
        self._walked = False
        if self._list is not None:
            self._list.show_choices(self._search(text), mark_first=bool(text.strip()) or self._empty_takes_first)

    def _picked(self, key: str) -> None:
        if self.hasFocus():
            self.chosen.emit(key)
            self.forward.emit()

    def event(self, event: QEvent) -> bool:
        # While a list is being walked the page keys of paper are the list's.
        paging = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if paging and event.type() is QEvent.Type.ShortcutOverride and (self._walked or self._narrowed()):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._list is not None and event.key() in _STEPS:
            self._list.step(_STEPS[Qt.Key(event.key())])
            self._walked = True
        elif self._list is not None and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._list.step(self._list.page_rows() * (-1 if event.key() == Qt.Key.Key_PageUp else 1))
            self._walked = True
        elif is_plain_enter(event):
            self._take()
        else:
            super().keyPressEvent(event)

    def _narrowed(self) -> bool:
        return bool(self.text()) and self.text() != self._shown

    def _take(self) -> None:
        """Enter: choose the marked line, or go on with what stands there."""
        highlighted = self.highlighted()
        if self._walked and highlighted is not None:
            self.chosen.emit(highlighted.key)
        elif not self.text().strip():
            self.chosen.emit(highlighted.key if highlighted is not None and self._empty_takes_first else None)
        elif self.key is not None:
            pass
        elif highlighted is not None and not self._free_text:
            self.chosen.emit(highlighted.key)
        elif not self._free_text:
            self.chosen.emit(None)
            return  # nothing of that name: the keyboard stays here
        self.forward.emit()
