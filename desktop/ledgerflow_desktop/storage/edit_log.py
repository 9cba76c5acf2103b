"""The edit log: who changed what, when, and from what to what, for every voucher and master, newest first.

Companies (Accounts) Rules 2014, rule 3(1) proviso (inserted by G.S.R. 205(E) of 24 March 2021, in force for
financial years from 1 April 2023): an audit trail of each transaction, an edit log of each change with its
date, which cannot be disabled. It is not kept beside the books: it is the log the books are made from, so
there is nothing to switch off, and `verify` proves it whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import (
    Body,
    CloseAcknowledged,
    CloseRequested,
    CompanyChanged,
    CompanyCreated,
    ConflictResolved,
    Event,
    EventTooNew,
    ImportCompleted,
    KeyAdded,
    KeyRevoked,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    ReplicaClosed,
    ReplicaOpened,
    SeriesClosed,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import MasterId, ReplicaId, UserId, VoucherId, to_text
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import log_store, offices, sync_facts, without_effect
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.earlier_states import key_of, masters_of, states_before
from ledgerflow_desktop.storage.field_changes import FieldChange, Names, changes_between

# What an event that only a later version of the program can read is called.
LATER_VERSION = "later-version"
_KEY_ADDED = b'"type":"key.added"'
# How far the log was searched for names of users, and what was found.
_KEYS_READ: WeakKeyDictionary[Book, tuple[int, dict[UserId, str]]] = WeakKeyDictionary()

COLUMNS = ("position", "at", "user", "kind", "subject", "field", "before", "after", "reason", "cause")


class _LaterEvent(msgspec.Struct, frozen=True):
    """What is read of an event of a later version: who wrote it, where and when; it has its line like any other."""

    replica: ReplicaId
    at: object = ""
    user: object = ""


@dataclass(frozen=True, slots=True)
class EditLogFilter:
    """What to show; what is None is not asked for. Days are those of `at` in UTC, both ends inside."""

    voucher: VoucherId | None = None
    master: MasterId | None = None
    user: UserId | None = None
    first: date | None = None
    last: date | None = None

    def takes(self, event: Event | _LaterEvent) -> bool:
        """Whether an event is one of those asked for; what a later version wrote is about no voucher or master."""
        body = event.body if isinstance(event, Event) else None
        if self.voucher is not None and (body is None or _voucher_of(body) != self.voucher):
            return False
        if self.master is not None and (body is None or self.master not in masters_of(body)):
            return False
        if self.user is not None and event.user != self.user:
            return False
        day = str(event.at)[:10]
        after_first = self.first is None or day >= self.first.isoformat()
        return after_first and (self.last is None or day <= self.last.isoformat())


@dataclass(frozen=True, slots=True)
class EditLogLine:
    """One event. `subject` is the voucher's number or the master's name; `at` is UTC, from the device's clock.

    `changes` holds every field of what is new, and of what was altered those that differ. `parked` says why the event
    changes nothing, empty where it does. `office` says in which office it was done, empty in a book that never syncs.
    """

    position: int
    at: str
    user: UserId
    user_name: str
    kind: str
    subject: str
    voucher: VoucherId | None
    master: MasterId | None
    changes: tuple[FieldChange, ...]
    reason: str = ""
    cause: str = ""
    parked: str = ""
    office: str = ""

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield a row of text for each changed field, in the order of `COLUMNS`; one where nothing has a field."""
        begin = (str(self.position), self.at, self.user_name, self.kind, self.subject)
        for change in self.changes or (FieldChange("", None, None),):
            why = "; ".join(filter(None, (self.parked and f"without effect: {self.parked}", self.reason)))
            yield (*begin, change.field, change.before or "", change.after or "", why, self.cause)


@dataclass(frozen=True, slots=True)
class EditLogPage:
    """Lines from the newest to the oldest; `older` is where the next page begins, None on the last one."""

    lines: tuple[EditLogLine, ...]
    older: int | None


