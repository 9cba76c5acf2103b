"""`ledgerflow post`: vouchers as JSON, each in the shape of the interchange format."""

import argparse
import json
import sys
from pathlib import Path

import msgspec

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.interchange.jsonl_line import parse_line
from ledgerflow_desktop.interchange.records import VoucherRecord
from ledgerflow_desktop.interchange.voucher_loading import VoucherBuilder
from ledgerflow_desktop.storage.book import Book

_INPUT_BYTES_MAX = 64 * 2**20


def run(arguments: argparse.Namespace) -> int:
    """Post all of them or none; print one line of JSON for each."""
    records = read_records(arguments.file)
    with terminal.open_book(arguments.book) as book:
        made = vouchers_of(book, records)
        try:
            posted = vouchers.post(book, made).value
        except InvalidInput as error:
            raise InvalidInput(
                [_placed(problem, [place for place, _ in records]) for problem in error.problems]
            ) from None
        for voucher in posted:
            said = {"id": voucher.id, "number": voucher.number, "type": book.chart.voucher_types[voucher.type].name}
            print(json.dumps(said | {"date": voucher.date.isoformat()}, ensure_ascii=False))
    return 0


def vouchers_of(book: Book, records: list[tuple[str, VoucherRecord]]) -> list[Voucher]:
    """Return the vouchers of placed records; `InvalidInput` with every problem of all of them."""
    builder = VoucherBuilder(book.company, book.chart, {})
    new_id = book.machine.identifiers().new
    made, problems = [], []
    for place, record in records:
        try:
            made.append(builder.build(record if record.id else msgspec.structs.replace(record, id=new_id())))
        except InvalidInput as error:
            problems += [problem.at(place) for problem in error.problems]
    if problems:
        raise InvalidInput(problems)
    return made


def read_records(file: str) -> list[tuple[str, VoucherRecord]]:
    """Return the vouchers of a file (``-``: standard input) as records, each with its place; refuses what is none."""
    try:
        raw = _read(file)
    except OSError as error:
        raise refuse("unreadable-file", Path(file).name or file, reason=error.strerror) from None
    name = "standard input" if file == "-" else Path(file).name
    if len(raw) > _INPUT_BYTES_MAX:
        raise refuse("input-too-large", name, bytes_max=_INPUT_BYTES_MAX)
    found = [(place, _voucher(line, place)) for place, line in _objects(raw, name)]
    if not found:
        raise refuse("not-a-voucher", name)
    return found


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(_INPUT_BYTES_MAX + 1)
    with Path(file).open("rb") as opened:
        return opened.read(_INPUT_BYTES_MAX + 1)


def _objects(raw: bytes, name: str) -> list[tuple[str, bytes]]:
    if raw.lstrip()[:1] == b"[":
        try:
            items = msgspec.json.decode(raw, type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise refuse("bad-json", name, reason=str(error)) from None
        return [(f"{name}: voucher {at}", bytes(item)) for at, item in enumerate(items, 1)]
    if _is_one_object(raw):
        return [(name, raw)]
    return [(f"{name}:{at}", line) for at, line in enumerate(raw.split(b"\n"), 1) if line.strip()]


def _voucher(line: bytes, place: str) -> VoucherRecord:
    try:
        record = parse_line(line if _has_id(line) else b'{"id":"",' + line.lstrip()[1:])
    except InvalidInput as error:
        raise InvalidInput([problem.at(place) for problem in error.problems]) from None
    if not isinstance(record, VoucherRecord):
        raise refuse("not-a-voucher", place)
    return record


def _placed(problem: Problem, places: list[str]) -> Problem:
    index, _, rest = problem.place.removeprefix("vouchers[").partition("]")
    if problem.place.startswith("vouchers[") and index.isdigit():
        return Problem(problem.code, f"{places[int(index)]}{rest}", problem.facts)
    return problem.at(places[0]) if len(places) == 1 else problem


class _Identified(msgspec.Struct):
    """The one field looked for; the others are the reader's."""

    id: str | int | None = None


def _has_id(line: bytes) -> bool:
    """Whether the object itself has an id; what stands inside its fields does not count."""
    try:
        return msgspec.json.decode(line, type=_Identified).id is not None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return True  # the reader says what is wrong with it


def _is_one_object(raw: bytes) -> bool:
    """Whether the whole input is one object, laid out over any number of lines."""
    try:
        msgspec.json.decode(raw, type=_Identified)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return b"\n" in raw.strip()
