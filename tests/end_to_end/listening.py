"""A port of its own on loopback, served in a thread while a block runs: for what stands between two others."""

import asyncio
import contextlib
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Listening(ABC):
    """Listens at `port` while the block runs; each connection is a task that `serve` runs until it returns."""

    def __init__(self, name: str) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name)
        self._under_way: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection; where one side goes away, the other hears of it by the connection's end."""

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop)
        self._server = listening.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "the server runs each connection as a task"
        self._under_way.add(task)
        try:
            await self.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # one side went away
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._under_way.discard(task)
            with contextlib.suppress(OSError):
                writer.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._under_way.copy():
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
