"""What an action changed, so that screens know what to show again."""

from dataclasses import dataclass
from enum import Flag, auto
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Changed(Flag):
    """Kinds of things a screen may be showing."""

    NOTHING = 0
    VOUCHERS = auto()
    MASTERS = auto()
    COMPANY = auto()
    LOCKS = auto()


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Value]):
    """The result of an action that is on the disk, and what it changed."""

    value: Value
    changed: Changed
