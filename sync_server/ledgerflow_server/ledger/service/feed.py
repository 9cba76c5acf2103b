"""Server-sent events that say a log has grown. A hint and nothing more: who misses one asks in time anyway.

One question every half second for each tenant with streams open, whatever their number. A notification at COMMIT
would make the commits of all companies wait in one line.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import psycopg
import structlog

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.database.failures import DatabaseUnavailable
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal

STREAMS_MOST = 200
ASK_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 20.0
# A stream outlives the access token it was opened with by little: whoever was shut out meanwhile cannot open another.
LIFE_SECONDS = 900.0

_log = structlog.get_logger("ledgerflow.ledger")


@dataclass(slots=True)
class _Watched:
    """The companies of one tenant that somebody follows; `grown` is set and replaced whenever a log has grown."""

    streams: dict[int, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    asking: "asyncio.Task[None] | None" = None


class Feed:
    """Follows logs for the streams of this process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._watched: dict[int, _Watched] = {}

    async def follow(self, principal: Principal, company: CompanyId) -> AsyncGenerator[bytes, None]:
        """Return a stream: the size at once, then whenever it has grown, a comment when nothing happens.

        Raises `Refused`: `not-found`, and 429 `rate-limited` where a tenant has too many open.
        """
        async with self._desk.tenants.session(principal, read_only=True) as session:
            company_no = (await self._desk.place(session, company)).company_no
            size = (await heads.head(session, company_no)).log.size
        watched = self._watched.get(principal.tenant_no)
        if watched is not None and sum(watched.streams.values()) >= STREAMS_MOST:
            raise Refused(429, "rate-limited", most=STREAMS_MOST)
        return self._stream(principal.tenant_no, company_no, size)

    async def _stream(self, tenant_no: int, company_no: int, size: int) -> AsyncGenerator[bytes, None]:
        watched = self._watched.setdefault(tenant_no, _Watched())
        watched.streams[company_no] = watched.streams.get(company_no, 0) + 1
        watched.sizes.setdefault(company_no, size)
        if watched.asking is None:
            watched.asking = asyncio.create_task(self._ask(tenant_no, watched))
        ends = asyncio.get_running_loop().time() + LIFE_SECONDS
        said = -1
        try:
            while asyncio.get_running_loop().time() < ends:
                grown, now = watched.grown, watched.sizes[company_no]
                if now != said:
                    said = now
                    yield f"id: {said}\nevent: head\ndata:\n\n".encode()
                    continue
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await grown.wait()
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._leave(tenant_no, company_no, watched)

    def _leave(self, tenant_no: int, company_no: int, watched: _Watched) -> None:
        watched.streams[company_no] -= 1
        if not watched.streams[company_no]:
            del watched.streams[company_no], watched.sizes[company_no]
        if not watched.streams and watched.asking is not None:
            watched.asking.cancel()
            del self._watched[tenant_no]

    async def _ask(self, tenant_no: int, watched: _Watched) -> None:
        """Look at the sizes until nobody follows any more."""
        while True:
            await asyncio.sleep(ASK_SECONDS)
            try:
                async with self._desk.tenants.session(Principal(tenant_no), read_only=True) as session:
                    sizes = await heads.sizes(session, list(watched.streams))
            except (DatabaseUnavailable, psycopg.Error):
                _log.warning("feed-blind", tenant=tenant_no)
                continue
            found = {no: size for no, size in sizes.items() if no in watched.streams}
            if found != watched.sizes:
                watched.sizes |= found
                watched.grown.set()
                watched.grown = asyncio.Event()
