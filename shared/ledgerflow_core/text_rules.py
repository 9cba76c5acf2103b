"""What text a book takes: no character that hides, reorders or ends other text, and no name without an end."""

import re

from ledgerflow_core.errors import Problem

NAME_LENGTH_MAX = 200
NARRATION_LENGTH_MAX = 10_000
NUMBER_LENGTH_MAX = 60
REASON_LENGTH_MAX = 500

# Controls (NUL among them), embeddings, overrides and isolates that make a name read as another, lone
# surrogates, and noncharacters. The marks U+200E, U+200F and U+061C stay: Arabic and Hebrew names need them.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_REFUSED_IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def problems_in_name(name: str, place: str, *, length_max: int = NAME_LENGTH_MAX) -> list[Problem]:
    """Check a name or number: present, of one line, no longer than `length_max`, no trick characters."""
    if 0 < len(name) <= length_max and name.isascii() and name.isprintable() and not name.isspace():
        return []  # nearly every name and number there is
    if not name.strip():
        return [Problem("name-empty", place)]
    if len(name) > length_max:
        return [Problem("text-too-long", place, {"length": len(name), "most": length_max})]
    if found := _REFUSED_IN_NAMES.search(name):
        return [_not_allowed(found, place)]
    return []


def problems_in_text(text: str, place: str, *, length_max: int = NARRATION_LENGTH_MAX) -> list[Problem]:
    """Check free text: may be empty and have several lines, but no trick characters."""
    if len(text) > length_max:
        return [Problem("text-too-long", place, {"length": len(text), "most": length_max})]
    if not text.isprintable() and (found := _REFUSED.search(text)):
        return [_not_allowed(found, place)]
    return []


def _not_allowed(found: re.Match[str], place: str) -> Problem:
    return Problem("character-not-allowed", place, {"character": f"U+{ord(found[0]):04X}", "at": found.start() + 1})
