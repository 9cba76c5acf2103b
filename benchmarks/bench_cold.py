"""From process start to a printed trial balance, beside hledger and ledger on the same books when installed."""

import os
import shutil
import subprocess
import sys

import books
from figure import figure, finished, median_seconds

OTHERS_VOUCHERS = 50_000


def report(path) -> None:
    """Print the trial balance in a process of its own."""
    command = [sys.executable, "-m", "ledgerflow_desktop", "report", str(path), "trial-balance"]
    environment = {**os.environ, "LEDGERFLOW_PASSPHRASE": books.PASSPHRASE}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


def main() -> None:
    with finished():
        for size in (OTHERS_VOUCHERS, books.LARGE):
            path, _ = books.imported(size)
            seconds = median_seconds(lambda path=path: report(path), runs=5)
            figure(f"ledgerflow report, {size:,} vouchers", seconds, "s", n=5, beside="budget 0.8 s")
        journal = books.generated(OTHERS_VOUCHERS, "jsonl,ledger") / "books.journal"
        for program in ("hledger", "ledger"):
            if shutil.which(program):
                command = [program, "-f", str(journal), "balance"]
                seconds = median_seconds(
                    lambda command=command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL), runs=3
                )
                figure(f"{program} balance, {OTHERS_VOUCHERS:,} vouchers", seconds, "s", n=3)


if __name__ == "__main__":
    main()
