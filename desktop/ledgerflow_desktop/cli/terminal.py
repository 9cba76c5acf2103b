"""What a command needs of the terminal: secrets without echo, progress that stays out of pipes, output to files."""

import getpass
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.settings.key_store import SystemKeyStore
from ledgerflow_desktop.settings.machine import Machine, this_machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.failures import CompanyExists, StorageFailed, WrongPassphrase, translated

_ATTEMPTS = 3


def machine() -> Machine:
    """Return the real machine."""
    return this_machine(SystemKeyStore())


def open_book(path: str, *, read_only: bool = False) -> Book:
    """Open a company: by LEDGERFLOW_PASSPHRASE, this machine's keyring, or asking up to three times.

    What is given may also be the recovery code. After a wrong answer the next one waits longer.
    """
    here, folder = machine(), Path(path)
    given = os.environ.get("LEDGERFLOW_PASSPHRASE", "")
    if given:
        return _open(folder, here, given, read_only)
    companies.company_name(folder)  # names a wrong path before anything is asked
    if companies.opens_by_itself(folder, here):
        return companies.open_company(folder, here, read_only=read_only)
    if not sys.stdin.isatty():
        raise refuse("passphrase-missing")
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _open(folder, here, getpass.getpass("Passphrase or recovery code: "), read_only)
        except WrongPassphrase:
            if attempt == _ATTEMPTS:
                raise
            here.sleep(2.0**attempt)
            print("That does not open it.", file=sys.stderr)
    raise AssertionError("unreachable")


def _open(folder: Path, here: Machine, given: str, read_only: bool) -> Book:
    if companies.looks_like_a_recovery_code(given):
        return companies.open_company(folder, here, recovery_code=given, read_only=read_only)
    return companies.open_company(folder, here, passphrase=given, read_only=read_only)


def secret_to_unlock() -> str:
    """Return a passphrase or recovery code from LEDGERFLOW_PASSPHRASE or asked for; empty where nobody can answer."""
    given = os.environ.get("LEDGERFLOW_PASSPHRASE", "")
    return given or (getpass.getpass("Passphrase or recovery code: ") if sys.stdin.isatty() else "")


def new_passphrase(variable: str = "LEDGERFLOW_PASSPHRASE") -> str:
    """Return a new passphrase from the environment, or asked for twice."""
    given = os.environ.get(variable, "")
    if given:
        return given
    if not sys.stdin.isatty():
        if variable == "LEDGERFLOW_PASSPHRASE":
            raise refuse("passphrase-missing", variable)
        raise refuse("new-passphrase-missing", variable=variable)
    first = getpass.getpass("New passphrase: ")
    if first != getpass.getpass("Once more: "):
        raise refuse("passphrases-differ")
    return first


def asked_passphrase(prompt: str) -> str:
    """Return an existing passphrase: from LEDGERFLOW_PASSPHRASE, or asked for."""
    return os.environ.get("LEDGERFLOW_PASSPHRASE", "") or getpass.getpass(prompt)


def print_recovery_code(code: str) -> None:
    """Show the recovery code with what it means; the one time it is seen."""
    print(f"\nRecovery code:  {code}\n")
    print("Write it down and keep it apart from this machine. It opens the books when the passphrase is lost.")
    print("It is stored nowhere. With neither the passphrase nor this code the books cannot be opened by anyone.")


@contextmanager
def progress(title: str, unit: str = "bytes") -> Iterator[Callable[[int, int], None] | None]:
    """Give a function to report work done and in all; it draws on a terminal, and is None in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    begin, drawn = time.monotonic(), 0.0

    def draw(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn < 0.1 and done < total:
            return
        drawn = now
        share = min(done / total, 1.0) if total else 0.0
        bar = "█" * round(share * 30)
        print(f"\r{title} {bar:30} {share:4.0%} {now - begin:5.1f} s", end="", file=sys.stderr, flush=True)

    try:
        yield draw
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


@contextmanager
def output(path: str) -> Iterator[BinaryIO]:
    """Give a binary file to write to: standard output for ``-``, else a file that is whole or not there."""
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = _file_to_write(path)
    if target.exists() and not target.is_file():
        with _opened(target, path) as device:  # /dev/null or a pipe: written to, not replaced
            yield device
        return
    aside = target.with_name(f".{target.name}.part")
    try:
        with _opened(aside, path) as file:
            yield file
        with translated(path):
            aside.replace(target)
    finally:
        with suppress(OSError):
            aside.unlink()


def _file_to_write(path: str) -> Path:
    """Refuse what is no place for a file, and the files of a company: an output must not take their place."""
    target = Path(path)
    with translated(path):
        if not target.name or target.is_dir():
            raise StorageFailed(path, reason="Is a directory")
        if all((target.parent / name).is_file() for name in ("books.db", "keys.json")):
            raise CompanyExists(str(target.parent))
    return target


@contextmanager
def _opened(target: Path, path: str) -> Iterator[BinaryIO]:
    with translated(path):
        file = target.open("wb")
    with translated(path), file:
        yield file
