"""Makes one chain of a book whose events stand in several, before it is enrolled: a replica sends its own chain alone.

Every copy that is opened begins another chain (docs/decisions/0005), so a book that was ever restored has some.
"""

from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.rebuilding import NewHome, Rebuilding


def make_one_chain(book: Book) -> None:
    """Sign all events of a book that syncs with nobody as one chain; ids, payloads, key and number series stay.

    Nothing happens to a book that has one. Cut off, the book is as it was; `InUse` while somebody reads it.
    """
    if sum(row.head.seq > 0 for row in log_store.replicas(book.connection)) <= 1:
        return
    home = NewHome(ReplicaId(book.machine.identifiers().new()), book.signing_key, book.replica_tag)
    rebuilding = Rebuilding(book.folder, book.connection, book.book_key, book.machine, size=0)
    rebuilding.build(book.signing_key, home)
    rebuilding.swap()
    book.connect_again(book.keys, book.book_key)
