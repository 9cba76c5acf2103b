"""How long a body may take: a slow line is served, a line that only pretends is not. On a clock of the test's own."""

import pytest
from starlette.types import Message, Scope

from ledgerflow_server.edge.body import BodyLimits, BoundedBody
from ledgerflow_server.observing.metrics import Metrics

pytestmark = pytest.mark.anyio

LIMITS = BodyLimits(most=1_000_000, most_json=1000, depth=16, seconds=30, rate=2048)
SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}


class Line:
    """Delivers `part` bytes every `every` seconds of its own clock, `count` times."""

    def __init__(self, part: int, every: float, count: int) -> None:
        self.now, self.part, self.every, self.left = 0.0, part, every, count

    async def receive(self) -> Message:
        self.now += self.every
        self.left -= 1
        return {"type": "http.request", "body": b"a" * self.part, "more_body": self.left > 0}


async def status_of(line: Line) -> int:
    statuses: list[int] = []

    async def answer(_: Scope, receive: object, send: object) -> None:
        statuses.append(200)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await BoundedBody(answer, LIMITS, Metrics(), lambda: line.now)(dict(SCOPE), line.receive, send)
    [status] = statuses
    return status


async def test_a_line_of_64_kbit_a_second_may_take_the_minute_it_needs() -> None:
    assert await status_of(Line(part=8000, every=1, count=60)) == 200


async def test_a_byte_now_and_then_is_cut_off_after_the_free_seconds() -> None:
    line = Line(part=1, every=5, count=1000)
    assert await status_of(line) == 408
    assert line.now <= 35


async def test_a_client_that_hangs_up_is_not_answered() -> None:
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        statuses.append(1)

    async def answer(_: Scope, receive: object, send: object) -> None:
        statuses.append(2)

    await BoundedBody(answer, LIMITS, Metrics(), lambda: 0.0)(dict(SCOPE), receive, send)
    assert statuses == []
