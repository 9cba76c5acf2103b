"""Enrol a device that has no book yet: the book begins with the first piece of the server's log, sync brings the rest.

The signing key and the replica's id come from the code and the passphrase, so nothing has to be kept before the
server is asked: whoever is cut off before the book is there gives the same two again.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import DeviceId, ReplicaId, named
from ledgerflow_core.sync.messages import signed_of
from ledgerflow_desktop.actions.enrolling import facts_of, one_line
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.actions.syncing import chances
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import key_slots
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.failures import CompanyExists
from ledgerflow_desktop.storage.joining import Beginning, Newcomer, book_of, join_company, note_book_of
from ledgerflow_desktop.storage.key_slots import ArgonCosts
from ledgerflow_desktop.sync_client import authority
from ledgerflow_desktop.sync_client.enrolment import Candidate, Enrolled, Reached, enrol, reach
from ledgerflow_desktop.sync_client.server import Identity, SyncServer

_BEGINNING_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Joined:
    """A new book: where it is, its recovery code, which is shown once, for whom it is enrolled, where its key lies."""

    folder: Path
    recovery_code: str
    enrolled: Enrolled
    key_in_store: bool


def join(
    path: Path, url: str, code: str, passphrase: str, device_name: str, machine: Machine, *,
    costs: ArgonCosts | None = None,
) -> Outcome[Joined]:  # fmt: skip
    """Make the book of the code's company at `path`, with the beginning of its log; sync brings the rest.

    Cut off, the same code and passphrase go on. Refuses as `enrolling.enrol_book`, `company-empty` where the first
    office has not synced yet; `CompanyExists`, `passphrase-too-short` and, where this machine made a book by the same
    two that is still there, `code-used-here` before anything is sent: two books would be one device.
    """
    folder = CompanyFolder.named(path)
    if folder.path.exists():
        raise CompanyExists(str(folder.path))
    if len(passphrase) < key_slots.PASSPHRASE_LENGTH_MIN:
        raise refuse("passphrase-too-short", "passphrase", least=key_slots.PASSPHRASE_LENGTH_MIN)
    address, read = authority.read_address(url), authority.read_code(code)
    replica, key = _identity_of(read.secret, passphrase, costs or ArgonCosts())
    if (made := book_of(replica, machine)) is not None:
        raise refuse("code-used-here", book=str(made))
    candidate = Candidate(None, DeviceId(named("enrolled-device", replica)), one_line(device_name), replica, key)
    reached = reach(address, read)
    try:
        enrolled = enrol(reached.transport, read, candidate)
        beginning = _beginning(reached, enrolled, key, machine)
    finally:
        reached.transport.close()
    facts = facts_of(address, reached.authority, enrolled)
    newcomer = Newcomer(replica, key, enrolled.tag, enrolled.user.role)
    recovery_code = join_company(folder, facts, newcomer, beginning, passphrase, machine, costs=costs)
    note_book_of(replica, folder, machine)
    key_in_store = isinstance(key_slots.read_keys(folder).signing, key_slots.InKeyStore)
    return Outcome(Joined(folder.path, recovery_code, enrolled, key_in_store), Changed.COMPANY)


def _beginning(reached: Reached, enrolled: Enrolled, key: Ed25519PrivateKey, machine: Machine) -> Beginning:
    identity = Identity(enrolled.tenant, enrolled.device, key)
    server = SyncServer(reached.transport, enrolled.company, identity, chances(machine))
    batches, end = server.log_piece(0, _BEGINNING_BYTES)
    if not batches:
        raise refuse("company-empty")
    return Beginning(batches, signed_of(end.checkpoint, "checkpoint"))


def _identity_of(code: str, passphrase: str, costs: ArgonCosts) -> tuple[ReplicaId, Ed25519PrivateKey]:
    """Return the identity that a code and a passphrase make: the same for the same two, and for no others."""
    salt = hashlib.sha256(b"ledgerflow/joining/v1\n" + code.encode()).digest()[:16]
    key = Ed25519PrivateKey.from_private_bytes(key_slots.stretch(passphrase, salt, costs))
    return ReplicaId(named("joined-replica", key.public_key().public_bytes_raw().hex())), key
