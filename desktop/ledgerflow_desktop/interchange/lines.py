"""Text files in blocks of whole lines: a line keeps its number, and no file can fill the memory with one line."""

from collections.abc import Callable, Iterator
from pathlib import Path

from ledgerflow_core.errors import refuse

# Called with the bytes read so far and the size of all files together, seldom enough to draw a bar from it.
Progress = Callable[[int, int], None]

LINE_BYTES_MAX = 16 * 2**20
_BLOCK_BYTES = 2**18
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def line_place(path: Path, line: int) -> str:
    """Return how errors name a line: ``vouchers.jsonl:17``."""
    return f"{path.name}:{line}"


def blocks_of_lines(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the first line, whole lines without the last newline); lines end in LF or CR LF.

    `progress` gets the bytes of each block read. A block is about 256 KiB, or one longer line up to
    `LINE_BYTES_MAX`; a longer one is refused with its place (`line-too-long`). A file that starts with a
    byte order mark is refused (`byte-order-mark`), one that cannot be opened or read too
    (`unreadable-file`). The last line may lack its newline.
    """
    number = 1
    pieces: list[bytes] = []
    held = 0
    for read in _blocks(path):
        if progress is not None:
            progress(len(read))
        whole, newline, rest = read.rpartition(b"\n")
        if newline:
            block = b"".join((*pieces, whole))
            _check_first_line(block, path, number, held)
            yield number, (block.replace(b"\r\n", b"\n") if b"\r" in block else block)
            number += block.count(b"\n") + 1
            pieces, held = [rest], len(rest)
        else:
            pieces.append(rest)
            held += len(rest)
        if held > LINE_BYTES_MAX:
            raise refuse("line-too-long", line_place(path, number), bytes_max=LINE_BYTES_MAX)
    if held:
        yield number, b"".join(pieces)


def _check_first_line(block: bytes, path: Path, number: int, held: int) -> None:
    """Refuse a line that began in earlier blocks and ends in this one beyond the limit."""
    if held + _BLOCK_BYTES > LINE_BYTES_MAX and len(block.split(b"\n", 1)[0]) > LINE_BYTES_MAX:
        raise refuse("line-too-long", line_place(path, number), bytes_max=LINE_BYTES_MAX)


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            block = file.read(_BLOCK_BYTES)
            if block.startswith(_BYTE_ORDER_MARK):
                raise refuse("byte-order-mark", line_place(path, 1))
            while block:
                yield block
                block = file.read(_BLOCK_BYTES)
    except OSError as error:
        raise refuse("unreadable-file", path.name, reason=error.strerror) from error
