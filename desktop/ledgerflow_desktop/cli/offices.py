"""`ledgerflow offices`: who takes part in a company, and the end of an office whose book is gone."""

import argparse

from ledgerflow_desktop.actions import office_list
from ledgerflow_desktop.actions.office_list import Listed
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.storage.book import Book


def run(arguments: argparse.Namespace) -> int:
    """List the offices, or close one."""
    with terminal.open_book(arguments.book, read_only=not arguments.close) as book:
        if not arguments.close:
            _list(book)
            return 0
        closed = office_list.close(book, arguments.close, arguments.reason).value
    print(f"Closed {visible(closed.name)}: nothing more of it is taken, and nobody waits for it.")
    print(f"Next: ledgerflow sync {arguments.book}")
    return 0


def _list(book: Book) -> None:
    for one in office_list.listed(book):
        who = one.office.who if one.handle == one.office.handle else one.office.name
        print(f"{visible(one.handle):<8}  {visible(who)}{_state(one)}")


def _state(one: Listed) -> str:
    if one.is_closed:
        return "  closed"
    return "  this book" if one.is_own else ""
