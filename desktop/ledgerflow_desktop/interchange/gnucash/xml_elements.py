"""The XML of a GnuCash book, element by element: nothing is kept but the element being read.

A document type or an entity of its own is refused outright, as is anything that would have to be held
whole and is too large, so the memory used is bounded whatever the file says and however far it unpacks.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.lines import line_place

_BLOCK_BYTES = 2**16
_DEPTH_MAX = 64
# A transaction of 12,000 splits, the most a voucher takes, has about 100,000 elements.
_ELEMENTS_MAX = 200_000
# The text of one element, and a tag that does not end. Some parsers take time in the square of the latter.
_TEXT_MAX = 4 * 2**20
# GnuCash's XML packs about 20 to 1. Only long runs of one byte pack better than 200 to 1.
_UNPACKED_FREE_BYTES = 64 * 2**20
_UNPACKED_RATIO_MAX = 200


@dataclass(slots=True)
class Element:
    """An element under its name as written (``trn:id``); `text` is what it holds before its first child."""

    name: str
    line: int
    kind: str = ""
    text: str = ""
    children: "list[Element]" = field(default_factory=list)

    def first(self, name: str) -> "Element | None":
        """Return the first child of a name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def said(self, name: str) -> str:
        """Return the text of the first child of a name; empty without one."""
        child = self.first(name)
        return child.text if child is not None else ""


class _Collector:
    """Gathers whole elements named `wanted`, and lets everything else pass; nothing below `passed_over` counts."""

    def __init__(
        self, path: Path, parser: expat.XMLParserType, wanted: frozenset[str], passed_over: frozenset[str]
    ) -> None:
        self._file = path
        self._parser = parser
        self._wanted = wanted
        self._passed_over = passed_over
        self._open: list[Element] = []
        self._path: list[str] = []
        self._over_depth = 0
        self._elements = self._characters = 0
        self._text: list[str] = []
        self.done: list[Element] = []
        self.root = ""
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self.root = self.root or name
        if len(self._path) > _DEPTH_MAX:
            raise refuse("xml-too-deep", line_place(self._file, self._parser.CurrentLineNumber), most=_DEPTH_MAX)
        if self._over_depth:
            return
        if name in self._passed_over:
            self._over_depth = len(self._path)
        if self._open:
            self._keep_text()
            self._elements += 1
            element = Element(name, self._parser.CurrentLineNumber, attributes.get("type", ""))
            self._open[-1].children.append(element)
            self._open.append(element)
        elif name in self._wanted:
            self._elements = self._characters = 0
            self._open.append(Element(name, self._parser.CurrentLineNumber, attributes.get("type", "")))
        if self._elements > _ELEMENTS_MAX:
            raise refuse("element-too-large", line_place(self._file, self._open[0].line), name=self._open[0].name)

    def _end(self, name: str) -> None:
        if self._over_depth == len(self._path):
            self._over_depth = 0
        self._path.pop()
        if self._open and not self._over_depth:
            self._keep_text()
            element = self._open.pop()
            if not self._open:
                self.done.append(element)

    def _data(self, text: str) -> None:
        if self._open and not self._over_depth:
            self._text.append(text)
            self._characters += len(text)
            if self._characters > _TEXT_MAX:
                raise refuse("element-too-large", line_place(self._file, self._open[0].line), name=self._open[0].name)

    def _keep_text(self) -> None:
        if self._text:
            element = self._open[-1]
            if not element.children:
                element.text = "".join(self._text)
            self._text.clear()

    def _doctype(self, name: str, *_: object) -> None:
        raise refuse("xml-doctype-refused", line_place(self._file, self._parser.CurrentLineNumber), name=name[:40])


def elements(
    path: Path,
    *,
    is_gzipped: bool,
    wanted: frozenset[str],
    passed_over: frozenset[str],
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Element]:
    """Yield whole elements of the names wanted, outermost first, in the file's order.

    `progress` gets the position in the file as it lies on disk and its size. Refuses what is not
    well-formed, cut off or not GnuCash's (`bad-xml`, `damaged-file`, `not-a-gnucash-file`) and the hostile
    (`xml-doctype-refused`, `xml-too-deep`, `element-too-large`, `unpacks-too-far`); places are lines.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    collector = _Collector(path, parser, wanted, passed_over)
    fed = 0
    with _opened(path, is_gzipped) as (content, file):
        size = path.stat().st_size
        block = content.read(_BLOCK_BYTES)
        while block:
            fed += len(block)
            _feed(path, parser, block, is_last=False)
            if fed - parser.CurrentByteIndex > _TEXT_MAX:
                raise refuse("element-too-large", line_place(path, parser.CurrentLineNumber))
            if is_gzipped and fed > max(_UNPACKED_FREE_BYTES, _UNPACKED_RATIO_MAX * size):
                raise refuse("unpacks-too-far", path.name, ratio_max=_UNPACKED_RATIO_MAX)
            if collector.root not in ("", "gnc-v2"):
                raise refuse("not-a-gnucash-file", path.name, root=collector.root[:40])
            yield from collector.done
            collector.done.clear()
            if progress is not None:
                progress(file.tell(), size)
            block = content.read(_BLOCK_BYTES)
        _feed(path, parser, b"", is_last=True)
    yield from collector.done


def _feed(path: Path, parser: expat.XMLParserType, block: bytes, *, is_last: bool) -> None:
    try:
        parser.Parse(block, is_last)
    except expat.ExpatError as error:
        raise refuse("bad-xml", line_place(path, error.lineno), reason=expat.ErrorString(error.code)) from None


@contextmanager
def _opened(path: Path, is_gzipped: bool) -> Iterator[tuple[BinaryIO | gzip.GzipFile, BinaryIO]]:
    """Open a file as its content and as the bytes on disk."""
    try:
        with path.open("rb") as file:
            yield (gzip.GzipFile(fileobj=file) if is_gzipped else file), file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise refuse("damaged-file", path.name, reason=str(error)[:120]) from error
    except OSError as error:
        raise refuse("unreadable-file", path.name, reason=error.strerror) from error
