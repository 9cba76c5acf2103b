"""Requests and answers about devices, as they travel."""

from typing import Annotated

from pydantic import Field, StringConstraints

from ledgerflow_server.edge.shapes import Answer, Body, Hex32, Hex64, Title, Uuid

_Code = Annotated[str, StringConstraints(min_length=16, max_length=64)]
_Challenge = Annotated[str, StringConstraints(max_length=200)]
_Tag = Annotated[str, StringConstraints(pattern=r"^([A-Z][A-Z0-9])?$")]


class NewDevice(Body):
    """The device that enrols, by its own id."""

    id: Uuid
    name: Title


class EnrolmentBody(Body):
    """A code is used. `company` is the id of the book, null for a device that has none yet; `proof` see the core."""

    code: _Code
    company: Uuid | None
    device: NewDevice
    key: Hex32
    replica: Uuid
    proof: Hex64


class EnrolledUser(Answer):
    """The person whose events the device signs."""

    id: str
    name: str
    role: str


class EnrolmentAnswer(Answer):
    """What a device keeps: `server_key` verifies receipts and checkpoints for ever, `tag` marks its numbers."""

    tenant: str
    company: str
    server_key: str
    tag: str
    user: EnrolledUser
    device: str


class ReplicaBody(Body):
    """A re-homed replica: its new id and key, the tag it took, and the id it had."""

    replica: Uuid
    key: Hex32
    tag: _Tag
    proof: Hex64
    former: Uuid


class ReplicaAnswer(Answer):
    """The replica as registered; another `tag` than asked for where that one is taken."""

    replica: str
    tag: str


class ChallengeBody(Body):
    """Who wants a challenge; it is given to anybody."""

    device: Uuid | None = None


class ChallengeAnswer(Answer):
    """What to sign within two minutes."""

    challenge: str


class TokenBody(Body):
    """A signed challenge: the device of which tenant, the key of one of its replicas."""

    tenant: Uuid
    device: Uuid
    challenge: _Challenge
    key: Hex32
    signature: Hex64


class TokenAnswer(Answer):
    """An access token and the seconds it lives."""

    access_token: str
    expires_in: int


class CodeBody(Body):
    """For whom a code is: a company by its number, a user by id, and how long it is good."""

    company: Annotated[int, Field(ge=1, le=2**31 - 1)]
    user: Uuid
    hours: Annotated[int, Field(ge=1, le=168)] = 24


class CodeAnswer(Answer):
    """The code, shown this once, and when it ends (UTC)."""

    code: str
    expires_at: str


class ReplicaLine(Answer):
    """A replica on a device. `company` is the id of its book; `pending` events wait on the device."""

    company: str | None
    replica: str
    tag: str
    state: str
    events: int
    pending: int
    last_seen: str | None


class DeviceLine(Answer):
    """A device of the tenant; `last_seen` and `pending` over all its replicas."""

    id: str
    name: str
    user: str
    state: str
    enrolled_at: str
    revoked_at: str | None
    last_seen: str | None
    pending: int
    replicas: list[ReplicaLine]


class OfficeLine(Answer):
    """A replica of a company by the names people know it by; `state` is open, closed or revoked."""

    replica: str
    tag: str
    state: str
    user: str
    device: str
