"""Turns the text of an environment variable or a value of TOML into the value an option holds, or says it is wrong."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path

Given = object
Kind = Callable[[Given], object]

_RATE = re.compile(r"[1-9][0-9]{0,6}/(second|minute|hour)")
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


class Wrong(Exception):
    """The value does not fit its option; the text says what would."""


def text(given: Given) -> str:
    """Return text with nothing around it."""
    if not isinstance(given, str):
        raise Wrong("text")
    return given.strip()


def path(given: Given) -> Path | None:
    """Return an absolute path; None where the text is empty."""
    said = text(given)
    return Path(said).expanduser().absolute() if said else None


def flag(given: Given) -> bool:
    """Return whether something is on."""
    said = given if isinstance(given, bool) else text(given).lower()
    if said is True or said in _TRUE:
        return True
    if said is False or said in _FALSE:
        return False
    raise Wrong("true or false")


def whole(least: int, most: int) -> Kind:
    """Return a kind of whole numbers, both ends inside."""

    def kind(given: Given) -> int:
        said = given if isinstance(given, str | int) and not isinstance(given, bool) else ""
        try:
            number = int(said)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise Wrong(f"a whole number from {least} to {most}")
        return number

    return kind


def one_of(*choices: str) -> Kind:
    """Return a kind of a few words."""

    def kind(given: Given) -> str:
        said = text(given).lower()
        if said not in choices:
            raise Wrong(f"one of {', '.join(choices)}")
        return said

    return kind


def url(*schemes: str) -> Kind:
    """Return a kind of addresses that begin with one of `schemes`; empty is allowed."""

    def kind(given: Given) -> str:
        said = text(given).rstrip("/")
        if said and not said.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise Wrong(f"an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return said

    return kind


def rate(given: Given) -> str:
    """Return a rate such as `600/minute`; empty means no limit."""
    said = text(given).replace(" ", "")
    if said and not _RATE.fullmatch(said):
        raise Wrong("COUNT/second, COUNT/minute or COUNT/hour, or empty for no limit")
    return said


def networks(given: Given) -> tuple[str, ...]:
    """Return networks (CIDR), from a list or from text split at commas."""
    parts = [text(part) for part in given] if isinstance(given, list) else text(given).split(",")
    try:
        return tuple(str(ipaddress.ip_network(part.strip())) for part in parts if part.strip())
    except ValueError:
        raise Wrong("networks such as 10.0.0.0/8, split at commas") from None
