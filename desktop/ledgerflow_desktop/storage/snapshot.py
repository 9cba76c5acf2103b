"""A whole copy of an open book as one encrypted file, under the same key or another."""

import os
from collections.abc import Callable
from pathlib import Path

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.storage.digest import BookDigest, digest_of
from ledgerflow_desktop.storage.encrypted_database import (
    Connection,
    check_every_page,
    checkpoint_whole,
    connect,
    one_state,
)
from ledgerflow_desktop.storage.failures import translated

Progress = Callable[[int, int], None]  # (done, of)
_PAGES_AT_ONCE = 1_024


def copy_book(
    source: Connection,
    target: Path,
    key: bytes,
    *,
    progress: Progress | None = None,
    change: Callable[[Connection], None] | None = None,
) -> BookDigest:
    """Write what `source` holds now to a new file, `change` it there, prove it says the same, and make it durable.

    Pages go through memory alone: nothing is ever written unencrypted. `Damaged` when the copy says anything
    else; the half file is the caller's to remove (`remove_database`).
    """
    with translated(str(target)):
        copy = connect(target, key)
        try:

            def heard(_: int, remaining: int, total: int) -> None:
                if progress is not None:
                    progress(total - remaining, total)

            with one_state(source):
                before = digest_of(source)
                source.backup(copy, pages=_PAGES_AT_ONCE, progress=heard)
            if change is not None:
                change(copy)
            checkpoint_whole(copy, str(target))
            if digest_of(copy) != before or check_every_page(copy, str(target)):
                raise Damaged(str(target), reason="the copy says something else than the book")
        finally:
            copy.close()
        make_durable(target)
    return before


def make_durable(file: Path) -> None:
    """Return when the content of a file is on the disk."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_database(file: Path) -> None:
    """Remove a database file and what SQLite keeps beside it; nothing happens where there is none."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
