"""How conflicts travel. Amounts are minor units of the base currency, debit positive; times are UTC."""

import datetime
from typing import Any

import msgspec

from ledgerflow_core.events.event import Body
from ledgerflow_core.masters.chart import Master
from ledgerflow_core.sync.resolution import Kind
from ledgerflow_core.vouchers.voucher import Voucher


class ConflictLine(msgspec.Struct, frozen=True, kw_only=True):
    """A parked event: `event` names it, `entry` is where the log has it, `at` when its author wrote it.

    The fields from `voucher` on are of the voucher it is about, empty where it is about something else. `decided` is
    the entry that decided about it, None while it waits.
    """

    event: str
    entry: int
    reason: str
    kind: str
    replica: str
    user: str
    at: str
    voucher: str = ""
    number: str = ""
    date: datetime.date | None = None
    amount: int | None = None
    decided: int | None = None


class ConflictPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of what waits, in the order of the log; `next` is the `after` of the next page, None on the last."""

    waiting: int
    conflicts: list[ConflictLine]
    next: int | None


class EffectLine(msgspec.Struct, frozen=True, kw_only=True):
    """What an account gets from what stands and would get from what is parked."""

    account: str
    name: str
    stands: int
    parked: int


class ConflictSides(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides: a voucher or a master as it stands and as the event would have it, and what each does in money.

    `version` names what stands (hex), empty where nothing does; `body` is the event's whole body.
    """

    conflict: ConflictLine
    version: str
    stands: Voucher | Master | None
    parked: Voucher | Master | None
    effects: list[EffectLine]
    body: Body


class ResolutionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision. `voucher` is the corrected one as the core writes it, `date` another day for the parked one.

    `reopen` is the reason to unlock its period for it, and lock it again behind it.
    """

    decision: Kind
    voucher: msgspec.Raw = msgspec.Raw()
    date: datetime.date | None = None
    reopen: str = ""
    reason: str = ""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a decision: the entry that records it, and the voucher as it stands now with its version."""

    event: str
    decision: Kind
    entry: int
    voucher: Voucher | None = None
    version: str = ""


def described(kind: type[Any], status: int, says: str) -> dict[int | str, dict[str, Any]]:
    """Return what an operation's description says of its answer."""
    required = [field.encode_name for field in msgspec.structs.fields(kind) if field.required]
    schema = {"type": "object", "required": required, "description": (kind.__doc__ or "").strip()}
    return {status: {"description": says, "content": {"application/json": {"schema": schema}}}}
