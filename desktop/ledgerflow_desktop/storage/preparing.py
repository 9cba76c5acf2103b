"""Everything about posting vouchers that needs no database: numbers, sealed events, rows.

The work of an import is here, so it can run in a process of its own beside the one that writes
(`interchange.pipeline`); posting a single voucher goes the same way, in place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.events.chain import Author, Head, next_event
from ledgerflow_core.events.event import EVENT_BYTES_MAX, Body, VoucherAltered, VoucherPosted
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import Numbering, VoucherType
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_core.sync.roles import Role, denied
from ledgerflow_core.vouchers.numbering import NumberSeries, series_of
from ledgerflow_core.vouchers.voucher import Voucher

# (voucher type id, day number of the year's first day) -> last serial given
Serials = dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class WritePoint:
    """Where the next event and voucher go: the chain's head, the log's end, and the numbers given so far."""

    head: Head
    position: int
    next_voucher_no: int
    serials: Serials = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Vouchers ready to be written: their sealed events, the first one's position and chain number, their rows.

    `vouchers` are as posted, with their numbers; another process leaves them out of what it sends.
    """

    vouchers: list[Voucher]
    events: list[bytes]
    first: int
    first_seq: int
    rows: Rows
    after: WritePoint


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What preparing needs to know of the book; plain values, so that it can be sent to another process."""

    company: Company
    voucher_types: dict[str, VoucherType]
    no_by_id: dict[str, int]
    author: Author
    replica_tag: str
    at: str
    cause: str
    # What the user of this device is at the server; None where no server has a say.
    role: Role | None = None
    merged: dict[str, str] = field(default_factory=dict)


def any_serial(voucher_type: str, year: int, series: NumberSeries, serial: int) -> int:
    """Take a serial as free: away from the book are prepared only the first vouchers of one that has none."""
    return serial


class Preparer:
    """Prepares vouchers one list after another; `point` moves on with each.

    `free_serial` gives for a voucher type, the first day of a financial year (a day number), its series and a serial
    the first from there on whose number is free.
    """

    def __init__(
        self,
        facts: BookFacts,
        point: WritePoint,
        new_ids: Callable[[int], list[str]],
        free_serial: Callable[[str, int, NumberSeries, int], int] = any_serial,
    ) -> None:
        self._facts = facts
        self.point = point
        self._new_ids = new_ids
        self._free_serial = free_serial
        self._projector = Projector(facts.voucher_types, facts.no_by_id, facts.company.financial_year, facts.merged)
        self._series: dict[tuple[str, int], NumberSeries] = {}

    @property
    def projector(self) -> Projector:
        """What turns a version of a voucher into rows."""
        return self._projector

    def seal(self, bodies: Sequence[Body]) -> list[bytes]:
        """Seal events onto the chain; return their bytes.

        Refuses `not-permitted`, as the server would park what this device's user has no right to, `voucher-too-large`
        and `master-too-large`.
        """
        point, facts = self.point, self._facts
        _require_right(facts.role, bodies)
        head = point.head
        events: list[bytes] = []
        for event_id, body in zip(self._new_ids(len(bodies)), bodies, strict=True):
            raw, head = next_event(
                head, body, author=facts.author, event_id=EventId(event_id), at=facts.at, cause=facts.cause
            )
            if len(raw) > EVENT_BYTES_MAX:
                raise _too_large(body, len(events), len(raw))
            events.append(raw)
        self.point = replace(point, head=head, position=point.position + len(events))
        return events

    def prepare(self, vouchers: Sequence[Voucher]) -> Prepared:
        """Number, seal and project checked vouchers.

        A voucher of an automatic type without a number gets the next of its series that nobody typed, at another
        office or before the type had its prefix. A number it brings is kept, and when it has the form of the series,
        the series goes on after it: also where numbers are typed, for a type may be numbered by the program later.
        """
        serials = dict(self.point.serials)
        numbered = [self._numbered(voucher, serials) for voucher in vouchers]
        first, first_seq, no = self.point.position + 1, self.point.head.seq + 1, self.point.next_voucher_no
        events = self.seal([VoucherPosted(voucher=voucher) for voucher in numbered])
        rows = Rows()
        for at, voucher in enumerate(numbered):
            self._projector.add(rows, voucher, no=no + at, version=1, position=first + at)
        self.point = replace(self.point, next_voucher_no=no + len(numbered), serials=serials)
        return Prepared(numbered, events, first, first_seq, rows, self.point)

    def _numbered(self, voucher: Voucher, serials: Serials) -> Voucher:
        voucher_type = self._facts.voucher_types[voucher.type]
        if not voucher.number and voucher_type.numbering is not Numbering.AUTOMATIC:
            return voucher
        key = (voucher.type, self._projector.days_of(voucher.date)[1])
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._series_of(voucher_type, voucher.date)
        if not voucher.number:
            serials[key] = self._free_serial(*key, series, serials.get(key, 0) + 1)
            return msgspec.structs.replace(voucher, number=series.number(serials[key]))
        brought = series.serial(voucher.number)
        if brought is not None and brought > serials.get(key, 0):
            serials[key] = brought
        return voucher

    def _series_of(self, voucher_type: VoucherType, day: date) -> NumberSeries:
        facts = self._facts
        return series_of(voucher_type, facts.company.financial_year, day, replica_tag=facts.replica_tag)


def _require_right(role: Role | None, bodies: Sequence[Body]) -> None:
    for body in bodies:
        act = None if role is None else denied(role, body)
        if act is not None:
            raise refuse("not-permitted", role=role, act=act)


def _too_large(body: Body, at: int, size: int) -> InvalidInput:
    kind = "voucher" if isinstance(body, VoucherPosted | VoucherAltered) else "master"
    return refuse(f"{kind}-too-large", f"{kind}s[{at}]", bytes=size, most=EVENT_BYTES_MAX)
