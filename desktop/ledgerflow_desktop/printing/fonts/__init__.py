"""The fonts printed text is set in, carried with the product, and which of them has a character.

Noto Sans is the text face: its figures are all of one width, as are its comma and full stop, so amounts
with equally many decimals stand on their decimal point when their right edges meet. It has ₹ and the Latin,
Greek and Cyrillic letters. Devanagari and Arabic come from its sisters, everything else from DejaVu Sans
(Hebrew, Armenian, Georgian, arrows, symbols). Licences lie beside the files.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FOLDER = Path(__file__).parent


class Family(NamedTuple):
    """A regular and a bold face; both the same where only one is carried."""

    regular: str
    bold: str


TEXT = Family("NotoSans-Regular", "NotoSans-Bold")
_LAST_RESORT = Family("DejaVuSans", "DejaVuSans")
_FAMILIES = (
    TEXT,
    Family("NotoSansDevanagari-Regular", "NotoSansDevanagari-Bold"),
    Family("NotoSansArabic-Regular", "NotoSansArabic-Bold"),
    _LAST_RESORT,
)


@cache
def face(name: str) -> TTFont:
    """Return a carried face, read on first use and made known to ReportLab under its name."""
    made = TTFont(name, str(_FOLDER / f"{name}.ttf"), asciiReadable=1)
    pdfmetrics.registerFont(made)
    return made


@lru_cache(maxsize=8192)
def face_for(character: str, *, bold: bool) -> str | None:
    """Return the name of the first face that has a character, or None when none of them does."""
    for family in _FAMILIES:
        name = family.bold if bold else family.regular
        if ord(character) in face(name).face.charToGlyph:
            return name
    return None


def text_face(*, bold: bool) -> str:
    """Return the name of the text face, made ready."""
    name = TEXT.bold if bold else TEXT.regular
    face(name)
    return name