def read_edit_log(
    book: Book, asked: EditLogFilter | None = None, *, before: int | None = None, limit: int = 100
) -> EditLogPage:
    """Return a page of the edit log: the newest `limit` lines, or those before position `before`.

    Costs what is read to find that many lines: a page of everything reads its own events, a filter may have
    to read the whole log, and a changed master is followed back to its state before.
    """
    asked = asked or EditLogFilter()
    found: list[tuple[int, Event | _LaterEvent]] = []
    older: int | None = None
    for position, raw in _backwards(book, asked, before):
        event = _read(raw)
        if asked.takes(event):
            if len(found) == limit:
                older = found[-1][0]
                break
            found.append((position, event))
    events = [(position, event) for position, event in found if isinstance(event, Event)]
    states = {position: key for position, event in events if (key := key_of(event.body)) is not None}
    lines = _Lines(book, states_before(book.connection, states), {event.user for _, event in events})
    return EditLogPage(tuple(lines.line(position, event) for position, event in found), older)


def _read(raw: bytes) -> Event | _LaterEvent:
    try:
        return decode_event(raw)
    except EventTooNew:
        return msgspec.json.decode(raw, type=_LaterEvent)


def vouchers_numbered(book: Book, number: str) -> list[VoucherId]:
    """Return the vouchers that carry a number, of any type and year. Reads every voucher's row."""
    rows = book.connection.execute("SELECT id FROM voucher WHERE number = ? ORDER BY day, no", (number,))
    return [VoucherId(to_text(row[0])) for row in rows]


def _backwards(book: Book, asked: EditLogFilter, before: int | None) -> Iterator[tuple[int, bytes]]:
    if asked.voucher is not None:
        reader = log_store.Reader(book.connection)
        silent = without_effect.about(book.connection, asked.voucher)
        for position in sorted({*book.positions_of(asked.voucher), *silent}, reverse=True):
            if before is None or position < before:
                yield position, reader.read(position)
        return
    master = asked.master.encode() if asked.master is not None else b""
    for run in log_store.runs_backwards(book.connection, before=before):
        for position in range(run.first + len(run.events) - 1, run.first - 1, -1):
            raw = run.events[position - run.first]
            if (before is None or position < before) and master in raw:
                yield position, raw


def _voucher_of(body: Body) -> VoucherId | None:
    match body:
        case VoucherPosted() | VoucherAltered():
            return body.voucher.id
        case VoucherCancelled():
            return body.voucher
        case _:
            return None


