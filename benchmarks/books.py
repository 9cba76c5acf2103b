"""The books the benchmarks stand on: generated once, imported once, kept under build/bench."""

import os
import subprocess
import time
from pathlib import Path

from generated import FOLDER, generated

from ledgerflow_desktop.actions import companies, importing
from ledgerflow_desktop.settings.key_store import NoKeyStore
from ledgerflow_desktop.settings.machine import Machine, this_machine

PASSPHRASE = "benchmarks keep no secrets"
SMALL = 10_000
LARGE = int(os.environ.get("LEDGERFLOW_BENCH_VOUCHERS", "1000000"))


def machine() -> Machine:
    """The real one, but that nothing of a benchmark is kept in its key store."""
    return this_machine(NoKeyStore())


def new_company(path: Path) -> companies.Book:
    """Create a company at `path` (anything of an earlier run goes) and open it."""
    if path.exists():
        subprocess.run(["rm", "-rf", str(path)], check=True)
    here = machine()
    companies.create(path, companies.NewCompany("Bench", state="27", books_begin="2025-04-01"), PASSPHRASE, here)
    return companies.open_company(path, here, passphrase=PASSPHRASE)


def imported(vouchers: int, *, again: bool = False) -> tuple[Path, float]:
    """Return a company with generated books, and the seconds its import took (0 when it was there)."""
    path = FOLDER / f"books-{vouchers}.ledgerflow"
    if path.exists() and not again:
        return path, 0.0
    folder = generated(vouchers)
    building = path.with_name(f"building-{vouchers}.ledgerflow")
    with new_company(building) as book:
        begin = time.perf_counter()
        proof = importing.import_files(book, [folder / "ledgers.jsonl", folder / "vouchers.jsonl"]).value
        seconds = time.perf_counter() - begin
        assert proof.proved and proof.vouchers_posted == vouchers
    if path.exists():
        subprocess.run(["rm", "-rf", str(path)], check=True)
    building.rename(path)
    return path, seconds


def opened(vouchers: int, *, read_only: bool = True) -> companies.Book:
    """Open generated books of that many vouchers, making them first if need be."""
    path, _ = imported(vouchers)
    return companies.open_company(path, machine(), passphrase=PASSPHRASE, read_only=read_only)
