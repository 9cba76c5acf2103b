"""Saving one four-entry voucher (event, rows, totals, signature, fsync) in a large book, beside a bare commit."""

import os
import time
from datetime import date

import books
from figure import figure, finished, percentile

from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage.encrypted_database import connect

RUNS = 600


def bare_commit(connection, at: int) -> float:
    """Commit a row of a voucher and four of entries, and nothing else; return the seconds."""
    begin = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO voucher VALUES (?, ?, ?)", (at, f"S/26-27/{at:06d}", "a narration of some length"))
    connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", [(at % 300, at, k, 125_000) for k in range(4)])
    connection.execute("COMMIT")
    return time.perf_counter() - begin


def main() -> None:
    with finished(), books.opened(books.LARGE, read_only=False) as book:
        bare_path = books.FOLDER / "bare-commit.db"
        for suffix in ("", "-wal", "-shm"):
            bare_path.with_name(bare_path.name + suffix).unlink(missing_ok=True)
        bare = connect(bare_path, os.urandom(32))
        bare.execute("CREATE TABLE voucher (no INTEGER PRIMARY KEY, number TEXT, narration TEXT)")
        bare.execute("CREATE TABLE entry (account, voucher, line, amount, PRIMARY KEY (account, voucher, line))")
        accounts = [account.id for account in book.chart.accounts.values()][10:200]
        new_id = book.machine.identifiers().new
        ours, theirs = [], []
        for at in range(RUNS):
            four = [accounts[(at * 7 + k * 13) % len(accounts)] for k in range(4)]
            amounts = (118_000, -100_000, -9_000, -9_000)
            voucher = Voucher(
                id=VoucherId(new_id()),
                type=voucher_type_id(VoucherNature.JOURNAL),
                date=date(2026, 3, 1 + at % 28),
                narration="a narration of some length",
                entries=tuple(Entry(account=a, amount=m) for a, m in zip(four, amounts, strict=True)),
            )
            begin = time.perf_counter()
            vouchers.post(book, [voucher])
            ours.append(time.perf_counter() - begin)
            theirs.append(bare_commit(bare, at))
        for share, budget in ((0.5, "2"), (0.99, "3")):
            mine, other = percentile(ours, share), percentile(theirs, share)
            name = f"p{share * 100:.0f}"
            figure(f"save a voucher, {name}", mine * 1000, "ms", n=RUNS)
            figure(f"bare commit, {name}", other * 1000, "ms", n=RUNS)
            figure(f"ratio, {name}", mine / other, "x", n=RUNS, beside=f"budget {budget} x")


if __name__ == "__main__":
    main()
