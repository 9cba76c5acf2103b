"""What a book keeps of its enrolment at a server: where that is, whom it trusts, and as whom it is known there."""

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import DeviceId, ReplicaId, UserId
from ledgerflow_desktop.storage import master_store
from ledgerflow_desktop.storage.encrypted_database import Connection

_FACT = "enrolment"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One book at one server.

    `authority` is the PEM of the certificate authority trusted there (empty: plain HTTP on this machine), `server_key`
    the hex key that signs its log. `replica` is the last one the server was told of, and `former_key` the private key
    (hex) it signed with, kept only from a change of identity until the server knows the next.
    """

    address: str
    authority: str
    server_key: str
    tenant: str
    device: DeviceId
    user: UserId
    user_name: str
    role: str
    at: str
    replica: ReplicaId
    former_key: str = ""


def read(connection: Connection) -> Enrolment | None:
    """Return the enrolment of a book, None where it has none."""
    kept = master_store.get_meta(connection, _FACT)
    if not kept:
        return None
    try:
        return msgspec.json.decode(kept, type=Enrolment)
    except msgspec.DecodeError as error:
        raise Damaged("enrolment", reason=str(error)[:200]) from None


def write(connection: Connection, enrolment: Enrolment) -> None:
    """Keep an enrolment, in the transaction that is open."""
    master_store.set_meta(connection, _FACT, msgspec.json.encode(enrolment).decode())
