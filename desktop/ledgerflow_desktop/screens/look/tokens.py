"""Every colour, space and size of type of the program, light and dark, in one place.

Text colours keep a contrast of at least 4.5 to 1 on the surfaces they stand on (WCAG 2.2, 1.4.3), lines
that carry meaning and the focus ring 3 to 1 (1.4.11); a test measures them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme. `on_x` is what is written on `x`; every text colour may stand on window, surface and selection."""

    window: str  # behind everything
    surface: str  # pages, tables, fields
    sunken: str  # heads of tables, bars, key caps
    raised: str  # popups, and the row under the mouse
    line: str  # separates without being looked at
    line_strong: str  # borders of fields
    handle: str  # of scroll bars
    text: str
    text_quiet: str  # labels, hints, secondary columns
    accent: str
    accent_strong: str  # pressed, hovered
    on_accent: str
    selection: str  # the current row, the chosen item
    danger: str
    danger_surface: str
    warning: str
    warning_surface: str
    good: str


LIGHT = Colours(
    window="#F4F5F7",
    surface="#FFFFFF",
    sunken="#F0F2F4",
    raised="#FAFBFC",
    line="#E1E4E8",
    line_strong="#868F9B",
    handle="#C2C8D0",
    text="#1A2027",
    text_quiet="#566170",
    accent="#0B6E62",
    accent_strong="#08574E",
    on_accent="#FFFFFF",
    selection="#DBEEEA",
    danger="#A8201A",
    danger_surface="#FCEBEA",
    warning="#7A4B00",
    warning_surface="#FDF3DF",
    good="#176B34",
)

DARK = Colours(
    window="#121518",
    surface="#1A1E22",
    sunken="#22272C",
    raised="#262C32",
    line="#2F363D",
    line_strong="#6F7A86",
    handle="#414A53",
    text="#E7EAED",
    text_quiet="#A7B0BA",
    accent="#5CC6B4",
    accent_strong="#83D8CA",
    on_accent="#07211D",
    selection="#1E3D39",
    danger="#FF958C",
    danger_surface="#3A1F1E",
    warning="#F0BF66",
    warning_surface="#36290F",
    good="#7CD39A",
)


@dataclass(frozen=True, slots=True)
class Space:
    """Distances in device-independent pixels, all multiples of four."""

    hair: int = 2
    small: int = 4
    medium: int = 8
    large: int = 12
    wide: int = 16
    section: int = 24
    page: int = 32


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of type in device-independent pixels. One family; figures all of one width."""

    family: str = "Noto Sans"
    small: int = 12
    body: int = 13
    large: int = 15
    title: int = 20
    display: int = 28


SPACE = Space()
TYPE = Type()
RADIUS = 6
FIELD_HEIGHT = 32
ROW_HEIGHT = 28
