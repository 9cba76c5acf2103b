"""Batches of 50 vouchers from 40 companies: as fast as they are taken, then at 70 % of that, at random moments.

Beside the paced run: how long a batch takes when nothing else is under way. `LEDGERFLOW_BENCH_SECONDS` is how long each
part lasts. Server, its own PostgreSQL and the senders share the machine.
"""

import gc
import os
import random
import time

import sealed_books
from figure import figure, finished, percentile
from pacing import Answer, Sender, Turn, at_random, batch, in_turn, send
from served import Served, served

SECONDS = float(os.environ.get("LEDGERFLOW_BENCH_SECONDS", "15"))
COMPANIES, CONNECTIONS = 40, 40
VOUCHERS = 50
# More than is sent in a second however fast the server is: what is left over of the first part goes into the second.
MOST_A_SECOND = 400
SHARE = 0.7
ALONE = 40


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

        sent = measured(server, senders, stock)
        server.require(sent * VOUCHERS)


def measured(server: Served, senders: list[Sender], stock) -> int:
    """Print the figures; return how many batches were sent."""
    # What was made ahead is large and stays: looking through it would hold up the senders.
    gc.freeze()
    stock(int(SECONDS * MOST_A_SECOND / COMPANIES))
    warm = send(server.port, in_turn(senders), CONNECTIONS, 2)
    alone = send(server.port, [Turn(0.0, senders[at % COMPANIES]) for at in range(ALONE)], 1)
    fast, _ = reported(server, "at full speed", in_turn(senders), SECONDS)
    ceiling = len(fast) / max(answer.at for answer in fast)
    pause(server)
    turns = at_random(senders, SHARE * ceiling, SECONDS, random.Random(1))
    stock(len(turns) // COMPANIES + 2)
    paced, p99 = reported(server, f"at {SHARE:.0%} of that", turns)
    first = percentile([answer.wait for answer in alone], 0.5)
    figure("a batch alone, p50", first * 1000, "ms", n=ALONE, beside="one connection, nothing else under way")
    figure("p99 at 70 % / alone", p99 / first, "x", n=len(paced))
    return len(warm) + len(alone) + len(fast) + len(paced)


def reported(server: Served, name: str, turns: list[Turn], seconds: float = float("inf")) -> tuple[list[Answer], float]:
    """Send and print rate, waits and where the processors' time went; return the answers and their p99 (seconds)."""
    before = server.spent()
    answers = send(server.port, turns, CONNECTIONS, seconds)
    used = server.spent().since(before)
    lasted, waits = max(answer.at for answer in answers), [answer.wait for answer in answers]
    n, p99 = len(answers), percentile(waits, 0.99)
    budget = "budget 100 ms" if seconds == float("inf") else ""
    figure(f"{VOUCHERS} vouchers a batch, {name}", n * VOUCHERS / lasted, "vouchers/s", n=n)
    figure(f"  p50 of a batch, {name}", percentile(waits, 0.5) * 1000, "ms", n=n)
    figure(f"  p99 of a batch, {name}", p99 * 1000, "ms", n=n, beside=budget)
    used.figures(name, "voucher", n * VOUCHERS, lasted)
    return answers, p99


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
