"""The line between the server and its PostgreSQL, which can be made to break exactly at the COMMIT of a batch.

It reads what the server says only as far as it must: that a row goes into the log, and that COMMIT follows on the same
connection. Everything else is passed on, byte for byte.
"""

import asyncio
import contextlib
from collections.abc import Callable
from enum import Enum

from end_to_end.listening import Listening

_PIECE = 64 * 1024
_BATCH, _COMMIT = b"INSERT INTO lf.log_batch", b"COMMIT\0"


class Cut(Enum):
    """Where the line breaks."""

    BEFORE = "before PostgreSQL hears of COMMIT"
    AFTER = "after PostgreSQL committed, before the server hears of it"
    BEYOND = "at PostgreSQL itself, whose process is killed before it hears of COMMIT"


class DatabaseLine(Listening):
    """Passes on to PostgreSQL's socket at `upstream`.

    `arm` makes it break once, at the next COMMIT that ends a batch; `cuts` counts. The server must not prepare its
    statements (``LEDGERFLOW_DATABASE_POOLED``): a prepared one has no text.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__("line to the database")
        self.upstream = upstream
        self.cuts = 0
        self._cut: Cut | None = None

    def arm(self, cut: Cut, kill: Callable[[], object]) -> None:
        """Break at the next batch's COMMIT; `kill` kills PostgreSQL's processes where the cut is beyond this line."""
        self._cut, self._kill = cut, kill

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the server asks PostgreSQL on a connection, and what that answers."""
        try:
            answers, asks = await asyncio.open_unix_connection(self.upstream)
            back = asyncio.ensure_future(_pass_on(answers, writer))
            try:
                await self._ask(reader, asks, answers, back)
            finally:
                back.cancel()
                asks.close()
        finally:
            writer.transport.abort()

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        asks: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        back: "asyncio.Future[None]",
    ) -> None:
        """Pass on what the server asks, until the line is to break or the server hangs up."""
        in_batch = False
        while piece := await reader.read(_PIECE):
            in_batch = in_batch or _BATCH in piece
            ends = in_batch and _COMMIT in piece
            if ends and self._cut is not None:
                cut, self._cut = self._cut, None
                self.cuts += 1
                if cut is Cut.BEFORE:
                    return
                if cut is Cut.AFTER:
                    await _stop(back)
                    asks.write(piece)
                    # Its answer comes when it is durable, and goes no further.
                    await answers.read(_PIECE)
                    return
                await asyncio.to_thread(self._kill)
            in_batch = in_batch and not ends
            asks.write(piece)
            await asks.drain()


async def _stop(task: "asyncio.Future[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()
