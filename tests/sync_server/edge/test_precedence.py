"""Large work waits while small work is under way, for a while, and small work never waits."""

import asyncio

import httpx
import pytest

from ledgerflow_server.edge import precedence
from ledgerflow_server.edge.precedence import LARGE_BYTES, Precedence
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.settings.settings import Settings
from sync_server.edge_app import edge_app

pytestmark = pytest.mark.anyio


async def begun(held: Precedence, size: int, seconds: float = 0.01) -> bool:
    """Return whether work of this size begins within so many seconds."""

    async def work() -> None:
        async with held.place(size):
            pass

    try:
        await asyncio.wait_for(work(), seconds)
    except TimeoutError:
        return False
    return True


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let large work wait longer than any test looks."""
    monkeypatch.setattr(precedence, "GIVE_WAY_SECONDS", 60)


async def test_large_work_begins_when_no_small_request_is_under_way(patient: None) -> None:
    held = Precedence()
    assert await begun(held, LARGE_BYTES)
    held.begin()
    assert await begun(held, LARGE_BYTES - 1)
    assert not await begun(held, LARGE_BYTES)
    held.begin()
    held.end()
    assert not await begun(held, LARGE_BYTES)
    held.end()
    assert await begun(held, LARGE_BYTES)


async def test_large_work_begins_after_a_while_though_small_requests_never_end() -> None:
    held = Precedence()
    held.begin()
    assert await begun(held, LARGE_BYTES, 10)


async def test_one_large_request_is_worked_on_at_a_time_and_two_where_no_small_ones_come() -> None:
    held = Precedence()
    async with held.place(LARGE_BYTES):
        async with held.place(LARGE_BYTES):
            assert not await begun(held, LARGE_BYTES)
            assert await begun(held, LARGE_BYTES - 1)
        held.begin()
        held.end()
        assert not await begun(held, LARGE_BYTES)
    async with held.place(LARGE_BYTES):
        assert not await begun(held, LARGE_BYTES)
    async with held.place(LARGE_BYTES):
        assert await begun(held, LARGE_BYTES)


async def test_large_requests_begin_in_the_order_they_came() -> None:
    held, order = Precedence(), list[int]()

    async def work(at: int) -> None:
        async with held.place(LARGE_BYTES):
            order.append(at)
            await asyncio.sleep(0)

    held.begin()
    working = [asyncio.ensure_future(work(at)) for at in range(10)]
    await asyncio.sleep(0)
    held.end()
    await asyncio.gather(*working)
    assert order == list(range(10))


async def test_a_large_request_that_finds_no_turn_in_time_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Precedence()
    monkeypatch.setattr(precedence, "WAIT_SECONDS", 0.01)
    async with held.place(LARGE_BYTES), held.place(LARGE_BYTES):
        with pytest.raises(Refused, match="503 busy"):
            await begun(held, LARGE_BYTES, 10)
    assert await begun(held, LARGE_BYTES)


async def test_a_request_that_was_answered_refused_or_broken_off_is_no_longer_under_way(patient: None) -> None:
    app = edge_app(Settings())
    held: Precedence = app.state.precedence
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://server.example") as client:
        for path in ("/stream", "/error/refused", "/error/bug", "/nowhere"):
            await client.get(path)
            assert await begun(held, LARGE_BYTES), path
        await client.post("/echo", content=bytes(LARGE_BYTES))
        assert await begun(held, LARGE_BYTES)


async def test_a_feed_that_goes_on_holds_nothing_up(patient: None) -> None:
    held, sent = Precedence(), asyncio.Event()

    async def feed(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        sent.set()
        await asyncio.Event().wait()

    async def ignored(message: object) -> None: ...

    layer = precedence.CountSmall(feed, held)
    following = asyncio.ensure_future(layer({"type": "http", "ledgerflow.bytes_in": 0}, ignored, ignored))  # type: ignore[arg-type]
    await sent.wait()
    assert await begun(held, LARGE_BYTES)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert await begun(held, LARGE_BYTES)
