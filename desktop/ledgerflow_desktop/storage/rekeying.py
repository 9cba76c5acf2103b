"""Encrypts a whole book again under a new random key, in steps that survive a crash between any two.

    1  books.db.rekeying   a whole copy under the new key, proved and on the disk
    2  keys.json           the present ways in, the next ones, and the next key wrapped by the present one
    3  books.db            replaced by the copy, one rename
    4  keys.json           the next ways in alone

Up to step 3 the book is under its former key and the work is dropped; after it, it is finished. Between 3 and
4 the former ways in still lead through to the new key, so nobody is shut out at any point.
"""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from ledgerflow_core.errors import Damaged
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import key_slots, signing_keys
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock
from ledgerflow_desktop.storage.encrypted_database import connect
from ledgerflow_desktop.storage.failures import ReadOnly, WrongPassphrase, translated
from ledgerflow_desktop.storage.key_slots import ArgonCosts, InKeyStore, Keys, NextKeys
from ledgerflow_desktop.storage.snapshot import Progress, copy_book, remove_database
from ledgerflow_desktop.storage.swapping import close_whole, put_in_place

_HANDOVER = "next key"


def rekey(book: Book, passphrase: str, *, costs: ArgonCosts | None = None, progress: Progress | None = None) -> str:
    """Give an open book a new key, this passphrase and a new recovery code, which is returned and kept nowhere.

    Every other way in is dropped. The book stays open; figures made before must be made anew.
    """
    if not book.writable:
        raise ReadOnly(str(book.folder.path))
    machine, company = book.machine, book.company.id
    new_key = machine.random_bytes(key_slots.KEY_LENGTH)
    slot = key_slots.passphrase_slot(new_key, passphrase, company, machine, costs=costs)
    recovery, code = key_slots.recovery_slot(new_key, company, machine)
    former = key_slots.read_keys(book.folder)
    in_store = isinstance(former.signing, InKeyStore)
    upcoming = NextKeys(
        slots=(slot, recovery),
        signing=signing_keys.keep(new_key, book.signing_key, company, machine, in_store=in_store),
        handover=key_slots.wrap(book.book_key, new_key, company, _HANDOVER, machine),
    )
    copy = _copy_of(book.folder)
    try:
        remove_database(copy)
        copy_book(book.connection, copy, new_key, progress=progress)
        key_slots.write_keys(book.folder, replace(former, next=upcoming), book.book_key)
        _swap(book, copy)
    except BaseException:
        if copy.exists():  # not swapped: the former key holds
            remove_database(copy)
            key_slots.write_keys(book.folder, former, book.book_key)
            signing_keys.forget(upcoming.signing, machine)
            book.connect_again(former, book.book_key)
        raise
    keys = _after(former, upcoming)
    key_slots.write_keys(book.folder, keys, new_key)
    book.connect_again(keys, new_key)
    _forget(former, machine)
    return code


def unlock_unfinished(
    folder: CompanyFolder, unlock: Callable[[Keys], bytes], machine: Machine, *, read_only: bool
) -> tuple[Keys, bytes]:
    """Unlock a company whose rekeying was cut off, and finish or drop that work; return its keys and its key.

    The former ways in always unlock it, the next ones once the book is under the next key. Its new recovery code
    was not shown to anybody and is dropped: until another is added, there is none. `InUse` while the rekeying
    still runs, unless `read_only`.
    """
    if read_only:
        keys = key_slots.read_keys(folder)
        return (keys, unlock(keys)) if keys.next is None else _settled(folder, keys, keys.next, unlock)
    with WriterLock(folder), translated(str(folder.path)):
        # Only now does nobody else change them: what was read before may be of a rekeying that ended since.
        keys = key_slots.read_keys(folder)
        if keys.next is None:
            return keys, unlock(keys)
        settled, book_key = _settled(folder, keys, keys.next, unlock)
        remove_database(_copy_of(folder))
        key_slots.write_keys(folder, settled, book_key)
    if settled.slots != keys.slots:
        _forget(keys, machine)
    else:
        signing_keys.forget(keys.next.signing, machine)
    return settled, book_key


def _settled(
    folder: CompanyFolder, keys: Keys, upcoming: NextKeys, unlock: Callable[[Keys], bytes]
) -> tuple[Keys, bytes]:
    """Return the ways in to the book as it stands, and its key."""
    shown = tuple(slot for slot in upcoming.slots if slot.kind != "recovery")
    after = _after(keys, replace(upcoming, slots=shown))
    former: bytes | None = None
    try:
        former = unlock(keys)
        new_key = key_slots.unwrap(upcoming.handover, former, keys.company, _HANDOVER)
    except WrongPassphrase:
        new_key = unlock(after)
    if _opens(folder.database, new_key):
        return after, new_key
    if former is None:
        raise WrongPassphrase(kind="rekeying-unfinished")
    return replace(keys, next=None), former


def remove_leftover(folder: CompanyFolder) -> None:
    """Remove the copy of a rekeying that was cut off before it was announced: its key was never kept."""
    with translated(str(folder.path)):
        remove_database(_copy_of(folder))


def _copy_of(folder: CompanyFolder) -> Path:
    return folder.path / "books.db.rekeying"


def _after(former: Keys, upcoming: NextKeys) -> Keys:
    return replace(former, slots=upcoming.slots, signing=upcoming.signing, next=None)


def _swap(book: Book, copy: Path) -> None:
    close_whole(book.folder, book.connection)
    put_in_place(copy, book.folder)


def _opens(database: Path, key: bytes) -> bool:
    try:
        connect(database, key, read_only=True).close()
    except Damaged:
        return False
    return True


def _forget(former: Keys, machine: Machine) -> None:
    for slot in former.slots:
        key_slots.forget_slot(former.company, slot, machine)
    signing_keys.forget(former.signing, machine)
