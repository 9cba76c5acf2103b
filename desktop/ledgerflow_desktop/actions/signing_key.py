"""Where the signing key of an enrolled book lies, and how a book goes on whose key is lost."""

from msgspec.structs import replace

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import former_key, signing_keys, sync_facts
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.failures import ReadOnly
from ledgerflow_desktop.storage.key_slots import InKeyStore
from ledgerflow_desktop.storage.moving_in import move_in
from ledgerflow_desktop.storage.signing_keys import SigningKeyMissing, SigningKeyOutOfReach


def is_in_key_store(book: Book) -> bool:
    """Whether the key lies in the key store of a computer, and not in ``keys.json``."""
    return isinstance(book.keys.signing, InKeyStore)


def into_key_store(book: Book) -> Outcome[bool]:
    """Move the key to this computer's key store, where one works; return whether it lies there now.

    Refuses `not-enrolled`: a book that syncs with nobody could not be let in again if the store lost the key.
    """
    _move(book, in_store=True)
    return Outcome(is_in_key_store(book), Changed.COMPANY)


def into_book(book: Book) -> Outcome[None]:
    """Move the key into ``keys.json``, for a book that several people or programs without a screen write to."""
    _move(book, in_store=False)
    return Outcome(None, Changed.COMPANY)


def _move(book: Book, *, in_store: bool) -> None:
    if not sync_facts.is_enrolled(book.connection):
        raise refuse("not-enrolled")
    keys = companies.keys_to_change(book)
    if in_store is isinstance(keys.signing, InKeyStore):
        return
    signing = signing_keys.keep(book.book_key, book.signing_key, keys.company, book.machine, in_store=in_store)
    companies.write_keys(book, replace(keys, signing=signing))
    signing_keys.forget(keys.signing, book.machine)


def go_on_anew(book: Book) -> Outcome[None]:
    """Take a new identity and key, what was not sent signed again under them; refuses `not-enrolled`.

    The way on for a book whose key is lost. Without the former key the server has to let it in again by a code.
    """
    if not sync_facts.is_enrolled(book.connection):
        raise refuse("not-enrolled")
    if not book.writable:
        raise ReadOnly(str(book.folder.path))
    keys = move_in(book.folder, book.connection, book.keys, book.book_key, book.machine, may_lose_key=True)
    book.connect_again(keys, book.book_key)
    return Outcome(None, Changed.COMPANY)


def has_to_enrol_again(book: Book) -> bool:
    """Whether the server can be told of an enrolled book by nothing but a new code."""
    connection = book.connection
    if sync_facts.former_replica(connection) is not None and former_key.read(connection) is None:
        return True
    return not can_sign(book)


def can_sign(book: Book) -> bool:
    """Whether the book can be written to under the identity it has, here and now."""
    try:
        book.signing_key.public_key()
    except (SigningKeyMissing, SigningKeyOutOfReach):
        return False
    return True
