"""What attachments the log names, and what became of each: kept up by reading on in the log where it ended last.

Every version of a voucher counts, also one that is parked: whoever decides about it wants to see its files.
"""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from ledgerflow_core.calendar import day_number
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.events.event import VoucherAltered, VoucherPosted, decode_event
from ledgerflow_core.vouchers.voucher import Attachment
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.attachments import AttachmentStore, Content, is_name
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import Connection, transaction
from ledgerflow_desktop.storage.master_store import ATTACHMENTS_READ_TO, get_meta, set_meta

# The server is asked again whether it still has what it had: it may have been restored from a backup, and whole again
# before this office heard of it.
_ASK_AGAIN_DAYS = 7
# While somebody types: some tenths of a second.
_RUNS_AT_ONCE = 100
_NAMED = b'"attachments":'


class Known(NamedTuple):
    """One attachment as the log names it; `media_type` is what its author said it is."""

    content: Content
    media_type: str


def read_on(book: Book, store: AttachmentStore) -> bool:
    """Take in what the log names since it was read last, as much as is quick; return whether more is left."""
    connection = book.connection
    last, done = log_store.last_position(connection), int(get_meta(connection, ATTACHMENTS_READ_TO) or 0)
    if last <= done:
        return False
    with transaction(connection, str(book.folder.database)):
        for run in islice(log_store.runs(connection, after=done), _RUNS_AT_ONCE):
            for raw in run.events[max(0, done + 1 - run.first) :]:
                # Nearly no voucher has any, and looking for the word costs a hundredth of decoding.
                if _NAMED in raw:
                    for attachment in _attachments_in(raw):
                        _add(connection, attachment, kept=store.has(attachment.sha256))
            done = run.first + len(run.events) - 1
        set_meta(connection, ATTACHMENTS_READ_TO, str(done))
    return done < last


def note_kept(connection: Connection, attachments: Sequence[Attachment]) -> None:
    """Note that these are here, whole; for inside a transaction."""
    for attachment in attachments:
        _add(connection, attachment, kept=True)


def note_at_server(connection: Connection, sha256: str, today: date) -> None:
    """Note that an attachment is here and at the server, whole; for inside a transaction."""
    connection.execute(
        "UPDATE attachment SET kept = 1, at_server = ? WHERE sha256 = ?", (day_number(today), bytes.fromhex(sha256))
    )


def ask_server_again(connection: Connection) -> None:
    """Note that the server may have none of the attachments it had, for inside a transaction: it was restored."""
    connection.execute("UPDATE attachment SET at_server = 0 WHERE at_server <> 0")


def to_fetch(connection: Connection) -> list[Known]:
    """Return what the log names and was never here, whole."""
    return [_known(row) for row in connection.execute("SELECT sha256, size, media_type FROM attachment WHERE NOT kept")]


def kept(connection: Connection) -> list[Known]:
    """Return what the log names and was here once, whole."""
    return [_known(row) for row in connection.execute("SELECT sha256, size, media_type FROM attachment WHERE kept")]


def to_send(connection: Connection, today: date) -> list[Known]:
    """Return what the server is not known to have, or was not asked about for days; what it never had first."""
    rows = connection.execute(
        """SELECT sha256, size, media_type FROM attachment WHERE kept AND at_server <= ?
           ORDER BY at_server, size, sha256""",
        (day_number(today) - _ASK_AGAIN_DAYS,),
    )
    return [_known(row) for row in rows]


def count_waiting(connection: Connection) -> tuple[int, int]:
    """Return how many attachments the server never had of those here, and how many were never here."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE kept AND at_server = 0), count(*) FILTER (WHERE NOT kept) FROM attachment"
    ).fetchone()
    return int(row[0]), int(row[1])


def was_kept(connection: Connection, sha256: str) -> bool:
    """Whether an attachment was here once, whole."""
    row = connection.execute("SELECT kept FROM attachment WHERE sha256 = ?", (bytes.fromhex(sha256),)).fetchone()
    return row is not None and bool(row[0])


def _attachments_in(raw: bytes) -> list[Attachment]:
    try:
        body = decode_event(raw).body
    except LedgerFlowError:
        return []  # of a later version, or parked because nobody can read it: it has no effect here either
    match body:
        case VoucherPosted() | VoucherAltered():
            return [found for found in body.voucher.attachments if is_name(found.sha256) and found.size >= 0]
        case _:
            return []


def _add(connection: Connection, attachment: Attachment, *, kept: bool) -> None:
    connection.execute(
        """INSERT INTO attachment (sha256, size, media_type, kept, at_server) VALUES (?, ?, ?, ?, 0)
           ON CONFLICT DO UPDATE SET kept = max(kept, excluded.kept)""",
        (bytes.fromhex(attachment.sha256), attachment.size, attachment.media_type, kept),
    )


def _known(row: tuple[bytes, int, str]) -> Known:
    return Known(Content(row[0].hex(), row[1]), row[2])
