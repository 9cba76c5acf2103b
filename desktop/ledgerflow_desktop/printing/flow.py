"""A flow of lines down pages: a line that finds no room starts a new page, so nothing is clipped or lost.

Pages are gathered first and drawn afterwards, when it is known how many there are.
"""

from collections.abc import Callable
from functools import partial

from ledgerflow_desktop.printing.paper import Sheet
from ledgerflow_desktop.printing.pen import HAIRLINE, RULE, Pen
from ledgerflow_desktop.printing.typesetting import Style, wrapped

_FOOT = Style(7.5, grey=0.35)


class Flow:
    """One document on one kind of sheet. `y` is where the next line's top will be."""

    def __init__(self, pen: Pen, sheet: Sheet) -> None:
        self.pen, self.sheet = pen, sheet
        self.pages: list[list[Callable[[], None]]] = [[]]
        self.y = sheet.top
        self.on_new_page: Callable[[], None] = lambda: None

    def need(self, height: float) -> None:
        """Make sure of room below, starting a page if there is too little."""
        if self.y - height < self.sheet.bottom:
            self.pages.append([])
            self.y = self.sheet.top
            self.on_new_page()

    def skip(self, height: float) -> None:
        """Leave room, at the foot of a page as much as there is."""
        self.y = max(self.y - height, self.sheet.bottom)

    def write(self, text: str, x: float, y: float, style: Style) -> None:
        """Write one line at a place of the current page."""
        self.pages[-1].append(partial(self.pen.write, text, x, y, style))

    def write_to(self, text: str, x: float, y: float, style: Style) -> None:
        """Write one line ending at x."""
        self.pages[-1].append(partial(self.pen.write_to, text, x, y, style))

    def paragraph(self, text: str, style: Style, left: float, right: float) -> None:
        """Write wrapped text downwards."""
        for line in wrapped(text, style, right - left):
            self.need(style.line_height)
            self.write(line, left, self.y - style.size, style)
            self.y -= style.line_height

    def rule(self, *, weight: float = RULE, grey: float = 0.0) -> None:
        """Draw a rule across the text at y."""
        sheet = self.sheet
        self.pages[-1].append(partial(self.pen.rule, self.y, sheet.left, sheet.right, weight=weight, grey=grey))

    def sign_line(self, left: float, right: float) -> None:
        """Draw a line to sign on at y."""
        self.pages[-1].append(partial(self.pen.rule, self.y, left, right, weight=HAIRLINE, grey=0.3))

    def shade(self, height: float, *, grey: float) -> None:
        """Shade a band across the text below y."""
        sheet, top = self.sheet, self.y
        self.pages[-1].append(partial(self.pen.shade, top - height, top, sheet.left, sheet.right, grey=grey))

    def draw(self, foot: str, stamp: str) -> None:
        """Draw all pages, each with its foot, its number and its stamp."""
        for number, page in enumerate(self.pages, start=1):
            self.pen.begin_page(self.sheet)
            if stamp:
                self.pen.stamp(stamp)
            for draw in page:
                draw()
            baseline = self.sheet.margin
            self.pen.rule(baseline + 11, self.sheet.left, self.sheet.right, weight=HAIRLINE, grey=0.7)
            lines = wrapped(foot, _FOOT, self.sheet.text_width * 0.8)
            self.pen.write(lines[0], self.sheet.left, baseline, _FOOT)
            self.pen.write_to(f"Page {number} of {len(self.pages)}", self.sheet.right, baseline, _FOOT)
            self.pen.end_page()
