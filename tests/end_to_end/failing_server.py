"""The real server with one seam at which it kills itself: ``python -m end_to_end.failing_server SEAM serve ...``.

The product has no flags for this: the one function named is wrapped before the program starts. Each dies at the first
batch that brings a voucher after it was armed by the file ``armed`` in its data folder.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledgerflow_server import __main__ as program
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.service import ingest, writing
from ledgerflow_server.tenancy import session


def armed() -> bool:
    """Whether the test wants it now."""
    return (Path(os.environ["LEDGERFLOW_DATA_FOLDER"]) / "armed").exists()


def die() -> None:
    """Kill this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying_before(usual: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function that dies in place of doing its work."""

    async def wrapped(*arguments: Any, **named: Any) -> Any:
        if armed():
            die()
        return await usual(*arguments, **named)

    return wrapped


def dying_after(usual: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function that does its work and dies before anybody hears of it."""

    async def wrapped(*arguments: Any, **named: Any) -> Any:
        done = await usual(*arguments, **named)
        if armed():
            die()
        return done

    return wrapped


def patch(seam: str) -> None:
    """Put the fault in at a seam: ``rows-written``, ``log-written``, ``before-commit`` or ``after-commit``."""
    match seam:
        case "rows-written":  # the rows of the vouchers stand, the log knows nothing of them yet
            ingest.write = dying_after(writing.write)
        case "log-written":  # the batch stands in the log, the head does not know it
            ingest.log.add = dying_after(log.add)  # type: ignore[attr-defined]
        case "before-commit":
            ingest.heads.set_head = dying_after(heads.set_head)  # type: ignore[attr-defined]
        case "after-commit":
            session.commit = _dying_after_a_batch(session.commit)
        case _:
            raise SystemExit(f"no such seam: {seam}")


def _dying_after_a_batch(commit: Callable[..., Any]) -> Callable[..., Any]:
    """COMMIT of a transaction that took a batch, and nothing after it."""
    took = False
    add = log.add

    async def noticing(*arguments: Any, **named: Any) -> Any:
        nonlocal took
        done = await add(*arguments, **named)
        took = armed()
        return done

    async def wrapped(*arguments: Any, **named: Any) -> Any:
        done = await commit(*arguments, **named)
        if took:
            die()
        return done

    log.add = noticing
    return wrapped


if __name__ == "__main__":
    patch(sys.argv[1])
    sys.exit(program.main(sys.argv[2:]))
