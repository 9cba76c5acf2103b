"""Gives a copy of a book an identity of its own before it is first written to (docs/decisions/0005).

A copy and its original go on side by side; if both went on with one chain and one series, each would give
number 101 to another voucher. So a copy opens a chain, a signing key and number series of its own.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ledgerflow_core.events.chain import Author, genesis
from ledgerflow_core.events.event import ReplicaOpened
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import log_store, master_store, offices, signing_keys
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.encrypted_database import Connection, transaction
from ledgerflow_desktop.storage.key_slots import Keys, write_keys
from ledgerflow_desktop.storage.preparing import BookFacts
from ledgerflow_desktop.storage.writing import Writing, write_point

# The fact that says "this is a copy", with when it was made; empty again once it has a home of its own.
_COPIED_AT = "copied_at"
_FORMER_TAGS = "former_tags"
# No letter that reads as a digit, no digit first, so that a tag never runs into a prefix's own digits.
_LETTERS, _SYMBOLS = "ABCDEFGHJKMNPQRSTVWXYZ", "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def mark_as_copy(connection: Connection, at: str) -> None:
    """Say in a copy that it is one, made at `at`."""
    master_store.set_meta(connection, _COPIED_AT, at)


def copied_at(connection: Connection) -> str:
    """Return when this copy was made, empty text where the file is no copy or has its own home by now."""
    return master_store.get_meta(connection, _COPIED_AT)


def rehome(folder: CompanyFolder, connection: Connection, keys: Keys, book_key: bytes, machine: Machine) -> Keys:
    """Open a new chain with its own key and number series; return the keys now in ``keys.json``.

    The keys are written first: until the transaction is on the disk the file still says that it is a copy,
    so after a crash in between it is done again.
    """
    signing_key = Ed25519PrivateKey.from_private_bytes(machine.random_bytes(32))
    signing = signing_keys.keep(book_key, signing_key, keys.company, machine, in_store=False)
    keys = replace(keys, signing=signing)
    write_keys(folder, keys, book_key)
    with transaction(connection, str(folder.database)):
        _open_chain(connection, signing_key, machine)
    return keys


def _open_chain(connection: Connection, signing_key: Ed25519PrivateKey, machine: Machine) -> None:
    replica = ReplicaId(machine.identifiers().new())
    public_key = signing_key.public_key().public_bytes_raw()
    replica_no = log_store.open_replica(connection, replica, public_key, genesis(replica))
    tag = new_tag(connection, machine)
    for name, value in (("replica_no", str(replica_no)), ("replica_tag", tag), (_COPIED_AT, "")):
        master_store.set_meta(connection, name, value)
    # The new series begin at 1.
    connection.execute("DELETE FROM number_series")
    chart, no_by_id = master_store.load(connection)
    facts = BookFacts(
        company=master_store.read_company(connection),
        voucher_types=chart.voucher_types,
        no_by_id=no_by_id,
        author=Author(replica, machine.user),
        replica_tag=tag,
        at=machine.timestamp(),
        cause="",
    )
    unit = Writing(
        connection,
        facts,
        write_point(connection, replica_no, no_by_id),
        chart=chart,
        replica_no=replica_no,
        new_ids=machine.identifiers().many,
    )
    opened = ReplicaOpened(
        device=machine.device,
        user=machine.user,
        user_name=machine.user_name,
        key=public_key.hex(),
        tag=tag,
        reason="restored",
    )
    unit.record([opened])
    unit.finish(signing_key)


def new_tag(connection: Connection, machine: Machine) -> str:
    """Draw a tag this book never had, nor any other office it knows while there is one left.

    By chance, as two restores of one backup know nothing of each other.
    """
    former = set(master_store.get_meta(connection, _FORMER_TAGS).split())
    former.add(master_store.get_meta(connection, "replica_tag"))
    taken = former | {office.tag for office in offices.offices(connection).values()}
    if len(taken) >= len(_LETTERS) * len(_SYMBOLS):
        taken = former
    while True:
        drawn = int.from_bytes(machine.random_bytes(8), "big")
        tag = _LETTERS[drawn % len(_LETTERS)] + _SYMBOLS[drawn // len(_LETTERS) % len(_SYMBOLS)]
        if tag not in taken:
            master_store.set_meta(connection, _FORMER_TAGS, " ".join(sorted(former | {tag})).strip())
            return tag
