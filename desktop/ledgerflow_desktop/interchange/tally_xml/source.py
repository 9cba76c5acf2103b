"""The bytes of a Tally file as clean UTF-8 that an XML parser takes, in bounded memory.

A file may be UTF-16 in either order or UTF-8, with or without a byte order mark. What XML 1.0 forbids is
taken out on the way: control characters, references to them (``&#4;``), and an ampersand that begins no
reference is escaped. Chunks end right after a ``>``, so no tag and no reference is ever cut in two.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ledgerflow_core.errors import InvalidInput, refuse

CHUNK_BYTES = 1 << 17
# The longest run without a ">": far above any text Tally writes, far below what would fill the memory.
RUN_BYTES_MAX = 1 << 20

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTER_LEAD = b"\xef\xbf"
_NONCHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF
_REFERENCE = re.compile(rb"&(?:#([0-9]{1,12});|#[xX]([0-9a-fA-F]{1,12});|(?:amp|lt|gt|quot|apos);)?")
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# What a declaration may say beside UTF-8. A file that says UTF-16 and begins with single bytes was saved
# again by a program that left the declaration as it was: it is read as UTF-8.
_SINGLE_BYTE = {"windows-1252": "cp1252", "iso-8859-1": "latin-1"}
_READ_AS_UTF_8 = {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "unicode"}


def clean_chunks(path: Path, read_bytes: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """Yield the file as UTF-8 in chunks of about 128 KiB, each ending after a ``>`` (the last where it ends).

    `read_bytes` gets the bytes read so far. Raises `InvalidInput`: `unreadable-file`, `unsupported-encoding`,
    `wrong-encoding`, `truncated-file` (the last character is cut), `not-a-tally-file` (no markup),
    `xml-text-too-long`, `xml-doctype-refused`.
    """
    decode: codecs.IncrementalDecoder | None = None
    tail, done = b"", 0
    for read in _blocks(path):
        last, block = not read, read
        if decode is None:
            block, decode = _begin(read, path)
        done += len(read)
        data = tail + _cleaned(_decoded(decode, block, last=last, done=done, path=path))
        cut = len(data) if last else data.rfind(b">") + 1
        tail = data[cut:]
        if len(tail) > RUN_BYTES_MAX:
            raise refuse("xml-text-too-long", path.name, bytes_max=RUN_BYTES_MAX)
        if read_bytes is not None:
            read_bytes(done)
        if cut:
            yield _mended(data[:cut], path)


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the file block by block and an empty one at its end; the first is never shorter than its mark."""
    try:
        with path.open("rb") as file:
            while block := file.read(CHUNK_BYTES):
                yield block
    except OSError as error:
        raise refuse("unreadable-file", path.name, reason=error.strerror or "") from None
    yield b""


def size_of(path: Path) -> int:
    """Return the file's length in bytes; 0 if it cannot be told."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _begin(block: bytes, path: Path) -> tuple[bytes, codecs.IncrementalDecoder]:
    """Tell the encoding by the first bytes; return the block without its mark, and the decoder."""
    encoding = "utf-8"
    if block.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise refuse("unsupported-encoding", path.name, encoding="utf-32")
    if block.startswith((b"\xff\xfe", b"<\0")):
        encoding = "utf-16-le"
    elif block.startswith((b"\xfe\xff", b"\0<")):
        encoding = "utf-16-be"
    elif declared := _DECLARED.match(block):
        name = declared[1].decode("ascii").lower()
        if name not in _READ_AS_UTF_8 and name not in _SINGLE_BYTE:
            raise refuse("unsupported-encoding", path.name, encoding=name)
        encoding = _SINGLE_BYTE.get(name, "utf-8")
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if block.startswith(mark):
            block = block[len(mark) :]
            break
    if not block.replace(b"\0", b"").lstrip().startswith(b"<"):
        raise refuse("not-a-tally-file", path.name)
    return _without_leading_blanks(block, encoding), codecs.getincrementaldecoder(encoding)()


def _without_leading_blanks(block: bytes, encoding: str) -> bytes:
    """A declaration must be the very first thing an XML parser sees."""
    if encoding.startswith("utf-16"):
        return block
    return block.lstrip()


def _decoded(decode: codecs.IncrementalDecoder, block: bytes, *, last: bool, done: int, path: Path) -> bytes:
    try:
        return decode.decode(block, last).encode()
    except UnicodeDecodeError as error:
        code = "truncated-file" if last else "wrong-encoding"
        raise refuse(code, path.name, encoding=error.encoding, before_byte=done) from None
    except UnicodeEncodeError:
        raise refuse("wrong-encoding", path.name, before_byte=done) from None


def _cleaned(data: bytes) -> bytes:
    data = data.translate(None, _CONTROLS)
    if _NONCHARACTER_LEAD in data:
        data = _NONCHARACTERS.sub(b"", data)
    return data


def _mended(data: bytes, path: Path) -> bytes:
    if b"<!" in data and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
        raise doctype_refused(path)
    if b"&" not in data:
        return data
    # By far the most of them are this one, before every name that is Tally's own.
    return _REFERENCE.sub(_reference, data.replace(b"&#4;", b""))


def doctype_refused(path: Path) -> InvalidInput:
    """Return the refusal of a document type: with none, no entity can be declared, expanded or fetched."""
    return refuse("xml-doctype-refused", path.name)


def _reference(match: re.Match[bytes]) -> bytes:
    """Keep a reference XML knows, drop one to a character XML forbids, escape a lone ampersand."""
    decimal, hexadecimal = match.groups()
    if decimal is None and hexadecimal is None:
        return match[0] if len(match[0]) > 1 else b"&amp;"
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    allowed = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return b"&#%d;" % code if allowed else b""
