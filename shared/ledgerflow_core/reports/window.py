"""Windows on long reports: a screen reads the lines it shows, a file or printer reads them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Line = TypeVar("Line")

# Lines asked for at once when there is no limit: keeps a store from holding a whole year in one answer.
_LINES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """Lines from `offset` on (0: the first), at most `limit` of them; None: to the end."""

    offset: int = 0
    limit: int | None = None


EVERYTHING = Window()


def read_window(window: Window, read: Callable[[int, int], Sequence[Line]]) -> list[Line]:
    """Return the lines of a window; `read` is asked for (offset, limit) and answers short only at the end."""
    if window.limit is not None:
        return list(read(window.offset, window.limit))
    found: list[Line] = []
    while True:
        part = read(window.offset + len(found), _LINES_AT_ONCE)
        found.extend(part)
        if len(part) < _LINES_AT_ONCE:
            return found
