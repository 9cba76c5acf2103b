"""`ledgerflow conflicts`: what waits for a decision, both sides of it in money, and the decision."""

import argparse
import shlex
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_desktop.actions import conflict_list, conflict_words, conflicts, resolving
from ledgerflow_desktop.actions.conflict_list import Listed, Opened
from ledgerflow_desktop.actions.conflict_words import Money
from ledgerflow_desktop.actions.conflicts import Sides
from ledgerflow_desktop.actions.resolving import Decision
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.cli.posting import read_records, vouchers_of
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.replica_store import Conflict

_DIFFERS, _NOTHING = "≠", "–"


def run(arguments: argparse.Namespace) -> int:
    """List, show or resolve."""
    deeds = {"list": _list, "show": _show, "resolve": _resolve}
    reads_only = arguments.deed != "resolve"
    with terminal.open_book(arguments.book, read_only=reads_only) as book:
        deeds[arguments.deed](book, arguments)
    return 0


def _list(book: Book, arguments: argparse.Namespace) -> None:
    found = conflict_list.listed(book)
    for one in found:
        _say(_headline(one))
    if not found:
        print("Nothing waits for a decision.")


def _headline(one: Listed) -> str:
    who = conflict_words.who_words(one.office)
    return "  ".join((one.id, _moment(one.at), who, conflict_words.headline(one), _why(one)))


def _why(one: Listed) -> str:
    return f"{conflict_words.why(one)} [{one.reason}]"


def _show(book: Book, arguments: argparse.Namespace) -> None:
    opened = conflict_list.opened(book, conflicts.find(book, arguments.id).id)
    one, money = opened.listed, Money(book.company)
    _say(f"{one.id}  {conflict_words.headline(one)}")
    _say(_why(one))
    for line in (*_authors(book, opened, money), *_fields(book, opened.sides, money), *_effects(opened.sides, money)):
        _say(line)


def _say(line: str) -> None:
    """Print a line. What another office wrote, its clock included, drives no terminal."""
    print(visible(line))


def _authors(book: Book, opened: Opened, money: Money) -> list[str]:
    """Return for each version its amount, who wrote it, where and when."""
    sides = opened.sides
    rows = [
        ("Stands now", sides.stands, opened.stands_by, ""),
        ("Parked", sides.parked, opened.parked_by, f", arrived {_moment(opened.listed.at)}"),
        ("Has the number", sides.rival, opened.rival_by, ""),
    ]
    lines = [""]
    for title, voucher, written, more in rows:
        if written is not None:
            amount = "" if voucher is None else f"{book.company.currency} {money.plain(voucher.debit_total)}, "
            who = conflict_words.where_words(written.office)
            lines.append(f"{title + ':':<15} {amount}entered by {who} at {_moment(written.at)}{more}")
    return lines


def _fields(book: Book, sides: Sides, money: Money) -> list[str]:
    rows = [
        (_DIFFERS if line.differs else "", line.name, line.stands or _NOTHING, line.parked or _NOTHING)
        for line in conflict_words.field_lines(sides, book.chart, money)
    ]
    return _table(("", "", "Stands now", "Parked"), rows, right_from=4)


def _effects(sides: Sides, money: Money) -> list[str]:
    """Return what each version does to each account, tax accounts below the others."""
    lines: list[str] = []
    for title, is_tax in (("Effect on accounts", False), ("Effect on tax accounts", True)):
        rows = [
            (_DIFFERS if line.stands != line.parked else "", line.account, line.stands, line.parked, line.difference)
            for line in conflict_words.money_lines(sides.effects, money, tax=is_tax)
        ]
        lines += _table(("", title, "Stands now", "Parked", "Difference"), rows, right_from=2)
    return lines


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, right_from: int) -> list[str]:
    """Return rows below their heads in columns, an empty line before them; nothing where there is no row."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [""]
    for row in (heads, *rows):
        cells = zip(row, widths, strict=True)
        said = (text.rjust(width) if at >= right_from else text.ljust(width) for at, (text, width) in enumerate(cells))
        lines.append("  ".join(said).rstrip())
    return lines


def _moment(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def _resolve(book: Book, arguments: argparse.Namespace) -> None:
    parked = conflicts.find(book, arguments.id)
    corrected = None
    kind: Literal["kept", "applied", "corrected"] = "kept" if arguments.keep else "applied"
    if arguments.correct:
        kind = "corrected"
        made = vouchers_of(book, read_records(arguments.correct))
        if len(made) != 1:
            raise refuse("correction-missing", "correct")
        corrected = made[0]
    decision = Decision(
        kind=kind,
        corrected=corrected,
        day=parse_date(arguments.date) if arguments.date else None,
        reopen=arguments.reopen,
        reason=arguments.reason,
    )
    try:
        resolving.resolve(book, parked, decision)
    except InvalidInput as error:
        if not any(problem.code == "period-locked" for problem in error.problems):
            raise
        raise InvalidInput([*error.problems, _way_into_a_locked_day(book, parked, arguments)]) from None
    left = len(conflicts.open_conflicts(book))
    said = {"kept": "Kept what stands.", "applied": "Applied.", "corrected": "Put right."}[kind]
    print(f"{said} {left} more to decide." if left else f"{said} Nothing more waits for a decision.")


def _way_into_a_locked_day(book: Book, parked: Conflict, arguments: argparse.Namespace) -> Problem:
    """Return what to type instead: another day helps where nothing leaves a locked one."""
    choice = f"--correct {shlex.quote(arguments.correct)}" if arguments.correct else "--apply"
    again = f"ledgerflow conflicts {shlex.quote(arguments.book)} resolve {parked.id} {choice}"
    stands, locked = conflicts.sides(book, parked).stands, book.locked_until
    stays = stands is not None and locked is not None and stands.date <= locked
    if locked is None or stays or conflicts.day_of(parked.event.body) is None:
        return Problem("conflict-day-locked", "", {"again": again})
    return Problem("conflict-day-locked", "", {"again": again, "day": (locked + timedelta(days=1)).isoformat()})
