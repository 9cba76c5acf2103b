"""A pen over a ReportLab canvas: lines of text, rules and shades of one document.

ReportLab keeps the pages, the fonts and the file; the operators of a page (ISO 32000-1, sections 8.5 and 9.4)
are written here, since its own text objects spend most of a long report on taking every letter one by one.
Measured on a statement of 20,000 rows: two and a half times the rows a second; platypus tables do 1,000 a
second at 10,000 rows and fewer the more there are.
"""

from typing import BinaryIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from ledgerflow_desktop.printing.fonts import face, text_face
from ledgerflow_desktop.printing.paper import Sheet
from ledgerflow_desktop.printing.typesetting import Run, Style, line_runs, line_width

HAIRLINE = 0.4
RULE = 0.8
_STAMP_GREY = 0.88


class Pen:
    """Draws pages of one document. y is the baseline of a line of text, from the bottom of the sheet."""

    def __init__(self, out: BinaryIO, *, title: str, author: str) -> None:
        # invariant: the same books print to the same bytes; the day of printing is no fact of the books.
        self._canvas = Canvas(out, pageCompression=1, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setCreator("LedgerFlow")
        # ReportLab's own attribute: faces keep their subsets by document.
        self._document = getattr(self._canvas, "_doc")  # noqa: B009
        self._names: dict[str, str] = {}
        self._begin(Sheet(0, 0))

    def _begin(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._under: list[str] = []
        self._over: list[str] = []
        self._face = ("", 0.0)
        self._grey = 0.0

    def begin_page(self, sheet: Sheet) -> None:
        """Start a page; every page must be ended."""
        self._canvas.setPageSize((sheet.width, sheet.height))
        self._begin(sheet)

    def end_page(self) -> None:
        """Put the text of the page over its rules and shades."""
        self._canvas.addLiteral("\n".join(self._under))
        self._canvas.addLiteral("\n".join(("BT 0 g", *self._over, "ET")))
        self._canvas.showPage()

    def save(self) -> None:
        """Write the document out; binary streams, a fifth smaller than ReportLab's printable ones."""
        rl_config.useA85 = 0
        self._canvas.save()

    def write(self, line: str, x: float, y: float, style: Style) -> None:
        """Write one line beginning at x."""
        if style.grey != self._grey:
            self._over.append(f"{style.grey:.2f} g")
            self._grey = style.grey
        if line.isascii():
            self._change_face(text_face(bold=style.bold), style.size)
            self._over.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm ({_escaped(line)}) Tj")
            return
        for run in line_runs(line, style):
            if run.text.isascii():
                self._change_face(run.face, style.size)
                self._over.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm ({_escaped(run.text)}) Tj")
            else:
                self._write_letters(run, x, y, style)
            x += run.width

    def write_to(self, line: str, x: float, y: float, style: Style) -> None:
        """Write one line ending at x."""
        if line:
            self.write(line, x - line_width(line, style), y, style)

    def write_centred(self, line: str, x: float, y: float, style: Style) -> None:
        """Write one line around x."""
        self.write(line, x - line_width(line, style) / 2, y, style)

    def rule(self, y: float, left: float, right: float, *, weight: float = RULE, grey: float = 0.0) -> None:
        """Draw a level line."""
        self._under.append(f"{grey:.2f} G {weight:.2f} w {left:.2f} {y:.2f} m {right:.2f} {y:.2f} l S")

    def shade(self, bottom: float, top: float, left: float, right: float, *, grey: float) -> None:
        """Fill a rectangle behind the text."""
        self._under.append(f"{grey:.2f} g {left:.2f} {bottom:.2f} {right - left:.2f} {top - bottom:.2f} re f")

    def frame(self, bottom: float, top: float, left: float, right: float, *, grey: float) -> None:
        """Draw the outline of a rectangle."""
        box = f"{left:.2f} {bottom:.2f} {right - left:.2f} {top - bottom:.2f} re S"
        self._under.append(f"{grey:.2f} G {HAIRLINE:.2f} w {box}")

    def stamp(self, word: str) -> None:
        """Write a word large, pale and slanting across the page, behind everything else on it."""
        sheet, style = self.sheet, Style(64, bold=True)
        self._canvas.saveState()
        self._canvas.translate(sheet.width / 2, sheet.height / 2)
        self._canvas.rotate(45 if sheet.height > sheet.width else 30)
        text = self._canvas.beginText(-line_width(word, style) / 2, -style.size / 3)
        text.setFillGray(_STAMP_GREY)
        for run in line_runs(word, style):
            text.setFont(run.face, style.size)
            text.textOut(run.text)
        self._canvas.drawText(text)
        self._canvas.restoreState()

    def _change_face(self, name: str, size: float) -> None:
        if self._face != (name, size):
            if name not in self._names:
                # The first subset of a face holds ASCII at its own codes (`asciiReadable` in `fonts`).
                self._names[name] = face(name).getSubsetInternalName(0, self._document)
            self._over.append(f"{self._names[name]} {size:.2f} Tf")
            self._face = (name, size)

    def _write_letters(self, run: Run, x: float, y: float, style: Style) -> None:
        """Leave letters beyond ASCII, and shaped ones, to ReportLab: it knows their subsets and offsets."""
        text = self._canvas.beginText(x, y)
        text.setFillGray(style.grey)
        text.setFont(run.face, style.size)
        text.textOut(run.text)
        self._canvas.drawText(text)


def _escaped(text: str) -> str:
    if "\\" in text or "(" in text or ")" in text:
        return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return text
