"""The key the server knows a book by, kept while the book has taken another and the server was not told yet.

With it the book signs in and says what it has become, so that nobody has to let it in again.
"""

from ledgerflow_desktop.storage import sync_facts
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import get_meta, set_meta

_FACT = sync_facts.PREFIX + "former_key"


def keep(connection: Connection, key: bytes) -> None:
    """Keep an enrolled book's private key (32 bytes) before it takes another, in the transaction that is open.

    One that is kept already is the one the server knows: it stays.
    """
    if sync_facts.is_enrolled(connection) and not get_meta(connection, _FACT):
        set_meta(connection, _FACT, key.hex())


def read(connection: Connection) -> bytes | None:
    """Return the private key the server knows, None where that is the book's own."""
    kept = get_meta(connection, _FACT)
    return bytes.fromhex(kept) if kept else None


def forget(connection: Connection) -> None:
    """Drop it: the server knows the book as what it is."""
    for name in (_FACT, sync_facts.FORMER):
        set_meta(connection, name, "")
