"""One replica and one server in memory, driven step by step, for tests of the engine."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_company, a_voucher
from ledgerflow_core.events.event import VoucherPosted
from ledgerflow_core.identifiers import DeviceId
from ledgerflow_core.masters.account import CASH, PROFIT_AND_LOSS
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_core.sync.replica import step
from ledgerflow_core.sync.replica_messages import (
    Adopted,
    Answered,
    HandBack,
    Heard,
    Pull,
    Pulled,
    Push,
    Receipted,
    Rest,
    SayHello,
    Wake,
    Wanted,
)
from ledgerflow_core.sync.statements import Signed
from simulation.sim_replica import SimReplica
from simulation.sim_server import SimServer, compress, expand

COMPANY = a_company()


@dataclass
class Company:
    """One company at one server; replicas join it."""

    server: SimServer
    new_id: Callable[[], str]
    new_key: Callable[[], Ed25519PrivateKey]

    @classmethod
    def served(cls) -> "Company":
        """Return a company without an office, with the same ids and keys each time."""
        chance = random.Random(7)

        def new_id() -> str:
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))

        def new_key() -> Ed25519PrivateKey:
            return Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))

        return cls(SimServer(COMPANY.id, new_key(), new_id), new_id, new_key)

    def office(self) -> SimReplica:
        """Return a new replica of the company."""
        key = self.server.key.public_key()
        tags = iter("ABCDEFGH")
        device = DeviceId(self.new_id())
        return SimReplica("Pune", COMPANY.id, key, device, self.new_id, self.new_key, lambda: next(tags))


def post(office: SimReplica, count: int = 1) -> None:
    """Post journals of one rupee, numbered by chance."""
    for _ in range(count):
        name = office.new_id()
        lines = ((CASH, 100), (PROFIT_AND_LOSS, -100))
        office.write(VoucherPosted(voucher=a_voucher(VoucherNature.JOURNAL, *lines, name=name, number=name[:8])))


def hear(office: SimReplica, heard: Heard) -> Wanted:
    """Tell the office's engine what was heard; return what it wants next."""
    office.engine, wanted = step(office.engine, office.standing(), heard)
    return wanted


def answer_to(company: Company, office: SimReplica, wanted: Wanted) -> Heard | None:
    """Do what the engine wants, over a line that works; None where it wants to rest."""
    server = company.server
    match wanted:
        case SayHello(size):
            return Answered(server.hello(office.hello(size)))
        case Push(first, most):
            batch = office.batch(first, most)
            return Receipted(batch, Signed.from_bytes(server.push(to_wire(batch, compress)), "receipt"))
        case Pull(after):
            return Pulled(*log_from_wire(server.pull(after, 100), expand))
        case HandBack(after):
            server.adopt(office.continuation(after))
            return Adopted()
        case Rest():
            return None
        case _:
            return office.store(wanted)


def sync(company: Company, office: SimReplica, heard: Heard | None = None) -> list[Wanted]:
    """Go on until the engine rests; return everything it wanted."""
    wanted = [hear(office, heard or Wake())]
    while (following := answer_to(company, office, wanted[-1])) is not None:
        wanted.append(hear(office, following))
        assert len(wanted) < 100, wanted[-5:]
    return wanted


def kinds(wanted: list[Wanted]) -> list[type]:
    """Return what was wanted by kind alone, in order."""
    return [type(each) for each in wanted]


def pushed(company: Company, office: SimReplica) -> tuple[Receipted, Receipted]:
    """Push two batches; return what was heard of each, the engine waiting for the second."""
    sync(company, office)
    post(office, 2)
    office.engine = replace(office.engine, events_most=1)
    receipts: list[Receipted] = []
    wanted = hear(office, Wake())
    while True:
        heard = answer_to(company, office, wanted)
        assert heard is not None, "rests before both are pushed"
        if isinstance(heard, Receipted):
            receipts.append(heard)
            if len(receipts) == 2:
                return receipts[0], receipts[1]
        wanted = hear(office, heard)
