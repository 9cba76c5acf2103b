"""Short work first: whoever sits at a screen waits for an answer, a backlog that is sent in large batches does not.

All requests of a process share one event loop, and one large batch keeps it for tens of milliseconds. So a process
works on one large batch at a time, and begins it when no small request is under way, or after a while all the same.
Where no small requests come, it works on two: while one waits for the database, the other computes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerflow_server.edge.problems import Refused

# A batch of some 250 vouchers. What a person does is far below, a backlog is sent in batches of about twice as much.
LARGE_BYTES = 32 * 1024
# Where small requests never end, a large batch is slower by this, and still gets on.
GIVE_WAY_SECONDS = 0.5
# Whoever waits longer for the large ones before it is told to come back: our clients hang up after a minute.
WAIT_SECONDS = 30


class Precedence:
    """Who is under way in one process. For one event loop."""

    def __init__(self) -> None:
        self._small = 0
        self._none = asyncio.Event()
        self._none.set()
        self._turn = asyncio.Lock()
        self._large = 0
        self._ended = asyncio.Event()
        self._begun = 0
        # Whether no small request came while the last large one was worked on, nor since.
        self._calm = True

    def begin(self) -> None:
        """Count a small request; `end` must follow."""
        self._small += 1
        self._begun += 1
        self._calm = False
        self._none.clear()

    def end(self) -> None:
        """Let a small request be over."""
        self._small -= 1
        if not self._small:
            self._none.set()

    @contextlib.asynccontextmanager
    async def place(self, size: int) -> AsyncIterator[None]:
        """Work on a request of `size` bytes during the block; a large one waits for its turn and for small ones.

        Not to be waited for while something is held that a small request may need. Raises `Refused` 503 `busy` where
        no turn comes in time.
        """
        if size < LARGE_BYTES:
            yield
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS), self._turn:
                await self._room()
        except TimeoutError:
            raise Refused(503, "busy", headers={"Retry-After": "2"}) from None
        begun = self._begun
        try:
            yield
        finally:
            self._large -= 1
            self._calm = self._begun == begun and not self._small
            self._ended.set()

    async def _room(self) -> None:
        """Wait until a large request may begin, and count it."""
        while self._large >= (2 if self._calm else 1):
            self._ended.clear()
            await self._ended.wait()
        if self._small:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GIVE_WAY_SECONDS):
                    await self._none.wait()
        self._large += 1


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
