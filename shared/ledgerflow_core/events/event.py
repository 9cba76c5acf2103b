"""The event: an envelope that says who, when and where, around one body that says what.

An event is written once as compact JSON; its bytes are hashed, stored and sent as they are, never encoded
again. Field names and their meaning are part of the file format (docs/file-format.md) and only ever grow.
"""

import re
from datetime import date

import msgspec

from ledgerflow_core.errors import Damaged, InvalidInput, LedgerFlowError
from ledgerflow_core.identifiers import DeviceId, EventId, ReplicaId, UserId, VoucherId, to_bytes
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import CostCategory, CostCentre
from ledgerflow_core.masters.group import Group
from ledgerflow_core.masters.rates import ForeignCurrency
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.vouchers.voucher import Voucher

EVENT_VERSION = 1
# One event fits one batch of the wire.
EVENT_BYTES_MAX = 2**20


class EventTooNew(LedgerFlowError):
    """A later version of the program wrote this event."""

    code = "event-too-new"


class _Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False,
            tag_field="type"):  # fmt: skip
    pass


class CompanyCreated(_Body, tag="company.created", frozen=True):
    """The books begin. The predefined groups, voucher types and accounts come with it, unsaid."""

    company: Company


class CompanyChanged(_Body, tag="company.changed", frozen=True):
    """The company's details as they are from now on."""

    company: Company


class ReplicaOpened(_Body, tag="replica.opened", frozen=True):
    """A company file starts its own chain. `key` is the Ed25519 public key (hex) that signs its heads."""

    device: DeviceId
    user: UserId
    user_name: str
    key: str
    tag: str = ""
    reason: str = "new"


class MasterCreated(_Body, tag="master.created", frozen=True):
    """A master is there from now on."""

    master: Group | Account | VoucherType | CostCategory | CostCentre | ForeignCurrency


class MasterChanged(_Body, tag="master.changed", frozen=True):
    """A master as it is from now on; `base` is the hash (hex) of the event whose version it replaces, if any."""

    master: Group | Account | VoucherType | CostCategory | CostCentre | ForeignCurrency
    base: str = ""


class VoucherPosted(_Body, tag="voucher.posted", frozen=True):
    """A voucher enters the book."""

    voucher: Voucher


class VoucherAltered(_Body, tag="voucher.altered", frozen=True):
    """A voucher's new whole state; `base` is the hash (hex) of the event whose version it replaces."""

    base: str
    voucher: Voucher


class VoucherCancelled(_Body, tag="voucher.cancelled", frozen=True):
    """A voucher moves nothing any more and keeps its number."""

    base: str
    voucher: VoucherId
    reason: str = ""


class PeriodLocked(_Body, tag="period.locked", frozen=True):
    """Nothing dated up to and including `until` may change from now on."""

    until: date


class PeriodUnlocked(_Body, tag="period.unlocked", frozen=True):
    """The lock moves back to `until` (or goes, when None), for a reason that stays on record."""

    until: date | None
    reason: str


class ImportCompleted(_Body, tag="import.completed", frozen=True):
    """Where the events of the same `cause` came from: names and SHA-256 (hex) of the files, and what was in them."""

    format: str
    files: tuple[tuple[str, str], ...]
    accounts: int
    vouchers: int


Body = (
    CompanyCreated
    | CompanyChanged
    | ReplicaOpened
    | MasterCreated
    | MasterChanged
    | VoucherPosted
    | VoucherAltered
    | VoucherCancelled
    | PeriodLocked
    | PeriodUnlocked
    | ImportCompleted
)


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
            gc=False):  # fmt: skip
    """One event. `at` is the device's own time, UTC with milliseconds: kept for people, it decides nothing.

    `seq` counts the replica's events from 1; `prev` is the hash (hex) of the one before. `cause` joins the
    events of one user intent (an import, a master made inside a voucher) and is left out for single ones.
    The device is the replica's, named once in its `ReplicaOpened`.
    """

    v: int
    id: EventId
    replica: ReplicaId
    seq: int
    prev: str
    at: str
    user: UserId
    body: Body
    cause: str = ""


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Event)
_MANY_DIGITS = re.compile(rb"[:,\[]-?[0-9]{16}")


class _Version(msgspec.Struct):
    v: int


_VERSION = msgspec.json.Decoder(_Version)


def encode_event(event: Event) -> bytes:
    """Return the bytes of a new event: the one time they are made."""
    return _ENCODER.encode(event)


def decode_event(raw: bytes | memoryview) -> Event:
    """Return the event of bytes of our own log: `Damaged` when they are none, `EventTooNew` of a later version."""
    try:
        event = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _refuse_later_version(raw)
        raise Damaged("event", reason=str(error)[:200]) from None
    if event.v != EVENT_VERSION:
        _refuse_later_version(raw)
        raise Damaged("event", reason="no such version", version=event.v)
    return event


def decode_foreign_event(raw: bytes) -> Event:
    """Return the event of bytes from elsewhere: they must be the very bytes this version would have written.

    So no blank between, no field twice or in another order, no number written otherwise. Besides, every
    identifier is a canonical UUID and every number one that any reader of JSON keeps exact.
    """
    if len(raw) > EVENT_BYTES_MAX:
        raise Damaged("event", reason="larger than one batch", bytes=len(raw))
    event = decode_event(raw)
    if encode_event(event) != raw:
        raise Damaged("event", reason="not in the one form an event is written in")
    if event.seq < 1:
        raise Damaged("event", reason="sequence numbers begin at 1", sequence=event.seq)
    try:
        for identifier in (event.id, event.replica, event.user, *_ids_in(event.body)):
            to_bytes(identifier)
    except InvalidInput as error:
        raise Damaged("event", reason="bad identifier", **error.problems[0].facts) from None
    # Most events have no run of so many digits; a text that has one is looked at more closely.
    if _MANY_DIGITS.search(raw) and _has_inexact_number(msgspec.json.decode(raw)):
        raise Damaged("event", reason="number beyond 2**53 - 1")
    return event


def _refuse_later_version(raw: bytes | memoryview) -> None:
    try:
        version = _VERSION.decode(raw).v
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if version > EVENT_VERSION:
        raise EventTooNew("event", version=version)


def _ids_in(body: Body) -> tuple[str, ...]:
    match body:
        case VoucherPosted() | VoucherAltered():
            return (body.voucher.id,)
        case VoucherCancelled():
            return (body.voucher,)
        case MasterCreated() | MasterChanged():
            return (body.master.id,)
        case CompanyCreated() | CompanyChanged():
            return (body.company.id,)
        case ReplicaOpened():
            return (body.device, body.user)
        case _:
            return ()


def _has_inexact_number(said: object) -> bool:
    if isinstance(said, dict):
        return any(map(_has_inexact_number, said.values()))
    if isinstance(said, list):
        return any(map(_has_inexact_number, said))
    return isinstance(said, int) and abs(said) > MINOR_MAX
