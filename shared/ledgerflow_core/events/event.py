"""The event: an envelope that says who, when and where, around one body that says what.

An event is written once as compact JSON; its bytes are hashed, stored and sent as they are, never encoded
again. Field names and their meaning are part of the file format (docs/file-format.md) and only ever grow.

What can change (a voucher, a master, the company, the lock) is a line of versions: an event that makes one names
in `base` the version hash (hex, `chain.version_hash`) of the one before it.
"""

import re
from datetime import date
from typing import Annotated, Literal

import msgspec

from ledgerflow_core.calendar import problems_in_day
from ledgerflow_core.errors import Damaged, LedgerFlowError
from ledgerflow_core.identifiers import (
    DeviceId,
    EventId,
    MasterId,
    ReplicaId,
    UserId,
    VoucherId,
    VoucherTypeId,
    are_identifiers,
)
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


Count = Annotated[int, msgspec.Meta(ge=0)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False,
            tag_field="type"):  # fmt: skip
    pass


class CompanyCreated(_Body, tag="company.created", frozen=True):
    """The books begin. The predefined groups, voucher types and accounts come with it, unsaid."""

    company: Company


class CompanyChanged(_Body, tag="company.changed", frozen=True):
    """The company's details as they are from now on; `base` is left out where those of its creation are replaced."""

    company: Company
    base: str = ""


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
    """A master as it is from now on; `base` is left out where a master the company was born with is replaced."""

    master: Group | Account | VoucherType | CostCategory | CostCentre | ForeignCurrency
    base: str = ""


class MasterMerged(_Body, tag="master.merged", frozen=True):
    """Two masters are one: what stands on `merged`, its opening balance included, counts on `into` from now on.

    `base` and `into_base` are the versions of the two that were merged; the event is the next version of both.
    """

    merged: MasterId
    into: MasterId
    base: str = ""
    into_base: str = ""


class MasterRetired(_Body, tag="master.retired", frozen=True):
    """A master is offered no more; what stands on it stays."""

    master: MasterId
    base: str = ""


class VoucherPosted(_Body, tag="voucher.posted", frozen=True):
    """A voucher enters the book."""

    voucher: Voucher


class VoucherAltered(_Body, tag="voucher.altered", frozen=True):
    """A voucher's new whole state."""

    base: str
    voucher: Voucher


class VoucherCancelled(_Body, tag="voucher.cancelled", frozen=True):
    """A voucher moves nothing any more and keeps its number."""

    base: str
    voucher: VoucherId
    reason: str = ""


class PeriodLocked(_Body, tag="period.locked", frozen=True):
    """Nothing dated up to and including `until` may change from now on.

    Locking and unlocking are versions of one thing: `base` is the one before, left out by the first.
    """

    until: date
    base: str = ""


class PeriodUnlocked(_Body, tag="period.unlocked", frozen=True):
    """The lock moves back to `until` (or goes, when None), for a reason that stays on record."""

    until: date | None
    reason: str
    base: str = ""


class CloseRequested(_Body, tag="period.close-requested", frozen=True):
    """Somebody wants to lock the books up to `until`, and asks every replica to send what it has till then."""

    until: date


class CloseAcknowledged(_Body, tag="period.close-acknowledged", frozen=True):
    """This replica has sent everything dated up to `until` and will make nothing more; `request` is who asked."""

    request: EventId
    until: date


class ConflictResolved(_Body, tag="conflict.resolved", frozen=True):
    """Somebody decided about an event that could not take effect where it arrived.

    `kept`: the books stay as they are; `applied`: what it said was recorded anew; `corrected`: something else was.
    """

    event: EventId
    decision: Literal["kept", "applied", "corrected"]
    reason: str = ""


class ReplicaClosed(_Body, tag="replica.closed", frozen=True):
    """A replica takes part no more: nothing of its chain is accepted from now on."""

    replica: ReplicaId
    reason: str


class SeriesClosed(_Body, tag="series.closed", frozen=True):
    """A number series of a replica ends with the serial `last`; `year` is the first day of its financial year."""

    replica: ReplicaId
    voucher_type: VoucherTypeId
    year: date
    last: Count
    reason: str


class KeyAdded(_Body, tag="key.added", frozen=True):
    """A user may sign for this company on a device, with the Ed25519 public key `key` (hex)."""

    key: str
    device: DeviceId
    user: UserId
    user_name: str


