"""The look that is on: follows the system or the user's choice, and tells who paints by hand when it changes."""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from ledgerflow_desktop.screens.look.fonts import carry_fonts, font
from ledgerflow_desktop.screens.look.style_sheet import style_sheet
from ledgerflow_desktop.screens.look.tokens import DARK, LIGHT, Colours

_PICTURES = Path(__file__).parent / "pictures"


class Look(QObject):
    """The theme of the running program. `colours` are those in use; `changed` says that they are others now."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: str = "system") -> None:
        super().__init__(application)
        self._application = application
        self.choice = choice
        self.colours: Colours = LIGHT
        carry_fonts()
        application.setStyle("Fusion")
        application.setFont(font())
        application.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.choose(choice)

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are in use."""
        return self.colours is DARK

    def choose(self, choice: str) -> None:
        """Use a look from now on: ``light``, ``dark``, or ``system`` to follow it."""
        self.choice = choice
        dark = choice == "dark" or (choice != "light" and self._system_is_dark())
        self.colours = DARK if dark else LIGHT
        self._application.setPalette(_palette(self.colours))
        name = "dark" if dark else "light"
        self._application.setStyleSheet(
            style_sheet(
                self.colours,
                down_arrow=(_PICTURES / f"down-{name}.svg").as_posix(),
                check_mark=(_PICTURES / f"check-{name}.svg").as_posix(),
            )
        )
        self.changed.emit()

    def _system_is_dark(self) -> bool:
        return self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark

    def _system_changed(self) -> None:
        if self.choice == "system":
            self.choose("system")


@lru_cache(maxsize=32)
def _picture(name: str, theme: str) -> QPixmap:
    return QIcon(str(_PICTURES / f"{name}-{theme}.svg")).pixmap(28, 28)


def picture(name: str, look: Look) -> QPixmap:
    """Return a small picture in the colours in use."""
    return _picture(name, "dark" if look.is_dark else "light")


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    colour_by_role = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.raised,
        role.Text: colours.text,
        role.Button: colours.surface,
        role.ButtonText: colours.text,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.text_quiet,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Link: colours.accent,
        role.Mid: colours.line,
    }
    palette = QPalette()
    for which, colour in colour_by_role.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.text_quiet))
    return palette
