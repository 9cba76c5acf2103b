"""`ledgerflow conflicts`: what waits for a decision, both sides of it in money, and the decision."""

import argparse
import shlex
from datetime import timedelta
from typing import Literal

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.money.amount import grouped_text, signed_text
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import conflicts, resolving
from ledgerflow_desktop.actions.conflicts import EffectLine, Sides
from ledgerflow_desktop.actions.resolving import Decision
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.cli.posting import read_records, vouchers_of
from ledgerflow_desktop.phrases.parked import reason_text
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.field_changes import FieldChange
from ledgerflow_desktop.storage.replica_store import Conflict


def run(arguments: argparse.Namespace) -> int:
    """List, show or resolve."""
    deeds = {"list": _list, "show": _show, "resolve": _resolve}
    reads_only = arguments.deed != "resolve"
    with terminal.open_book(arguments.book, read_only=reads_only) as book:
        deeds[arguments.deed](book, arguments)
    return 0


def _list(book: Book, arguments: argparse.Namespace) -> None:
    found = conflicts.open_conflicts(book)
    for parked in found:
        print(_headline(book, parked))
    if not found:
        print("Nothing waits for a decision.")


def _headline(book: Book, parked: Conflict) -> str:
    event = parked.event
    parts = [
        event.id,
        parked.at[:16].replace("T", " ") + "Z",
        conflicts.kind_of(event.body),
        visible(conflicts.subject_of(book, event.body)),
        f"{reason_text(parked.reason)} [{parked.reason}]",
    ]
    return "  ".join(part for part in parts if part)


def _show(book: Book, arguments: argparse.Namespace) -> None:
    found = conflicts.sides(book, conflicts.find(book, arguments.id))
    print(_headline(book, found.conflict))
    for line in (*_documents(book, found), *_fields(found.fields), *_effects(book, found)):
        print(line)


def _documents(book: Book, found: Sides) -> list[str]:
    lines = [
        f"{title:<8} {_document(book, voucher)}"
        for title, voucher in (("stands", found.stands), ("parked", found.parked), ("has it", found.rival))
        if voucher is not None
    ]
    return ["", *lines] if lines else []


def _document(book: Book, voucher: Voucher) -> str:
    kind = book.chart.voucher_types.get(voucher.type)
    state = "" if voucher.state is VoucherState.REGULAR else str(voucher.state)
    parts = (
        voucher.date.isoformat(),
        visible(kind.name) if kind else "",
        visible(voucher.number),
        _money(book, voucher.debit_total),
        state,
        visible(voucher.narration),
    )
    return "  ".join(part for part in parts if part)


def _fields(changes: tuple[FieldChange, ...]) -> list[str]:
    if not changes:
        return []
    return _table(
        ("", "stands", "parked"),
        [(change.field, change.before or "-", change.after or "-") for change in changes],
        right_from=9,
    )


def _effects(book: Book, found: Sides) -> list[str]:
    """Return what each version does to each account, tax accounts below the others."""
    taxes = [line for line in found.effects if line.is_tax]
    others = [line for line in found.effects if not line.is_tax]
    lines: list[str] = []
    for title, group in (("on ledger accounts", others), ("on tax accounts", taxes)):
        if group:
            rows = [_effect(book, line) for line in group]
            lines += _table((title, "stands", "parked", "difference"), rows, right_from=1)
    return lines


def _effect(book: Book, line: EffectLine) -> tuple[str, ...]:
    sides = (line.stands, line.parked, line.difference)
    return (line.account, *(_signed(book, amount) if amount else "-" for amount in sides))


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]], *, right_from: int) -> list[str]:
    shown = [tuple(visible(cell) for cell in row) for row in (heads, *rows)]
    widths = [max(len(row[at]) for row in shown) for at in range(len(heads))]
    return [
        "",
        *(
            "  ".join(
                cell.rjust(width) if at >= right_from else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in shown
        ),
    ]


def _money(book: Book, amount: int) -> str:
    company = book.company
    return f"{company.currency} {grouped_text(amount, company.exponent, indian=company.currency == 'INR')}"


def _signed(book: Book, amount: int) -> str:
    return signed_text(amount, book.company.exponent, indian=book.company.currency == "INR")


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
