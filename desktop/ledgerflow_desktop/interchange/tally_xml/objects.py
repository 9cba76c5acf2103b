"""The objects of a Tally file one after another: an incremental expat parser with limits.

Whatever stands directly in a TALLYMESSAGE (or in a COLLECTION of an answer over HTTP) is an object. Only
the wanted kinds are built; of the others only the names are noted.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.parsers import expat

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.source import RUN_BYTES_MAX, doctype_refused

DEPTH_MAX = 40
ATTRIBUTES_MAX = 40
# The text of one object: a voucher of ten thousand lines fits, one without an end does not.
OBJECT_BYTES_MAX = 24 << 20

COMPANY_NAME = "SVCURRENTCOMPANY"
_ROOTS = frozenset({"ENVELOPE", "TALLYMESSAGE"})
_PASSED_THROUGH = frozenset(
    {
        "ENVELOPE",
        "BODY",
        "IMPORTDATA",
        "EXPORTDATA",
        "REQUESTDATA",
        "DATA",
        "REQUESTDESC",
        "STATICVARIABLES",
        "DESC",
    }
)
_HOLDS_OBJECTS = frozenset({"TALLYMESSAGE", "COLLECTION"})
_CUT_OFF = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)
_Attributes = dict[str, str]
_Handlers = tuple[Callable[[str, _Attributes], None], Callable[[str], None], Callable[[str], None]]


class ObjectStream:
    """Parses chunks and hands out finished objects of the kinds wanted.

    `passed_over` has the names met of the other kinds, `passed` how often; `company` is what the header says;
    `holds_objects` is whether the file has a place for objects at all. `voucher_lines`, when given, says
    where vouchers start, for a text whose line ends are gone.
    """

    def __init__(self, path: Path, wanted: frozenset[str], voucher_lines: deque[int] | None = None) -> None:
        self._path = path
        self._wanted = wanted | {COMPANY_NAME}
        self._voucher_lines = voucher_lines
        self.passed_over: dict[str, dict[str, None]] = {}
        self.passed: Counter[str] = Counter()
        self.company = ""
        self.holds_objects = False
        self._finished: list[Node] = []
        self._around: list[str] = []
        self._skipping = self._fed = self._object_begins = self._line = 0
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._listen_outside()

    def objects(self, chunks: Iterable[bytes]) -> Iterator[Node]:
        """Yield each wanted object as soon as it is complete.

        Raises `InvalidInput`: `not-a-tally-file`, `bad-xml`, `truncated-file`, `xml-too-deep`,
        `xml-too-many-attributes`, `xml-object-too-large`, `xml-text-too-long`, `xml-doctype-refused`.
        """
        for chunk in chunks:
            self._parse(chunk, final=False)
            if self._finished:
                finished, self._finished = self._finished, []
                yield from finished
        self._parse(b"", final=True)

    def place(self) -> str:
        """Return the file and the line on which the object being read starts."""
        return f"{self._path.name}:{self._line}" if self._line else self._path.name

    def _parse(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            if final or error.code in _CUT_OFF:
                raise refuse("truncated-file", self.place()) from None
            place = self.place() if self._voucher_lines is not None else f"{self._path.name}:{error.lineno}"
            raise refuse("bad-xml", place, reason=expat.ErrorString(error.code)) from None
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > RUN_BYTES_MAX + len(chunk):
            # One tag without an end: the parser would hold all of it in memory.
            raise refuse("xml-text-too-long", self.place(), bytes_max=RUN_BYTES_MAX)
        if self._object_begins and self._fed - self._object_begins > OBJECT_BYTES_MAX:
            raise refuse("xml-object-too-large", self.place(), bytes_max=OBJECT_BYTES_MAX)

    def _listen_outside(self) -> None:
        self._object_begins = 0
        self._parser.StartElementHandler = self._start_outside
        self._parser.EndElementHandler = self._end_outside
        self._parser.CharacterDataHandler = None

    def _start_outside(self, name: str, attributes: _Attributes) -> None:
        around = self._around
        if not around and name not in _ROOTS:
            raise refuse("not-a-tally-file", self._path.name, root=name[:60])
        if self._skipping or name not in self._wanted:
            self._pass(name, attributes)
            return
        self._line = self._line_of(name)
        self._check_attributes(attributes)
        self._object_begins = self._fed or 1
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._inside(
            Node(name, attributes, self._line)
        )

    def _pass(self, name: str, attributes: _Attributes) -> None:
        around = self._around
        if len(around) + self._skipping >= DEPTH_MAX:
            raise refuse("xml-too-deep", self.place(), most=DEPTH_MAX)
        if self._skipping:
            self._skipping += 1
        elif name in _HOLDS_OBJECTS or name in _PASSED_THROUGH:
            self.holds_objects = self.holds_objects or name in _HOLDS_OBJECTS
            around.append(name)
        else:
            self._skipping = 1
            if around and around[-1] in _HOLDS_OBJECTS:
                self.passed[name] += 1
                kind = self.passed_over.setdefault(name, {})
                kind[attributes.get("NAME", "") or f"line {self._parser.CurrentLineNumber}"] = None

    def _end_outside(self, _: str) -> None:
        if self._skipping:
            self._skipping -= 1
        else:
            self._around.pop()

    def _line_of(self, name: str) -> int:
        if self._voucher_lines is None:
            return self._parser.CurrentLineNumber
        return self._voucher_lines.popleft() if name == "VOUCHER" and self._voucher_lines else self._line

    def _inside(self, node: Node) -> _Handlers:
        """Return the handlers that build one object: closures, since they run for every element of the file.

        Whether an element is a field or a list shows only when its first child starts or it ends.
        """
        stack = [node]
        pending = ""
        pending_attributes: _Attributes = {}
        texts: list[str] = []
        top = node

        def start(name: str, attributes: _Attributes) -> None:
            nonlocal pending, pending_attributes, top
            if attributes:
                self._check_attributes(attributes)
            if pending:
                top = Node(pending, pending_attributes)
                stack[-1].lists.setdefault(pending, []).append(top)
                stack.append(top)
                if len(stack) > DEPTH_MAX:
                    raise refuse("xml-too-deep", self.place(), most=DEPTH_MAX)
            if texts:
                texts.clear()
            pending, pending_attributes = name, attributes

        def end(name: str) -> None:
            nonlocal pending, top
            if pending:
                pending = ""
                if texts:
                    text = (texts[0] if len(texts) == 1 else "".join(texts)).strip()
                    texts.clear()
                    if text:
                        fields = top.fields
                        if name in fields:
                            top.repeats.append((name, text))
                        else:
                            fields[name] = text
                return
            stack.pop()
            if stack:
                top = stack[-1]
                return
            if not node.lists and not node.fields and texts:
                node.fields[""] = "".join(texts).strip()
            self._finish(node)

        return start, end, texts.append

    def _finish(self, node: Node) -> None:
        self._listen_outside()
        if node.name == COMPANY_NAME:
            self.company = node.fields.get("", "")
        else:
            self._finished.append(node)

    def _check_attributes(self, attributes: _Attributes) -> None:
        if len(attributes) > ATTRIBUTES_MAX:
            raise refuse("xml-too-many-attributes", self.place(), most=ATTRIBUTES_MAX)

    def _refuse_doctype(self, *_: object) -> None:
        raise doctype_refused(self._path)
