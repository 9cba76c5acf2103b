"""Reads JSON as this server accepts it: every name once, no NaN, not deep, and text PostgreSQL can keep.

`json` and pydantic take the last of two equal names, and a client that signs one reading may be held to the other.
"""

import json
import re
from collections.abc import Sequence
from typing import NoReturn, TypeVar

import msgspec

from ledgerflow_core.errors import refuse

DEPTH = 16

Value = TypeVar("Value")

# A string to its end (or to the end of the text: never looked at twice), or a bracket.
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
# A surrogate half or a NUL can be written with an escape only.
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


def check(raw: bytes, depth: int = DEPTH) -> object:
    """Return the value of JSON text. Refuses (`json-refused`, fact `why`) what the module's head names.

    The whys: not-utf-8, too-deep, name-twice, not-a-number, unkeepable-text, not-json.
    """
    _check_depth(raw, depth)
    try:
        value: object = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_names_once, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise refuse("json-refused", why="not-utf-8") from None
    except ValueError:
        raise refuse("json-refused", why="not-json") from None
    if _SUSPECT.search(raw) and not _keepable(value):
        raise refuse("json-refused", why="unkeepable-text")
    return value


def decode(raw: bytes, kind: type[Value], depth: int = DEPTH) -> Value:
    """Return a msgspec value of JSON text. Refuses as `check`, and `invalid-field` with its place."""
    check(raw, depth)
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        found = _PLACE.search(str(error))
        raise refuse("invalid-field", ".".join(["body", *([found.group(1)] if found else [])])) from None
    except msgspec.DecodeError:
        raise refuse("json-refused", why="not-json") from None


def _check_depth(raw: bytes, most: int) -> None:
    """Count brackets before parsing: a parser that recurses is not trusted to be stopped in time."""
    depth = 0
    for found in _BRACKETS.finditer(raw):
        match found.group():
            case b"[" | b"{":
                depth += 1
                if depth > most:
                    raise refuse("json-refused", why="too-deep", most=most)
            case b"]" | b"}":
                depth -= 1


def _names_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refuse("json-refused", why="name-twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise refuse("json-refused", why="not-a-number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise refuse("json-refused", why="not-a-number")
    return number


def _keepable(value: object) -> bool:
    """Whether every text in a value can be encoded, and kept by PostgreSQL, which keeps no NUL."""
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= symbol <= "\udfff" for symbol in value)
        case dict():
            return all(_keepable(name) and _keepable(held) for name, held in value.items())
        case list():
            return all(_keepable(held) for held in value)
        case _:
            return True
