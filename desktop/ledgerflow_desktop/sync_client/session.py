"""The loop around the engine: does the one thing it wants, tells it what came of it, and rests when it rests.

The network is waited for in the thread that calls `run`; whatever touches the book goes through `on_book`, one
piece at a time, so that in the window it runs on the worker that owns the book and typing waits for one
transaction at most. Cut anywhere, nothing is lost: the next session begins with a new hello.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, TypeVar

from ledgerflow_core import __version__
from ledgerflow_core.errors import Damaged, LedgerFlowError
from ledgerflow_core.sync.batch import PROTOCOL_VERSION, SealedBatch
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.messages import Hello
from ledgerflow_core.sync.replica import Engine, Standing, Status, step
from ledgerflow_core.sync.replica_messages import (
    Answered,
    Append,
    Contribute,
    HandBack,
    Heard,
    Keep,
    Lost,
    NoteIncarnation,
    Pull,
    Pulled,
    Push,
    Rebuild,
    Receipted,
    Rehome,
    Rejected,
    Renewed,
    Rest,
    SayHello,
    SignIn,
    Stored,
    Wake,
    Wanted,
)
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.sync_client.pace import Pace
from ledgerflow_desktop.sync_client.progress import Progress
from ledgerflow_desktop.sync_client.server import Announced, Identity, NewReplica

Value = TypeVar("Value")
_HAND_BACK_BYTES = 4 * 2**20
# A disk that is full or a book another program holds: asked again after this long (seconds).
_BOOK_PAUSE_SECONDS = 30.0


class Store(Protocol):
    """The replica in the book; each call is at most one transaction."""

    def standing(self) -> Standing: ...

    def outgoing(self, first: int, events_most: int) -> SealedBatch: ...

    def keep(self, receipt: Signed) -> None: ...

    def append(self, batches: Sequence[LogBatch], checkpoint: Signed) -> None: ...

    def rehome(self) -> None: ...

    def rebuild(self, size: int, incarnation: str) -> None: ...

    def note_incarnation(self, incarnation: str) -> None: ...

    def contribute(self) -> None: ...

    def continuation(self, after: int, bytes_most: int) -> tuple[list[LogBatch], Signed]: ...

    def known_as(self) -> "KnownAs": ...

    def introduced(self, tag: str) -> None: ...

    def note_recovering(self) -> None: ...

    def keep_role(self, role: str) -> None: ...

    def keep_end(self, status: Status, code: str) -> None: ...


class KnownAs(NamedTuple):
    """Who the server knows the book as; `new` is what it has become since and the server does not know of yet."""

    identity: Identity
    new: NewReplica | None


class Line(Protocol):
    """The server, heard as the engine hears it (`sync_client.server.SyncServer`)."""

    trouble: str

    @property
    def bytes_moved(self) -> tuple[int, int]: ...

    def hello(self, hello: Hello) -> Heard: ...

    def push(self, batch: SealedBatch) -> Heard: ...

    def pull(self, after: int, bytes_most: int) -> Heard: ...

    def hand_back(self, batches: Sequence[LogBatch], checkpoint: Signed) -> Heard: ...

    def sign_in(self) -> Heard: ...

    def announce(self, new: NewReplica) -> Announced | Rejected | Lost: ...

    def identify(self, identity: Identity) -> None: ...


class OnBook(Protocol):
    """Runs one piece of work on the book where that may be done, and waits for it."""

    def __call__(self, work: Callable[[Store], Value], /) -> Value: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a session is given from outside.

    `seconds` only rises; `timestamp` gives UTC as events carry it. `rest` waits so many seconds, less when something
    was posted, the server hints or the session is to stop; `stopped` is asked between two steps.
    """

    on_book: OnBook
    seconds: Callable[[], float]
    timestamp: Callable[[], str]
    rest: Callable[[float], None]
    stopped: Callable[[], bool]
    on_progress: Callable[[Progress], None]


