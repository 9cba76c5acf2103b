"""Carries the files of vouchers, both ways: behind everything else, a piece at a time, on from where it broke off.

Vouchers never wait for a file: it is let go of between two pieces whenever the session has something to do. A file
that does not match its name is thrown away and fetched again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.storage.attachment_index import Known
from ledgerflow_desktop.storage.attachments import RECORD, AttachmentStore
from ledgerflow_desktop.storage.failures import AttachmentDiffers, AttachmentMissing, InUse
from ledgerflow_desktop.sync_client.pace import Pace
from ledgerflow_desktop.sync_client.transport import BYTES, NoAnswer, Reply, Request, ServerRefused

_ANY = "*/*"
LENGTH, OFFSET = "Upload-Length", "Upload-Offset"
_MEDIA = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_PIECE_MAX = 16 * RECORD
# A file the server does not take is asked about again after this long, one it does not have yet first after so long,
# then after twice that, and so on (seconds).
_LATER_SECONDS, _SOON_SECONDS = 900.0, 10.0
# Failures of the line in a row, with no piece between them, after which it is left for the next time.
_FAILURES_MOST = 3
# The answers of a server that is busy, or does not know this device any more.
_NOT_OF_THE_FILE = (401, 429, 503)


class Line(Protocol):
    """The server (`sync_client.server.SyncServer`); raises `ServerRefused` and `NoAnswer`."""

    def exchange(self, request: Request) -> Reply: ...


class Index(Protocol):
    """What is known of files in the book; each call is at most one transaction.

    `plan` looks into the folder for what was lost there, which takes a moment where there are many.
    """

    def plan(self, *, looks: bool) -> "Plan": ...

    def note_sent(self, known: Known) -> None: ...

    def note_fetched(self, known: Known) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be carried, and the files themselves."""

    store: AttachmentStore
    send: list[Known]
    fetch: list[Known]


@dataclass(frozen=True, slots=True)
class Carried:
    """How many files were carried, and the code of what kept the rest, empty where nothing did.

    `is_said` where that is news: a line that is gone, or a session that was stopped, says so itself.
    """

    sent: int = 0
    fetched: int = 0
    trouble: str = ""
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class Tools:
    """What carrying is given from outside. `must_stop` is asked between two pieces; `pause` waits so many seconds."""

    seconds: Callable[[], float]
    must_stop: Callable[[], bool]
    pause: Callable[[float], object]


Way = Callable[[Known, AttachmentStore, Tools], None]


class _Stopped(Exception):
    """The session has something to do."""


class _NotThisTime(Exception):
    """One file cannot be carried now; the others can. The code says why; it is empty where nothing is wrong."""


class _Later(NamedTuple):
    """When a file is asked about again (as `Tools.seconds`), and how long that was to wait."""

    at: float
    wait: float


