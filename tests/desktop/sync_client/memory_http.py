"""The in-memory sync server of the simulation behind real HTTP on loopback, and its in-memory replica as a store."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from builders import a_company, a_voucher
from desktop.sync_client.answering import Answer, Answering, Asked, answering
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import CompanyCreated, VoucherPosted
from ledgerflow_core.identifiers import DeviceId, ReplicaId, VoucherId
from ledgerflow_core.masters.account import CASH, PROFIT_AND_LOSS
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.enrolment import rehoming_statement, token_statement
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.messages import Hello, log_from_wire, signed_of
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.replica import Standing, Status
from ledgerflow_core.sync.replica_messages import Append, Contribute, Keep, NoteIncarnation, Rebuild, Rehome
from ledgerflow_core.sync.statements import Signed, public_key
from ledgerflow_desktop.sync_client.compression import expand
from ledgerflow_desktop.sync_client.server import BATCH, LOG, STATEMENT, Identity, NewReplica
from ledgerflow_desktop.sync_client.session import KnownAs
from simulation.sim_replica import SimReplica
from simulation.sim_server import TENANT, SimServer

COMPANY = a_company()


def problem(code: str, status: int) -> Answer:
    """An answer that refuses."""
    said = {
        "type": f"https://ledgerflow.example/problems/{code}",
        "problems": [{"code": code, "place": "", "facts": {}}],
    }
    return Answer(json.dumps(said).encode(), status, "application/problem+json")


def _token_of(asked: Asked) -> str:
    return asked.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass
class MemoryHttp:
    """What is behind the address. `before` may answer in the server's place; tokens are checked and run out."""

    server: SimServer
    keys: dict[str, set[str]] = field(default_factory=dict)  # device: public keys of its replicas
    tokens: dict[str, str] = field(default_factory=dict)  # token: device
    replicas: set[str] = field(default_factory=set)
    role: str = "owner"
    before: Callable[[Asked], Answer | None] = lambda asked: None

    def answer(self, asked: Asked) -> Answer:
        """Answer one request as the server does."""
        instead = self.before(asked)
        if instead is not None:
            return instead
        path = urlsplit(asked.path).path
        if path.startswith("/v1/devices/"):
            return self._token(path, json.loads(asked.body))
        if _token_of(asked) not in self.tokens:
            return problem("token-expired", 401)
        assert path.startswith(f"/v1/companies/{COMPANY.id}/")
        try:
            return self._company(path.rpartition("/")[2], asked)
        except Refused as refused:
            return problem(refused.code, refused.refusal.status)

    def _token(self, path: str, said: dict[str, str]) -> Answer:
        if path.endswith("/challenge"):
            return Answer(b'{"challenge":"c-' + str(len(self.tokens)).encode() + b'"}')
        key = public_key(said["key"])
        assert key is not None and said["tenant"] == TENANT and said["key"] in self.keys[said["device"]]
        key.verify(bytes.fromhex(said["signature"]), token_statement(said["challenge"], said["device"]))
        token = f"token-{len(self.tokens)}-{said['challenge']}"
        self.tokens[token] = said["device"]
        return Answer(json.dumps({"access_token": token, "expires_in": 600}).encode())

    def _company(self, what: str, asked: Asked) -> Answer:
        server = self.server
        match what:
            case "hello":
                hello = msgspec.json.decode(asked.body, type=Hello)
                if hello.replica not in self.replicas:
                    raise Refused("signer-unknown")
                return Answer(msgspec.json.encode(replace(server.hello(hello), role=self.role)))
            case "batches":
                assert asked.headers["content-type"] == BATCH
                return Answer(server.push(asked.body), media=STATEMENT)
            case "log":
                asked_for = parse_qs(urlsplit(asked.path).query)
                batches = max(1, int(asked_for["most"][0]) // 100_000)
                return Answer(server.pull(int(asked_for["after"][0]), batches), media=LOG)
            case "adoptions":
                server.adopt(asked.body)
                return Answer(json.dumps({"size": server.disk.frontier.size}).encode())
            case "replicas":
                said = json.loads(asked.body)
                key = public_key(said["key"])
                assert key is not None
                statement = rehoming_statement(said["former"], said["replica"], said["key"])
                key.verify(bytes.fromhex(said["proof"]), statement)
                self.replicas.add(said["replica"])
                self.keys[self.tokens[_token_of(asked)]].add(said["key"])
                return Answer(json.dumps({"replica": said["replica"], "tag": said["tag"]}).encode(), 201)
            case _:
                raise Damaged(what)


class SimStore:
    """The replica of the simulation as the store of a session."""

    def __init__(self, replica: SimReplica, known: str) -> None:
        self.replica = replica
        self.role = ""
        self.heard_of_recovery = False
        self.ended, self.trouble = Status.SYNCING, ""
        self._known, self._known_key = known, replica.disk.key

    def standing(self) -> Standing:
        return self.replica.standing()

    def outgoing(self, first: int, events_most: int) -> SealedBatch:
        return self.replica.batch(first, events_most)

    def keep(self, receipt: Signed) -> None:
        self.replica.store(Keep(receipt))

    def append(self, batches: list[LogBatch], checkpoint: Signed) -> None:
        self.replica.store(Append(batches, checkpoint))

    def rehome(self) -> None:
        self.replica.store(Rehome())

    def rebuild(self, size: int, incarnation: str) -> None:
        self.replica.store(Rebuild(size, incarnation))

    def note_incarnation(self, incarnation: str) -> None:
        self.replica.store(NoteIncarnation(incarnation))

    def contribute(self) -> None:
        self.replica.store(Contribute())

    def continuation(self, after: int, bytes_most: int) -> tuple[list[LogBatch], Signed]:
        batches, end = log_from_wire(self.replica.continuation(after), expand)
        return batches, signed_of(end.checkpoint, "checkpoint")

    def known_as(self) -> KnownAs:
        disk = self.replica.disk
        identity = Identity(TENANT, self.replica.device, self._known_key)
        if disk.replica == self._known:
            return KnownAs(identity, None)
        return KnownAs(identity, NewReplica(disk.replica, disk.key, disk.tag, ReplicaId(self._known)))

    def note_recovering(self) -> None:
        self.heard_of_recovery = True

    def keep_role(self, role: str) -> None:
        self.role = role

    def keep_end(self, status: Status, code: str) -> None:
        self.ended, self.trouble = status, code

    def introduced(self, tag: str) -> None:
        assert tag == self.replica.disk.tag
        self._known, self._known_key = self.replica.disk.replica, self.replica.disk.key


class World:
    """One server and any number of offices of one company, the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self.http = MemoryHttp(SimServer(COMPANY.id, self._key(), self._id))

    def _id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._chance.randbytes(32))

    def office(self, name: str, *, first: bool = False) -> SimStore:
        """Enrol an office; the first one brings the company."""
        tags = iter("ABCDEFGH")
        device = DeviceId(self._id())
        replica = SimReplica(
            name, COMPANY.id, self.http.server.key.public_key(), device, self._id, self._key, lambda: name + next(tags)
        )
        if first:
            replica.write(CompanyCreated(company=COMPANY))
        self.http.keys[device] = {replica.disk.key.public_key().public_bytes_raw().hex()}
        self.http.replicas.add(replica.disk.replica)
        return SimStore(replica, replica.disk.replica)

    def post(self, office: SimStore, count: int = 1) -> None:
        """Post journals at an office."""
        for _ in range(count):
            lines = ((CASH, 100), (PROFIT_AND_LOSS, -100))
            voucher = a_voucher(VoucherNature.JOURNAL, *lines, number=self._id()[:8])
            office.replica.write(VoucherPosted(voucher=msgspec.structs.replace(voucher, id=VoucherId(self._id()))))

    @contextmanager
    def served(self) -> Iterator[Answering]:
        """Serve over HTTP while the block runs."""
        with answering(self.http.answer) as server:
            yield server
