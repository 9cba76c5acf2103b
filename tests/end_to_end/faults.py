"""What a line, a box on the way or a bad day does to a request: each fault is one short coroutine."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

from end_to_end.fault_proxy import Fault, Passage, honest

_PORTAL = b"<!doctype html><title>Welcome</title><p>Please accept the terms of this hotel."
_SEGMENT = 1_460


# --- which requests ------------------------------------------------------------------------------


def pushes(passage: Passage) -> bool:
    """Whether a request brings a batch."""
    return passage.request.path.endswith("/batches")


def pulls(passage: Passage) -> bool:
    """Whether a request asks for a piece of the log."""
    return passage.request.method == "GET" and "/log?" in passage.request.path


def everything(passage: Passage) -> bool:
    """Whether a request is one: all are."""
    return True


class Times:
    """A fault for the first requests that match; what comes after, and all others, pass. `hits` counts them.

    `skip` so many that match pass before.
    """

    def __init__(
        self, fault: Fault, matches: Callable[[Passage], bool] = everything, most: int = 1, skip: int = 0
    ) -> None:
        self.hits = 0
        self._skip = skip
        self._fault = fault
        self._matches = matches
        self._most = most

    async def __call__(self, passage: Passage) -> None:
        """Do the fault, or pass the request on."""
        if self.hits >= self._most or not self._matches(passage):
            await honest(passage)
            return
        if self._skip:
            self._skip -= 1
            await honest(passage)
            return
        self.hits += 1
        await self._fault(passage)


# --- lost, doubled, late -------------------------------------------------------------------------


async def drop(passage: Passage) -> None:
    """The request never arrives."""
    passage.cut()


async def lose_answer(passage: Passage) -> None:
    """The server does it all, and its answer is lost."""
    await passage.forward()
    passage.cut()


async def duplicate(passage: Passage) -> None:
    """The request arrives twice, one after the other; the second answer is the one that comes back."""
    await passage.forward()
    await passage.answer(await passage.forward())


async def duplicate_at_once(passage: Passage) -> None:
    """The request arrives twice at the same time."""
    _, second = await asyncio.gather(passage.forward(), passage.forward())
    await passage.answer(second)


async def keep(passage: Passage) -> None:
    """The request is lost on the way, and kept to arrive some other day."""
    passage.proxy.kept.append(passage.request.raw)
    passage.cut()


async def pass_and_keep(passage: Passage) -> None:
    """The request arrives, and a copy of it is kept to arrive once more some other day."""
    passage.proxy.kept.append(passage.request.raw)
    await passage.relay()


class SecondFirst:
    """The first request waits on the way until the second, which overtook it, was answered."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.came = 0
        self._second_done = asyncio.Event()

    async def __call__(self, passage: Passage) -> None:
        """Hold the first request, let the second pass."""
        self.came += 1
        mine = self.came
        if mine == 1:
            await self._second_done.wait()
        self.order.append(mine)
        answer = await passage.forward()
        if mine == 2:
            self._second_done.set()
        await passage.answer(answer)


# --- damaged -------------------------------------------------------------------------------------


