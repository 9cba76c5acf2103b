"""A new device takes a company of 100,000 vouchers: over a line of 20 Mbit/s and 20 ms, and without a limit.

Beside it: what the book alone needs to take others' vouchers in, and the same rows loaded by bare SQLCipher.
`LEDGERFLOW_BENCH_BOOTSTRAP` is the number of vouchers.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

import books
import offices
import sealed_books
from bench_import import bare_load
from figure import figure, finished
from offices import Synced
from pacing import Sender, batch, in_turn, send
from sealed_books import BATCH, Branch
from served import Served, served

from ledgerflow_desktop.actions import companies, joining
from ledgerflow_desktop.storage.book import Book

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from end_to_end.fault_proxy import Fault, FaultProxy, Passage

VOUCHERS = int(os.environ.get("LEDGERFLOW_BENCH_BOOTSTRAP", "100000"))
BRANCHES = 4
BYTES_A_SECOND, ROUND_TRIP = 20_000_000 / 8, 0.02
_PIECE = 32 * 1024


def line_of(bytes_a_second: float, round_trip: float) -> Fault:
    """A line of so many bytes a second, in which a connection costs a round trip and its request another (seconds)."""

    async def carry(passage: Passage) -> None:
        await asyncio.sleep(2 * round_trip + len(passage.request.raw) / bytes_a_second)
        reader, writer = await passage.proxy.connect()
        try:
            writer.write(passage.request.raw)
            free = 0.0
            while piece := await reader.read(_PIECE):
                now = asyncio.get_running_loop().time()
                free = max(free, now) + len(piece) / bytes_a_second
                await asyncio.sleep(free - now)
                await passage.answer(piece)
        finally:
            writer.close()

    return carry


def main() -> None:
    with finished(), served() as server:
        branch = filled(server)
        with FaultProxy(server.port) as proxy:
            proxy.fault = line_of(BYTES_A_SECOND, ROUND_TRIP)
            book, synced, n = taken(server, branch, "slow", proxy.address, "20 Mbit/s", "budget 60 s for 100,000")
            figure("  received", synced.progress.received / n, "bytes/voucher", n=n)
            book.close()
        book, synced, n = taken(server, branch, "fast", f"http://127.0.0.1:{server.port}", "no limit", "")
        beside = f"{n / synced.processor:,.0f}/s of processor time"
        figure("others' vouchers taken into a book", n / synced.on_book, "vouchers/s", n=n, beside=beside)
        assert count(book) == VOUCHERS, count(book)
        bare = bare_load(server.folder / "bare.ledgerflow", book)
        book.close()
        figure("bare SQLCipher, same rows", VOUCHERS / bare, "vouchers/s", n=VOUCHERS)
        figure("taken in / bare", (synced.on_book / n) / (bare / VOUCHERS), "x", n=1)


def filled(server: Served) -> Branch:
    """Fill a company by several branches, all at once; return one of them."""
    accounts, like = sealed_books.generated(10_000)
    branches = sealed_books.branches(server.folder, server.database, [[BRANCHES]])
    senders = [Sender(branch.token) for branch in branches]
    senders[0].waiting.append(batch(branches[0], branches[0].opening(accounts)))
    send(server.port, in_turn(senders), 1)
    for at in range(0, VOUCHERS, BATCH):
        which, count = at // BATCH % BRANCHES, min(BATCH, VOUCHERS - at)
        senders[which].waiting.append(batch(branches[which], branches[which].next_vouchers(like, count), count))
    send(server.port, in_turn(senders), BRANCHES)
    server.require(VOUCHERS)
    return branches[0]


def taken(server: Served, branch: Branch, name: str, address: str, line: str, budget: str) -> tuple[Book, Synced, int]:
    """Let a new device take the company, print the figures.

    Return its open book, how its sync went, and how many vouchers that brought: the first came with the enrolment.
    """
    code, path = offices.code_for_device(server, branch), server.folder / f"{name}.ledgerflow"
    before, begin = server.spent(), time.perf_counter()
    joining.join(path, address, code, books.PASSPHRASE, "Bench", books.machine())
    book = companies.open_company(path, books.machine(), passphrase=books.PASSPHRASE)
    begun_with = count(book)
    synced = offices.sync(book)
    seconds = time.perf_counter() - begin
    figure(f"new device, {line}", seconds, "s", n=VOUCHERS, beside=budget)
    figure(f"  of it working on the book, {line}", synced.on_book, "s", n=VOUCHERS)
    server.spent().since(before).figures(f"new device, {line}", "voucher", VOUCHERS, seconds)
    return book, synced, VOUCHERS - begun_with


def count(book: Book) -> int:
    return int(book.connection.execute("SELECT count(*) FROM voucher").fetchone()[0])


if __name__ == "__main__":
    main()
