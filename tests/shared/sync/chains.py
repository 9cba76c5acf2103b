"""A replica's chain in memory: events written one after another and sealed."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_company, a_sale, accounts
from ledgerflow_core.events.chain import Author, Head, genesis, next_event
from ledgerflow_core.events.event import Body, CompanyCreated, MasterCreated, VoucherPosted
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId, named
from ledgerflow_core.sync.batch import SealedBatch, Sender, seal

AT = "2026-11-21T10:15:30.123Z"
USER = UserId(named("test-user", "Asha"))
TENANT = named("test-tenant", "Lotus")
INCARNATION = named("test-life", "one")


def as_it_is(body: bytes) -> bytes:
    """No compression: the seal is over what is inside."""
    return body


@dataclass
class Chain:
    """Events of one replica; `name` makes its id and those of its events."""

    name: str = "Pune"
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    events: list[bytes] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.heads.append(genesis(self.replica))

    @property
    def replica(self) -> ReplicaId:
        return ReplicaId(named("test-replica", self.name))

    def write(self, *bodies: Body, names: tuple[str, ...] = ()) -> list[bytes]:
        """Write events; `names` make their ids."""
        made = []
        for at, body in enumerate(bodies):
            name = names[at] if names else f"{self.name}/{len(self.events)}"
            event_id = EventId(named("test-event", name))
            raw, head = next_event(self.heads[-1], body, author=Author(self.replica, USER), event_id=event_id, at=AT)
            self.events.append(raw)
            self.heads.append(head)
            made.append(raw)
        return made

    def open_books(self) -> None:
        self.write(CompanyCreated(company=a_company()), *(MasterCreated(master=one) for one in accounts()))

    def sales(self, count: int) -> list[bytes]:
        return self.write(*(VoucherPosted(voucher=a_sale(f"{self.name} {n}")) for n in range(count)))

    def seal(self, first: int = 1, last: int | None = None) -> SealedBatch:
        """Seal events `first` to `last`, both inside."""
        sender = Sender(TENANT, a_company().id, self.replica, INCARNATION)
        return seal(self.events[first - 1 : last], self.heads[first - 1], sender, self.key)
