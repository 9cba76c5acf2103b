"""Short work first: whoever sits at a screen waits for an answer, a backlog that is sent in large batches does not.

All requests of a process share one event loop, and one large batch keeps it for tens of milliseconds. So a large one
begins when no small request is under way; after a while it goes on all the same.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A batch of some 250 vouchers. What a person does is far below, a backlog is sent in batches of about twice as much.
LARGE_BYTES = 32 * 1024
# Where small requests never end, a large batch is slower by a few times this, and still gets on.
GIVE_WAY_SECONDS = 0.1
# So many large requests of a process are worked on at a time: while one waits for the database, another computes.
LARGE_AT_ONCE = 2


class Precedence:
    """Who is under way in one process. For one event loop."""

    def __init__(self) -> None:
        self._small = 0
        self._none = asyncio.Event()
        self._none.set()
        self._places = asyncio.Semaphore(LARGE_AT_ONCE)

    def begin(self) -> None:
        """Count a small request; `end` must follow."""
        self._small += 1
        self._none.clear()

    def end(self) -> None:
        """Let a small request be over."""
        self._small -= 1
        if not self._small:
            self._none.set()

    @contextlib.asynccontextmanager
    async def place(self, size: int) -> AsyncIterator[None]:
        """Work on a request of `size` bytes during the block; a large one waits here for those before it."""
        if size < LARGE_BYTES:
            yield
            return
        async with self._places:
            await self.give_way(size)
            yield

    async def give_way(self, size: int) -> None:
        """Let small requests go before the next step of one of `size` bytes; at once for one that is small itself."""
        if size < LARGE_BYTES or self._none.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVE_WAY_SECONDS):
                await self._none.wait()


class CountSmall:
    """Counts each small request from when its body is read until its answer begins: a feed has no end."""

    def __init__(self, app: ASGIApp, precedence: Precedence) -> None:
        self.app, self._precedence = app, precedence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["ledgerflow.bytes_in"] >= LARGE_BYTES:
            await self.app(scope, receive, send)
            return
        counted = True
        self._precedence.begin()

        def end() -> None:
            nonlocal counted
            if counted:
                counted = False
                self._precedence.end()

        async def send_and_end(message: Message) -> None:
            end()
            await send(message)

        try:
            await self.app(scope, receive, send_and_end)
        finally:
            end()
