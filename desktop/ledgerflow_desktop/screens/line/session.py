"""One session of an open book: the server is waited for in a thread of its own, the book is touched by its worker.

Loaded when the first enrolled book is opened; the first window needs none of it.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeVar

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import replicas
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.actions.syncing import Connected, Surroundings
from ledgerflow_desktop.actions.watched_replica import WatchedReplica
from ledgerflow_desktop.screens.background import Background
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.sync_client.progress import Progress
from ledgerflow_desktop.sync_client.session import Store
from ledgerflow_desktop.sync_client.transport import NoAnswer

Value = TypeVar("Value")


class Tell(Protocol):
    """Takes the session's word in its thread: how far it is, or the mistake of a programmer that ended it."""

    def __call__(self, session: "BookSession", progress: Progress, fault: Exception | None, /) -> None: ...


class BookSession:
    """Syncs until it is ended. Made by the worker that owns the book; `end` and `wake` are for any thread."""

    def __init__(self, background: Background, book: Book, machine: Machine, tell: Tell) -> None:
        self._background = background
        self._book = book
        self._tell = tell
        self._replica = WatchedReplica(book)
        self._ended, self._woken = threading.Event(), threading.Event()
        self._gate = threading.Lock()
        around = Surroundings(machine, self._on_book, self._rest, self._ended.is_set, self._said, interactive=True)
        self._connected = Connected(book, around)
        self._threads = [threading.Thread(target=self._run, name="sync", daemon=True)]

    def start(self) -> None:
        """Begin to sync."""
        self._threads[0].start()

    def wake(self) -> None:
        """Let it look at once what is to be done."""
        self._woken.set()

    def end(self) -> None:
        """Let go of the book: on return nothing more is asked of it. The network may take a moment to notice."""
        with self._gate:
            self._ended.set()
        self._woken.set()

    def join(self, seconds: float) -> bool:
        """Wait so long for the threads of a session that was ended; return whether they are gone."""
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def take_changed(self) -> Changed:
        """Return what syncing changed in the book since the last call; for the worker."""
        return self._replica.take_changed()

    # --- in the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._threads.append(self._connected.listen(self.wake, self._pause))
            self._connected.session.run()
        except Exception as mistake:  # noqa: BLE001 - outermost loop: handed over, and raised on the GUI thread
            ended = replace(self._connected.session.progress, status=Status.ATTENTION, trouble="internal")
            self._tell(self, ended, mistake)
        finally:
            self._connected.close()

    def _on_book(self, work: Callable[[Store], Value], /) -> Value:
        return self._ask(lambda: work(self._replica))

    def _ask(self, work: Callable[[], Value]) -> Value:
        # Between the look and the queue nobody can end the session: the book is closed behind what is in the queue.
        with self._gate:
            if self._ended.is_set():
                raise NoAnswer(reason="stopped")
            answer = self._background.ask(work)
        return answer.result()

    def _said(self, progress: Progress) -> None:
        if not self._ended.is_set():
            self._tell(self, progress, None)

    def _rest(self, seconds: float) -> None:
        """Answer who asks to close a period, carry files, then wait for the time, a hint or a voucher posted here."""
        engine, said = self._connected.session.engine, self._connected.session.progress
        if engine.status is Status.UP_TO_DATE:
            if self._has_answered():
                return
            self._connected.learn_names(self._on_open_book)
            carried = self._connected.carry_files(self._on_open_book, self._woken.is_set, self._woken.wait)
            if carried.is_said:
                said = replace(said, trouble=said.trouble or carried.trouble)
            if carried.fetched:
                with suppress(LedgerFlowError):  # the book is closed by now, and nobody shows it
                    self._ask(self._replica.note_files)
        # An error of the book has moved the engine and not the progress.
        self._said(replace(said, status=engine.status, trouble=engine.trouble or said.trouble, waits_seconds=seconds))
        self._woken.wait(seconds)
        self._woken.clear()

    def _on_open_book(self, work: Callable[[Book], Value], /) -> Value:
        return self._ask(lambda: work(self._book))

    def _has_answered(self) -> bool:
        try:
            return self._ask(lambda: replicas.answer_closes(self._book)) > 0
        except LedgerFlowError:
            return False  # the next step meets what is the matter, and says it

    def _pause(self, seconds: float) -> None:
        self._ended.wait(seconds)
