"""`ledgerflow sync`: once, or watching; progress on standard error, one true line at the end."""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import replicas
from ledgerflow_desktop.actions.replicas import LentBook
from ledgerflow_desktop.actions.syncing import Connected, Surroundings
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.cli.sync_lines import ProgressLines, last_line
from ledgerflow_desktop.phrases.trouble import trouble_text
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.sync_client.attachments import Carried
from ledgerflow_desktop.sync_client.progress import Progress

Value = TypeVar("Value")
# Attempts in a row that may fail before a single sync gives up: some seconds.
_PATIENCE = 2
# How often a watch looks whether another program wrote to the book.
_LOOK_SECONDS = 1.0
_EXIT_CODES = {Status.UP_TO_DATE: 0, Status.SYNCING: 0, Status.WAITING: 3, Status.ATTENTION: 1}


def run(arguments: argparse.Namespace) -> int:
    """Sync, watch, or say how things stand."""
    if arguments.status:
        return _status(arguments)
    lent = LentBook(terminal.open_book(arguments.book))
    try:
        return _Watching(lent).run() if arguments.watch else _once(lent)
    except KeyboardInterrupt:
        # Each piece is whole or not there, so unlike after other commands there is nothing to look at.
        print("stopped; everything is kept, and the next sync goes on from here", file=sys.stderr)
        return _EXIT_CODES[Status.WAITING]
    finally:
        lent.let_go()


def _status(arguments: argparse.Namespace) -> int:
    with terminal.open_book(arguments.book, read_only=True) as book:
        found = replicas.standing(book)
    print(found.server)
    print(last_line(found))
    # What was written since is no failure of a command that sends nothing; a last try that failed is.
    return _EXIT_CODES[found.status] if found.trouble else 0


def _once(lent: LentBook) -> int:
    """Sync, answering who asks to close a period; once nothing is left to send, carry the files of vouchers."""
    show = ProgressLines()
    around = Surroundings(terminal.machine(), lent, time.sleep, lambda: False, show)
    connected = Connected(lent.book(), around)
    try:
        session = connected.session
        if session.run_once(patience=_PATIENCE).status is Status.UP_TO_DATE and replicas.answer_closes(lent.book()):
            session.run_once(patience=_PATIENCE)
        carried = Carried()
        if session.progress.status is Status.UP_TO_DATE:
            connected.learn_names(lambda work: work(lent.book()))
            carried = connected.carry_files(lambda work: work(lent.book()), lambda: False, time.sleep)
    finally:
        connected.close()
        show.clear()
    return _said(session.progress, lent, carried)


def _said(progress: Progress, lent: LentBook, carried: Carried) -> int:
    print(last_line(replicas.standing(lent.book()), progress))
    if carried.trouble:
        print(f"Files of vouchers: {trouble_text(carried.trouble, goes_on=False)} [{carried.trouble}]")
    return _EXIT_CODES[progress.status]


class _Watching:
    """Syncs until it is told to stop. While it rests the book is let go of, so that other commands may write to it."""

    def __init__(self, lent: LentBook) -> None:
        self._lent = lent
        self._folder = lent.book().folder
        self._stop, self._wake = threading.Event(), threading.Event()
        self._show = ProgressLines()
        self._carried = Carried()
        self._left, self._is_behind = self._written(), False
        around = Surroundings(terminal.machine(), lent, self._rest, self._stop.is_set, self._show)
        self._connected = Connected(lent.book(), around)

    def run(self) -> int:
        """Watch until Ctrl+C or SIGTERM; say at the end how things stand."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ended)
        listener = self._connected.listen(self._wake.set, self._pause)
        try:
            self._connected.session.run()
        finally:
            self._connected.close()
            self._show.clear()
        listener.join(timeout=1)
        return _said(self._connected.session.progress, self._lent, self._carried)

    def _ended(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop.set()
        self._wake.set()

    def _pause(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _rest(self, seconds: float) -> None:
        """Answer who wants to close a period, then wait until the time is up, the server hints or the book changes."""
        self._let_go()
        if self._connected.session.progress.status is Status.UP_TO_DATE:
            if self._has_answered():
                return
            self._connected.learn_names(self._for_a_moment)
            self._carried = self._connected.carry_files(self._for_a_moment, self._is_awaited, self._wake.wait)
        end = time.monotonic() + seconds
        while not self._is_awaited() and time.monotonic() < end:
            self._wake.wait(min(_LOOK_SECONDS, max(0.0, end - time.monotonic())))
        self._is_behind = False
        self._wake.clear()

    def _has_answered(self) -> bool:
        try:
            return self._for_a_moment(replicas.answer_closes) > 0
        except LedgerFlowError:
            return False  # another program has the book, or the disk is full; asked again at the next rest

    def _for_a_moment(self, work: Callable[[Book], Value], /) -> Value:
        """Have the book for one piece of work: a file may take an hour, and others write meanwhile."""
        self._is_behind = self._is_behind or self._written() != self._left
        try:
            return work(self._lent.book())
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Let others write; from now on a change on the disk is theirs."""
        self._lent.let_go()
        self._left = self._written()

    def _is_awaited(self) -> bool:
        """Whether somebody wrote to the book meanwhile, the server hinted, or it is to stop."""
        return self._wake.is_set() or self._is_behind or self._written() != self._left

    def _written(self) -> tuple[tuple[int, int], ...]:
        """Return what changes on the disk when somebody writes to the book."""
        database = self._folder.database
        files = (database, database.with_name(database.name + "-wal"))
        return tuple(map(_mark, files))


def _mark(file: Path) -> tuple[int, int]:
    """Return time and size of a file that whoever closes the book may take away at any moment."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
