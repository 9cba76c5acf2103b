"""Lets the core's reports, which ask one question after another, ask an asynchronous session.

A report is drawn in a worker thread; each question goes back to the event loop and through the session the request
opened. So there is one pool, one way to rows and one transaction, and the loop stays free while Python adds up.
The thread is always waited for, even when the request is cancelled: a session is never left to a thread that runs on.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, LiteralString, TypeVar

from ledgerflow_server.database.connecting import Row
from ledgerflow_server.edge.threads import in_thread
from ledgerflow_server.reports.repository import Ask
from ledgerflow_server.tenancy.session import TenantSession

T = TypeVar("T")


async def drawn(session: TenantSession, draw: Callable[[Ask], T]) -> T:
    """Return what `draw` makes of answers from the session. Its questions come one at a time."""
    loop = asyncio.get_running_loop()

    def ask(query: LiteralString, given: Mapping[str, Any]) -> list[Row]:
        return asyncio.run_coroutine_threadsafe(session.fetch_all(query, given), loop).result()

    return await in_thread(draw, ask)
