"""The line between offices and the server: every request and answer is bytes, and anything may happen to them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, Protocol


class Request(NamedTuple):
    """What an office sends: `kind` stands for the path, `after` and `most` for its query; `harmed` on its way."""

    kind: str
    device: str
    body: bytes = b""
    after: int = 0
    most: int = 0
    token: int = 0
    harmed: bool = False


class Answer(NamedTuple):
    """What comes back: HTTP status and body."""

    status: int
    body: bytes


class Serving(Protocol):
    """Who takes requests and answers by calling back, now, later or never."""

    def __call__(self, request: Request, reply: Callable[[Answer], None], /) -> None: ...


class Around(Protocol):
    """What the network is part of: time, and a book of what happened."""

    def later(self, milliseconds: int, action: Callable[[], None], /) -> None: ...

    def note(self, who: str, what: str, /) -> None: ...


@dataclass
class Weather:
    """How likely each fault of a message is."""

    drop: float = 0.0
    lost_answer: float = 0.0
    duplicate: float = 0.0
    delayed: float = 0.0
    flip: float = 0.0
    truncated: float = 0.0
    portal: float = 0.0
    gateway: float = 0.0
    slow: float = 0.0
    misrouted: float = 0.0


PORTAL = Answer(200, b"<html><title>Welcome to Hotel Wi-Fi</title>")
_GATEWAYS = (Answer(502, b"Bad Gateway"), Answer(504, b""), Answer(500, b'{"error":"oops"}'), Answer(403, b"Blocked"))


class Network:
    """Carries messages in virtual time; an answer reaches only the request it belongs to."""

    def __init__(self, around: Around, chance: Random, serve: Serving) -> None:
        self.weather = Weather()
        self.around, self.chance, self.serve = around, chance, serve
        self.put_aside: list[Request] = []
        self._old_answers: dict[str, Answer] = {}

    def send(self, who: str, request: Request, reply: Callable[[Answer], None]) -> None:
        """Take a request to the server and its answer back; whoever waits gives up by itself."""
        happens, weather = self._happens, self.weather
        if happens(who, "portal", weather.portal):
            self.around.later(self._latency(), lambda: reply(PORTAL))
            return
        if happens(who, "gateway", weather.gateway):
            answer = self.chance.choice(_GATEWAYS)
            self.around.later(self._latency(), lambda: reply(answer))
            return
        if happens(who, "drop", weather.drop):
            return
        if happens(who, "delayed duplicate", weather.delayed):
            self.put_aside.append(request)
        body = self._harmed(who, request.body)
        request = request._replace(body=body, harmed=body is not request.body)
        self.around.later(
            self._latency(who), lambda: self.serve(request, lambda answer: self._back(who, request, answer, reply))
        )
        if happens(who, "duplicate", weather.duplicate):
            self.around.later(self._latency(), lambda: self.serve(request, lambda answer: None))

    def _back(self, who: str, request: Request, answer: Answer, reply: Callable[[Answer], None]) -> None:
        if self._happens(who, "lost answer", self.weather.lost_answer):
            return
        kind = request.kind
        if kind in self._old_answers and self._happens(who, "misrouted answer", self.weather.misrouted):
            answer = self._old_answers[kind]
        elif answer.status == 200 and kind in ("push", "pull"):
            self._old_answers[kind] = answer
        harmed = answer._replace(body=self._harmed(who, answer.body))
        self.around.later(self._latency(who), lambda: reply(harmed))

    def deliver_late(self, most: int) -> None:
        """Deliver requests that were put aside, days after they were sent."""
        while self.put_aside and most:
            request = self.put_aside.pop(self.chance.randrange(len(self.put_aside)))
            self.around.note("network", f"delivers a {request.kind} again")
            self.serve(request, lambda answer: None)
            most -= 1

    def _harmed(self, who: str, body: bytes) -> bytes:
        if body and self._happens(who, "flip", self.weather.flip):
            # What stands in front and at the end is short and says most.
            end = len(body)
            first, last = self.chance.choice(((0, min(200, end)), (max(0, end - 300), end), (0, end)))
            at, bit = self.chance.randrange(first, last), 1 << self.chance.randrange(8)
            return body[:at] + bytes([body[at] ^ bit]) + body[at + 1 :]
        if body and self._happens(who, "truncated", self.weather.truncated):
            return body[: self.chance.randrange(len(body))]
        return body

    def _latency(self, who: str = "") -> int:
        if who and self._happens(who, "slow", self.weather.slow):
            return self.chance.randint(2_000, 40_000)
        return self.chance.randint(5, 200)

    def _happens(self, who: str, what: str, rate: float) -> bool:
        if not rate or self.chance.random() >= rate:
            return False
        self.around.note(who, f"! {what}")
        return True


def problem(code: str, status: int) -> Answer:
    """Return a refusal as it travels."""
    return Answer(status, json.dumps({"type": f"https://ledgerflow.example/problems/{code}"}).encode())


def code_of(answer: Answer) -> str:
    """Return the code of a refusal, empty where somebody else is speaking."""
    try:
        said = json.loads(answer.body)
        return str(said["type"]).rpartition("/")[2]
    except (ValueError, KeyError, TypeError):
        return ""