class Session:
    """Engine, line and pace of one company, kept from one run to the next."""

    def __init__(self, engine: Engine, line: Line, tools: Tools, pace: Pace | None = None) -> None:
        self.engine = engine
        self.progress = Progress(engine.status)
        self._line = line
        self._tools = tools
        self._pace = pace or Pace()
        self._role = ""

    def run_once(self, *, patience: int = 0) -> Progress:
        """Sync until there is nothing to do, or the line failed more than `patience` times in a row.

        Errors of the book are raised.
        """
        heard = self._begin()
        while not self._tools.stopped():
            heard, seconds = self._do(heard, patience)
            if seconds is None:
                continue
            if not self._tries_again(patience):
                break
            self._rest(seconds)
            heard = self._begin()
        return self.progress

    def run(self) -> None:
        """Sync until stopped; an error of the book is shown as what it waits for, and tried again."""
        heard: Heard | None = None
        while not self._tools.stopped():
            try:
                heard, seconds = self._do(heard or self._begin())
            except LedgerFlowError as error:
                # On the line "damaged" would say that of an answer.
                code = "book-damaged" if isinstance(error, Damaged) else error.problems[0].code
                self.engine = replace(self.engine, status=Status.ATTENTION, trouble=code)
                heard, seconds = None, _BOOK_PAUSE_SECONDS
            if seconds is not None:
                self._rest(seconds)
                heard = None

    def _tries_again(self, patience: int | None) -> bool:
        """Whether a rest is followed by another attempt; without end where `patience` is None."""
        return patience is None or (self.engine.status is Status.WAITING and self.engine.pauses <= patience)

    def _begin(self) -> Heard:
        """Say who this is; a copy that took a new identity is made known before it says anything else.

        After each rest: the line may have failed it before, and another program may have opened the book meanwhile.
        """
        known_as = self._tools.on_book(lambda store: store.known_as())
        self._line.identify(known_as.identity)
        if known_as.new is None:
            return Wake()
        heard = self._line.announce(known_as.new)
        if isinstance(heard, Rejected) and heard.status == 401 and isinstance(self._line.sign_in(), Renewed):
            heard = self._line.announce(known_as.new)
        if not isinstance(heard, Announced):
            return heard
        tag = heard.tag
        self._tools.on_book(lambda store: store.introduced(tag))
        return Wake()

    def _do(self, heard: Heard, patience: int | None = None) -> tuple[Heard, float | None]:
        """Take one step; return what came of it, and how long to rest where that was what the engine wants."""
        standing = self._standing()
        self.engine, wanted = step(replace(self.engine, events_most=self._pace.events), standing, heard)
        if self.engine.events_most < self._pace.events:
            self._pace = self._pace.capped(self.engine.events_most)
        if not isinstance(wanted, Rest):
            self._show(standing, None)
            return self._execute(wanted, standing), None
        seconds = wanted.milliseconds / 1_000
        self._keep_end()
        self._show(standing, seconds if self._tries_again(patience) else None)
        return Wake(), seconds

    def _standing(self) -> Standing:
        """Return where the file stands; what the engine asks of it later is asked where the book is."""
        on_book = self._tools.on_book
        standing = on_book(lambda store: store.standing())
        return standing._replace(
            hash_at=lambda seq: on_book(lambda _: standing.hash_at(seq)),
            root_at=lambda size: on_book(lambda _: standing.root_at(size)),
        )

    def _execute(self, wanted: Wanted, standing: Standing) -> Heard:
        line, on_book = self._line, self._tools.on_book
        match wanted:
            case SayHello(size):
                return self._say_hello(standing, size)
            case Push(first, events_most):
                return self._push(first, events_most)
            case Pull(after):
                return self._pull(after)
            case HandBack(after):
                batches, checkpoint = on_book(lambda store: store.continuation(after, _HAND_BACK_BYTES))
                return line.hand_back(batches, checkpoint)
            case SignIn():
                return line.sign_in()
            case Rehome():
                on_book(lambda store: store.rehome())
                heard = self._begin()
                return Renewed() if isinstance(heard, Wake) else heard
            case _:
                return self._keep(wanted)

    def _keep(self, wanted: Wanted) -> Heard:
        """Put on the disk what the engine found good."""
        on_book = self._tools.on_book
        match wanted:
            case Keep(receipt):
                on_book(lambda store: store.keep(receipt))
                return Stored()
            case Append(batches, checkpoint):
                on_book(lambda store: store.append(batches, checkpoint))
                return Stored()
            case Contribute():
                on_book(lambda store: store.contribute())
                return Stored()
            case Rebuild(size, incarnation):
                on_book(lambda store: store.rebuild(size, incarnation))
                return Renewed()
            case NoteIncarnation(incarnation):
                on_book(lambda store: store.note_incarnation(incarnation))
                return Renewed()
            case _:
                raise AssertionError(wanted)

    def _say_hello(self, standing: Standing, size: int) -> Heard:
        """Say hello, and keep what the server says the user is: the book refuses what that role may not do.

        A server that was restored is asked again for the files of vouchers.
        """
        heard = self._line.hello(self._hello(standing, size))
        if isinstance(heard, Answered) and heard.answer.state == "recovering":
            self._tools.on_book(lambda store: store.note_recovering())
        if isinstance(heard, Answered) and heard.answer.role not in ("", self._role):
            role = heard.answer.role
            self._tools.on_book(lambda store: store.keep_role(role))
            self._role = role
        return heard

    def _push(self, first: int, events_most: int) -> Heard:
        batch = self._tools.on_book(lambda store: store.outgoing(first, events_most))
        begun = self._tools.seconds()
        heard = self._line.push(batch)
        if isinstance(heard, Receipted):
            self._pace = self._pace.after_push(self._tools.seconds() - begun)
        return heard

    def _pull(self, after: int) -> Heard:
        begun = self._tools.seconds()
        heard = self._line.pull(after, self._pace.pull_bytes)
        if isinstance(heard, Pulled):
            self._pace = self._pace.after_pull(self._tools.seconds() - begun)
        return heard

    def _hello(self, standing: Standing, size: int) -> Hello:
        return Hello(
            v=PROTOCOL_VERSION,
            company=standing.company,
            replica=standing.replica,
            incarnation=standing.incarnation,
            seq=standing.head.seq,
            head=standing.head.hash.hex(),
            size=size,
            root=standing.root_at(size),
            pending=max(0, standing.head.seq - self.engine.acknowledged),
            at=self._tools.timestamp(),
            app=__version__,
        )

    # --- what may be shown --------------------------------------------------------------------------

    def _show(self, standing: Standing, waits_seconds: float | None) -> None:
        engine = self.engine
        sent, received = self._line.bytes_moved
        left = self.progress.with_left(
            to_push=max(0, standing.head.seq - engine.acknowledged),
            to_pull=max(0, engine.log_size - standing.log.size),
        )
        self.progress = replace(
            left,
            status=engine.status,
            trouble=self._trouble(),
            detail=engine.detail,
            sent=sent,
            received=received,
            waits_seconds=waits_seconds,
        )
        self._tools.on_progress(self.progress)

    def _keep_end(self) -> None:
        """Keep in the book how this try ended, so that it is known without asking the server again.

        Before it is shown: whoever is shown it may look into the book.
        """
        status, trouble = self.engine.status, self._trouble()
        if status is not Status.SYNCING:
            self._tools.on_book(lambda store: store.keep_end(status, trouble))

    def _trouble(self) -> str:
        """Return the code of what is the matter, empty where nothing is."""
        return self.engine.trouble or ("" if self.engine.status is Status.UP_TO_DATE else self._line.trouble)

    def _rest(self, seconds: float) -> None:
        self._tools.rest(seconds)
        if self.progress.status is Status.UP_TO_DATE:
            self.progress = self.progress.from_nothing()
