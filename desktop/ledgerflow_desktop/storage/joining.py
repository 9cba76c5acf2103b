"""Makes the file of a company on a device that has none, from the beginning of the server's log; the rest is pulled.

The device has a chain of its own from the first moment; the events of the log are those of others.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Author, genesis, next_event
from ledgerflow_core.events.event import ReplicaOpened
from ledgerflow_core.identifiers import EventId, ReplicaId
from ledgerflow_core.masters.company import Company
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.receipts import Checkpoint, read_checkpoint
from ledgerflow_core.sync.statements import Signed, public_key
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import held_log, log_store, master_store, schema, sync_facts
from ledgerflow_desktop.storage.arriving import Arrival
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_folder
from ledgerflow_desktop.storage.encrypted_database import Connection, checkpoint_whole, connect, transaction
from ledgerflow_desktop.storage.failures import translated
from ledgerflow_desktop.storage.key_slots import ArgonCosts
from ledgerflow_desktop.storage.rehoming import mark_as_copy
from ledgerflow_desktop.storage.resigning import add_own
from ledgerflow_desktop.storage.sync_facts import Enrolment


class Newcomer(NamedTuple):
    """A replica that was let in: its id and key, as the server knows them, the tag of its numbers, its user's role."""

    replica: ReplicaId
    key: Ed25519PrivateKey
    tag: str
    role: str = ""


class Beginning(NamedTuple):
    """The first piece of the server's log, with the checkpoint over it; `company.created` is in it."""

    batches: Sequence[LogBatch]
    checkpoint: Signed


def join_company(
    folder: CompanyFolder, enrolment: Enrolment, newcomer: Newcomer, beginning: Beginning, passphrase: str,
    machine: Machine, *, costs: ArgonCosts | None = None,
) -> str:  # fmt: skip
    """Create the company's folder from the beginning of its log; return its recovery code, which is kept nowhere.

    Whole or not at all, as `create_company`. `Damaged` where the beginning is not what the server signed, or holds no
    company.
    """
    server_key = public_key(enrolment.server_key)
    if server_key is None:
        raise Damaged("enrolment", reason="no key of the server")
    said = read_checkpoint(server_key, beginning.checkpoint)

    def fill(building: CompanyFolder, book_key: bytes) -> str:
        connection = connect(building.database, book_key)
        try:
            with translated(str(building.database)):
                schema.migrate(connection)
            with transaction(connection, str(building.database)):
                sync_facts.write_enrolment(connection, enrolment)
                sync_facts.write_role(connection, newcomer.role)
                master_store.set_meta(connection, sync_facts.INCARNATION, said.incarnation)
                company = _take(connection, newcomer, beginning, said)
                if said.tenant != enrolment.tenant:
                    raise Damaged("log from the server", reason="of another tenant")
                _open_chain(connection, newcomer, machine)
            checkpoint_whole(connection, str(building.path))
        finally:
            connection.close()
        return company.name

    return create_folder(folder, said.company, passphrase, machine, newcomer.key, fill, costs=costs, key_in_store=True)


def book_of(replica: ReplicaId, machine: Machine) -> Path | None:
    """Return the book this machine made for a newcomer, None where it made none or the book is gone from its place."""
    try:
        noted = "" if machine.state is None else _note(replica, machine.state).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    # A crash may have left the note empty, which as a path would be the folder somebody stands in.
    return Path(noted) if noted and Path(noted).exists() else None


def note_book_of(replica: ReplicaId, folder: CompanyFolder, machine: Machine) -> None:
    """Let the machine remember the book made for a newcomer; a machine that cannot does without."""
    if machine.state is None:
        return
    with suppress(OSError):
        machine.state.mkdir(parents=True, exist_ok=True)
        _note(replica, machine.state).write_text(str(folder.path.absolute()), "utf-8")


def _note(replica: ReplicaId, state: Path) -> Path:
    return state / f"{replica}.joined"


def _take(connection: Connection, newcomer: Newcomer, beginning: Beginning, said: Checkpoint) -> Company:
    """Take the beginning in behind an own chain that has no events yet; return the company it holds."""
    public = newcomer.key.public_key().public_bytes_raw()
    no = log_store.open_replica(connection, newcomer.replica, public, genesis(newcomer.replica))
    master_store.set_meta(connection, "replica_no", str(no))
    master_store.set_meta(connection, "replica_tag", newcomer.tag)
    arrival = Arrival(connection, None)
    arrival.take(beginning.batches)
    tree = arrival.frontier
    if not master_store.get_meta(connection, "company"):
        raise Damaged("log from the server", reason="does not begin with a company")
    company = master_store.read_company(connection)
    if (said.company, said.size, said.root) != (company.id, tree.size, tree.root().hex()):
        raise Damaged("log from the server", reason="not what its checkpoint covers")
    held_log.add_checkpoint(connection, said.size, beginning.checkpoint)
    return company


def _open_chain(connection: Connection, newcomer: Newcomer, machine: Machine) -> None:
    """Begin the own chain; a newcomer that is in the log already had a book that is gone, and takes a new identity."""
    replica_no = int(master_store.get_meta(connection, "replica_no"))
    if log_store.replica(connection, replica_no).head.seq:
        mark_as_copy(connection, machine.timestamp())
        return
    body = ReplicaOpened(
        device=machine.device,
        user=machine.user,
        user_name=machine.user_name,
        key=newcomer.key.public_key().public_bytes_raw().hex(),
        tag=newcomer.tag,
    )
    raw, _ = next_event(
        genesis(newcomer.replica),
        body,
        author=Author(newcomer.replica, machine.user),
        event_id=EventId(machine.identifiers().new()),
        at=machine.timestamp(),
    )
    add_own(connection, replica_no, [raw], newcomer.key)
