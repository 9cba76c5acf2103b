"""Stands between offices and the server, sees every request whole, and does to it what the fault it was given does.

Plain HTTP/1.1 on loopback on both sides, one connection for each request. It runs in a thread of its own; `fault`
may be set from any thread and holds for the requests that begin after it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from end_to_end.listening import Listening

_PIECE = 64 * 1024


class Request(NamedTuple):
    """One request as it came: its head with the empty line that ends it, and its body."""

    method: str
    path: str
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """The bytes to send."""
        return self.head + self.body


class Passage:
    """One request on its way. A fault ends it by `answer` or `cut`; cut is what happens where it does neither."""

    def __init__(self, proxy: "FaultProxy", request: Request, client: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.request = request
        self._client = client

    async def forward(self, raw: bytes | None = None) -> bytes:
        """Send the request (or `raw` in its place) to the server; return the whole answer, empty where none came."""
        return await self.proxy.send(self.request.raw if raw is None else raw)

    async def relay(self) -> None:
        """Pass request and answer on, each piece as it comes."""
        reader, writer = await self.proxy.connect()
        try:
            writer.write(self.request.raw)
            await writer.drain()
            while piece := await reader.read(_PIECE):
                await self.answer(piece)
        finally:
            writer.close()

    async def answer(self, raw: bytes) -> None:
        """Send bytes to the client; an empty answer cuts the connection."""
        if not raw:
            self.cut()
            return
        self._client.write(raw)
        await self._client.drain()

    def cut(self) -> None:
        """Break the connection to the client off, as a line does."""
        self._client.transport.abort()


Fault = Callable[[Passage], Awaitable[None]]


async def honest(passage: Passage) -> None:
    """Pass everything on as it is."""
    await passage.relay()


class FaultProxy(Listening):
    """Listens on a port of its own while the block runs. `upstream` is the server's port, None while there is none.

    `kept` are requests that a fault put aside, as bytes, to be sent again with `replay`.
    """

    def __init__(self, upstream: int | None = None) -> None:
        super().__init__("fault proxy")
        self.upstream = upstream
        self.fault: Fault = honest
        self.kept: list[bytes] = []

    @property
    def address(self) -> str:
        """The address offices are told."""
        return f"http://127.0.0.1:{self.port}"

    def replay(self, raw: bytes) -> int:
        """Send a request that was kept; return the status of its answer, 0 where none came."""
        answer = asyncio.run_coroutine_threadsafe(self.send(raw), self._loop).result(60)
        return int(answer[9:12]) if answer else 0

    def wait_for(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something holds, such as that a request has come."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.002)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to the server; raises `ConnectionError` where it is down."""
        if self.upstream is None:
            raise ConnectionRefusedError
        return await asyncio.open_connection("127.0.0.1", self.upstream)

    async def send(self, raw: bytes) -> bytes:
        """Send a request to the server and return its whole answer, empty where none came."""
        try:
            reader, writer = await self.connect()
        except OSError:
            return b""
        try:
            writer.write(raw)
            return await reader.read(-1)
        except OSError:
            return b""
        finally:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read the request of a connection whole, and do the fault to it."""
        await self.fault(Passage(self, await _read(reader), writer))


async def _read(reader: asyncio.StreamReader) -> Request:
    """Read one request whole; ask the server to end the connection after its answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    line, *headers = head[:-4].split(b"\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (header.partition(b":") for header in headers)}
    body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
    kept = [header for header in headers if not header.lower().startswith(b"connection:")]
    method, path, _ = line.decode("ascii").split(" ", 2)
    return Request(method, path, b"\r\n".join([line, *kept, b"Connection: close", b"", b""]), body)
