"""Writing direction: a line in the order it is read becomes runs in the order they stand on paper.

The part of the Unicode Bidirectional Algorithm (UAX #9, revision for Unicode 15) that names and narrations
need: letters and figures of both directions, marks, blanks and mirrored brackets. Explicit embeddings,
overrides and isolates do not occur: `phrases.visible` takes them out.
"""

import re
import unicodedata
from functools import cache
from itertools import zip_longest

_BRACKETS = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))
_LEFT, _RIGHT, _NUMBER, _NEUTRAL = "L", "R", "N", "-"
_ROUGH_CLASS = {"L": _LEFT, "R": _RIGHT, "AL": _RIGHT, "EN": _NUMBER, "AN": _NUMBER}
_JOINS_NUMBERS = frozenset({"ES", "CS", "ET"})


def directional_runs(line: str) -> list[tuple[str, bool]]:
    """Return (text in reading order, runs right to left) pieces of one line from left to right on paper."""
    levels = _levels(line)
    pieces: list[tuple[int, str]] = []
    begin = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or levels[at] != levels[begin]:
            pieces.append((levels[begin], line[begin:at]))
            begin = at
    # UAX #9 rule L2: from the highest level down to 1, turn every stretch at that level or above.
    for level in range(max(levels, default=0), 0, -1):
        pieces = _turned(pieces, level)
    return [(text, level % 2 == 1) for level, text in pieces]


def reads_right_to_left(line: str) -> bool:
    """Whether the first letter of a line belongs to a script written from right to left."""
    for character in line:
        rough = _ROUGH_CLASS.get(unicodedata.bidirectional(character))
        if rough in (_LEFT, _RIGHT):
            return rough == _RIGHT
    return False


def mirrored(text: str) -> str:
    """Return a right-to-left run letter by letter from the left, marks after their letter, brackets turned."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.combining(character):
            clusters[-1] += character
        else:
            clusters.append(_BRACKETS.get(character, character))
    return "".join(reversed(clusters))


def _turned(pieces: list[tuple[int, str]], level: int) -> list[tuple[int, str]]:
    done: list[tuple[int, str]] = []
    stretch: list[tuple[int, str]] = []
    for piece in pieces:
        if piece[0] >= level:
            stretch.insert(0, piece)
        else:
            done += [*stretch, piece]
            stretch = []
    return done + stretch


def _levels(line: str) -> list[int]:
    classes = _classes(line)
    base = 1 if reads_right_to_left(line) else 0
    strong = _RIGHT if base else _LEFT
    before = strong
    levels: list[int] = []
    for at, rough in enumerate(classes):
        if rough == _NEUTRAL:
            after = next((c for c in classes[at:] if c != _NEUTRAL), strong)
            # A number belongs to the letters before it (rules W7 and N1).
            levels.append(_level(before if after in (before, _NUMBER) else strong, base))
        elif rough == _NUMBER:
            levels.append(2 if base or before == _RIGHT else 0)
        else:
            before = rough
            levels.append(_level(rough, base))
    return levels


def _level(rough: str, base: int) -> int:
    if rough == _RIGHT:
        return 1
    return 2 if base else 0


def _classes(line: str) -> list[str]:
    exact = [unicodedata.bidirectional(character) for character in line]
    rough = [_ROUGH_CLASS.get(c, _NEUTRAL) for c in exact]
    for at, c in enumerate(exact):
        if c == "NSM" and at:
            rough[at] = rough[at - 1]
        elif (
            c in _JOINS_NUMBERS
            and 0 < at < len(exact) - 1
            and rough[at - 1] == _NUMBER
            and exact[at + 1] in ("EN", "AN")
        ):
            rough[at] = _NUMBER
    return rough


@cache
def _arabic_forms() -> dict[tuple[str, str], str]:
    """Return the presentation form of (letters, shape), as the Unicode character database decomposes them."""
    forms: dict[tuple[str, str], str] = {}
    for code in (*range(0xFB50, 0xFBB2), *range(0xFE80, 0xFEFD)):
        shape, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if letters:
            forms["".join(chr(int(letter, 16)) for letter in letters), shape] = chr(code)
    return forms


def joined_arabic(text: str) -> str:
    """Return Arabic letters in the shapes they take beside their neighbours, for setting without a shaper.

    Joins letters and ties lam with alef; optional ligatures and the placing of vowel marks are not done.
    """
    forms = _arabic_forms()
    shapes = list(text)
    letters = [at for at, character in enumerate(text) if not unicodedata.combining(character)]
    joined = False  # whether the letter before reaches over to this one
    for at, after in zip_longest(letters, letters[1:]):
        if not shapes[at]:
            continue  # the alef that its lam took in
        pair = text[at] + text[after] if after is not None else ""
        if after is not None and (pair, "<isolated>") in forms:
            shapes[at] = forms[pair, "<final>" if joined else "<isolated>"]
            shapes[after] = ""
            joined = False
            continue
        joins_next = after is not None and _reaches_on(text[at]) and _reaches_back(text[after])
        shape = _SHAPE[joined, joins_next]
        shapes[at] = forms.get((text[at], shape), text[at])
        joined = joins_next
    return "".join(shapes)


def reordered_devanagari(text: str) -> str:
    """Return Devanagari with the short i before its consonants, for setting without a shaper."""
    return _SHORT_I.sub(r"\2\1", text)


_SHORT_I = re.compile("((?:[\u0915-\u0939\u0958-\u095f]\u093c?\u094d)*[\u0915-\u0939\u0958-\u095f]\u093c?)(\u093f)")
_SHAPE = {
    (False, False): "<isolated>",
    (False, True): "<initial>",
    (True, True): "<medial>",
    (True, False): "<final>",
}
_TATWEEL = "\N{ARABIC TATWEEL}"


def _reaches_on(letter: str) -> bool:
    return letter == _TATWEEL or (letter, "<initial>") in _arabic_forms()


def _reaches_back(letter: str) -> bool:
    return letter == _TATWEEL or (letter, "<final>") in _arabic_forms()
