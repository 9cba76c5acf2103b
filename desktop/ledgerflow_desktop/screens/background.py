"""One worker thread for everything that touches disk, network or key derivation, its answers on the GUI thread.

One thread, because an open book is for one thread at a time. Work is done in the order it was asked for;
what nobody waits for any more (a page was closed, a window scrolled on) is taken out of the queue. Another thread
may ask for one piece of work at a time between those, and wait for it.
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from ledgerflow_core.errors import LedgerFlowError

Value = TypeVar("Value")
Failed = Callable[[LedgerFlowError], None]
_TURN_SECONDS = 0.001


@dataclass(eq=False)
class Task:
    """One piece of work asked for. The asker may cancel it; the work reads `cancelled` and says `progress`."""

    action: Callable[["Task"], Any]
    owner: QObject
    on_done: Callable[[Any], None]
    on_failed: Failed
    on_progress: Callable[[int, int], None] | None
    tell: Callable[["Task", int, int], None]
    _cancel: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Say that nobody waits for the answer: it is not delivered, and work not begun is not done."""
        self._cancel.set()

    def cancelled(self) -> bool:
        """Whether the work should stop. For the worker thread."""
        return self._cancel.is_set()

    def progress(self, done: int, of: int) -> None:
        """Tell how far the work is; `of` 0 means unknown. For the worker thread."""
        self.tell(self, done, of)


@dataclass(eq=False)
class _Asked:
    """Work that another thread waits for."""

    work: Callable[[], Any]
    answer: Future[Any] = field(default_factory=Future)

    def do(self) -> None:
        """Do the work and hand on what came of it, an error as well."""
        try:
            self.answer.set_result(self.work())
        except Exception as raised:  # noqa: BLE001 - outermost loop: raised in the thread that waits
            self.answer.set_exception(raised)


class Background(QObject):
    """The worker thread. Every program has one; `stop` ends it."""

    busy_changed = Signal(bool)
    _answered = Signal(object, object, object)
    _progressed = Signal(object, object, object)  # bytes may be more than Qt's int of 32 bits holds

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # The GUI thread gets its turn within a millisecond, however long the work of this one is.
        sys.setswitchinterval(_TURN_SECONDS)
        self._queue: SimpleQueue[Task | _Asked | None] = SimpleQueue()
        self._waiting = 0
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._deliver_progress, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work, name="background", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether something is asked for that has not been answered."""
        return self._waiting > 0

    def run(
        self,
        owner: QObject,
        action: Callable[[], Value],
        on_done: Callable[[Value], None],
        on_failed: Failed,
    ) -> Task:
        """Do `action` on the worker thread and hand its value to `on_done` on the GUI thread.

        A `LedgerFlowError` goes to `on_failed`; anything else is a programmer's mistake and is raised on the
        GUI thread. Neither is called once `owner` is gone or the task cancelled.
        """
        return self.run_long(owner, lambda _: action(), on_done, on_failed)

    def run_long(
        self,
        owner: QObject,
        action: Callable[[Task], Value],
        on_done: Callable[[Value], None],
        on_failed: Failed,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Task:
        """Do work that says how far it is and can be cancelled; otherwise as `run`."""
        task = Task(action, owner, on_done, on_failed, on_progress, self._progressed.emit)
        self._waiting += 1
        if self._waiting == 1:
            self.busy_changed.emit(True)
        self._queue.put(task)
        return task

    def ask(self, work: Callable[[], Value]) -> Future[Value]:
        """Queue work for another thread, which waits for the answer; errors are raised there.

        Nobody may ask once `stop` was called: it would wait for ever.
        """
        asked = _Asked(work)
        self._queue.put(asked)
        return asked.answer

    def leave(self) -> None:
        """End the thread once what it is doing is done, and wait for nothing: what is not delivered is lost."""
        self._queue.put(None)

    def stop(self) -> None:
        """End the thread when what it is doing is done. Waits for it: for the end of the program only."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            if isinstance(task, _Asked):
                task.do()
                continue
            value: object = None
            error: BaseException | None = None
            if not task.cancelled():
                try:
                    value = task.action(task)
                except Exception as raised:  # noqa: BLE001 - outermost loop: handed over, and raised on the GUI thread
                    error = raised
            try:
                self._answered.emit(task, value, error)
            except RuntimeError:
                return  # the program is ending and took the receiver with it

    def _deliver(self, task: Task, value: object, error: BaseException | None) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self.busy_changed.emit(False)
        if task.cancelled() or not isValid(task.owner):
            return
        if error is None:
            task.on_done(value)
        elif isinstance(error, LedgerFlowError):
            task.on_failed(error)
        else:
            raise error

    def _deliver_progress(self, task: Task, done: int, of: int) -> None:
        if task.on_progress is not None and not task.cancelled() and isValid(task.owner):
            task.on_progress(done, of)
