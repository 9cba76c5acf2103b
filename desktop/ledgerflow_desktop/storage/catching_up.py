"""Folds anew what an earlier version of the program had to leave aside, once the program understands it.

An accepted event of a later version is kept, proven and passed on, but it changes no row; the book takes no postings
while it holds one. After the program is updated the file is made anew from its log, and the event takes effect where
the server put it.
"""

from ledgerflow_core.events.event import EventTooNew, decode_event
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import log_store, signing_keys, sync_facts
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.key_slots import Keys
from ledgerflow_desktop.storage.master_store import get_meta
from ledgerflow_desktop.storage.rebuilding import Rebuilding


def understands_more(connection: Connection) -> bool:
    """Whether the first event that was left aside is one this program understands."""
    position = get_meta(connection, sync_facts.TOO_NEW)
    if not position:
        return False
    try:
        decode_event(log_store.read(connection, int(position)))
    except EventTooNew:
        return False
    return True


def catch_up(folder: CompanyFolder, connection: Connection, keys: Keys, book_key: bytes, machine: Machine) -> None:
    """Make the file anew from its log, under the identity it has. The connection is closed then."""
    rebuilding = Rebuilding(folder, connection, book_key, machine, size=sync_facts.frontier(connection).size)
    rebuilding.build(signing_keys.read(keys, book_key, machine))
    rebuilding.swap()
