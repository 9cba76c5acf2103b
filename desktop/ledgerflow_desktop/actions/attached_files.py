"""The files of an enrolled book as the one who carries them sees them: what is lacking where, and what came of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import attachment_index
from ledgerflow_desktop.storage.attachment_index import Known
from ledgerflow_desktop.storage.attachments import store_to_write, whole_files
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.sync_client.attachments import Plan

Value = TypeVar("Value")


class OnOpenBook(Protocol):
    """Runs one piece of work on the open book where that may be done, and waits for it."""

    def __call__(self, work: Callable[[Book], Value], /) -> Value: ...


class AttachedFiles:
    """What is known of the files of a book; every call is a piece of work, or a few short ones."""

    def __init__(self, on_book: OnOpenBook, machine: Machine) -> None:
        self._on_book = on_book
        self._machine = machine

    def plan(self, *, looks: bool) -> Plan:
        """Return what the server lacks and what is lacking here, the log read to its end.

        Where it `looks` into the folder, what was lost there is lacking as well.
        """
        while self._on_book(lambda book: attachment_index.read_on(book, store_to_write(book))):
            pass
        plan = self._on_book(self._plan)
        if not looks:
            return plan
        kept = self._on_book(lambda book: attachment_index.kept(book.connection))
        # Here, not where the book is: nobody who types waits for a folder of many files. After the book was asked:
        # what was attached meanwhile is not lost.
        present = {path.name for path in whole_files(plan.store.folder)}
        lost = [known for known in kept if known.content.sha256 not in present]
        return replace(plan, fetch=plan.fetch + lost)

    def note_sent(self, known: Known) -> None:
        """Note that the server has a file of this book."""
        self._note(known)

    def note_fetched(self, known: Known) -> None:
        """Note that a file of another office is here."""
        self._note(known)

    def _plan(self, book: Book) -> Plan:
        send = attachment_index.to_send(book.connection, self._machine.today())
        return Plan(store_to_write(book), send, attachment_index.to_fetch(book.connection))

    def _note(self, known: Known) -> None:
        today = self._machine.today()

        def note(book: Book) -> None:
            with transaction(book.connection, str(book.folder.database)):
                attachment_index.note_at_server(book.connection, known.content.sha256, today)

        self._on_book(note)