async def truncate_request(passage: Passage) -> None:
    """Half of the body arrives, then the line breaks."""
    body = passage.request.body
    _, writer = await passage.proxy.connect()
    writer.write(passage.request.head + body[: len(body) // 2])
    await writer.drain()
    writer.close()
    passage.cut()


async def truncate_answer(passage: Passage) -> None:
    """Half of the answer's body comes back, then the line breaks."""
    head, body = _parted(await passage.forward())
    await passage.answer(head + body[: len(body) // 2])
    passage.cut()


def flip_request(chance: random.Random) -> Fault:
    """One bit of the body changes on the way to the server."""

    async def flip(passage: Passage) -> None:
        request = passage.request
        await passage.answer(await passage.forward(request.head + _flipped(request.body, chance)))

    return flip


def flip_answer(chance: random.Random) -> Fault:
    """One bit of the answer's body changes on the way back."""

    async def flip(passage: Passage) -> None:
        head, body = _parted(await passage.forward())
        await passage.answer(head + _flipped(body, chance))

    return flip


def with_token(token: str) -> Fault:
    """The request arrives with another access token."""

    async def exchange(passage: Passage) -> None:
        await passage.answer(await passage.forward(_exchanged(passage.request.head, token) + passage.request.body))

    return exchange


def in_two_halves(meanwhile: Callable[[], object], token: str = "") -> Fault:
    """Something happens while the server has half of the body; `token` is another access token to send it with."""

    async def halve(passage: Passage) -> None:
        request = passage.request
        head = _exchanged(request.head, token) if token else request.head
        reader, writer = await passage.proxy.connect()
        try:
            writer.write(head + request.body[: len(request.body) // 2])
            await writer.drain()
            await asyncio.to_thread(meanwhile)
            writer.write(request.body[len(request.body) // 2 :])
            await passage.answer(await reader.read(-1))
        finally:
            writer.close()

    return halve


# --- made up by somebody in between --------------------------------------------------------------


async def captive_portal(passage: Passage) -> None:
    """A hotel answers everything with its welcome page."""
    await passage.answer(_made_up(200, "text/html", _PORTAL))


def gateway(chance: random.Random, statuses: Sequence[int] = (500, 502, 503, 504)) -> Fault:
    """A gateway answers with an error page of its own; now and then after the server did what was asked."""

    async def fail(passage: Passage) -> None:
        if chance.random() < 0.5:
            await passage.forward()
        await passage.answer(_made_up(chance.choice(statuses), "text/html", b"<h1>Bad gateway</h1>"))

    return fail


async def buffer_feed(passage: Passage) -> None:
    """A proxy hands an answer on when it is complete; one that never ends never comes."""
    await passage.answer(await passage.forward())


# --- slow ----------------------------------------------------------------------------------------


def drip_request(seconds: float) -> Fault:
    """The request arrives byte by byte, so many seconds apart, for as long as the server listens."""

    async def drip(passage: Passage) -> None:
        reader, writer = await passage.proxy.connect()
        answer = asyncio.ensure_future(reader.read(-1))
        try:
            writer.write(passage.request.head)
            for at in range(len(passage.request.body)):
                if answer.done() or writer.is_closing():
                    break
                writer.write(passage.request.body[at : at + 1])
                await asyncio.sleep(seconds)
            await passage.answer(await answer)
        finally:
            answer.cancel()
            writer.close()

    return drip


def drip_answer(seconds: float) -> Fault:
    """The answer comes back byte by byte, so many seconds apart, for as long as the client listens."""

    async def drip(passage: Passage) -> None:
        answer = await passage.forward()
        for at in range(len(answer)):
            await passage.answer(answer[at : at + 1])
            await asyncio.sleep(seconds)

    return drip


def narrow(bytes_a_second: float, round_trip: float, loss: float, chance: random.Random) -> Fault:
    """A line of so many bytes a second; a lost segment costs a round trip, as TCP sends it again. Times in seconds."""

    def seconds_for(size: int) -> float:
        lost = sum(chance.random() < loss for _ in range(1 + size // _SEGMENT))
        return size / bytes_a_second + round_trip / 2 + lost * round_trip

    async def pass_slowly(passage: Passage) -> None:
        # A connection of its own costs a round trip before the first byte.
        await asyncio.sleep(round_trip + seconds_for(len(passage.request.raw)))
        answer = await passage.forward()
        await asyncio.sleep(seconds_for(len(answer)))
        await passage.answer(answer)

    return pass_slowly


class Flapping:
    """A line that is up and down by turns, each for a random time between `least` and `most` seconds."""

    def __init__(self, chance: random.Random, least: float = 0.5, most: float = 3.0) -> None:
        self.cut = 0
        self._chance = chance
        self._bounds = (least, most)
        self._up = False
        self._until = time.monotonic()

    async def __call__(self, passage: Passage) -> None:
        """Cut what comes while the line is down, and what is answered after it went down."""
        if self._is_up():
            answer = await passage.forward()
            if self._is_up():
                await passage.answer(answer)
                return
        self.cut += 1
        passage.cut()

    def _is_up(self) -> bool:
        while time.monotonic() >= self._until:
            self._up = not self._up
            self._until += self._chance.uniform(*self._bounds)
        return self._up


class Mixture:
    """One of several faults by chance, each as often as its weight says; `hits` counts by name."""

    def __init__(self, chance: random.Random, faults: Sequence[tuple[str, Fault, int]]) -> None:
        self.hits = dict.fromkeys((name for name, _, _ in faults), 0)
        self._chance = chance
        self._faults = faults

    async def __call__(self, passage: Passage) -> None:
        """Choose one and do it."""
        weights = [weight for _, _, weight in self._faults]
        name, fault, _ = self._chance.choices(self._faults, weights)[0]
        self.hits[name] += 1
        await fault(passage)


def _parted(answer: bytes) -> tuple[bytes, bytes]:
    head, mark, body = answer.partition(b"\r\n\r\n")
    return head + mark, body


def _exchanged(head: bytes, token: str) -> bytes:
    lines = head.split(b"\r\n")
    ours = b"Authorization: Bearer " + token.encode()
    return b"\r\n".join(ours if line.lower().startswith(b"authorization:") else line for line in lines)


def _flipped(body: bytes, chance: random.Random) -> bytes:
    if not body:
        return body
    changed = bytearray(body)
    changed[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _made_up(status: int, media: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Made Up\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\nConnection: close"
    return head.encode() + b"\r\n\r\n" + body
