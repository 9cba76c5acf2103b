"""1,000 tenants that now and then send a small batch or look at their books, without and with a noisy neighbour.

First as fast as they are answered, then at 60 % of that, at random moments; then the same while one more tenant sends
batches of 500 vouchers from four branches as fast as they are taken. `LEDGERFLOW_BENCH_TENANTS` is how many there are,
`LEDGERFLOW_BENCH_SECONDS` how long each part lasts. Server, its own PostgreSQL and the senders share the machine.
"""

import gc
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence

import sealed_books
from figure import figure, finished, percentile
from pacing import Answer, Request, Sender, Turn, at_random, batch, in_turn, send
from sealed_books import BATCH, Branch
from served import served

TENANTS = int(os.environ.get("LEDGERFLOW_BENCH_TENANTS", "1000"))
SECONDS = float(os.environ.get("LEDGERFLOW_BENCH_SECONDS", "15"))
CONNECTIONS = 64
SHARE = 0.6
VOUCHERS_MOST, READS = 10, 0.25
NOISY_BRANCHES = 4
# More than is answered, and more than one company posts, in a second however fast the server is.
REQUESTS_A_SECOND, NOISY_VOUCHERS_A_SECOND = 600, 10_000


class Tenants:
    """Everyone but the neighbour, and what each is about to ask."""

    def __init__(self, branches: Sequence[Branch], chance: random.Random) -> None:
        self.senders = [Sender(branch.token) for branch in branches]
        self._branches = branches
        self._chance = chance
        self._accounts, self._like = sealed_books.small()

    def open(self) -> list[Turn]:
        """Let everyone be about to open the books and post something; return turns for that."""
        for sender, branch in zip(self.senders, self._branches, strict=True):
            sender.waiting += [batch(branch, branch.opening(self._accounts)), self._small_batch(branch)]
        return in_turn(self.senders)

    def stock(self, turns: Sequence[Turn]) -> Sequence[Turn]:
        """Let everyone be about to ask as much as they have turns; return the turns."""
        count = Counter(id(turn.sender) for turn in turns)
        for sender, branch in zip(self.senders, self._branches, strict=True):
            while len(sender.waiting) < count[id(sender)]:
                sender.waiting.append(self._one(branch))
        return turns

    def _one(self, branch: Branch) -> Request:
        if self._chance.random() >= READS:
            return self._small_batch(branch)
        what = self._chance.choice(["reports/trial-balance", "log?after=0&most=4096"])
        return Request("read", "GET", f"/v1/companies/{branch.company}/{what}")

    def _small_batch(self, branch: Branch) -> Request:
        count = self._chance.randint(1, VOUCHERS_MOST)
        return batch(branch, branch.next_vouchers(self._like, count), count)


def main() -> None:
    with finished(), served() as server:
        begin = time.perf_counter()
        branches = sealed_books.branches(server.folder, server.database, [[1]] * TENANTS + [[NOISY_BRANCHES]])
        figure("tenants made", TENANTS / (time.perf_counter() - begin), "tenants/s", n=TENANTS)
        tenants = Tenants(branches[:TENANTS], random.Random(1))
        noisy = [Sender(branch.token) for branch in branches[TENANTS:]]
        answers = send(server.port, tenants.open(), CONNECTIONS)
        answers += stocked_neighbour(server.port, noisy, branches[TENANTS:])
        gc.freeze()

        mixed = tenants.stock([Turn(0.0, sender) for sender in tenants.senders] * at_least_once())
        before = server.spent()
        fast = reported("as fast as answered", send(server.port, mixed, CONNECTIONS, SECONDS / 2))
        lasted = max(answer.at for answer in fast)
        server.spent().since(before).figures("as fast as answered", "request", len(fast), lasted)
        rate = SHARE * len(fast) / lasted
        quiet = tenants.stock(at_random(tenants.senders, rate, SECONDS, random.Random(2)))
        alone = reported(f"at {SHARE:.0%} of that", send(server.port, quiet, CONNECTIONS), "budget 100 ms")
        loud = tenants.stock(at_random(tenants.senders, rate, SECONDS, random.Random(3)))
        beside, neighbour = together(server.port, loud, noisy)
        reported("beside a noisy neighbour", beside)
        ratio = p99(beside) / p99(alone)
        figure("p99 beside the neighbour / without", ratio, "x", n=len(beside), beside="budget 2 x")
        reported("the neighbour", neighbour)
        server.require(sum(each.vouchers for each in [*answers, *fast, *alone, *beside, *neighbour]))


def at_least_once() -> int:
    return int(REQUESTS_A_SECOND * SECONDS / 2 / TENANTS) + 1


def stocked_neighbour(port: int, senders: Sequence[Sender], branches: Sequence[Branch]) -> list[Answer]:
    """Open the neighbour's books, and let each of its branches be about to send all it can."""
    accounts, like = sealed_books.small()
    senders[0].waiting.append(batch(branches[0], branches[0].opening(accounts)))
    opened = send(port, in_turn(senders), 1)
    for sender, branch in zip(senders, branches, strict=True):
        for _ in range(int(NOISY_VOUCHERS_A_SECOND * SECONDS / BATCH / NOISY_BRANCHES)):
            sender.waiting.append(batch(branch, branch.next_vouchers(like, BATCH), BATCH))
    return opened


def together(port: int, turns: Sequence[Turn], noisy: Sequence[Sender]) -> tuple[list[Answer], list[Answer]]:
    """Let the tenants have their turns while the neighbour sends; return the answers of both."""
    neighbour: list[Answer] = []
    noise = threading.Thread(target=lambda: neighbour.extend(send(port, in_turn(noisy), NOISY_BRANCHES, SECONDS)))
    noise.start()
    beside = send(port, turns, CONNECTIONS)
    noise.join()
    return beside, neighbour


def p99(answers: Sequence[Answer]) -> float:
    return percentile([answer.wait for answer in answers], 0.99)


def reported(name: str, answers: list[Answer], budget: str = "") -> list[Answer]:
    """Print how much was answered and how long it took; return the answers."""
    lasted, n = max(answer.at for answer in answers), len(answers)
    figure(f"requests, {name}", n / lasted, "requests/s", n=n)
    figure(f"  vouchers, {name}", sum(answer.vouchers for answer in answers) / lasted, "vouchers/s", n=n)
    for kind in sorted({answer.kind for answer in answers}):
        waits = [answer.wait for answer in answers if answer.kind == kind]
        figure(f"  p50 of a {kind}, {name}", percentile(waits, 0.5) * 1000, "ms", n=len(waits))
        figure(f"  p99 of a {kind}, {name}", percentile(waits, 0.99) * 1000, "ms", n=len(waits), beside=budget)
    return answers


if __name__ == "__main__":
    main()
