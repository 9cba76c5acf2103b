"""What a book says of its line to the server, without asking anybody."""

from dataclasses import dataclass

from ledgerflow_desktop.actions import conflicts
from ledgerflow_desktop.storage import attachment_index, held_log, log_store, sync_facts
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.master_store import get_meta


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What the file says: where it syncs and as whom, and how far it is.

    `pending` counts own events the server does not have, `conflicts` what waits for a decision, `log_size` the entries
    of the server's log held; `last_sync` is when a sync last took something in or found nothing left to do (UTC), empty
    before the first. Files of vouchers are counted apart.
    """

    server: str
    device: str
    tag: str
    pending: int
    conflicts: int
    log_size: int
    last_sync: str
    files_to_send: int
    files_to_come: int


def line_facts(book: Book) -> LineFacts | None:
    """Return what a book says of its line, None where it syncs with no server. Reads no voucher."""
    kept = sync_facts.enrolment(book.connection)
    if kept is None:
        return None
    connection, replica = book.connection, book.replica_no
    with book.reading():
        files_to_send, files_to_come = attachment_index.count_waiting(connection)
        has = held_log.acknowledged(connection, replica, get_meta(connection, sync_facts.INCARNATION))
        return LineFacts(
            server=kept.server_url,
            device=kept.device,
            tag=book.replica_tag,
            pending=max(0, log_store.replica(connection, replica).head.seq - has),
            conflicts=len(conflicts.open_conflicts(book)),
            log_size=sync_facts.frontier(connection).size,
            last_sync=get_meta(connection, sync_facts.LAST_SYNC),
            files_to_send=files_to_send,
            files_to_come=files_to_come,
        )
