"""Gives an enrolled book that turns out to be a copy an identity of its own, before it is written to again.

What the server has not seen of its events is signed anew under the new identity, ids and payloads kept: if the
original sends them as well, the server takes each once. A company that syncs with nobody goes the shorter way of
`rehoming`.
"""

from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.events.chain import event_hash
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.settings.key_store import NO_KEY_STORE
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import former_key, log_store, signing_keys, sync_facts
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.encrypted_database import Connection, transaction
from ledgerflow_desktop.storage.guard import Guard
from ledgerflow_desktop.storage.key_slots import InKeyStore, Keys, write_keys
from ledgerflow_desktop.storage.log_store import ReplicaRow
from ledgerflow_desktop.storage.master_store import get_meta, set_meta
from ledgerflow_desktop.storage.rebuilding import NewHome, Rebuilding
from ledgerflow_desktop.storage.rehoming import copied_at, new_tag
from ledgerflow_desktop.storage.signing_keys import SigningKeyMissing, SigningKeyOutOfReach


def open_guard(connection: Connection, machine: Machine) -> Guard | None:
    """Return the guard of a file's own replica, None on a machine that keeps none, or cannot."""
    if machine.state is None:
        return None
    row = log_store.replica(connection, int(get_meta(connection, "replica_no")))
    first = b"".join(log_store.chain_events(connection, row.no, 1, 1))
    try:
        return Guard(machine.state, row.id, first)
    except OSError:
        return None


def begin_guarding(connection: Connection, guard: Guard, place: str) -> None:
    """Let the machine remember a file, or an identity, it did not guard before; nothing happens to one it did."""
    guarded = get_meta(connection, sync_facts.GUARDED)
    if guarded and guard.head is not None:
        return
    row = log_store.replica(connection, int(get_meta(connection, "replica_no")))
    # Before the fact: a guard nobody asks for harms nobody, and one that is asked for has to be there.
    if guard.begin(row.head) and not guarded:
        with transaction(connection, place):
            set_meta(connection, sync_facts.GUARDED, "1")


def is_a_copy(connection: Connection, keys: Keys, book_key: bytes, guard: Guard | None) -> bool:
    """Whether an enrolled file is not the one this machine wrote last under its identity."""
    if _says_so_itself(connection, keys, book_key):
        return True
    if guard is None or not get_meta(connection, sync_facts.GUARDED):
        return False
    row = log_store.replica(connection, int(get_meta(connection, "replica_no")))
    return not _agrees(connection, row, guard)


def _says_so_itself(connection: Connection, keys: Keys, book_key: bytes) -> bool:
    row = log_store.replica(connection, int(get_meta(connection, "replica_no")))
    return bool(copied_at(connection)) or signing_keys.public_key(keys, book_key) != row.public_key


def hindrance(connection: Connection, keys: Keys, book_key: bytes, machine: Machine) -> LedgerFlowError | None:
    """Return what keeps a copy from taking a new identity by itself, None where it may.

    Where nothing but the machine's memory says "a copy", a key that is not here may well be another person's, who
    works with this very file: whoever took it over would shut that person out of sync. And a key that is only out of
    reach now would be lost for the introduction at the server.
    """
    says_so = _says_so_itself(connection, keys, book_key)
    if says_so and get_meta(connection, sync_facts.FORMER):
        return None  # what the server knows it by is settled
    try:
        signing_keys.read(keys, book_key, machine)
    except SigningKeyMissing as missing:
        return None if says_so else missing
    except SigningKeyOutOfReach as silent:
        # A machine without any store cannot have the key: a backup restored there is worked in at once.
        return None if says_so and silent.facts.get("reason") == NO_KEY_STORE else silent
    return None


def _agrees(connection: Connection, row: ReplicaRow, guard: Guard) -> bool:
    if guard.head is None or guard.head.seq > row.head.seq:
        return False
    if guard.head.seq == row.head.seq:
        return guard.head == row.head
    (raw,) = log_store.chain_events(connection, row.no, guard.head.seq, guard.head.seq)
    return event_hash(raw) == guard.head.hash


def move_in(
    folder: CompanyFolder, connection: Connection, keys: Keys, book_key: bytes, machine: Machine, *,
    may_lose_key: bool = False,
) -> Keys:  # fmt: skip
    """Make the file anew under a new identity; return the keys now in ``keys.json``. The connection is closed then.

    Without the former key it goes on only with `may_lose_key`; else it raises as `signing_keys.read`, nothing changed.
    The new key lies where the former one does, if it can. The keys are written before the file is swapped: after a
    crash in between they do not belong to the file's chain, one more sign of a copy, and it is done again.
    """
    key = Ed25519PrivateKey.from_private_bytes(machine.random_bytes(32))
    with transaction(connection, str(folder.database)):
        _remember_former(connection, keys, book_key, machine, may_lose_key=may_lose_key)
        tag = new_tag(connection, machine)
    size = sync_facts.frontier(connection).size
    rebuilding = Rebuilding(folder, connection, book_key, machine, size=size)
    rebuilding.build(key, NewHome(ReplicaId(machine.identifiers().new()), key, tag))
    in_store = isinstance(keys.signing, InKeyStore)
    keys = replace(keys, signing=signing_keys.keep(book_key, key, keys.company, machine, in_store=in_store))
    write_keys(folder, keys, book_key)
    rebuilding.swap()
    return keys


def _remember_former(
    connection: Connection, keys: Keys, book_key: bytes, machine: Machine, *, may_lose_key: bool
) -> None:
    """Keep the identity the server knows, to introduce the new one with; without its key, a code has to do that."""
    if get_meta(connection, sync_facts.FORMER):
        return  # what it has become since, the server never knew
    row = log_store.replica(connection, int(get_meta(connection, "replica_no")))
    set_meta(connection, sync_facts.FORMER, row.id)
    lost = (SigningKeyMissing, SigningKeyOutOfReach) if may_lose_key else ()
    with suppress(*lost):
        former_key.keep(connection, signing_keys.read(keys, book_key, machine).private_bytes_raw())
