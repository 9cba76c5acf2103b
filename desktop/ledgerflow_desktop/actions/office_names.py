"""Learns from the server what people call the offices of a company, once for each."""

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.actions.attached_files import OnOpenBook
from ledgerflow_desktop.storage import offices
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.sync_client.server import SyncServer


def learn(server: SyncServer, on_book: OnOpenBook) -> None:
    """Ask for the names of offices the book has none of; without an answer they are asked for the next time."""
    try:
        unknown = on_book(lambda book: offices.nameless(book.connection))
        if not unknown:
            return
        said = {office.replica: (office.user, office.device) for office in server.offices()}
        on_book(lambda book: _keep(book, {replica: said.get(replica, ("", "")) for replica in unknown}))
    except LedgerFlowError:
        return  # a name keeps nothing waiting


def _keep(book: Book, names: dict[ReplicaId, tuple[str, str]]) -> None:
    # Not `writing`: a program too old to post goes on syncing.
    with transaction(book.connection, str(book.folder.database)):
        offices.keep_names(book.connection, names)
