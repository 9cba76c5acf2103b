"""Blocking work in a worker thread that is always waited for, even when the request is cancelled.

A thread that ran on would use a session, or write to a file, that is somebody else's by then.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Return what `work` returns. A cancellation that came meanwhile is raised when it has ended."""
    working = asyncio.ensure_future(run_in_threadpool(work, *arguments, **options))
    cancelled: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001 - read from the task below
            break
    if cancelled is not None:
        raise cancelled
    return working.result()
