"""Prove that the server still has what it took: its log against the one held here."""

from collections.abc import Iterator, Sequence

from ledgerflow_core.errors import Problem
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_desktop.actions.enrolling import require_enrolment
from ledgerflow_desktop.actions.syncing import chances, known_as
from ledgerflow_desktop.storage import held_log
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.sync_client import comparing
from ledgerflow_desktop.sync_client.enrolment import transport_to
from ledgerflow_desktop.sync_client.server import SyncServer


def compared_with_server(book: Book) -> Iterator[Problem]:
    """Yield what the server's log has otherwise than the log held, batch by batch; reads all of both.

    Refuses `not-enrolled`; raises `NoAnswer` and `ServerRefused`.
    """
    kept = require_enrolment(book)
    transport = transport_to(kept.server_url, kept.authority)
    server = SyncServer(transport, book.company.id, known_as(book).identity, chances(book.machine))

    def fetch(after: int, bytes_most: int) -> Sequence[LogBatch]:
        return server.log_piece(after, bytes_most)[0]

    try:
        yield from comparing.differences(held_log.batches(book.connection), fetch)
    finally:
        transport.close()
