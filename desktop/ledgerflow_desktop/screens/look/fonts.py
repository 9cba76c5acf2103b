"""The family of the screen: the same Noto Sans that paper is set in, carried with the product.

Its figures, comma and full stop have one width, so amounts with equally many decimals stand on their point
when their right edges meet. Its sisters bring Devanagari and Arabic on machines that have neither.
"""

from functools import cache
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

from ledgerflow_desktop.screens.look.tokens import TYPE

_FOLDER = Path(__file__).parents[2] / "printing" / "fonts"
_FACES = (
    "NotoSans-Regular",
    "NotoSans-Bold",
    "NotoSansDevanagari-Regular",
    "NotoSansDevanagari-Bold",
    "NotoSansArabic-Regular",
    "NotoSansArabic-Bold",
)


@cache
def carry_fonts() -> None:
    """Make the carried faces known to Qt. Needs the application; costs nothing the second time."""
    for face in _FACES:
        QFontDatabase.addApplicationFont(str(_FOLDER / f"{face}.ttf"))


def font(size: int = TYPE.body, *, bold: bool = False) -> QFont:
    """Return the family of the screen in a size of the tokens."""
    made = QFont([TYPE.family, "Noto Sans Devanagari", "Noto Sans Arabic", "Segoe UI", "DejaVu Sans"])
    made.setPixelSize(size)
    made.setBold(bold)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made
