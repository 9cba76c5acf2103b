"""A PDF read back piece by piece: each text operator with where it begins and ends on its page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

MARGIN = 36.0
HALF_A_POINT = 0.5


class Piece(NamedTuple):
    """`text` is right for ASCII alone; positions are in points from the bottom left."""

    text: str
    left: float
    right: float
    baseline: float


def joined(reader: PdfReader) -> str:
    """Return the text of all pages."""
    return "".join(page.extract_text() for page in reader.pages)


def pieces(page: PageObject) -> list[Piece]:
    """Return the pieces of a page, its slanting stamp left out."""
    return list(_pieces(page))


def assert_inside(reader: PdfReader) -> None:
    """Every piece of text lies within the frame of its page, to its last letter."""
    for page in reader.pages:
        right = float(page.mediabox.width) - MARGIN
        top = float(page.mediabox.height) - MARGIN
        for piece in pieces(page):
            assert piece.left >= MARGIN - HALF_A_POINT, piece
            assert piece.right <= right + HALF_A_POINT, piece
            assert MARGIN <= piece.baseline <= top, piece


def _pieces(page: PageObject) -> Iterator[Piece]:
    fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
    content = page.get_contents()
    assert content is not None
    font, size, x, y, turned, kept = None, 0.0, 0.0, 0.0, False, [False]
    for operands, operator in ContentStream(content, page.pdf).operations:
        if operator == b"q":
            kept.append(turned)
        elif operator == b"Q":
            turned = kept.pop()
        elif operator == b"cm":
            turned = turned or float(operands[1]) != 0
        elif operator == b"Tf":
            font, size = fonts[operands[0]], float(operands[1])
        elif operator == b"Tm":
            x, y = float(operands[4]), float(operands[5])
        elif operator == b"Tj" and font is not None:
            raw = _raw(operands[0])
            widths, first = font["/Widths"], int(font["/FirstChar"])
            wide = sum(float(widths[code - first]) for code in raw) * size / 1000
            if not turned and raw.strip():
                yield Piece(raw.decode("latin-1"), x, x + wide, y)
            x += wide


def _raw(operand: Any) -> bytes:
    return operand.original_bytes if isinstance(operand, str) else bytes(operand)
