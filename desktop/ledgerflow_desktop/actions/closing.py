"""The close barrier: before a period is locked, every office says that nothing more of it is to come.

A request and the answers are events like others: they travel with the vouchers, so an answer that has arrived
means that everything before it has, too.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from ledgerflow_core.calendar import problems_in_day
from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.events.event import (
    CloseAcknowledged,
    CloseRequested,
    Event,
    EventTooNew,
    KeyRevoked,
    ReplicaClosed,
    decode_event,
)
from ledgerflow_core.identifiers import EventId, ReplicaId
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import log_store, master_store, offices, sync_facts, without_effect
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.offices import Office

_KINDS = (b'"type":"period.close-', b'"type":"replica.', b'"type":"key.revoked"')


@dataclass(frozen=True, slots=True)
class Close:
    """The newest request to close up to a day or beyond, and who has not answered it."""

    request: EventId
    until: date
    asked_at: str
    outstanding: tuple[Office, ...]


def takes_part(book: Book) -> bool:
    """Whether there may be other offices to ask: the book is enrolled at a server."""
    return sync_facts.is_enrolled(book.connection)


def of_book(book: Book, until: date) -> Close | None:
    """Return where the close up to `until` stands by what has effect in the book."""
    return find(book, until, parked_in(book))


def parked_in(book: Book) -> frozenset[EventId]:
    """Return the events that wait for a decision: what they ask for counts for nothing."""
    return frozenset(found.event_id for found in without_effect.waiting(book.connection))


def find(book: Book, until: date, parked: Collection[EventId] = ()) -> Close | None:
    """Return where the close up to `until` stands, None where nobody asked for it; `parked` events do not count."""
    asked: Event | None = None
    answered: set[ReplicaId] = set()
    with book.reading():
        for _, event in _events(book, 0, parked):
            match event.body:
                case CloseRequested(until=day) if day >= until:
                    asked, answered = event, {event.replica}
                case CloseAcknowledged(request=request) if asked is not None and request == asked.id:
                    answered.add(event.replica)
                case _:
                    pass
        others = offices.offices(book.connection).values()
        gone = ended(book, parked)
    if asked is None or not isinstance(asked.body, CloseRequested):
        return None
    # The server sends what it has by itself: it is no office, and nobody waits for it.
    left = tuple(one for one in others if not one.is_server and one.replica not in answered | gone)
    return Close(asked.id, asked.body.until, asked.at, left)


def ended(book: Book, parked: Collection[EventId] = ()) -> frozenset[ReplicaId]:
    """Return the replicas that take part no more: closed by somebody, or on a device that was shut out."""
    with book.reading():
        bodies = [event.body for _, event in _events(book, 0, parked)]
    return frozenset(body.replica for body in bodies if isinstance(body, ReplicaClosed | KeyRevoked))


def request(book: Book, until: date) -> Outcome[Close]:
    """Ask every office to send what it has up to `until`; refuses to close what is locked (`lock-moves-back`)."""
    problems = problems_in_day(until, "until")
    if problems:
        raise InvalidInput(problems)
    if book.locked_until is not None and until <= book.locked_until:
        raise refuse("lock-moves-back", locked_until=book.locked_until.isoformat())
    with book.writing() as unit:
        unit.record([CloseRequested(until=until)])
    made = find(book, until)
    assert made is not None, "it was recorded just now"
    return Outcome(made, Changed.NOTHING)


def answer(book: Book, parked: Collection[EventId] = ()) -> int:
    """Answer every request of others not answered yet; return how many. For when nothing waits to be sent."""
    with book.reading():
        begin = int(master_store.get_meta(book.connection, sync_facts.CLOSE_ANSWERED_TO) or 0)
        last = log_store.last_position(book.connection)
        asked = _unanswered(book, begin, parked)
    if last == begin or not (asked or last - begin >= log_store.RUN_EVENTS_MAX):
        return 0
    with book.writing() as unit:
        if asked:
            unit.record([CloseAcknowledged(request=found, until=until) for found, until in asked.items()])
        master_store.set_meta(book.connection, sync_facts.CLOSE_ANSWERED_TO, str(last))
    return len(asked)


def _unanswered(book: Book, after: int, parked: Collection[EventId]) -> dict[EventId, date]:
    """Return what others ask behind a position and this replica has not answered, by request: up to which day."""
    asked: dict[EventId, date] = {}
    answered: set[EventId] = set()
    for _, event in _events(book, after, parked):
        match event.body:
            case CloseRequested(until=until) if event.replica != book.replica:
                asked[event.id] = until
            case CloseAcknowledged(request=request) if event.replica == book.replica:
                answered.add(request)
            case _:
                pass
    return {found: until for found, until in asked.items() if found not in answered}


def _events(book: Book, after: int, parked: Collection[EventId]) -> Iterator[tuple[int, Event]]:
    """Yield the events about closing and replicas behind a position; other events are not even decoded."""
    for run in log_store.runs(book.connection, after=after):
        for position, raw in enumerate(run.events, start=run.first):
            if position > after and any(kind in raw for kind in _KINDS):
                try:
                    event = decode_event(raw)
                except EventTooNew:
                    continue  # of a later version: whoever understands it answers it
                if event.id not in parked:
                    yield position, event
