"""What a file knows of its server: facts in `meta`, all of them empty until the company is enrolled."""

from typing import NamedTuple

from ledgerflow_core.identifiers import DeviceId, ReplicaId
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.roles import Role
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import get_meta, set_meta

PREFIX = "sync."
TENANT, INCARNATION, FRONTIER = "sync.tenant", "sync.incarnation", "sync.frontier"
# The replica the server knows this book as, while it does not know of the one it has become.
FORMER = "sync.former_replica"
# The position of the first event that a later version of the program wrote and that took effect.
TOO_NEW = "sync.too_new"
# Set once the machine keeps a guard of this file outside it: from then on one that is missing says "a copy".
GUARDED = "sync.guarded"
# Set while the log held has lost the event the company began with: its details are those known from before.
COMPANY_LENT = "sync.company_lent"
# The size at which a file was made anew where the server had signed no checkpoint that was kept.
UNSIGNED_SIZE = "sync.unsigned_size"
# When something of the log was last taken in, or there was nothing left to send or take (UTC by this machine).
LAST_SYNC = "sync.last_sync"
# What the user of this device is, as the server said last.
_ROLE = "sync.role"
_TROUBLE, _WAITS_FOR = "sync.trouble", "sync.waits_for"
# Up to which position of this file requests to close a period were looked at and answered.
CLOSE_ANSWERED_TO = "close_answered_to"


class Enrolment(NamedTuple):
    """Where a company syncs. `server_key` (hex) signs its log, `authority` (PEM) its certificate (none for HTTP)."""

    tenant: str
    server_url: str
    server_key: str
    authority: str
    device: DeviceId


def enrolment(connection: Connection) -> Enrolment | None:
    """Return where a company syncs, None where it does not."""
    tenant, url, key, authority, device = (get_meta(connection, PREFIX + name) for name in Enrolment._fields)
    return Enrolment(tenant, url, key, authority, DeviceId(device)) if key else None


def write_enrolment(connection: Connection, enrolled: Enrolment) -> None:
    """Keep where a company syncs from now on."""
    for name, value in enrolled._asdict().items():
        set_meta(connection, PREFIX + name, value)


def is_enrolled(connection: Connection) -> bool:
    """Whether the company syncs at all."""
    return bool(get_meta(connection, PREFIX + "server_key"))


def role(connection: Connection) -> Role | None:
    """Return what the user of this device is; None where no server said, or said what this program does not know."""
    kept = get_meta(connection, _ROLE)
    return Role(kept) if kept in set(Role) else None


def write_role(connection: Connection, said: str) -> None:
    """Keep what the server says the user of this device is."""
    set_meta(connection, _ROLE, said)


class Matter(NamedTuple):
    """What was the matter when sync was tried last, each a code, empty for nothing.

    `trouble` is what a person has to look at, and stays until it is found gone; `waits_for` keeps the line waiting.
    """

    trouble: str = ""
    waits_for: str = ""


def matter(connection: Connection) -> Matter:
    """Return what was the matter when sync was tried last."""
    return Matter(get_meta(connection, _TROUBLE), get_meta(connection, _WAITS_FOR))


def write_matter(connection: Connection, found: Matter) -> None:
    """Keep what was the matter when sync was tried last."""
    set_meta(connection, _TROUBLE, found.trouble)
    set_meta(connection, _WAITS_FOR, found.waits_for)


def frontier(connection: Connection) -> Frontier:
    """Return the tree over the server's log as far as it is held."""
    kept = get_meta(connection, FRONTIER)
    return Frontier.from_bytes(bytes.fromhex(kept)) if kept else Frontier.empty()


def former_replica(connection: Connection) -> ReplicaId | None:
    """Return the replica the server still knows this book as, None where it knows it as it is."""
    return ReplicaId(get_meta(connection, FORMER)) or None
