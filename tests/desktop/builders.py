"""Company folders and open books for tests: real SQLCipher, cheap key slots, a fixed clock, chance by a seed.

Making an empty company takes seconds (its tables are built by migrations), so each kind is made once in a
process and copied for every test that asks.
"""

import atexit
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

from builders import BOOKS_BEGIN, a_centre, a_company, accounts
from ledgerflow_core.identifiers import DeviceId, UserId, named
from ledgerflow_desktop.actions import companies, masters
from ledgerflow_desktop.settings.key_store import KeyStoreUnavailable
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.key_slots import ArgonCosts

PASSPHRASE = "correct horse battery"
CHEAP = ArgonCosts(memory_kib=8, passes=1, lanes=1)
# 1 June 2026, 06:00 UTC.
NOW = 1_780_293_600_000


class MemoryKeyStore:
    """A key store that forgets with the test; an unreachable one refuses every call."""

    def __init__(self, *, reachable: bool = True) -> None:
        self.secrets: dict[str, str] = {}
        self._reachable = reachable

    def _require(self) -> None:
        if not self._reachable:
            raise KeyStoreUnavailable(reason="no-key-store")

    def get(self, name: str) -> str | None:
        self._require()
        return self.secrets.get(name)

    def put(self, name: str, secret: str) -> None:
        self._require()
        self.secrets[name] = secret

    def remove(self, name: str) -> None:
        self._require()
        self.secrets.pop(name, None)


class Clock:
    """Milliseconds that pass by being asked, one at a time."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now


def a_machine(*, seed: int = 1, now: int = NOW, key_store: MemoryKeyStore | None = None) -> Machine:
    """A machine on which the same test always makes the same ids, keys and times."""
    return Machine(
        milliseconds=Clock(now),
        random_bytes=random.Random(seed).randbytes,
        sleep=lambda seconds: None,
        key_store=key_store or MemoryKeyStore(),
        device=DeviceId(named("device", "desk")),
        user=UserId(named("user", "asha")),
        user_name="asha",
    )


@cache
def _kept_companies() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ledgerflow-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _made(books_begin: date, currency: str, *, with_masters: bool) -> Path:
    kept = _kept_companies() / f"{books_begin}-{currency}-{with_masters}.ledgerflow"
    company = a_company(books_begin=books_begin, currency=currency)
    create_company(CompanyFolder(kept), company, PASSPHRASE, a_machine(), costs=CHEAP)
    if with_masters:
        with companies.open_company(kept, a_machine(seed=2), passphrase=PASSPHRASE) as book:
            masters.create(book, [*accounts(), a_centre()])
    return kept


def a_company_folder(
    tmp_path: Path,
    name: str = "Lotus",
    *,
    books_begin: date = BOOKS_BEGIN,
    currency: str = "INR",
    with_masters: bool = True,
) -> Path:
    """Make a company that opens with `PASSPHRASE`; `with_masters` gives it the accounts of `builders`."""
    folder = tmp_path / f"{name}.ledgerflow"
    shutil.copytree(_made(books_begin, currency, with_masters=with_masters), folder)
    return folder


@contextmanager
def opened(folder: Path, *, machine: Machine | None = None, read_only: bool = False) -> Iterator[Book]:
    """Open a company made here."""
    with companies.open_company(
        folder, machine or a_machine(seed=3), passphrase=PASSPHRASE, read_only=read_only
    ) as book:
        yield book


@contextmanager
def a_book(
    tmp_path: Path,
    name: str = "Lotus",
    *,
    books_begin: date = BOOKS_BEGIN,
    currency: str = "INR",
    with_masters: bool = True,
    machine: Machine | None = None,
) -> Iterator[Book]:
    """Give a new book, open for writing."""
    folder = a_company_folder(tmp_path, name, books_begin=books_begin, currency=currency, with_masters=with_masters)
    with opened(folder, machine=machine) as book:
        yield book
