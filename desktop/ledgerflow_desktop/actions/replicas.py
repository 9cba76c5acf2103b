"""The book as the replica a session works on, and what it says of itself without a line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import closing, enrolling, syncing
from ledgerflow_desktop.storage import attachment_index, sync_facts
from ledgerflow_desktop.storage.book import Book, open_book
from ledgerflow_desktop.storage.failures import UpdateNeeded
from ledgerflow_desktop.storage.key_slots import read_keys
from ledgerflow_desktop.storage.master_store import get_meta
from ledgerflow_desktop.storage.replica_store import ReplicaStore
from ledgerflow_desktop.sync_client.session import KnownAs, Store

Value = TypeVar("Value")


class EnrolledReplica(ReplicaStore):
    """The replica in an enrolled book, with what it says of itself at the server."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._enrolled_book = book

    def known_as(self) -> KnownAs:
        """Return who the server knows the book as, and what it has become since."""
        return syncing.known_as(self._enrolled_book)

    def introduced(self, tag: str) -> None:
        """Note that the server knows the book as what it is now."""
        syncing.introduced(self._enrolled_book)

    def keep_role(self, role: str) -> None:
        """Keep what the server says the user of this device is."""
        syncing.keep_role(self._enrolled_book, role)

    def keep_end(self, status: Status, code: str) -> None:
        """Keep how a try to sync ended."""
        syncing.keep_end(self._enrolled_book, status, code)


class LentBook:
    """A book that is open while a session works on it and let go of while it rests, so that others may write.

    Passing it as `on_book` opens the book again when it is needed: `InUse` where another program has it then.
    """

    def __init__(self, book: Book) -> None:
        self._folder, self._key, self._machine = book.folder, book.book_key, book.machine
        self._book: Book | None = book
        self._replica: EnrolledReplica | None = None

    def __call__(self, work: Callable[[Store], Value], /) -> Value:
        """Run one piece of work on the replica."""
        return work(self.replica())

    def replica(self) -> EnrolledReplica:
        """Return the replica, of the book opened again where it was let go of."""
        if self._replica is None:
            self._replica = EnrolledReplica(self.book())
        return self._replica

    def book(self) -> Book:
        """Return the book, opened again where it was let go of."""
        if self._book is None:
            self._book = open_book(self._folder, read_keys(self._folder), self._key, self._machine)
        return self._book

    def let_go(self) -> None:
        """Close the book until it is needed."""
        if self._book is not None:
            self._book.close()
        self._book = self._replica = None


def answer_closes(book: Book) -> int:
    """Answer whoever asks to close a period, for when nothing is left to send; return how many were answered.

    A program that is too old for what is in the log answers nobody: it goes on syncing.
    """
    try:
        return closing.answer(book, closing.parked_in(book))
    except UpdateNeeded:
        return 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a book stands towards its server by what the file knows. Counts of own events and of conflicts.

    `last_sync` is when a sync last took something in or found nothing left to do (UTC by this machine), empty before
    the first; `status` is never better than the file can know: up to date as of the last sync, with nothing written
    since. `trouble` is the code of what was the matter when sync was tried last, empty for nothing. Files of vouchers
    go their own way: how many are still to be sent and fetched.
    """

    server: str
    status: Status
    pending: int
    conflicts: int
    last_sync: str
    files_to_send: int
    files_to_fetch: int
    trouble: str = ""


def standing(book: Book) -> Standing:
    """Return how a book stands; refuses `not-enrolled`."""
    kept = enrolling.require_enrolment(book)
    connection = book.connection
    with book.reading():
        replica = ReplicaStore(book)
        pending, conflicts = replica.pending().count, len(replica.conflicts())
        last = get_meta(connection, sync_facts.LAST_SYNC)
        files = attachment_index.count_waiting(connection)
        trouble, waits_for = sync_facts.matter(connection)
    status = Status.UP_TO_DATE if last and not pending and not waits_for else Status.WAITING
    status = Status.ATTENTION if trouble else status
    return Standing(kept.server_url, status, pending, conflicts, last, *files, trouble=trouble or waits_for)
