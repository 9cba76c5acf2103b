"""Sync a book with the server it is enrolled at: once, or again and again while nobody has to think of it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged, refuse
from ledgerflow_core.sync.replica import CHANCES, Engine, Status
from ledgerflow_core.sync.statements import public_key
from ledgerflow_desktop.actions import office_names
from ledgerflow_desktop.actions.attached_files import AttachedFiles, OnOpenBook
from ledgerflow_desktop.actions.enrolling import require_enrolment
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import former_key, held_log, sync_facts
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.master_store import get_meta, set_meta
from ledgerflow_desktop.storage.sync_facts import Matter
from ledgerflow_desktop.sync_client import attachments, hints
from ledgerflow_desktop.sync_client.attachments import Carried, Carrier
from ledgerflow_desktop.sync_client.enrolment import transport_to
from ledgerflow_desktop.sync_client.pace import PULL_BYTES_INTERACTIVE, Pace
from ledgerflow_desktop.sync_client.progress import Progress
from ledgerflow_desktop.sync_client.server import Identity, NewReplica, SyncServer
from ledgerflow_desktop.sync_client.session import KnownAs, OnBook, Session, Tools

# How much of a timestamp says the minute.
_MINUTE = len("2026-11-21T10:00")


def known_as(book: Book) -> KnownAs:
    """Return who the server knows a book as, and what it has become since.

    Refuses `enrol-again` where the key the server knows was lost; raises as `Book.signing_key`.
    """
    kept, former = require_enrolment(book), sync_facts.former_replica(book.connection)
    if former is None:
        return KnownAs(Identity(kept.tenant, kept.device, book.signing_key), None)
    new = NewReplica(book.replica, book.signing_key, book.replica_tag, former)
    known = former_key.read(book.connection)
    if known is None:
        raise refuse("enrol-again")
    return KnownAs(Identity(kept.tenant, kept.device, Ed25519PrivateKey.from_private_bytes(known)), new)


def introduced(book: Book) -> None:
    """Note that the server knows the book as what it is now.

    The tag the book drew stays even where the server would have given another: numbers are kept unique one by one.
    """
    # Not `writing`: a program too old to post goes on syncing.
    with transaction(book.connection, str(book.folder.database)):
        former_key.forget(book.connection)


def keep_role(book: Book, role: str) -> None:
    """Keep what the server says the user of this device is; what that role may not do is refused from now on."""
    if sync_facts.role(book.connection) != role:
        with transaction(book.connection, str(book.folder.database)):
            sync_facts.write_role(book.connection, role)


def keep_end(book: Book, status: Status, code: str) -> None:
    """Keep how a try ended: when, where the books are up to date, else what was the matter.

    A book that stays up to date is written to once a minute at most: no one is shown less than a minute. What a person
    has to look at is not forgotten because the line fails after it.
    """
    connection, now = book.connection, book.machine.timestamp()
    kept, last = sync_facts.matter(connection), get_meta(connection, sync_facts.LAST_SYNC)
    is_done = status is Status.UP_TO_DATE
    if is_done:
        found = Matter()
    else:
        found = Matter(trouble=code) if status is Status.ATTENTION else kept._replace(waits_for=code)
    is_later = is_done and now[:_MINUTE] != last[:_MINUTE]
    if found == kept and not is_later:
        return
    with transaction(connection, str(book.folder.database)):
        sync_facts.write_matter(connection, found)
        if is_later:
            set_meta(connection, sync_facts.LAST_SYNC, now)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sync is given from outside; see `Tools`. `interactive` keeps each piece of work on the book short."""

    machine: Machine
    on_book: OnBook
    rest: Callable[[float], None]
    stopped: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    interactive: bool = False
    seconds: Callable[[], float] = time.monotonic


class Connected:
    """A session with its line to the server; close it after use."""

    def __init__(self, book: Book, around: Surroundings) -> None:
        kept = require_enrolment(book)
        key = public_key(kept.server_key)
        if key is None:
            raise Damaged("enrolment", reason="no key of the server")
        self.company = book.company.id
        self._kept = kept
        self._around = around
        self._transport = transport_to(kept.server_url, kept.authority, around.stopped)
        identity = known_as(book).identity
        self.server = SyncServer(self._transport, self.company, identity, chances(around.machine))
        tools = Tools(
            around.on_book, around.seconds, around.machine.timestamp, around.rest, around.stopped, around.on_progress
        )
        small = PULL_BYTES_INTERACTIVE
        pace = Pace(pull_bytes=small, pull_cap=small) if around.interactive else Pace()
        # What the server has is asked first; until it answers, its receipts say it.
        incarnation = get_meta(book.connection, sync_facts.INCARNATION)
        known = held_log.acknowledged(book.connection, book.replica_no, incarnation)
        self.session = Session(Engine(key, acknowledged=known), self.server, tools, pace)
        self._carrier = Carrier(self.server)

    def close(self) -> None:
        """Close the line."""
        self._transport.close()

    def carry_files(
        self, on_book: OnOpenBook, must_stop: Callable[[], bool], pause: Callable[[float], object]
    ) -> Carried:
        """Send and fetch files of vouchers, for when the books are up to date; between two pieces `must_stop` is asked.

        Whatever goes wrong is in the answer and is tried again the next time: files keep nothing else waiting.
        """
        files = AttachedFiles(on_book, self._around.machine)
        return self._carrier.carry(files, attachments.Tools(self._around.seconds, must_stop, pause))

    def learn_names(self, on_book: OnOpenBook) -> None:
        """Ask the server what people call the offices the book has no names of, for when it is up to date."""
        office_names.learn(self.server, on_book)

    def listen(self, wake: Callable[[], None], rest: Callable[[float], None]) -> threading.Thread:
        """Call `wake` when the server hints that its log grew, once a second at most; return the thread that does it.

        It ends when the session is stopped; a last call may come a second later, from another thread.
        """
        feed = transport_to(self._kept.server_url, self._kept.authority, self._around.stopped)
        path = f"/v1/companies/{self.company}/feed"

        def listening() -> None:
            try:
                hints.listen(
                    lambda: feed.lines(path, self.server.token, silence_seconds=hints.SILENCE_SECONDS),
                    hints.Spaced(wake),
                    rest,
                    self._around.stopped,
                )
            finally:
                feed.close()

        thread = threading.Thread(target=listening, name="sync hints", daemon=True)
        thread.start()
        return thread


def chances(machine: Machine) -> Callable[[], int]:
    """Return a source of random numbers as the engine wants them."""
    return lambda: int.from_bytes(machine.random_bytes(4), "big") % CHANCES
