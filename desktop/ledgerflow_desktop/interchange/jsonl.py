"""The neutral format itself, JSON Lines: the way in for large books, so vouchers are decoded a block at a time.

A line with ``entries`` is a voucher, one with ``group`` and ``opening`` an account; every other line names
its ``kind``. docs/interchange.md shows one of each. Importing half a million vouchers spends its time here
and in the loader, so a block of voucher lines goes through the decoder in one call, and only a block that
holds anything else, or anything doubtful, is taken line by line (`jsonl_line`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.interchange.jsonl_line import KIND_BY_TYPE, holds_voucher, is_doubtful, parse_line
from ledgerflow_desktop.interchange.lines import Progress, blocks_of_lines, line_place
from ledgerflow_desktop.interchange.records import AccountRecord, Placed, Record, VoucherRecord

_vouchers = msgspec.json.Decoder(VoucherRecord)
_encoder = msgspec.json.Encoder()
# The key as compact JSON has it; inside a text the quotes would be escaped.
_ENTRIES = b'"entries":['


def read(paths: Sequence[Path], progress: Progress | None = None) -> Iterator[Placed]:
    """Yield every record of the files in their order, with its ``file:line``.

    Raises `InvalidInput` at the first line that breaks a rule, with one of the codes `bad-json`,
    `bad-utf-8`, `byte-order-mark`, `line-too-long`, `missing-field`, `wrong-type`, `bad-choice`,
    `unknown-field`, `duplicate-key`, `nul-character`, `unknown-kind`, `unreadable-file`.
    """
    for path, number, block in _blocks(paths, progress):
        vouchers = _vouchers_of_block(block)
        if vouchers is not None:
            for at, voucher in enumerate(vouchers, number):
                yield Placed(line_place(path, at), voucher)
            continue
        for at, line in enumerate(block.split(b"\n"), number):
            record = _parse(line, path, at)
            if record is not None:
                yield Placed(line_place(path, at), record)


def read_masters(paths: Sequence[Path], progress: Progress | None = None) -> Iterator[Placed]:
    """Yield every record that is not a voucher; voucher lines are passed over without being decoded.

    The first of the two passes of the bulk loader; the other is `read_vouchers_in_chunks`. Raises as
    `read` does, for the lines it decodes.
    """
    for path, number, block in _blocks(paths, progress):
        # A block with as many entries as lines holds vouchers alone: a line with two is refused with the vouchers.
        if block.count(_ENTRIES) == block.count(b"\n") + 1:
            continue
        for at, line in enumerate(block.split(b"\n"), number):
            if holds_voucher(line):
                continue
            record = _parse(line, path, at)
            if record is not None:
                yield Placed(line_place(path, at), record)


def read_vouchers_in_chunks(
    path: Path, progress: Callable[[int], None] | None = None
) -> Iterator[tuple[int, list[VoucherRecord]]]:
    """Yield (line of the first, vouchers on consecutive lines); `line_place(path, first + index)` is a place.

    Lines that are not vouchers are passed over, and a chunk ends at one, as it does at a blank line. No
    chunk is empty. `progress` gets the bytes of each block read. Raises as `read` does, for voucher lines.
    """
    for number, block in blocks_of_lines(path, progress):
        vouchers = _vouchers_of_block(block)
        if vouchers is not None:
            yield number, vouchers
            continue
        run: list[VoucherRecord] = []
        first = number
        for at, line in enumerate(block.split(b"\n"), number):
            if holds_voucher(line):
                record = _parse(line, path, at)
                assert isinstance(record, VoucherRecord), "a line with entries is a voucher"
                if not run:
                    first = at
                run.append(record)
            elif run:
                yield first, run
                run = []
        if run:
            yield first, run


def write(records: Iterable[Record], out: BinaryIO) -> None:
    """Write one line for each record, in the order given, as `read` takes them."""
    for record in records:
        if isinstance(record, VoucherRecord):
            line = _encoder.encode(record)
        elif isinstance(record, AccountRecord):
            # What makes a line an account is that it says its opening balance, also when that is zero.
            line = _encoder.encode(msgspec.to_builtins(record) | {"opening": record.opening})
        else:
            line = _encoder.encode({"kind": KIND_BY_TYPE[type(record)]} | msgspec.to_builtins(record))
        out.write(line + b"\n")


def _vouchers_of_block(block: bytes) -> list[VoucherRecord] | None:
    """Return the vouchers of a block with one on every line and nothing doubtful; None for any other block.

    A string of JSON holds no raw newline, so ``}`` newline ``{`` between every two records and no further
    newline means that each has a line of its own.
    """
    try:
        vouchers = _vouchers.decode_lines(block)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    boundaries = len(vouchers) - 1
    if block.count(b"\n") != boundaries or block.count(b"}\n{") != boundaries:
        return None
    return None if is_doubtful(block, _encoder.encode_lines(vouchers)) else vouchers


def _parse(line: bytes, path: Path, number: int) -> Record | None:
    try:
        return parse_line(line)
    except InvalidInput as error:
        raise InvalidInput([problem.at(line_place(path, number)) for problem in error.problems]) from None


def _blocks(paths: Sequence[Path], progress: Progress | None) -> Iterator[tuple[Path, int, bytes]]:
    done, total = 0, sum(_size(path) for path in paths) if progress is not None else 0

    def count(read_bytes: int) -> None:
        nonlocal done
        done += read_bytes
        if progress is not None:
            progress(done, total)

    for path in paths:
        for number, block in blocks_of_lines(path, count):
            yield path, number, block


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