class KeyRevoked(_Body, tag="key.revoked", frozen=True):
    """A key signs no more: of the chain of `replica`, what follows number `last_seq` is not to be believed."""

    key: str
    replica: ReplicaId
    last_seq: Count
    reason: str = ""


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
    | MasterMerged
    | MasterRetired
    | VoucherPosted
    | VoucherAltered
    | VoucherCancelled
    | PeriodLocked
    | PeriodUnlocked
    | CloseRequested
    | CloseAcknowledged
    | ConflictResolved
    | ReplicaClosed
    | SeriesClosed
    | KeyAdded
    | KeyRevoked
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
_HASH_OR_KEY = re.compile(r"[0-9a-f]{64}")
# Finding a run of digits is four times as fast in bytes whose digits are all alike.
_ALIKE, _MANY_DIGITS = bytes.maketrans(b"123456789", b"0" * 9), b"0" * 16


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
    identifier is a canonical UUID, every hash and key 64 lower-case hexadecimal digits, every day that decides
    about others one that books have, and every number one that any reader of JSON keeps exact.
    """
    if len(raw) > EVENT_BYTES_MAX:
        raise Damaged("event", reason="larger than one batch", bytes=len(raw))
    event = decode_event(raw)
    if encode_event(event) != raw:
        raise Damaged("event", reason="not in the one form an event is written in")
    if event.seq < 1:
        raise Damaged("event", reason="sequence numbers begin at 1", sequence=event.seq)
    ids, hashes, days = _named_in(event.body)
    named = (event.id, event.replica, event.user, *ids)
    if not are_identifiers(named):
        raise Damaged("event", reason="bad identifier", given=next(x for x in named if not are_identifiers([x]))[:60])
    if not all(map(_HASH_OR_KEY.fullmatch, (event.prev, *hashes))):
        raise Damaged("event", reason="bad hash or key")
    if any(problems_in_day(day, "") for day in days):
        raise Damaged("event", reason="day out of range")
    # Most events have no run of so many digits; a text that has one is looked at more closely.
    if _MANY_DIGITS in raw.translate(_ALIKE) and _has_inexact_number(msgspec.json.decode(raw)):
        raise Damaged("event", reason="number beyond 2**53 - 1")
    return event


def _refuse_later_version(raw: bytes | memoryview) -> None:
    try:
        version = _VERSION.decode(raw).v
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if version > EVENT_VERSION:
        raise EventTooNew("event", version=version)


def _named_in(body: Body) -> tuple[tuple[str, ...], tuple[str, ...], tuple[date | None, ...]]:
    """Return the identifiers in a body, its hashes and keys, and its days that decide about other events."""
    match body:
        case VoucherPosted():
            return (body.voucher.id,), (), ()
        case VoucherAltered():
            return (body.voucher.id,), (body.base,), ()
        case VoucherCancelled():
            return (body.voucher,), (body.base,), ()
        case MasterCreated():
            return (body.master.id,), (), ()
        case MasterChanged():
            return (body.master.id,), _given(body.base), ()
        case MasterMerged():
            return (body.merged, body.into), _given(body.base, body.into_base), ()
        case MasterRetired():
            return (body.master,), _given(body.base), ()
        case _:
            return _named_in_other(body)


def _named_in_other(body: Body) -> tuple[tuple[str, ...], tuple[str, ...], tuple[date | None, ...]]:
    match body:
        case CompanyCreated():
            return (body.company.id,), (), (body.company.books_begin,)
        case CompanyChanged():
            return (body.company.id,), _given(body.base), (body.company.books_begin,)
        case PeriodLocked() | PeriodUnlocked():
            return (), _given(body.base), (body.until,)
        case CloseRequested():
            return (), (), (body.until,)
        case CloseAcknowledged():
            return (body.request,), (), (body.until,)
        case ConflictResolved():
            return (body.event,), (), ()
        case ReplicaOpened():
            return (body.device, body.user), (body.key,), ()
        case KeyAdded():
            return (body.device, body.user), (body.key,), ()
        case KeyRevoked():
            return (body.replica,), (body.key,), ()
        case ReplicaClosed():
            return (body.replica,), (), ()
        case SeriesClosed():
            return (body.replica, body.voucher_type), (), (body.year,)
        case _:
            return (), (), ()


def _given(*hashes: str) -> tuple[str, ...]:
    return tuple(filter(None, hashes))


def _has_inexact_number(said: object) -> bool:
    if isinstance(said, dict):
        return any(map(_has_inexact_number, said.values()))
    if isinstance(said, list):
        return any(map(_has_inexact_number, said))
    return isinstance(said, int) and abs(said) > MINOR_MAX
