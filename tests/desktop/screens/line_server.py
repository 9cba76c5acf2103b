"""A sync server in memory for the books of a window: enrols them, and has another office that enters vouchers."""

import json
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from desktop.sync_client.answering import Answer, Answering, Asked, answering
from desktop.sync_client.memory_http import MemoryHttp, problem
from ledgerflow_core.events.event import VoucherAltered, VoucherPosted
from ledgerflow_core.identifiers import CompanyId, DeviceId, VoucherId, named
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.enrolment import code_hash, enrolment_statement
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.statements import public_key
from ledgerflow_core.vouchers.voucher import Voucher
from simulation.sim_replica import SimReplica
from simulation.sim_server import TENANT, SimServer

CODE = "K7QM-2XV9-0HJT-5BCD"
_compress = zstandard.ZstdCompressor(level=1).compress


@dataclass
class LineServer(MemoryHttp):
    """Answers as the server does; of the feed it says that it has none, as one behind some proxies."""

    used_by: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Answer:
        instead = self.before(asked)
        if instead is not None:
            return instead
        path = urlsplit(asked.path).path
        if path == "/v1/enrolments":
            return self._enrolled(json.loads(asked.body))
        if path.endswith("/feed"):
            return problem("not-found", 404)
        if path.startswith("/v1/devices/"):
            return self._token(path, json.loads(asked.body))
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return problem("token-expired", 401)
        assert path.startswith(f"/v1/companies/{self.server.company}/")
        try:
            return self._company(path.rpartition("/")[2], asked)
        except Refused as refused:
            return problem(refused.code, refused.refusal.status)

    def _enrolled(self, said: dict[str, object]) -> Answer:
        if said["code"] != CODE:
            return problem("code-wrong", 404)
        replica, key, device = str(said["replica"]), str(said["key"]), said["device"]
        assert isinstance(device, dict)
        opened = public_key(key)
        assert opened is not None
        opened.verify(bytes.fromhex(str(said["proof"])), enrolment_statement(code_hash(CODE).hex(), replica, key))
        self.replicas.add(replica)
        self.keys[device["id"]] = {key}
        answer = {
            "tenant": TENANT, "company": self.server.company, "tag": "",
            "server_key": self.server.key.public_key().public_bytes_raw().hex(),
            "user": {"id": named("test", "asha"), "name": "Asha", "role": "owner"}, "device": device["id"],
        }  # fmt: skip
        return Answer(json.dumps(answer).encode(), 201)


class FarOffice:
    """The office in Delhi: writes events of its own chain and hands them to the server at once or later."""

    def __init__(self, server: SimServer, chance: random.Random) -> None:
        def new_id() -> str:
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))

        self._server = server
        self.replica = SimReplica(
            "Ravi", server.company, server.key.public_key(), DeviceId(new_id()), new_id,
            lambda: Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)), lambda: "B",
        )  # fmt: skip
        self._sent = 0

    def post(self, count: int, *accounts: str, on: date = date(2026, 5, 4), amount: int = 100) -> list[Voucher]:
        """Write so many journals from one account to another; they stay in the office until `send`."""
        debit, credit = accounts or (CASH, CASH)
        made = []
        for _ in range(count):
            voucher = Voucher(
                id=VoucherId(self.replica.new_id()),
                type=voucher_type_id(VoucherNature.JOURNAL),
                date=on,
                number=f"B/{self.replica.head.seq}",
                entries=(Entry(account=debit, amount=amount), Entry(account=credit, amount=-amount)),  # type: ignore[arg-type]
            )
            self.replica.write(VoucherPosted(voucher=voucher))
            made.append(voucher)
        return made

    def alter(self, voucher: Voucher, amount: int, *, base: str) -> None:
        """Write a change of a voucher that is the version `base` of it."""
        signs = [1 if entry.amount > 0 else -1 for entry in voucher.entries]
        entries = tuple(
            replace(entry, amount=sign * amount) for entry, sign in zip(voucher.entries, signs, strict=True)
        )
        self.replica.write(VoucherAltered(base=base, voucher=replace(voucher, entries=entries)))

    def send(self) -> None:
        """Hand everything that was written to the server."""
        self.replica.disk.incarnation = self._server.incarnation
        while self._sent < self.replica.head.seq:
            batch = self.replica.batch(self._sent + 1, 500)
            self._server.push(to_wire(batch, _compress))
            self._sent = batch.header.last


@dataclass
class Served:
    """The server at its address, and the office beyond it."""

    http: LineServer
    at: Answering
    far: FarOffice

    @property
    def size(self) -> int:
        """How many entries the company's log has."""
        return self.http.server.disk.frontier.size


@contextmanager
def line_server(company: CompanyId) -> Iterator[Served]:
    """Serve a company that waits for its first book."""
    chance = random.Random(7)
    key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    server = SimServer(company, key, lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4)))
    http = LineServer(server)
    with answering(http.answer) as at:
        yield Served(http, at, FarOffice(server, chance))
