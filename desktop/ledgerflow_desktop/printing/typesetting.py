"""Lines of text: how wide, where they break, and which runs of which face they are made of.

Wrapped text is never clipped: a word wider than its column breaks between letters. Arabic and Devanagari
are shaped by HarfBuzz where `uharfbuzz` is installed; without it Arabic letters still join and run from the
right, and Devanagari has its short i before its consonants but no conjuncts: legible, not well set. A
character in none of the carried faces prints as U+FFFD.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import ShapedStr, shapeStr

from ledgerflow_desktop.phrases.visible import REPLACEMENT, visible_lines
from ledgerflow_desktop.printing.fonts import face, face_for, text_face
from ledgerflow_desktop.printing.writing import directional_runs, joined_arabic, mirrored, reordered_devanagari

_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks: size in points, weight, and grey from 0 (black) to 1 (white)."""

    size: float
    bold: bool = False
    grey: float = 0.0

    @property
    def line_height(self) -> float:
        """From one baseline to the next."""
        return self.size * 1.34


class Run(NamedTuple):
    """Text of one face in the order it is drawn."""

    face: str
    text: str
    width: float


def line_width(line: str, style: Style) -> float:
    """Return the width of one line."""
    if line.isascii():
        return sum(map(_ascii_widths(style.bold).__getitem__, line.encode("ascii"))) * style.size / 1000
    return sum(run.width for run in line_runs(line, style))


def line_runs(line: str, style: Style) -> tuple[Run, ...]:
    """Return the runs of one line from left to right."""
    if line.isascii():
        return (Run(text_face(bold=style.bold), line, line_width(line, style)),)
    return _mixed_runs(line, style)


@cache
def _ascii_widths(bold: bool) -> tuple[float, ...]:
    name = text_face(bold=bold)
    return tuple(float(stringWidth(chr(code), name, 1000)) for code in range(128))


@lru_cache(maxsize=4096)
def wrapped(text: str, style: Style, width: float) -> tuple[str, ...]:
    """Return the lines of `text`, none wider than `width` unless a single letter is; its line ends are kept."""
    lines: list[str] = []
    for line in visible_lines(text):
        lines += [line] if _upper_width(line, style) <= width else _broken(line, style, width)
    return tuple(lines)


@lru_cache(maxsize=4096)
def _mixed_runs(line: str, style: Style) -> tuple[Run, ...]:
    runs: list[Run] = []
    for text, from_right in directional_runs(line):
        pieces = [_set(name, part, style, from_right=from_right) for name, part in _by_face(text, style)]
        runs += pieces[::-1] if from_right else pieces
    return tuple(runs)


def _by_face(text: str, style: Style) -> list[tuple[str, str]]:
    """Cut text where its face changes; blanks and marks stay in the face of the letter before."""
    pieces: list[tuple[str, str]] = []
    for character in text:
        name = face_for(character, bold=style.bold)
        keeps = character.isspace() or character in _JOINERS or unicodedata.category(character)[0] == "M"
        if keeps and pieces and ord(character) in face(pieces[-1][0]).face.charToGlyph:
            name = pieces[-1][0]
        if name is None:
            name, character = face_for(REPLACEMENT, bold=False) or "", REPLACEMENT  # noqa: PLW2901
        if pieces and pieces[-1][0] == name:
            pieces[-1] = (name, pieces[-1][1] + character)
        else:
            pieces.append((name, character))
    return pieces


def _set(name: str, text: str, style: Style, *, from_right: bool) -> Run:
    if _needs_shaping(text):
        if face(name).shapable:
            shaped = shapeStr(text, name, style.size, force=True)
            if isinstance(shaped, ShapedStr):
                return Run(name, shaped, _shaped_width(shaped, style.size))
        text = reordered_devanagari(joined_arabic("".join(c for c in text if c not in _JOINERS)))
    if from_right:
        text = mirrored(text)
    return Run(name, text, float(stringWidth(text, name, style.size)))


def _needs_shaping(text: str) -> bool:
    return any("\u0590" <= c <= "\u0dff" for c in text)


def _shaped_width(shaped: ShapedStr, size: float) -> float:
    # ReportLab's own attribute: a shaped string is not measured by anything public.
    glyphs = getattr(shaped, "__shapeData__")  # noqa: B009
    return float(sum(glyph.x_advance for glyph in glyphs)) * size / 1000


def _upper_width(line: str, style: Style) -> float:
    if line.isascii():
        return line_width(line, style)
    return sum(_letter_width(c, style) for c in line)


@lru_cache(maxsize=8192)
def _letter_width(character: str, style: Style) -> float:
    name = face_for(character, bold=style.bold)
    if name is None:
        name, character = face_for(REPLACEMENT, bold=False) or "", REPLACEMENT
    return float(stringWidth(character, name, style.size))


def _broken(line: str, style: Style, width: float) -> list[str]:
    """Break one line at blanks, and inside a word only where the word alone is too wide."""
    lines: list[str] = []
    begin, used, blank = 0, 0.0, -1  # where this line begins, its width, its last blank
    since_blank = 0.0
    for at, character in enumerate(line):
        wide = _letter_width(character, style)
        if character == " ":
            blank, since_blank = at, 0.0
        elif used + wide > width and at > begin:
            if blank > begin:
                lines.append(line[begin:blank].rstrip())
                begin, used = blank + 1, since_blank
            if used + wide > width and at > begin and not _clings(character, at - begin):
                lines.append(line[begin:at])
                begin, used = at, 0.0
            blank, since_blank = -1, used
        used += wide
        since_blank += wide if character != " " else 0.0
    lines.append(line[begin:].rstrip())
    return lines


def _clings(character: str, letters_before: int) -> bool:
    """Whether a mark must stay with its letter; a run of marks too long to be writing breaks like letters."""
    return unicodedata.category(character)[0] == "M" and letters_before < 400