class Carrier:
    """Carries the files of one company; kept from one time to the next."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pace = Pace(pull_bytes=RECORD, pull_cap=_PIECE_MAX)
        self._later: dict[tuple[str, str], _Later] = {}
        self._may_send = True
        # What is to be fetched, by name; None until the folder was looked into.
        self._lacking: dict[str, Known] | None = None
        self._failures = 0
        self._carried = Carried()

    def carry(self, index: Index, tools: Tools) -> Carried:
        """Carry until everything is there, the session has something to do, or it cannot go on."""
        self._carried, self._failures, self._may_send = Carried(), 0, True
        try:
            is_first = self._lacking is None
            plan = index.plan(looks=is_first)
            lacking = self._lacking = (self._lacking or {}) | {known.content.sha256: known for known in plan.fetch}
            for known in plan.send:
                if self._may_send and self._done(self._send, known, plan.store, tools):
                    index.note_sent(known)
                    self._carried = replace(self._carried, sent=self._carried.sent + 1)
            with plan.store.carrying():
                if is_first:
                    plan.store.forget_fetching(set(lacking))
                for known in sorted(lacking.values(), key=lambda known: known.content.size):
                    if self._done(self._fetch, known, plan.store, tools):
                        index.note_fetched(known)
                        del lacking[known.content.sha256]
                        self._carried = replace(self._carried, fetched=self._carried.fetched + 1)
        except (_Stopped, InUse):
            pass  # in use by a session that ends, or by another program: for the next time
        except NoAnswer as lost:
            self._note_trouble(str(lost.facts["reason"]), is_said=False)
        except LedgerFlowError as error:
            self._note_trouble(error.problems[0].code)
        return self._carried

    def _done(self, way: Way, known: Known, store: AttachmentStore, tools: Tools) -> bool:
        """Carry one file over a line that may break; return whether it is there, False where it has to wait.

        Raises what concerns the others as well: `_Stopped`, a line that is gone, a book or disk that does not answer.
        """
        key = (way.__name__, known.content.sha256)
        later = self._later.setdefault(key, _Later(0.0, _SOON_SECONDS / 2))
        if later.at > tools.seconds():
            return False
        while True:
            try:
                way(known, store, tools)
                del self._later[key]
                return True
            except NoAnswer as lost:
                self._failures += 1
                if self._failures > _FAILURES_MOST or lost.facts.get("reason") == "stopped":
                    raise
                tools.pause(2.0 ** (self._failures - 1))
            except (_NotThisTime, AttachmentDiffers, AttachmentMissing) as error:
                code = error.code if isinstance(error, LedgerFlowError) else str(error)
                self._note_trouble(code)
                wait = _LATER_SECONDS if code else min(2 * later.wait, _LATER_SECONDS)
                self._later[key] = _Later(tools.seconds() + wait, wait)
                return False

    def _asked(self, request: Request) -> Reply:
        """Ask the server about one file; what it refuses of this file alone is `_NotThisTime`."""
        try:
            return self._line.exchange(request)
        except ServerRefused as refused:
            if refused.status in _NOT_OF_THE_FILE:
                raise
            if refused.status == 403 and request.method != "GET":
                self._may_send = False  # who only reads the books fetches, and sends nothing
                raise _NotThisTime("") from None
            # Its sender may be without a line for weeks: that is no trouble.
            raise _NotThisTime("" if refused.status == 404 else refused.problems[0].code) from None

    def _note_trouble(self, code: str, *, is_said: bool = True) -> None:
        if code:
            self._carried = replace(self._carried, trouble=code, is_said=is_said)

    # --- sending --------------------------------------------------------------------------------

    def _send(self, known: Known, store: AttachmentStore, tools: Tools) -> None:
        """Announce a file, which says how much of it the server has, and send the rest."""
        sha256, size = known.content
        _require_going_on(tools)
        offset = self._announced(known)
        while offset < size:
            _require_going_on(tools)
            begun, before = tools.seconds(), offset
            piece = store.read(sha256, offset, self._piece())
            more = Request("PATCH", _path(known), _ANY, piece, BYTES, headers=((OFFSET, str(offset)),))
            try:
                offset = _offset_in(self._asked(more), size)
            except _NotThisTime as refused:
                if str(refused) != "offset-differs":
                    raise
                # The piece came twice, or somebody else sends the same file: the server knows where it is.
                offset = self._announced(known)
            if offset <= before:
                raise _NotThisTime("no-progress")
            self._went_on(tools.seconds() - begun)

    def _announced(self, known: Known) -> int:
        """Announce a file; return how many bytes of it the server has."""
        size = known.content.size
        begin = Request("PUT", _path(known), _ANY, media=_media(known), headers=((LENGTH, str(size)),))
        return _offset_in(self._asked(begin), size)

    # --- fetching -------------------------------------------------------------------------------

    def _fetch(self, known: Known, store: AttachmentStore, tools: Tools) -> None:
        """Fetch what is not here yet and prove the whole; what is not what it is called is fetched anew, later."""
        sha256, size = known.content
        if store.has(sha256):
            return
        offset = store.received(sha256)
        if not size:
            store.append(sha256, 0, b"")
        while offset < size:
            _require_going_on(tools)
            begun, end = tools.seconds(), min(offset + self._piece(), size)
            some = (("Range", f"bytes={offset}-{end - 1}"),)
            reply = self._asked(Request("GET", _path(known), _ANY, bytes_down=end - offset, headers=some))
            if reply.status == 206 and len(reply.body) < end - offset:
                # The line brought all there is: the file is shorter than its voucher says.
                raise _NotThisTime("damaged")
            if reply.status not in (200, 206) or len(reply.body) != end - offset:
                raise NoAnswer(reason="damaged")
            store.append(sha256, offset, reply.body)
            offset = end
            self._went_on(tools.seconds() - begun)
        if not store.complete(known.content):
            raise _NotThisTime("damaged")

    # --- pace -----------------------------------------------------------------------------------

    def _piece(self) -> int:
        """Return how many bytes to carry at once: whole records, as the server keeps them."""
        return max(RECORD, self._pace.pull_bytes // RECORD * RECORD)

    def _went_on(self, seconds: float) -> None:
        self._pace, self._failures = self._pace.after_pull(seconds), 0


def _require_going_on(tools: Tools) -> None:
    if tools.must_stop():
        raise _Stopped


def _path(known: Known) -> str:
    return f"attachments/{known.content.sha256}"


def _media(known: Known) -> str:
    """Return the type of a file where it is one a header may carry: it comes from another office."""
    return known.media_type if _MEDIA.fullmatch(known.media_type) else BYTES


def _offset_in(reply: Reply, size: int) -> int:
    said = reply.headers.get(OFFSET.lower(), "")
    if not (said.isascii() and said.isdigit() and len(said) <= 16 and int(said) <= size):
        raise NoAnswer(reason="not-the-server")
    return int(said)
