"""The sync server of one company as the engine hears it: each request ends in one of the things it knows.

What went wrong on the way is kept in `trouble`, for the person who waits; the engine needs only what to do.
"""

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import CompanyId, DeviceId, ReplicaId
from ledgerflow_core.sync.batch import SealedBatch, to_wire
from ledgerflow_core.sync.enrolment import rehoming_statement, token_statement
from ledgerflow_core.sync.log import LogBatch, VerdictRun
from ledgerflow_core.sync.messages import Hello, HelloAnswer, LogEnd, LogItem, log_from_wire, log_to_wire, signed_of
from ledgerflow_core.sync.replica_messages import Adopted, Answered, Heard, Lost, Pulled, Receipted, Rejected, Renewed
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.sync_client.compression import compress, expand
from ledgerflow_desktop.sync_client.transport import (
    NoAnswer,
    NotTheServer,
    Reply,
    Request,
    ServerRefused,
    Transport,
)

BATCH = "application/vnd.ledgerflow.batch"
LOG = "application/vnd.ledgerflow.log"
STATEMENT = "application/vnd.ledgerflow.statement"
# What a server may call what is the matter; anything else it says is not shown, kept or compared.
_CODE = re.compile(r"(?=.{1,64}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Identity(NamedTuple):
    """Who speaks: the device as enrolled with a tenant, and the key of a replica on it that the server knows."""

    tenant: str
    device: DeviceId
    key: Ed25519PrivateKey


class NewReplica(NamedTuple):
    """A replica the server is to know of: its key and number tag, and the replica it was before."""

    replica: ReplicaId
    key: Ed25519PrivateKey
    tag: str
    former: ReplicaId


class Announced(NamedTuple):
    """The server knows the replica; `tag` is the one its numbers carry from now on."""

    tag: str


class _Replica(msgspec.Struct):
    tag: str


class OfficeNames(msgspec.Struct):
    """What the server calls a replica of the company: whose events it signs, and the machine it is on."""

    replica: ReplicaId
    user: str
    device: str


class _Challenge(msgspec.Struct):
    challenge: str


class _Token(msgspec.Struct):
    access_token: str


class _Size(msgspec.Struct):
    size: int


_Answer = TypeVar("_Answer", HelloAnswer, _Challenge, _Replica, _Token, _Size)


class SyncServer:
    """One company at the server. For one thread at a time. `chance` gives random numbers below `CHANCES`."""

    def __init__(self, transport: Transport, company: CompanyId, identity: Identity, chance: Callable[[], int]) -> None:
        self.trouble = ""
        self._transport = transport
        self._company = company
        self._identity = identity
        self._chance = chance
        self._token = ""

    @property
    def token(self) -> str:
        """The access token held, empty before the first."""
        return self._token

    @property
    def bytes_moved(self) -> tuple[int, int]:
        """Bytes of bodies sent and received so far."""
        return self._transport.sent, self._transport.received

    def identify(self, identity: Identity) -> None:
        """Speak as this from now on; a token of somebody else is thrown away."""
        if identity != self._identity:
            self._identity, self._token = identity, ""

    def hello(self, hello: Hello) -> Heard:
        """Say where the replica stands."""
        return self._ask(lambda: Answered(self._said(self._request("POST", "hello", _json(hello)), HelloAnswer)))

    def push(self, batch: SealedBatch) -> Heard:
        """Send one batch."""

        def send() -> Heard:
            request = self._request("POST", "batches", to_wire(batch, compress))
            raw = self._transport.send(request._replace(media=BATCH, wants=STATEMENT))
            return Receipted(batch, signed_of(raw.decode("ascii", "replace"), "receipt"))

        return self._ask(send)

    def pull(self, after: int, bytes_most: int) -> Heard:
        """Ask for the log behind `after`: whole batches, about as many bytes as said, at least one batch."""
        return self._ask(lambda: Pulled(*self._fetch(after, bytes_most)))

    def log_piece(self, after: int, bytes_most: int) -> tuple[list[LogBatch], LogEnd]:
        """Return a piece of the log, for reading it through.

        Raises what `Transport.send` raises, and `Damaged`, which names the entry, where it is not what was signed.
        """
        try:
            return self._fetch(after, bytes_most)
        except ServerRefused as refused:
            if refused.status != 401:
                raise
        self._token = ""
        return self._fetch(after, bytes_most)

    def offices(self) -> list[OfficeNames]:
        """Return every replica the company ever had; raises what `exchange` raises, and `NoAnswer`."""
        reply = self.exchange(Request("GET", "replicas"))
        try:
            return msgspec.json.decode(reply.body, type=list[OfficeNames])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswer(reason="not-the-server") from None

    def exchange(self, request: Request) -> Reply:
        """Ask something of the company that is no step of a session; `path` begins behind the company's address.

        A token that ran out is renewed once. Raises what `Transport.exchange` raises.
        """
        path = f"/v1/companies/{self._company}/{request.path}"
        for is_last in (False, True):
            if not self._token:
                self._sign_in()
            try:
                return self._transport.exchange(request._replace(path=path, token=self._token))
            except ServerRefused as refused:
                if refused.status != 401 or is_last:
                    raise
                self._token = ""
        raise AssertionError("the second attempt returns or raises")

    def hand_back(self, batches: Sequence[LogBatch], checkpoint: Signed) -> Heard:
        """Give a server that lost the end of its log a piece of it, with the checkpoint over the piece's end."""
        items = []
        for piece in batches:
            wire = to_wire(piece.batch, compress)
            runs = tuple(VerdictRun(len(list(same)), *verdict) for verdict, same in groupby(piece.verdicts))
            items.append(
                (LogItem(gseq=piece.gseq, known=piece.known, at=piece.at, verdicts=runs, bytes=len(wire)), wire)
            )
        end = LogEnd(size=batches[-1].last, checkpoint=checkpoint.to_bytes().decode())
        body = log_to_wire(items, end)

        def send() -> Heard:
            self._said(self._request("POST", "adoptions", body)._replace(media=LOG), _Size)
            return Adopted()

        return self._ask(send)

    def sign_in(self) -> Heard:
        """Get an access token: the server's challenge, signed by the replica's key."""
        self._token = ""
        return self._ask(self._sign_in)

    def announce(self, new: NewReplica) -> Announced | Rejected | Lost:
        """Make a replica of this device known that took a new identity, and speak as it from now on."""
        public = new.key.public_key().public_bytes_raw().hex()
        body = {
            "replica": new.replica,
            "key": public,
            "tag": new.tag,
            "proof": new.key.sign(rehoming_statement(new.former, new.replica, public)).hex(),
            "former": new.former,
        }
        tag: list[str] = []

        def send() -> Heard:
            tag.append(self._said(self._request("POST", "replicas", _json(body)), _Replica).tag)
            return Renewed()

        heard = self._ask(send)
        if not isinstance(heard, Renewed):
            assert isinstance(heard, Rejected | Lost), heard
            return heard
        self.identify(self._identity._replace(key=new.key))
        return Announced(tag[0])

    # --- one request --------------------------------------------------------------------------------

    def _fetch(self, after: int, bytes_most: int) -> tuple[list[LogBatch], LogEnd]:
        request = self._request("GET", f"log?after={after}&most={bytes_most}")
        return log_from_wire(self._transport.send(request._replace(wants=LOG, bytes_down=bytes_most)), expand)

    def _ask(self, ask: Callable[[], Heard]) -> Heard:
        try:
            heard = ask()
        except ServerRefused as refused:
            code = refused.problems[0].code
            self.trouble = code if _CODE.fullmatch(code) else "error"
            return Rejected(self.trouble, refused.status, self._chance())
        except NotTheServer as other:
            self.trouble = "not-the-server"
            return Rejected("", other.status, self._chance())
        except NoAnswer as lost:
            self.trouble = str(lost.facts["reason"])
            return Lost(self._chance())
        except Damaged:
            self.trouble = "damaged"
            return Lost(self._chance())
        self.trouble = ""
        return heard

    def _request(self, method: str, path: str, body: bytes = b"") -> Request:
        if not self._token:
            self._sign_in()
        return Request(method, f"/v1/companies/{self._company}/{path}", body=body, token=self._token)

    def _sign_in(self) -> Heard:
        tenant, device, key = self._identity
        asked = Request("POST", "/v1/devices/challenge", body=_json({"device": device}))
        challenge = self._said(asked, _Challenge).challenge
        signature = key.sign(token_statement(challenge, device))
        body = {
            "tenant": tenant,
            "device": device,
            "challenge": challenge,
            "key": key.public_key().public_bytes_raw().hex(),
            "signature": signature.hex(),
        }
        self._token = self._said(Request("POST", "/v1/devices/token", body=_json(body)), _Token).access_token
        return Renewed()

    def _said(self, request: Request, kind: type[_Answer]) -> _Answer:
        raw = self._transport.send(request)
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswer(reason="not-the-server") from None


def _json(said: object) -> bytes:
    return msgspec.json.encode(said)
