"""What need not reach the parser: empty elements, flags that say No, and in the passes for masters all vouchers.

A voucher as TallyPrime exports it has some 280 elements on a line each, of which about 70 say anything, and
the others are the same lines every time; leaving them out of the text first makes reading twice as fast. The
shortcuts know tags only, so they are not taken in a file with a comment or a CDATA section, in which a tag
may be text.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# An element alone on its line that is empty or says No, which is Tally's way of leaving something out; never
# a field of free text, nor ISDEEMEDPOSITIVE, which says which way goods go.
_SAYS_NOTHING = re.compile(
    rb" *<(?:([A-Z.]++)>(?: *+|(?<!NAME>)(?<!NUMBER>)(?<!NARRATION>)(?<!REFERENCE>)(?<!ADDRESS>)(?<!CATEGORY>)"
    rb"(?<!ISDEEMEDPOSITIVE>)No)</\1>|[A-Z.]++/>)\r?"
)
# Distinct lines remembered; Tally has a few hundred, a file with more is not worth remembering.
_LINES_MAX = 5_000
# Looking at every line costs more than leaving out saves: after the first chunks one of eight is learned from.
_LEARNED_WHOLE, _LEARNED_EVERY = 8, 8
_START, _END = b"<VOUCHER", b"</VOUCHER"
_AFTER_NAME = b"> \t\r\n/"


def may_hide_tags(chunk: bytes) -> bool:
    """Whether the chunk has a comment, a CDATA section or a processing instruction beside the declaration."""
    return b"<!" in chunk or chunk.find(b"<?", 1) >= 0


def thinned(chunks: Iterable[bytes], voucher_lines: deque[int]) -> Iterator[bytes]:
    """Yield the chunks without what says nothing and without line ends between tags.

    As the parser can no longer count lines, the line of each voucher's start is appended to
    `voucher_lines` before its chunk is yielded.
    """
    number = 1
    nothing: set[bytes] = set()
    for index, chunk in enumerate(chunks):
        if index < _LEARNED_WHOLE or index % _LEARNED_EVERY == 0:
            _learn(chunk, nothing)
        counted = 0
        start = _find(chunk, _START, 0)
        while start >= 0:
            number += chunk.count(b"\n", counted, start)
            counted = start
            voucher_lines.append(number)
            start = _find(chunk, _START, start + 1)
        number += chunk.count(b"\n", counted)
        yield _thin(chunk, nothing)


def _learn(chunk: bytes, nothing: set[bytes]) -> None:
    for line in chunk.split(b"\n"):
        if line not in nothing and _SAYS_NOTHING.fullmatch(line) and len(nothing) < _LINES_MAX:
            nothing.add(line)


def _thin(chunk: bytes, nothing: set[bytes]) -> bytes:
    first, *lines = chunk.split(b"\n")
    kept = [first]
    for line in [line for line in lines if line not in nothing]:
        bare = line.strip()
        if bare[:1] != b"<":
            kept.append(b"\n" + line)  # text of more than one line
        else:
            kept.append(bare if bare[-1:] == b">" else line.lstrip())
    return b"".join(kept)


@dataclass(slots=True)
class Found:
    """The vouchers left out so far, and whether the text is inside one."""

    count: int = 0
    is_inside: bool = False


def without_vouchers(chunks: Iterable[bytes], found: Found) -> Iterator[bytes]:
    """Yield the chunks with only the line ends of each voucher left, noting in `found` what was left out."""
    for chunk in chunks:
        kept: list[bytes] = []
        at = 0
        while at < len(chunk):
            if found.is_inside:
                end = _find(chunk, _END, at)
                until = chunk.find(b">", end) + 1 if end >= 0 else len(chunk)
                kept.append(b"\n" * chunk.count(b"\n", at, until))
                at, found.is_inside = until, end < 0
                continue
            start = _find(chunk, _START, at)
            kept.append(chunk[at : start if start >= 0 else len(chunk)])
            if start < 0:
                break
            found.count += 1
            tag_end = chunk.find(b">", start)
            found.is_inside = chunk[tag_end - 1 : tag_end] != b"/"
            at = start if found.is_inside else tag_end + 1
        yield b"".join(kept)


def _find(chunk: bytes, tag: bytes, at: int) -> int:
    """Return where a tag of exactly this name begins (VOUCHERTYPE is another); -1 if none does."""
    found = chunk.find(tag, at)
    while found >= 0 and chunk[found + len(tag) : found + len(tag) + 1] not in _AFTER_NAME:
        found = chunk.find(tag, found + 1)
    return found
