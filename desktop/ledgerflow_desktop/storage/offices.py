"""Who works in each replica of a company: what its chain says of itself, and the names the server knows it by."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from ledgerflow_core.events.event import EventTooNew, ReplicaOpened, decode_event
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import get_meta, set_meta

_NAMES = "sync.office_names"
_DECODER = msgspec.json.Decoder(dict[str, tuple[str, str]])
# Why the server's own replica says that it was opened: it is no office, and nobody waits for it.
_OF_SERVER = "server"
_END_OF_ID = 8


@dataclass(frozen=True, slots=True)
class Office:
    """A replica: whose it is, on which machine (empty until the server said it), and the tag of its numbers."""

    replica: ReplicaId
    user_name: str
    tag: str
    device: str = ""
    is_server: bool = False

    @property
    def handle(self) -> str:
        """What a person names it by: its tag, or the end of its id where its numbers have none."""
        return self.tag or self.end_of_id

    @property
    def end_of_id(self) -> str:
        """What tells it from another with the same tag."""
        return self.replica[-_END_OF_ID:]

    @property
    def who(self) -> str:
        """Who and where, such as ``Ravi on till-2``."""
        return f"{self.user_name} on {self.device}" if self.device else self.user_name

    @property
    def name(self) -> str:
        """Who, where, and what to call it by, such as ``Ravi on till-2 (B7)``."""
        return f"{self.who} ({self.handle})"


def offices(connection: Connection) -> dict[ReplicaId, Office]:
    """Return everybody who opened a chain of the file, in its order; the first events of a chain say it."""
    names, found = _names(connection), {}
    for row in log_store.replicas(connection):
        for raw in log_store.first_of(connection, row.no)[:2]:
            try:
                body = decode_event(raw).body
            except EventTooNew:
                continue
            if isinstance(body, ReplicaOpened):
                user, device = names.get(row.id, ("", ""))
                is_server = body.reason == _OF_SERVER
                found[row.id] = Office(row.id, user or body.user_name, body.tag, device, is_server)
    return found


def nameless(connection: Connection) -> list[ReplicaId]:
    """Return the replicas of the file that the server was not asked about yet."""
    names = _names(connection)
    return [replica for replica in offices(connection) if replica not in names]


def keep_names(connection: Connection, names: Mapping[ReplicaId, tuple[str, str]]) -> None:
    """Keep user and device of replicas as the server knows them; both empty where it knows none."""
    kept = _names(connection) | {str(replica): name for replica, name in names.items()}
    set_meta(connection, _NAMES, msgspec.json.encode(kept).decode())


def _names(connection: Connection) -> dict[str, tuple[str, str]]:
    return _DECODER.decode(get_meta(connection, _NAMES) or "{}")
