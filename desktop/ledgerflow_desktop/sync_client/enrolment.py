"""Enrol a device at a server by a code for one use: who it is, which key its replica signs with, and the proof."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Damaged, refuse
from ledgerflow_core.identifiers import CompanyId, DeviceId, ReplicaId, UserId
from ledgerflow_core.sync.enrolment import code_hash, enrolment_statement
from ledgerflow_core.sync.statements import public_key
from ledgerflow_desktop.sync_client import authority
from ledgerflow_desktop.sync_client.authority import AuthorityDiffers, EnrolmentCode
from ledgerflow_desktop.sync_client.transport import NoAnswer, Request, ServerRefused, Transport

_PEM = "application/x-pem-file"


class Candidate(NamedTuple):
    """What asks to be enrolled. `company` is None for a device without a book of it."""

    company: CompanyId | None
    device: DeviceId
    device_name: str
    replica: ReplicaId
    key: Ed25519PrivateKey


class _User(msgspec.Struct, frozen=True):
    id: UserId
    name: str
    role: str


class Enrolled(msgspec.Struct, frozen=True):
    """What the server answered: for which company, whose key signs its log, this replica's number tag, the user."""

    tenant: str
    company: CompanyId
    server_key: str
    tag: str
    user: _User
    device: DeviceId


class Reached(NamedTuple):
    """A server that is the one meant. `authority` is the PEM trusted there, empty where a public one or none is."""

    address: str
    authority: str
    transport: Transport


def reach(address: str, code: EnrolmentCode) -> Reached:
    """Return a way to speak to the server at an address that has the authority the code names.

    Raises `AuthorityDiffers` where somebody else answers; refuses `address-has-path`; and what `Transport.send` raises.
    """
    if address.startswith("http://") or not code.fingerprint:
        return Reached(address, "", transport_to(address, ""))
    asking = Transport(address, authority.trusting_nobody_yet())
    try:
        with _said_plainly(address, code):
            pem = asking.send(Request("GET", "/v1/authority", wants=_PEM))
    finally:
        asking.close()
    trusted = authority.checked_authority(pem, code.fingerprint)
    return Reached(address, trusted, transport_to(address, trusted))


def transport_to(address: str, trusted: str, stopped: Callable[[], bool] = lambda: False) -> Transport:
    """Return a way to an address that takes certificates of the trusted authority alone (PEM; see `Reached`)."""
    context = None if address.startswith("http://") else authority.trusting(trusted)
    return Transport(address, context, stopped=stopped)


def enrol(transport: Transport, code: EnrolmentCode, candidate: Candidate) -> Enrolled:
    """Use the code. Raises `ServerRefused` (`code-used`, `code-wrong`, ...) and what else `Transport.send` raises.

    Refuses `address-has-path` and `code-without-fingerprint`.
    """
    public = candidate.key.public_key().public_bytes_raw().hex()
    statement = enrolment_statement(code_hash(code.secret).hex(), candidate.replica, public)
    body = {
        "code": code.secret,
        "company": candidate.company,
        "device": {"id": candidate.device, "name": candidate.device_name},
        "key": public,
        "replica": candidate.replica,
        "proof": candidate.key.sign(statement).hex(),
    }
    with _said_plainly(transport.address, code):
        raw = transport.send(Request("POST", "/v1/enrolments", body=msgspec.json.encode(body)))
    try:
        answer = msgspec.json.decode(raw, type=Enrolled)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged("answer to the enrolment", reason=str(error)[:200]) from None
    if public_key(answer.server_key) is None:
        raise Damaged("answer to the enrolment", reason="no key of the server")
    return answer


@contextmanager
def _said_plainly(address: str, code: EnrolmentCode) -> Iterator[None]:
    """Name what was typed wrong where the line's own words would not say it."""
    path = urlsplit(address).path
    try:
        yield
    except ServerRefused as refused:
        if refused.problems[0].code != "not-found":
            raise
        if path:
            raise refuse("address-has-path", "url", path=path, address=address.removesuffix(path)) from None
        raise AuthorityDiffers() from None
    except NoAnswer as lost:
        if lost.facts["reason"] != "certificate" or code.fingerprint:
            raise
        raise refuse("code-without-fingerprint", "code") from None
