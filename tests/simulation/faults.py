"""The injector: draws from the seed what kind of world it is, and does its worst at moments of chance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from ledgerflow_core.identifiers import EventId
from ledgerflow_core.sync.roles import Role
from simulation.checker import Checker
from simulation.network import Network, Weather
from simulation.office import Office
from simulation.sim_replica import Guard, ReplicaDisk, SimReplica
from simulation.sim_server import ServerDisk, SimServer

_DAY = 86_400_000
_RUSH_STEPS = 16


@dataclass(frozen=True)
class Plan:
    """What kind of world a seed makes. Rates are per message, per commit or per act of the injector."""

    offices: int
    acts: int
    lasts: int
    weather: Weather
    client_crash: float
    guard_lags: float
    server_crash: float
    commit_takes: int
    busy: float
    body_most: int
    buggy: float
    newer: float
    everyone_leads: bool
    desk: int
    cancels: int
    imports: int
    misfortunes: dict[str, int]
    clock_years: dict[str, int] = field(default_factory=dict)

    @classmethod
    def drawn(cls, chance: Random) -> "Plan":
        """Draw a plan. Calm worlds are as needed as wild ones: in a wild one much never happens."""
        level = chance.choice((0.0, 0.05, 0.2))
        offices = chance.choice((2, 2, 2, 3, 3, 4, 6))
        acts = chance.randint(8, 26)

        def rate(most: float) -> float:
            return level * most * chance.random()

        misfortunes = {
            "restore office": chance.choice((0, 0, 1, 2)),
            "clone": chance.choice((0, 0, 0, 1)),
            "die": chance.choice((0, 0, 0, 1)) if offices > 2 else 0,
            "revoke": chance.choice((0, 0, 0, 0, 1)),
            "restore server": chance.choice((0, 0, 0, 1, 1, 2, 3)),
            "crash office": chance.choice((0, 1, 2, 4)),
            "stop server": chance.choice((0, 0, 1, 2)),
            "partition": chance.choice((0, 1, 3, 6)),
            "flap": chance.choice((0, 0, 0, 1)),
            "expire tokens": chance.choice((0, 1)),
            "night": chance.choice((0, 0, 1)),
            "demote": chance.choice((0, 0, 1)),
            "deliver late": chance.choice((0, 1, 3)),
            "rush": chance.choice((0, 0, 0, 1)),
            "poison": chance.choice((0, 0, 0, 1)),
        }
        weather = Weather(
            drop=rate(1), lost_answer=rate(1), duplicate=rate(1), delayed=rate(1), flip=rate(0.5), truncated=rate(0.5),
            portal=rate(0.3), gateway=rate(0.5), slow=rate(0.5), misrouted=rate(0.3),
        )  # fmt: skip
        return cls(
            offices=offices, acts=acts, lasts=chance.randint(40_000, 130_000), weather=weather,
            client_crash=rate(0.3),
            guard_lags=chance.choice((0.0, 0.2)), server_crash=rate(0.5), commit_takes=chance.choice((30, 30, 1_500)),
            busy=rate(0.3),
            body_most=chance.choice((1 << 23, 1 << 23, 4_000)), buggy=chance.choice((0.0, 0.03)),
            newer=chance.choice((0.0, 0.0, 0.03)), everyone_leads=chance.random() < 0.4, desk=chance.choice((1, 1, 5)),
            cancels=chance.choice((6, 6, 20)),
            imports=chance.choice((0,) * 40 + (520,)), misfortunes=misfortunes,
            clock_years={f"office-{n}": chance.choice((-10, 10)) for n in range(offices) if chance.random() < 0.2},
        )  # fmt: skip


class Unlucky(Protocol):
    """The world as the injector sees it."""

    chance: Random
    plan: Plan
    now: int
    epoch: int
    tokens_from: int
    revoked: set[str]
    poisoned: set[str]
    roles: dict[str, Role]
    server_up: bool
    server: SimServer
    checker: Checker
    network: Network
    offices: list[Office]

    def later(self, milliseconds: int, action: Callable[[], None], /) -> None: ...

    def note(self, who: str, what: str, /) -> None: ...

    def someone_works(self, office: Office, /) -> None: ...

    def imports(self, office: Office, count: int, /) -> None: ...

    def server_stops(self, why: str, /) -> None: ...

    def quiet(self) -> None: ...

    def pass_time(self, until: int, /) -> None: ...

    def cloned(self, office: Office, /) -> Office: ...


@dataclass
class Copy:
    """A copy of a company file and of what its machine remembered then."""

    office: Office
    disk: ReplicaDisk
    guard: Guard


class Injector:
    """Makes users work and misfortunes happen, until it is told to stop."""

    def __init__(self, world: Unlucky) -> None:
        self.world, self.chance = world, world.chance
        self.copies: list[Copy] = []
        self.backups: list[ServerDisk] = []
        self.stopped = False

    def begin(self) -> None:
        """Draw when everything happens."""
        world, plan, chance = self.world, self.world.plan, self.chance
        world.network.weather = plan.weather
        for _ in range(plan.acts):
            self._at_some_time(self._work)
        for _ in range(4):
            self._at_some_time(self._copy_office)
        for _ in range(3):
            self._at_some_time(self._back_up_server)
        deeds = {
            "restore office": self._restore_office, "clone": self._clone, "die": self._die, "revoke": self._revoke,
            "restore server": self._restore_server, "crash office": self._crash_office,
            "stop server": self._stop_server, "partition": self._partition, "flap": self._flap,
            "expire tokens": self._expire_tokens, "night": self._night, "deliver late": self._deliver_late,
            "demote": self._demote, "rush": self._rush, "poison": self._poison,
        }  # fmt: skip
        for name, times in plan.misfortunes.items():
            for _ in range(times):
                self._at_some_time(deeds[name])
        if plan.imports:
            self._at_some_time(lambda: world.imports(chance.choice(world.offices), plan.imports))

    def stop(self) -> None:
        """End all faults: what was put aside arrives, everyone is switched on and has a line."""
        world = self.world
        self.stopped = True
        world.quiet()
        if not world.server_up:
            world.server.start()
            world.server_up = True
        world.network.deliver_late(1000)
        if self.chance.random() < 0.7:
            world.revoked.clear()
        for office in world.offices:
            office.online, office.rush = True, 0
            if not office.running:
                office.start()
        world.note("injector", "no more faults")
        if world.server.disk.recovering:
            # Whoever has more than the server hands it back; what nobody has is gone, and someone says so.
            world.pass_time(world.now + 400_000)
            self._end_recovery()

    def _at_some_time(self, deed: Callable[[], None]) -> None:
        world = self.world
        world.later(self.chance.randint(0, world.plan.lasts), lambda: None if self.stopped else deed())

    def _some_office(self, *, running: bool = True) -> Office | None:
        able = [office for office in self.world.offices if office.running or not running]
        return self.chance.choice(able) if able else None

    # --- users ------------------------------------------------------------------------------------

    def _work(self) -> None:
        office = self._some_office()
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            if office is not None:
                self.world.someone_works(office)

    def _rush(self) -> None:
        """Let an office post faster than it is answered: something new before each of its next steps."""
        office = self._some_office()
        if office is not None:
            self.world.note(office.name, "! rush")
            office.rush = _RUSH_STEPS
            office.wake()

    # --- offices ----------------------------------------------------------------------------------

    def _crash_office(self) -> None:
        office = self._some_office()
        if office is not None:
            self.world.note(office.name, "! office crash")
            office.crash(power=self.chance.random() < 0.5)

    def _copy_office(self) -> None:
        office = self._some_office()
        if office is not None:
            self.copies.append(Copy(office, office.replica.disk, office.replica.guard()))

    def _restore_office(self) -> None:
        copies = [copy for copy in self.copies if copy.office in self.world.offices]
        if not copies:
            return
        copy = self.chance.choice(copies)
        office, memory = copy.office, self.chance.choice(("kept", "lost", "rolled back"))
        self.world.note(office.name, f"! office restored, guard {memory}")

        def restore() -> None:
            office.stop(power=False)
            if office.guard != office.replica.guard():
                # Killed between a commit and the guard: what the guard was not told of nobody remembers.
                self.world.checker.forgets(office.machine)
            office.replica.disk = office.replica.durable = copy.disk
            if memory == "lost":
                office.has_guard = False
            elif memory == "rolled back":
                office.guard = copy.guard
                self.world.checker.forgets(office.machine)

        self._destroying(restore, "office restored")
        self.world.later(self.chance.randint(100, 5_000), lambda: None if office.running else office.start())

    def _clone(self) -> None:
        office = self._some_office()
        if office is None or len(self.world.offices) >= 6:
            return
        twin = self.world.cloned(office)
        twin.has_guard = self.chance.random() < 0.5
        self.world.note(
            office.name, f"! file copied {'with' if twin.has_guard else 'without'} key store (to {twin.name})"
        )
        twin.start()

    def _die(self) -> None:
        if len(self.world.offices) <= 2:
            return
        office = self.chance.choice(self.world.offices[1:])
        self.world.note(office.name, "! device destroyed")

        def die() -> None:
            office.stop(power=False)
            self.world.offices.remove(office)

        self._destroying(die, "device destroyed")

    def _revoke(self) -> None:
        office = self._some_office(running=False)
        if office is not None:
            self.world.note(office.name, "! device revoked")
            self.world.revoked.add(office.replica.device)

    def _demote(self) -> None:
        """Take rights from a user, who hears of it only by what is parked."""
        office = self.chance.choice(self.world.offices[1:])
        self.world.note(office.name, "! user demoted")
        self.world.roles[office.replica.device] = self.chance.choice((Role.BRANCH, Role.VIEWER))

    def _poison(self) -> None:
        """Let the server fail at every batch of an office from here on."""
        office = self._some_office(running=False)
        if office is not None:
            self.world.note(office.name, "! poisoned batches")
            self.world.poisoned.add(office.replica.device)

    def _partition(self) -> None:
        office = self._some_office(running=False)
        if office is not None:
            self.world.note(office.name, "! partition")
            self._off_line(office, self.chance.randint(2_000, 120_000))

    def _off_line(self, office: Office, milliseconds: int) -> None:
        office.online = False

        def back() -> None:
            office.online = True

        self.world.later(milliseconds, back)

    def _flap(self) -> None:
        office = self._some_office(running=False)
        if office is not None:
            self.world.note(office.name, "! flapping line")
            for n in range(20):
                self.world.later(n * 3_000, lambda: self._off_line(office, self.chance.randint(500, 3_000)))

    def _night(self) -> None:
        """Switch everything off for days; requests that were held up somewhere arrive then."""
        world = self.world
        world.note("injector", "! days without anyone")
        off = [office for office in world.offices if office.running]
        for office in off:
            office.stop(power=False)
        world.network.deliver_late(self.chance.randint(0, 5))
        for office in off:
            world.later(
                self.chance.randint(1_000, 30_000), lambda office=office: None if office.running else office.start()
            )

    # --- the server -------------------------------------------------------------------------------

    def _stop_server(self) -> None:
        self.world.server_stops("! server stopped")

    def _back_up_server(self) -> None:
        self.backups.append(self.world.server.durable)

    def _restore_server(self) -> None:
        world = self.world
        if not self.backups:
            return
        backup = self.chance.choice(self.backups)
        world.note("server", f"! server restored (from {world.server.disk.frontier.size} to {backup.frontier.size})")
        world.epoch += 1
        self._destroying(lambda: world.server.restore(backup), "server restored")
        if world.server.disk.recovering and self.chance.random() < 0.5:
            world.later(self.chance.randint(1_000, 60_000), self._end_recovery)

    def _end_recovery(self) -> None:
        world, server = self.world, self.world.server
        if not server.disk.recovering:
            return
        former, size = server.incarnation, server.disk.frontier.size
        world.epoch += 1
        server.end_recovery()
        world.note("server", f"! recovery ended by hand (at {size})")
        world.checker.begins(server.incarnation, former, size)

    def _expire_tokens(self) -> None:
        self.world.note("server", "! tokens expired")
        self.world.tokens_from += 1

    def _deliver_late(self) -> None:
        self.world.network.deliver_late(3)

    # --- what is destroyed ------------------------------------------------------------------------

    def _destroying(self, deed: Callable[[], None], how: str) -> None:
        """Do something that destroys media, and list the events whose only copy went with it."""
        before = self._held()
        deed()
        after = self._held()
        self.world.checker.destroyed([event for event in before if event not in after], how)

    def _held(self) -> dict[EventId, None]:
        held: dict[EventId, None] = dict.fromkeys(self.world.server.durable.facts.events)
        for office in self.world.offices:
            disk = office.replica.durable
            for events in (disk.own_ids, disk.facts.events, disk.pool):
                held |= dict.fromkeys(events)
        return held


def cloned_replica(replica: SimReplica, name: str) -> SimReplica:
    """Return another program on a copy of a file."""
    twin = object.__new__(type(replica))
    twin.__dict__.update(replica.__dict__, name=name)
    return twin
