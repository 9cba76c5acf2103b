"""One company in virtual time: offices, a server, a network and an injector of faults, all from one seed."""

import heapq
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.events.event import CompanyCreated
from ledgerflow_core.identifiers import DeviceId, EventId
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.messages import Hello
from ledgerflow_core.sync.refusals import Reaction, Refused
from ledgerflow_core.sync.replica import FAILURES_MOST, Status
from ledgerflow_core.sync.roles import Role
from simulation.checker import Checker
from simulation.faults import Injector, Plan, cloned_replica
from simulation.network import Answer, Network, Request, Weather, problem
from simulation.office import Office
from simulation.oracle import Entry, Wrong, version_of
from simulation.plain import committed_at, final_of, lines_of
from simulation.sim_replica import SimReplica
from simulation.sim_server import Crash, SimServer
from simulation.users import COMPANY, JOURNAL, User

_TAG_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
# How often in a row an office may push while there is something to pull, or the other way round.
ONE_WAY_MOST = 3
# The longest a commit takes where nothing is wrong (milliseconds).
CALM_COMMIT = 1_500
# Every outbox is empty this long after the faults stop: the longest pause, and 60 seconds of work.
DRAINED_WITHIN = 360_000


class World:
    """A run from a seed: `run` lets it happen, checks it, and raises `Wrong` where a promise breaks."""

    def __init__(self, seed: int, provoke: Callable[[Plan], Plan] = lambda plan: plan) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.plan = provoke(Plan.drawn(self.chance))
        self.crash_while_storing, self.guard_lags = self.plan.client_crash, self.plan.guard_lags
        self.now = 0
        self.trace: list[tuple[int, str, str]] = []
        self.figures: Counter[str] = Counter()
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._tags = 0
        self.roles: dict[str, Role] = {}
        self.server_up = True
        self.tokens_from = 0
        self.revoked: set[str] = set()
        self.poisoned: set[str] = set()
        # Of vouchers that were posted, the version of their type that their user saw.
        self._posted_by: dict[EventId, str] = {}
        self.epoch = 0
        self.server = SimServer(COMPANY.id, self._key(), self._id)
        self.server.on_commit = self._committed
        self.checker = Checker()
        self.server.on_signed = self.checker.signed
        self.checker.begins(self.server.incarnation, "", 0)
        self.network = Network(self, self.chance, self._serve)
        self.offices: list[Office] = []
        for n in range(self.plan.offices):
            self._open_office(f"office-{n}")
        self._user(self.offices[0]).bring_company(CompanyCreated(company=COMPANY))
        self.injector = Injector(self)

    # --- chance and time --------------------------------------------------------------------------

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.chance.randbytes(32))

    def _tag(self) -> str:
        self._tags += 1
        return _TAG_LETTERS[self._tags // 24 % 24] + _TAG_LETTERS[self._tags % 24]

    def later(self, milliseconds: int, action: Callable[[], None]) -> None:
        """Let something happen in a while."""
        self._scheduled += 1
        heapq.heappush(self._heap, (self.now + milliseconds, self._scheduled, action))

    def note(self, who: str, what: str) -> None:
        """Add to the trace; what begins with an exclamation mark is a fault and is counted."""
        self.trace.append((self.now, who, what))
        if what.startswith("!"):
            self.figures[what[2:].partition(" (")[0]] += 1

    def pass_time(self, until: int) -> None:
        """Let everything happen that is due until then."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, action = heapq.heappop(self._heap)
            self.server.clock = self.now
            action()
        self.now = max(self.now, until)

    # --- offices ----------------------------------------------------------------------------------

    def _open_office(self, name: str) -> Office:
        replica = SimReplica(
            name, COMPANY.id, self.server.key.public_key(), DeviceId(self._id()), self._id, self._key, self._tag
        )
        office = Office(self, replica, machine=name)
        self.offices.append(office)
        return office

    def cloned(self, office: Office) -> Office:
        """Return another machine with a copy of an office's file."""
        name = f"{office.name}-copy-{len(self.offices)}"
        twin = Office(self, cloned_replica(office.replica, name), machine=name)
        twin.guard, twin.token, twin.running = office.guard, office.token, False
        self.offices.append(twin)
        return twin

    def _user(self, office: Office) -> User:
        def saved(event: EventId, raw: bytes, number: str) -> None:
            self.checker.saved(event, raw)
            self.figures["events posted"] += 1
            if number:
                self.checker.numbered(office.machine, office.replica.disk.tag, number, event)

        return User(self.chance, office.replica, saved)

    def someone_works(self, office: Office) -> None:
        """Let a user do something at an office."""
        years = self.plan.clock_years.get(office.name, 0)
        office.replica.now = f"{2026 + years}-11-21T10:{self.now // 60000 % 60:02d}:{self.now // 1000 % 60:02d}.000Z"
        user, chance = self._user(office), self.chance
        numbering = office.replica.books().master_version(JOURNAL) or ""
        did = ""
        if chance.random() < self.plan.buggy and office.replica.books().company is not None:
            did = user.buggy()
        elif chance.random() < self.plan.newer and office.replica.books().company is not None:
            did = user.newer()
        else:
            leads = office is self.offices[0] or self.plan.everyone_leads
            did = user.act(leads=leads, desk=self.plan.desk, cancels=self.plan.cancels)
        self.note(office.name, f"user: {did}")
        if did.startswith("VoucherPosted"):
            self._posted_by[next(reversed(office.replica.disk.own_ids))] = numbering
        office.keep_guard()
        if chance.random() < 0.5:
            office.wake()

    def imports(self, office: Office, count: int) -> None:
        """Let an office import many vouchers."""
        if office.replica.books().company is not None:
            self._user(office).post_many(count)
            self.note(office.name, f"user: imports {count}")
            office.keep_guard()

    def posts_on(self, office: Office) -> None:
        """Let somebody at an office post while its engine is at work."""
        if office.replica.books().company is not None:
            self._user(office).post_many(1)
            office.keep_guard()

    def goes_one_way(self, office: Office, way: str, times: int) -> None:
        """An engine only pushed or only pulled so many times in a row while the other way had to wait (I18)."""
        if times > ONE_WAY_MOST:
            raise Wrong(f"I18 who has much to push hears of the others, and is heard: {office.name} {way} {times}")

    def keeps(self, office: Office, statement: bytes) -> None:
        """A replica keeps what the server signed."""
        self.checker.kept(statement, office.name)

    def rests(self, office: Office) -> None:
        """An engine has nothing to do: where it shows "up to date", that must be true (I16).

        Where the server failed at its batches again and again, it must have called a person (I19).
        """
        if office.faults >= FAILURES_MOST and office.status is not Status.ATTENTION:
            raise Wrong(f"I19 a server that fails again and again calls a person: {office.name} {office.faults}")
        if office.status is not Status.UP_TO_DATE or office.greeted_in != self.epoch:
            return
        disk, server = office.replica.disk, self.server.durable
        said = f"{office.name} at {self.now}"
        if office.server_size > disk.frontier.size:
            raise Wrong(f"I16 up to date is what the server has: {said}")
        if server.roots.get(disk.frontier.size) != disk.frontier.root().hex():
            raise Wrong(f"I16 up to date with the server's log: {said}")
        if any(event not in server.facts.events for event in disk.own_ids):
            raise Wrong(f"I16 up to date with nothing unsent: {said}")

    # --- the line and the server ------------------------------------------------------------------

    def send(self, office: Office, request: Request, reply: Callable[[Answer], None]) -> None:
        """Carry an office's request, if it has a line."""
        self.figures["requests"] += 1
        if not office.online:
            self.figures["without a line"] += 1
            return
        self.network.send(office.name, request, reply)

    def _serve(self, request: Request, reply: Callable[[Answer], None]) -> None:
        if not self.server_up:
            return
        try:
            self._serve_checked(request, reply)
        except Refused as refused:
            reply(self._refusal(request, refused))

    def _refusal(self, request: Request, refused: Refused) -> Answer:
        """Return a refusal; one that ends a sync is only for what was harmed on its way (I10)."""
        self.figures[f"refused {refused.code}"] += 1
        if refused.refusal.reaction is Reaction.STOP and not request.harmed:
            raise Wrong(f"I10 nothing sound is refused: {refused.code} {refused.place}")
        return problem(refused.code, refused.refusal.status)

    def _serve_checked(self, request: Request, reply: Callable[[Answer], None]) -> None:
        if request.device in self.revoked:
            raise Refused("device-revoked")
        if request.kind == "sign-in":
            return reply(Answer(200, str(self.tokens_from).encode()))
        if request.token < self.tokens_from:
            raise Refused("token-expired")
        if self.chance.random() < self.plan.busy:
            raise Refused(self.chance.choice(("busy", "rate-limited", "storage-full")))
        match request.kind:
            case "hello":
                try:
                    hello = msgspec.json.decode(request.body, type=Hello)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    return reply(problem("bad-request", 400))
                answer = self.server.hello(hello)
                return reply(Answer(200, msgspec.json.encode(answer)))
            case "push" if request.device in self.poisoned:
                return reply(problem("internal", 500))
            case "push":
                if len(request.body) > self.plan.body_most:
                    raise Refused("body-too-large")
                batch = self.server.begin(request.body)
                return self.later(
                    self.chance.randint(0, self.plan.commit_takes), lambda: self._finish(batch, request, reply)
                )
            case "pull":
                return reply(Answer(200, self.server.pull(request.after, max(1, request.most))))
            case _:
                self.server.adopt(request.body)
                self.figures["log handed back"] += 1
                self.note("server", f"took its log back to {self.server.disk.frontier.size}")
                return reply(Answer(200, b"{}"))

    def _finish(self, batch: SealedBatch, request: Request, reply: Callable[[Answer], None]) -> None:
        if not self.server_up:
            return None
        server, chance = self.server, self.chance
        server.fail_at = chance.choice(("before", "after")) if chance.random() < self.plan.server_crash else ""
        try:
            receipt = server.finish(batch, self.roles.get(request.device, Role.OWNER))
        except Refused as refused:
            return reply(self._refusal(request, refused))
        except Crash:
            return self.server_stops("! server crash " + server.fail_at)
        finally:
            server.fail_at = ""
        if chance.random() < self.plan.busy:
            return reply(problem("outcome-unknown", 503))
        self.checker.receipt(receipt, committed_at(server))
        return reply(Answer(200, receipt))

    def server_stops(self, why: str) -> None:
        """The server is gone for a while, and what was not on its disk for good."""
        self.note("server", why)
        self.server_up = False
        self.later(self.chance.randint(200, 15_000), self.server_starts)

    def server_starts(self) -> None:
        """The server is back."""
        self.server.start()
        self.server_up = True

    def _committed(self, piece: LogBatch, leaves: list[bytes]) -> None:
        self.note("server", f"log {piece.gseq}..{piece.last} from {piece.batch.header.replica[:8]}")
        self.checker.logged(self.server.incarnation, piece.gseq, lines_of(piece))

    # --- a run ------------------------------------------------------------------------------------

    def run(self) -> "World":
        """Let the company live, stop the faults, wait as long as promised, and check everything."""
        for office in self.offices:
            office.start()
        self.injector.begin()
        self.pass_time(self.plan.lasts)
        self.injector.stop()
        self.settle()
        self._check()
        return self

    def quiet(self) -> None:
        """No fault from here on."""
        calm = min(self.plan.commit_takes, CALM_COMMIT)
        self.plan = replace(self.plan, server_crash=0.0, busy=0.0, body_most=1 << 30, commit_takes=calm)
        self.crash_while_storing = self.guard_lags = 0.0
        self.network.weather = Weather()
        self.poisoned.clear()

    def settle(self) -> None:
        """Wait until everyone has everything (I12); never longer than promised."""
        until = self.now + DRAINED_WITHIN
        while self.now < until:
            self.pass_time(self.now + 5_000)
            if all(self._converged(office) for office in self.offices if office.replica.device not in self.revoked):
                return
        waiting = [office for office in self.offices if not self._converged(office)]
        size = self.server.disk.frontier.size
        said = [
            f"{office.name} {office.status} {office.replica.engine.trouble} {office.replica.disk.frontier.size}/{size}"
            for office in waiting
        ]
        raise Wrong("I12 every outbox is empty and every log whole in time: " + "; ".join(said))

    def _converged(self, office: Office) -> bool:
        disk, server = office.replica.disk, self.server.disk
        same = disk.frontier == server.frontier and disk.incarnation == self.server.incarnation
        return same and office.status is Status.UP_TO_DATE and not office.replica.pending()

    def _check(self) -> None:
        kept: dict[EventId, str] = {}
        heard = [office for office in self.offices if office.replica.device not in self.revoked]
        for office in self.offices:
            if office not in heard:
                disk = office.replica.disk
                kept |= dict.fromkeys((*disk.own_ids, *disk.pool, *disk.facts.events), office.name)
        server = final_of("server", self.server.durable)
        finals = [final_of(office.name, office.replica.disk, office.replica) for office in heard]
        entries = self.checker.finish(server, finals, kept, self.server.incarnation)
        figures = self.figures
        figures["entries"] += len(entries)
        self._count_numberings(entries)
        for outcome, reason, _ in (entry.verdict for entry in entries):
            figures[f"log: {outcome} {reason}".strip()] += 1
        acknowledged = sum(event in self.checker.acknowledged for event in self.checker.gone)
        figures["destroyed with their media, acknowledged"] += acknowledged
        office_lost = any(name.startswith(("office restored", "device destroyed")) for name in figures)
        if acknowledged and not (figures["server restored"] and office_lost):
            raise Wrong("I2 what was acknowledged outlives any one disaster")
        figures["destroyed with their media"] += len(self.checker.gone)
        figures["re-homed"] += sum(office.replica.rehomed for office in self.offices)
        figures["rebuilt"] += sum(office.replica.rebuilt for office in self.offices)

    def _count_numberings(self, entries: list[Entry]) -> None:
        """Count how often vouchers were numbered another way, and what was posted by one that had changed meanwhile."""
        numbering = ""
        for entry in entries:
            if entry.verdict[0] == "accepted" and b'"kind":"voucher-type"' in entry.raw:
                numbering = version_of(entry.raw)
                self.figures["numbering changed"] += 1
            elif self._posted_by.get(EventId(entry.id), numbering) != numbering:
                self.figures["posted by a numbering changed meanwhile"] += 1
