"""A device that runs the real engine: asks, waits, gives up, stores, crashes and starts again."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Protocol

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.sync import replica as engine
from ledgerflow_core.sync.batch import SealedBatch, to_wire
from ledgerflow_core.sync.messages import HelloAnswer, log_from_wire
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.sync.replica_messages import (
    Adopted,
    Answered,
    Append,
    HandBack,
    Heard,
    Keep,
    Lost,
    Pull,
    Pulled,
    Push,
    Rebuild,
    Receipted,
    Rejected,
    Renewed,
    Rest,
    SayHello,
    SignIn,
    Wake,
    Wanted,
)
from ledgerflow_core.sync.statements import Signed
from simulation.network import Answer, Request, code_of
from simulation.sim_replica import SimReplica
from simulation.sim_server import compress, expand

# An office gives up a request after this long (milliseconds of virtual time).
PATIENCE = 20_000


class Plan(Protocol):
    """What an office needs to know of the kind of world it is in."""

    @property
    def imports(self) -> int: ...


class World(Protocol):
    """What an office needs of the world it is in."""

    chance: Random
    now: int
    epoch: int
    plan: Plan
    crash_while_storing: float
    guard_lags: float

    def later(self, milliseconds: int, action: Callable[[], None], /) -> None: ...

    def note(self, who: str, what: str, /) -> None: ...

    def send(self, office: "Office", request: Request, reply: Callable[[Answer], None], /) -> None: ...

    def keeps(self, office: "Office", statement: bytes, /) -> None: ...

    def rests(self, office: "Office", /) -> None: ...

    def posts_on(self, office: "Office", /) -> None: ...

    def goes_one_way(self, office: "Office", way: str, times: int, /) -> None: ...


class Office:
    """One program on one machine. `machine` names the machine's memory outside the file, where the guard lies."""

    def __init__(self, world: World, replica: SimReplica, machine: str) -> None:
        self.world, self.replica, self.machine = world, replica, machine
        self.guard = replica.guard()
        self.has_guard = True
        self.running = True
        self.online = True
        self.server_size = self.greeted_in = 0
        self.batches_cap = 500
        # Small batches meet more trouble; who has hundreds to send finds out that large ones get through.
        self.events_most = world.chance.choice((20, 500) if world.plan.imports else (1, 3, 8, 20, 500))
        self.pull_most = world.chance.choice((1, 2, 5, 50))
        self.token = 0
        self.rush = 0  # before so many steps somebody posts yet
        self.faults = 0  # batches in a row that a sick server could not take, since the program was started
        self._one_way = ("", 0)  # what came to the disk in a row while the other way had to wait
        self._turn = 0  # what is waited for: an answer or a timer of an earlier turn comes to nothing

    @property
    def name(self) -> str:
        """What the trace calls it."""
        return self.replica.name

    @property
    def status(self) -> Status:
        """What the program shows."""
        return self.replica.engine.status

    # --- the machine ----------------------------------------------------------------------------

    def keep_guard(self, *, at_once: bool = False) -> None:
        """Write down outside the file how far it is; sometimes that comes late."""
        if at_once or self.world.chance.random() >= self.world.guard_lags:
            self.guard, self.has_guard = self.replica.guard(), True

    def stop(self, *, power: bool) -> None:
        """The program is gone, and with the power what was not on the disk."""
        self._turn += 1
        self.running = False
        if power:
            self.replica.disk = self.replica.durable

    def start(self) -> None:
        """Start the program."""
        before = self.replica.rehomed
        self.running = True
        self.faults = 0
        self.replica.opened(self.guard if self.has_guard else None)
        if self.replica.rehomed > before:
            self.world.note(self.name, "finds itself a copy at opening")
        self.keep_guard(at_once=True)
        self.hear(Wake())

    def crash(self, *, power: bool) -> None:
        """Stop, and start again in a while."""
        self.world.note(self.name, "power cut" if power else "killed")
        self.stop(power=power)
        self.world.later(self.world.chance.randint(500, 20_000), lambda: None if self.running else self.start())

    # --- the engine -----------------------------------------------------------------------------

    def wake(self) -> None:
        """Something was posted, or the server hints."""
        if self.running and self.resting:
            self.hear(Wake())

    resting = False

    def hear(self, heard: Heard) -> None:
        """Take steps until the engine waits for something."""
        self._turn += 1
        self.resting = False
        following: Heard | None = heard
        while following is not None:
            if self.rush:
                self.rush -= 1
                self.world.posts_on(self)
            at_most = min(self.events_most, self.batches_cap)
            replica = self.replica
            replica.engine = replace(replica.engine, events_most=at_most)
            replica.engine, wanted = engine.step(replica.engine, replica.standing(), following)
            self.batches_cap = (
                min(self.batches_cap, max(1, replica.engine.events_most))
                if (replica.engine.events_most < at_most)
                else self.batches_cap
            )
            self.world.note(
                self.name, f"{_said(following)} -> {_said(wanted)} [{replica.engine.status} {replica.engine.trouble}]"
            )
            following = self._do(wanted)

    def _do(self, wanted: Wanted) -> Heard | None:
        replica = self.replica
        match wanted:
            case SayHello(size):
                self._one_way = ("", 0)
                body = msgspec.json.encode(replica.hello(size))
                self.greeted_in = self.world.epoch
                return self._ask(Request("hello", replica.device, body), self._answered)
            case Push(first, events_most):
                batch = replica.batch(first, events_most)
                request = Request("push", replica.device, to_wire(batch, compress))
                return self._ask(request, lambda answer: self._receipted(batch, answer))
            case Pull(after):
                request = Request("pull", replica.device, after=after, most=self.pull_most)
                return self._ask(request, self._pulled)
            case HandBack(after):
                body = replica.continuation(after)
                return self._ask(Request("adopt", replica.device, body), lambda answer: Adopted())
            case SignIn():
                return self._ask(Request("sign-in", replica.device), self._signed_in)
            case Rest(milliseconds):
                self.resting = True
                self.world.rests(self)
                turn = self._turn
                self.world.later(milliseconds, lambda: self.hear(Wake()) if turn == self._turn else None)
                return None
            case _:
                return self._store(wanted)

    def _store(self, wanted: Wanted) -> Heard | None:
        """Do what is to be on the disk; the machine may go out just before it or just after."""
        chance, rate = self.world.chance, self.world.crash_while_storing
        if chance.random() < rate:
            self.crash(power=chance.random() < 0.5)
            return None
        heard = self.replica.store(wanted)
        if isinstance(wanted, Keep):
            self.world.keeps(self, wanted.receipt.to_bytes())
            self._went("push", waits=self.replica.disk.frontier.size < self.replica.engine.log_size)
        elif isinstance(wanted, Append):
            self.world.keeps(self, wanted.checkpoint.to_bytes())
            self._went("pull", waits=self.replica.engine.acknowledged < self.replica.head.seq)
        if chance.random() < rate:
            self.crash(power=chance.random() < 0.5)
            return None
        self.keep_guard()
        return heard

    def _went(self, way: str, *, waits: bool) -> None:
        last, times = self._one_way
        self._one_way = (way, (times if way == last else 0) + 1 if waits else 0)
        self.world.goes_one_way(self, *self._one_way)

    # --- asking ---------------------------------------------------------------------------------

    def _ask(self, request: Request, understand: Callable[[Answer], Heard]) -> None:
        self._turn += 1
        turn = self._turn

        def reply(answer: Answer) -> None:
            if turn == self._turn:
                self.hear(self._understood(answer, understand))

        def give_up() -> None:
            if turn == self._turn:
                self.hear(Lost(self.world.chance.randrange(engine.CHANCES)))

        self.world.send(self, request._replace(token=self.token), reply)
        self.world.later(PATIENCE, give_up)

    def _understood(self, answer: Answer, understand: Callable[[Answer], Heard]) -> Heard:
        if answer.status != 200:
            self.faults += code_of(answer) == "internal"
            return Rejected(code_of(answer), answer.status, self.world.chance.randrange(engine.CHANCES))
        if answer.body.startswith(b"<html"):
            return Lost(self.world.chance.randrange(engine.CHANCES))
        try:
            return understand(answer)
        except Damaged:
            return Lost(self.world.chance.randrange(engine.CHANCES))

    def _answered(self, answer: Answer) -> Heard:
        try:
            said = msgspec.json.decode(answer.body, type=HelloAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Damaged("answer to hello") from None
        self.server_size = said.size
        return Answered(said)

    def _receipted(self, batch: SealedBatch, answer: Answer) -> Heard:
        self.faults = 0
        return Receipted(batch, Signed.from_bytes(answer.body, "receipt"))

    def _pulled(self, answer: Answer) -> Heard:
        return Pulled(*log_from_wire(answer.body, expand))

    def _signed_in(self, answer: Answer) -> Heard:
        if not answer.body.isdigit():
            return Lost(self.world.chance.randrange(engine.CHANCES))
        self.token = int(answer.body)
        return Renewed()


def _said(what: object) -> str:
    name = type(what).__name__
    match what:
        case Rest(milliseconds):
            return f"{name} {milliseconds}"
        case Rejected(code, status, _):
            return f"{name} {code} {status}"
        case Push(first, _):
            return f"{name} {first}"
        case Pull(after) | HandBack(after):
            return f"{name} {after}"
        case SayHello(size):
            return f"{name} {size}"
        case Answered(answer):
            return f"{name} {answer.state} {answer.seq} of {answer.size} {answer.consistent}"
        case Rebuild(size, _):
            return f"{name} {size}"
        case _:
            return name
