"""One office as a process of its own: ``python -m end_to_end.office_process PLACE NAME SEED [SEAM [COUNT]]``.

It posts, alters and cancels while a session syncs beside it, as the window does, until it is killed or its standard
input ends. With a seam it kills itself there the COUNT-th time: the product has no flags for it, the one function named
is wrapped before anything begins.
"""

import contextlib
import os
import queue
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from end_to_end.office import Office
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.replicas import EnrolledReplica
from ledgerflow_desktop.actions.syncing import Connected, Surroundings
from ledgerflow_desktop.storage import book as book_module
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.writing import Writing

BEFORE_COMMIT = ("written",)
IN_COMMIT = ("in-commit",)
AFTER_COMMIT = ("committed",)
SYNCING = ("receipt-came", "receipt-kept", "log-came", "log-kept")

# The longest a COMMIT takes here, about: the kill comes at some moment of it.
_COMMIT_SECONDS = 0.004
# What is typed in one go, and the longest pause before the next.
_BURST_MAX = 30
_PAUSE_MAX = 0.4
_REST_MAX = 0.05


def die() -> None:
    """Kill this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def patch(seam: str, count: int, chance: random.Random) -> None:
    """Put the fault in at a seam."""
    left = [count]

    def is_time() -> bool:
        left[0] -= 1
        return left[0] == 0

    match seam:
        case "written":
            _wrap(Writing, "finish", after=lambda: is_time() and die())
        case "in-commit" | "committed":
            book_module.transaction = _dying_transaction(seam, is_time, chance)  # type: ignore[assignment]
        case "receipt-came":
            _wrap(EnrolledReplica, "keep", before=lambda: is_time() and die())
        case "receipt-kept":
            _wrap(EnrolledReplica, "keep", after=lambda: is_time() and die())
        case "log-came":
            _wrap(EnrolledReplica, "append", before=lambda: is_time() and die())
        case "log-kept":
            _wrap(EnrolledReplica, "append", after=lambda: is_time() and die())
        case _:
            raise SystemExit(f"no such seam: {seam}")


def _wrap(owner: type, name: str, *, before: Callable[[], object] = bool, after: Callable[[], object] = bool) -> None:
    usual = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        before()
        done = usual(*arguments, **named)
        after()
        return done

    setattr(owner, name, wrapped)


def _dying_transaction(seam: str, is_time: Callable[[], bool], chance: random.Random) -> Callable[..., Any]:
    @contextlib.contextmanager
    def wrapped(connection: Any, place: str) -> Iterator[None]:
        now = is_time()
        with transaction(connection, place):
            yield
            if now and seam == "in-commit":
                threading.Timer(chance.uniform(0, _COMMIT_SECONDS), die).start()
        if now and seam == "committed":
            die()

    return wrapped


class Work:
    """What the office does, one thread for the book: a voucher, then what the session asks of it."""

    def __init__(self, office: Office, chance: random.Random) -> None:
        self._office = office
        self._chance = chance
        self._asked: queue.Queue[Callable[[], None]] = queue.Queue()
        self._ended, self._wrote = threading.Event(), threading.Event()

    def run(self) -> None:
        """Work until standard input ends."""
        replica = EnrolledReplica(self._office.book)
        around = Surroundings(
            self._office.machine,
            lambda work: self._on_book(lambda: work(replica)),
            lambda seconds: self._rest(connected, seconds),
            self._ended.is_set,
            lambda progress: None,
        )
        connected = Connected(self._office.book, around)
        syncing = threading.Thread(target=connected.session.run, daemon=True)
        threading.Thread(target=self._listen, daemon=True).start()
        syncing.start()
        while syncing.is_alive():
            for _ in range(self._chance.randrange(_BURST_MAX)):
                if self._ended.is_set():
                    break
                self._write()
                self._answer(0)
            self._answer(self._chance.uniform(0, _PAUSE_MAX))
        connected.close()

    def _rest(self, connected: Connected, seconds: float) -> None:
        """Carry files of vouchers until somebody writes one, as the window does; its pauses are longer."""
        if connected.session.engine.status is Status.UP_TO_DATE:
            self._wrote.clear()
            connected.carry_files(
                lambda work: self._on_book(lambda: work(self._office.book)),
                lambda: self._wrote.is_set() or self._ended.is_set(),
                _pause,
            )
        _pause(seconds)

    def _listen(self) -> None:
        sys.stdin.read()
        self._ended.set()

    def _on_book(self, work: Callable[[], Any]) -> Any:
        done: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue()

        def ask() -> None:
            try:
                done.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
                done.put((None, error))

        self._asked.put(ask)
        value, error = done.get()
        if error is not None:
            raise error
        return value

    def _answer(self, seconds: float) -> None:
        """Do what the session asks of the book for so many seconds, at least what it asks by now."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(queue.Empty):
            while True:
                self._asked.get(timeout=max(0.0, deadline - time.monotonic()))()

    def _write(self) -> None:
        """Save something: mostly a new voucher, now and then a change of one or a file, whoever made it."""
        self._wrote.set()
        action = self._chance.random()
        known = self._office.recent() if action > 0.85 else []
        if not known:
            self._office.post()
            return
        voucher = self._chance.choice(known)
        if vouchers.load(self._office.book, voucher).voucher.state is VoucherState.CANCELLED:
            return
        if action < 0.87:
            self._office.attach(voucher, self._a_scan())
        elif action < 0.97:
            self._office.alter(voucher, self._chance.randrange(1, 10_000_000))
        else:
            self._office.cancel(voucher)

    def _a_scan(self) -> bytes:
        """Return what a file holds: little, or several pieces; now and then what other offices have as well."""
        chance = self._chance
        of = random.Random(f"price list {chance.randrange(6)}") if chance.random() < 0.2 else chance
        return of.randbytes(of.randrange(150_000, 500_000) if of.random() < 0.2 else of.randrange(20_000))


def _pause(seconds: float) -> None:
    time.sleep(min(seconds / 20, _REST_MAX))


def main(place: str, name: str, seed: str, seam: str = "", count: str = "1") -> None:
    """Open the office's book, say so, and work."""
    chance = random.Random(f"{seed} {name} works")
    office = Office.opened(Path(place), name, seed=int(seed))
    if seam:
        patch(seam, int(count), chance)
    print("open", flush=True)
    try:
        Work(office, chance).run()
    except LedgerFlowError as error:
        print(f"{name}: {error.problems}", file=sys.stderr)
        raise
    finally:
        office.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
