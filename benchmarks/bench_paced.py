"""Batches of 50 vouchers from 40 companies: as fast as they are taken, then at 70 % of that, at random moments.

Both by turns, several times, because a machine that is a fifth slower in the second part is paced at nearly all it can.
Beside them: how long a batch takes when nothing else is under way. `LEDGERFLOW_BENCH_SECONDS` is how long each part
lasts. Server, its own PostgreSQL and the senders share the machine.
"""

import gc
import os
import random
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import sealed_books
from figure import figure, finished, percentile
from pacing import Sender, Turn, at_random, batch, in_turn, send
from served import Served, Spent, served

SECONDS = float(os.environ.get("LEDGERFLOW_BENCH_SECONDS", "6"))
COMPANIES, CONNECTIONS = 40, 40
VOUCHERS = 50
# More than is sent in a second however fast the server is: what is left over of a part goes into the next.
MOST_A_SECOND = 400
SHARE = 0.7
ALONE = 40
ROUNDS = 7


def main() -> None:
    with finished(), served() as server:
        accounts, like = sealed_books.generated(10_000)
        branches = sealed_books.branches(server.folder, server.database, [[1]] * COMPANIES)
        senders = [Sender(branch.token) for branch in branches]
        for sender, branch in zip(senders, branches, strict=True):
            sender.waiting.append(batch(branch, branch.opening(accounts)))
        send(server.port, in_turn(senders), 4)

        def stock(batches: int) -> None:
            for sender, branch in zip(senders, branches, strict=True):
                while len(sender.waiting) < batches:
                    sender.waiting.append(batch(branch, branch.next_vouchers(like, VOUCHERS), VOUCHERS))

        # What was made ahead is large and stays: looking through it would hold up the senders.
        gc.freeze()
        stock(int(SECONDS * MOST_A_SECOND / COMPANIES))
        warm = send(server.port, in_turn(senders), CONNECTIONS, 2)
        alone = send(server.port, [Turn(0.0, senders[at % COMPANIES]) for at in range(ALONE)], 1)
        fast, paced = [], []
        for at in range(ROUNDS):
            fast.append(measured(server, in_turn(senders), SECONDS))
            pause(server)
            # Of the rate of this moment: the machine is faster at some than at others.
            turns = at_random(senders, SHARE * fast[-1].rate, SECONDS, random.Random(at))
            stock(len(turns) // COMPANIES + 2)
            paced.append(measured(server, turns))
            stock(int(SECONDS * MOST_A_SECOND / COMPANIES))
        reported("at full speed", fast)
        p99 = reported(f"at {SHARE:.0%} of that", paced, "budget 100 ms")
        first = percentile([answer.wait for answer in alone], 0.5)
        figure("a batch alone, p50", first * 1000, "ms", n=ALONE, beside="one connection, nothing else under way")
        figure("p99 at 70 % / alone", p99 / first, "x", n=ROUNDS)
        sent = len(warm) + len(alone) + sum(len(part.waits) for part in fast + paced)
        server.require(sent * VOUCHERS)


class Part(NamedTuple):
    """What was measured in one part: batches a second, how long each took (seconds), and what they cost."""

    rate: float
    waits: list[float]
    spent: Spent


def measured(server: Served, turns: Sequence[Turn], seconds: float = float("inf")) -> Part:
    """Send, beginning nothing after `seconds`; return what that came to."""
    before = server.spent()
    answers = send(server.port, turns, CONNECTIONS, seconds)
    spent = server.spent().since(before)
    return Part(len(answers) / max(answer.at for answer in answers), [answer.wait for answer in answers], spent)


def reported(name: str, parts: Sequence[Part], budget: str = "") -> float:
    """Print the medians of the rounds, and the worst p99; return the median p99 (seconds)."""
    n = sum(len(part.waits) for part in parts)
    p50s, p99s = ([percentile(part.waits, share) for part in parts] for share in (0.5, 0.99))
    figure(f"{VOUCHERS} vouchers a batch, {name}", median(part.rate for part in parts) * VOUCHERS, "vouchers/s", n=n)
    figure(f"  p50 of a batch, {name}", median(p50s) * 1000, "ms", n=n)
    figure(f"  p99 of a batch, {name}", median(p99s) * 1000, "ms", n=n, beside=budget)
    figure(f"  lowest p99 of a round, {name}", min(p99s) * 1000, "ms", n=len(parts))
    figure(f"  highest p99 of a round, {name}", max(p99s) * 1000, "ms", n=len(parts))
    total = Spent(*(sum(each) for each in zip(*(part.spent for part in parts), strict=True)))
    total.figures(name, "voucher", n * VOUCHERS, sum(len(part.waits) / part.rate for part in parts))
    return median(p99s)


def pause(server: Served) -> None:
    """Wait until the server has nothing left to do of what was sent."""
    before = server.spent()
    while True:
        time.sleep(0.3)
        now = server.spent()
        if sum(now) - sum(before) < 0.02:
            return
        before = now


if __name__ == "__main__":
    main()
