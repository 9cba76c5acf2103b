"""Keep, list and drop drafts: nothing typed is ever lost, and nothing half typed is in the books."""

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_desktop.storage import draft_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.draft_store import Draft
from ledgerflow_desktop.storage.encrypted_database import transaction

# A draft larger than this is no voucher form: it would be a fault, and the file is not the place for it.
BODY_BYTES_MAX = 16 * 1024 * 1024


def save(book: Book, draft: Draft) -> None:
    """Keep a draft; on return it is on the disk. A book that cannot be written to keeps none, silently."""
    if not book.writable:
        return
    if len(draft.body) > BODY_BYTES_MAX:
        raise refuse("draft-too-large", length=len(draft.body), most=BODY_BYTES_MAX)
    stamped = Draft(draft.id, draft.kind, draft.body, book.machine.timestamp())
    with transaction(book.connection, str(book.folder.database)):
        draft_store.save(book.connection, stamped)


def discard(book: Book, draft_id: str) -> None:
    """Drop a draft, posted or not wanted any more."""
    if book.writable:
        with transaction(book.connection, str(book.folder.database)):
            draft_store.remove(book.connection, draft_id)


def unfinished(book: Book, kind: str) -> list[Draft]:
    """Return the drafts of one kind, the newest first."""
    return draft_store.of_kind(book.connection, kind)


def unfinished_new_vouchers(book: Book, kind: str) -> list[Draft]:
    """Return the drafts of vouchers that are not in the books, the newest first.

    A draft whose voucher was posted just before a crash is dropped here: offering it would double the voucher.
    """
    found = []
    for draft in draft_store.of_kind(book.connection, kind):
        if book.voucher(VoucherId(draft.id)) is None:
            found.append(draft)
        else:
            discard(book, draft.id)
    return found
