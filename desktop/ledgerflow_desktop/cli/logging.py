"""`ledgerflow log`: the edit log on the terminal or in a file; it can be read and exported, never changed."""

import argparse
import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice
from typing import BinaryIO

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.identifiers import MasterId
from ledgerflow_desktop.actions import edit_log
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.cli.voucher_choice import ids_of
from ledgerflow_desktop.phrases.cell_safety import disarmed
from ledgerflow_desktop.phrases.parked import reason_text
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.edit_log import COLUMNS, EditLogFilter, EditLogLine


def run(arguments: argparse.Namespace) -> int:
    """Write the lines asked for, newest first."""
    first, last, limit = _day(arguments.first, "--from"), _day(arguments.last, "--to"), arguments.limit
    if limit < 0:
        raise InvalidInput([Problem("bad-window", "--limit", {"given": limit})])
    with terminal.open_book(arguments.book, read_only=True) as book:
        filters = _filters(book, arguments, first, last)
        lines = chain.from_iterable(edit_log.lines(book, asked) for asked in filters)
        with terminal.output(arguments.output) as out:
            _WRITERS[arguments.format](islice(lines, limit or None), out)
    return 0


def _day(text: str, flag: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except InvalidInput as error:
        raise InvalidInput([problem.at(flag) for problem in error.problems]) from None


def _filters(book: Book, arguments: argparse.Namespace, first: date | None, last: date | None) -> list[EditLogFilter]:
    master: MasterId | None = None
    if arguments.account:
        account = book.chart.account_named(arguments.account)
        if account is None:
            raise InvalidInput([Problem("unknown-account", "--account", {"given": arguments.account[:60]})])
        master = account.id
    if not arguments.voucher:
        return [EditLogFilter(master=master, first=first, last=last)]
    found = ids_of(book, arguments.voucher)
    if not found:
        raise InvalidInput([Problem("unknown-voucher", "--voucher", {"given": arguments.voucher[:60]})])
    return [EditLogFilter(voucher=voucher, master=master, first=first, last=last) for voucher in found]


def _as_table(lines: Iterator[EditLogLine], out: BinaryIO) -> None:
    for line in lines:
        because = f"  because: {line.reason}" if line.reason else ""
        head = (
            f"{line.at[:19].replace('T', ' ')}Z  {line.office or line.user_name}  {line.kind}  {line.subject}{because}"
        )
        _write(out, head)
        if line.parked:
            _write(out, f"    without effect: {reason_text(line.parked)} [{line.parked}]")
        for change in line.changes:
            before, after = (text or "-" for text in (change.before, change.after))
            said = after if change.before is None else f"{before} → {after}"
            _write(out, f"    {change.field}: {said}")


def _write(out: BinaryIO, text: str) -> None:
    leading = len(text) - len(text.lstrip(" "))
    out.write(f"{' ' * leading}{visible(text[leading:])}\n".encode("utf-8", "replace"))


def _as_json(lines: Iterator[EditLogLine], out: BinaryIO) -> None:
    """Write an array, an object a line: it may be long, and is never held as a whole."""
    out.write(b"[")
    for at, line in enumerate(lines):
        said = {name: getattr(line, name) for name in ("position", "at", "user", "user_name", "kind", "subject")}
        said |= {"voucher": line.voucher, "master": line.master, "reason": line.reason, "cause": line.cause}
        said |= {"parked": line.parked, "office": line.office}
        said["changes"] = [
            {"field": change.field, "before": change.before, "after": change.after} for change in line.changes
        ]
        out.write((",\n" if at else "\n").encode() + json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))
    out.write(b"\n]\n")


def _as_csv(lines: Iterator[EditLogLine], out: BinaryIO) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        for row in line.rows():
            writer.writerow([disarmed(cell) for cell in row])
    text.flush()
    text.detach()


_WRITERS = {"table": _as_table, "json": _as_json, "csv": _as_csv}
