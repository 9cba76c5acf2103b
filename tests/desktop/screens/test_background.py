"""Work is done off the GUI thread and answered on it."""

import threading
import time

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from ledgerflow_core.errors import LedgerFlowError, refuse
from ledgerflow_desktop.screens.background import Background, Task


def test_work_runs_on_the_worker_and_answers_on_the_gui_thread(qtbot: QtBot) -> None:
    background, owner = Background(), QObject()
    seen: list[object] = []
    background.run(
        owner, threading.current_thread, lambda where: seen.extend([where, threading.current_thread()]), seen.append
    )
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] is not threading.main_thread()
    assert seen[1] is threading.main_thread()
    background.stop()


def test_a_refusal_goes_to_who_asked(qtbot: QtBot) -> None:
    background, owner = Background(), QObject()
    refused: list[LedgerFlowError] = []

    def refusing() -> None:
        raise refuse("bad-date", given="x")

    background.run(owner, refusing, lambda _: None, refused.append)
    qtbot.waitUntil(lambda: bool(refused))
    assert refused[0].problems[0].code == "bad-date"
    background.stop()


def test_cancelled_work_is_neither_done_nor_answered(qtbot: QtBot) -> None:
    background, owner = Background(), QObject()
    gate, done, answered = threading.Event(), [], []
    background.run(owner, gate.wait, answered.append, answered.append)
    task = background.run(owner, lambda: done.append(1), answered.append, answered.append)
    task.cancel()
    gate.set()
    qtbot.waitUntil(lambda: not background.is_busy)
    assert done == []
    assert answered == [True]
    background.stop()


def test_nobody_is_answered_who_is_gone(qtbot: QtBot) -> None:
    background, owner = Background(), QObject()
    gate, answered = threading.Event(), []
    background.run(owner, gate.wait, answered.append, answered.append)
    delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: not background.is_busy)
    assert answered == []
    background.stop()


def test_progress_comes_on_the_gui_thread(qtbot: QtBot) -> None:
    background, owner = Background(), QObject()
    heard: list[tuple[int, int, bool]] = []

    def work(task: Task) -> None:
        task.progress(5_000_000_000, 9_000_000_000)

    background.run_long(
        owner,
        work,
        lambda _: None,
        lambda _: None,
        lambda done, of: heard.append((done, of, threading.current_thread() is threading.main_thread())),
    )
    qtbot.waitUntil(lambda: bool(heard) and not background.is_busy)
    assert heard == [(5_000_000_000, 9_000_000_000, True)]
    background.stop()


def test_the_gui_thread_goes_on_while_work_waits(qtbot: QtBot) -> None:
    background, owner = Background(), QObject()
    gate, answered = threading.Event(), []
    begun = time.perf_counter()
    background.run(owner, gate.wait, answered.append, answered.append)
    assert time.perf_counter() - begun < 1
    assert background.is_busy
    gate.set()
    qtbot.waitUntil(lambda: bool(answered))
    background.stop()
