"""The sheets LedgerFlow prints on. Lengths are PostScript points, 72 to the inch; the origin is bottom left."""

from dataclasses import dataclass
from enum import StrEnum


class Paper(StrEnum):
    """A size of paper."""

    A4 = "a4"
    LETTER = "letter"


_PORTRAIT = {Paper.A4: (595.28, 841.89), Paper.LETTER: (612.0, 792.0)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page and the frame text keeps to. 36 points (half an inch) is what every printer can reach."""

    width: float
    height: float
    margin: float = 36.0

    @property
    def left(self) -> float:
        """Where text begins."""
        return self.margin

    @property
    def right(self) -> float:
        """Where text ends."""
        return self.width - self.margin

    @property
    def top(self) -> float:
        """The highest text may reach."""
        return self.height - self.margin

    @property
    def bottom(self) -> float:
        """The lowest the body may reach; the page number stands below it."""
        return self.margin + 16.0

    @property
    def text_width(self) -> float:
        """From left to right."""
        return self.right - self.left


def portrait(paper: Paper) -> Sheet:
    """Return the sheet upright."""
    width, height = _PORTRAIT[paper]
    return Sheet(width, height)


def landscape(paper: Paper) -> Sheet:
    """Return the sheet on its side."""
    width, height = _PORTRAIT[paper]
    return Sheet(height, width)