class _Lines:
    """Puts events into words of the model: names for ids, decimals for minor units."""

    def __init__(self, book: Book, states: dict[int, object], users: set[UserId]) -> None:
        self._book = book
        self._states = states
        self._names = Names(book.chart, book.company)
        self._user_names = user_names(book, users)
        known = offices.offices(book.connection) if sync_facts.is_enrolled(book.connection) else {}
        self._offices = {replica: one.name for replica, one in known.items()}

    def line(self, position: int, event: Event | _LaterEvent) -> EditLogLine:
        """Return the line of one event."""
        silent = without_effect.at(self._book.connection, position)
        if isinstance(event, _LaterEvent):
            return self._later_line(position, event, "" if silent is None else silent.reason or str(silent.outcome))
        body = event.body
        subject, before, after = self._sides(position, body) if silent is None else self._parked_sides(position, body)
        return EditLogLine(
            position=position,
            at=event.at,
            user=event.user,
            user_name=self._user_names.get(event.user, event.user),
            kind=str(body.__struct_config__.tag),  # what the log calls it, for words to be found by
            subject=subject,
            voucher=_voucher_of(body),
            master=next(iter(masters_of(body)), None),
            changes=changes_between(before, after, self._names),
            reason=getattr(body, "reason", ""),
            cause=event.cause,
            parked="" if silent is None else silent.reason or str(silent.outcome),
            office=self._offices.get(event.replica, ""),
        )

    def _later_line(self, position: int, event: _LaterEvent, parked: str) -> EditLogLine:
        user = UserId(str(event.user))
        return EditLogLine(
            position=position,
            at=str(event.at),
            user=user,
            user_name=self._user_names.get(user, user),
            kind=LATER_VERSION,
            subject="",
            voucher=None,
            master=None,
            changes=(),
            parked=parked,
            office=self._offices.get(event.replica, ""),
        )

    def _parked_sides(self, position: int, body: Body) -> tuple[str, object, object]:
        """Return what an event without effect is about, what stood then, and what it would have made of that."""
        match body:
            case VoucherAltered(voucher=voucher):
                return self._voucher_label(voucher), self._standing_at(voucher.id, position), voucher
            case VoucherCancelled(voucher=voucher_id):
                before = self._standing_at(voucher_id, position)
                after = None if before is None else cancelled(before)
                return "" if before is None else self._voucher_label(before), before, after
            case _:
                return self._sides(position, body)

    def _standing_at(self, voucher: VoucherId, position: int) -> Voucher | None:
        """Return the newest version with effect before a position, None where there is none."""
        earlier = [found for found in self._book.positions_of(voucher) if found < position]
        return self._book.version_at(earlier[-1]) if earlier else None

    def _sides(self, position: int, body: Body) -> tuple[str, object, object]:
        """Return what an event is about, and its state before and after (None where there is none)."""
        match body:
            case VoucherPosted():
                return self._voucher_label(body.voucher), None, body.voucher
            case VoucherAltered():
                return self._voucher_label(body.voucher), self._version_before(body.voucher.id, position), body.voucher
            case VoucherCancelled():
                after = self._book.version_at(position)
                return self._voucher_label(after), self._version_before(body.voucher, position), after
            case MasterCreated() | MasterChanged():
                return body.master.name, self._states.get(position), body.master
            case CompanyCreated() | CompanyChanged():
                return body.company.name, self._states.get(position), body.company
            case PeriodLocked() | PeriodUnlocked():
                return "", {"locked_until": self._states.get(position)}, {"locked_until": body.until}
            case ReplicaOpened():
                return body.user_name, None, {"device": body.device, "tag": body.tag}
            case ImportCompleted():
                files = ", ".join(name for name, _ in body.files)
                return files, None, {"format": body.format, "accounts": body.accounts, "vouchers": body.vouchers}
            case _:
                subject, said = self._said(body)
                return subject, None, said

    def _said(self, body: Body) -> tuple[str, dict[str, object]]:
        """Return what an event without a state before it is about, and what it says."""
        match body:
            case MasterMerged():
                return self._names.of(body.merged), {"merged_into": body.into}
            case MasterRetired():
                return self._names.of(body.master), {"retired": True}
            case CloseRequested():
                return "", {"until": body.until}
            case CloseAcknowledged():
                return "", {"request": body.request, "until": body.until}
            case ConflictResolved():
                return "", {"event": body.event, "decision": body.decision}
            case ReplicaClosed():
                return body.replica, {}
            case SeriesClosed():
                return self._names.of(body.voucher_type), {
                    "replica": body.replica,
                    "year": body.year,
                    "last": body.last,
                }
            case KeyAdded():
                return body.user_name, {"device": body.device, "key": body.key}
            case KeyRevoked():
                return body.replica, {"key": body.key, "last_seq": body.last_seq}
            case _:
                raise AssertionError("every other event has its own line")

    def _voucher_label(self, voucher: Voucher) -> str:
        return " ".join(part for part in (self._names.of(voucher.type), voucher.number) if part)

    def _version_before(self, voucher: VoucherId, position: int) -> Voucher:
        before = self._standing_at(voucher, position)
        if before is None:
            raise Damaged(f"log position {position}", reason="alters a voucher that has no earlier version")
        return before


def user_names(book: Book, users: set[UserId]) -> dict[UserId, str]:
    """Return the names people gave when they opened a chain of this company, and this machine's own.

    Who opened none was named where a key was added; those events are looked for only when such a one is asked for.
    """
    names = {book.machine.user: book.machine.user_name}
    for row in log_store.replicas(book.connection):
        opened = log_store.first_of(book.connection, row.no)
        for raw in opened[:2]:
            event = _read(raw)
            if isinstance(event, Event) and isinstance(event.body, ReplicaOpened):
                names[event.body.user] = event.body.user_name
    return names if users <= names.keys() else _names_with_keys(book) | names


def _names_with_keys(book: Book) -> dict[UserId, str]:
    """Return the names of all whose key was ever added. The log is read once, later what came since."""
    read, names = _KEYS_READ.get(book, (0, {}))
    for run in log_store.runs(book.connection, after=read):
        for raw in run.events:
            event = _read(raw) if _KEY_ADDED in raw else None
            if isinstance(event, Event) and isinstance(event.body, KeyAdded):
                names[event.body.user] = event.body.user_name
        read = run.first + len(run.events) - 1
    _KEYS_READ[book] = read, names
    return names
