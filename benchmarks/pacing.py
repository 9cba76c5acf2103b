"""Sends requests at the times they are due, whether the ones before were answered or not, and says how long each took.

A sender that waits for its answer sends less while the server is slow, and so measures the good moments only. Here an
answer is timed from when its request was due; what is due while every connection is taken is late, and counts as such.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sealed_books import Branch
from served import Line


class Request(NamedTuple):
    """One request. `kind` names it in the figures; `vouchers` is how many it posts."""

    kind: str
    method: str
    path: str
    body: bytes | None = None
    vouchers: int = 0


@dataclass
class Sender:
    """Who sends requests one after the other: each only when the one before was answered."""

    token: str
    waiting: deque[Request] = field(default_factory=deque)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)


class Turn(NamedTuple):
    """When, in seconds after the beginning, a sender is to send its next request."""

    due: float
    sender: Sender


class Answer(NamedTuple):
    """A request that was answered: how many seconds after it was due, and when, in seconds after the beginning."""

    kind: str
    wait: float
    at: float
    vouchers: int


def batch(branch: Branch, wire: bytes, vouchers: int = 0) -> Request:
    """Return the request that sends a batch of a branch."""
    return Request("batch", "POST", f"/v1/companies/{branch.company}/batches", wire, vouchers)


def at_random(senders: Sequence[Sender], rate: float, seconds: float, chance: random.Random) -> list[Turn]:
    """Return turns at `rate` a second on average, as independent people make them, spread evenly over the senders."""
    turns, due, left = [], 0.0, list(senders)
    while (due := due + chance.expovariate(rate)) < seconds:
        if not left:
            left = list(senders)
        at = chance.randrange(len(left))
        left[at], left[-1] = left[-1], left[at]
        turns.append(Turn(due, left.pop()))
    return turns


def in_turn(senders: Sequence[Sender]) -> list[Turn]:
    """Return turns for everything that waits, due at once: they go out as fast as they are answered."""
    rounds = max(len(sender.waiting) for sender in senders)
    return [Turn(0.0, sender) for at in range(rounds) for sender in senders if at < len(sender.waiting)]


def send(port: int, turns: Iterable[Turn], connections: int, seconds: float = float("inf")) -> list[Answer]:
    """Let the senders have their turns, over so many connections; begin none after `seconds`. Return the answers."""
    waiting, taking = deque(turns), threading.Lock()
    answers: list[Answer] = []
    failed: list[Exception] = []
    begin = time.perf_counter() + 0.1

    def work() -> None:
        line = Line(port)
        try:
            while not failed:
                with taking:
                    if not waiting or time.perf_counter() - begin > seconds:
                        return
                    turn = waiting.popleft()
                answers.append(_take(line, turn, begin))
        except Exception as error:  # noqa: BLE001 - raised below, where it is waited for
            failed.append(error)
        finally:
            line.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return answers


def _take(line: Line, turn: Turn, begin: float) -> Answer:
    due, sender = turn
    time.sleep(max(0.0, begin + due - time.perf_counter()))
    if not due:
        due = time.perf_counter() - begin
    with sender.one_at_a_time:
        request = sender.waiting.popleft()
        line.send(request.method, request.path, sender.token, request.body)
    at = time.perf_counter() - begin
    return Answer(request.kind, at - due, at, request.vouchers)
