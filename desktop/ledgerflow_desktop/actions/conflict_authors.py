"""Who wrote the versions that a conflict is about: in which office, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ledgerflow_core.events.event import Body, Event, decode_event
from ledgerflow_core.identifiers import ReplicaId, VoucherId
from ledgerflow_desktop.actions.conflicts import Sides
from ledgerflow_desktop.storage import earlier_states, edit_log, log_store, master_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.offices import Office

Offices = Mapping[ReplicaId, Office]


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote a version, and where; `at` is when (UTC, by the clock of that machine)."""

    office: Office
    at: str


def of_event(book: Book, event: Event, known: Offices) -> Written:
    """Return who wrote an event; `known` are the offices of the book."""
    office = known.get(event.replica, Office(event.replica, "", ""))
    if office.is_server:
        # The server writes for whoever asked it to.
        names = edit_log.user_names(book, {event.user})
        office = replace(office, user_name=names.get(event.user, office.user_name))
    return Written(office, event.at)


def of_standing(book: Book, sides: Sides, known: Offices) -> Written | None:
    """Return who wrote what stands, None where nothing does."""
    if sides.stands is not None:
        return of_voucher(book, sides.stands.id, known)
    return _at(book, _position(book, sides.conflict.event.body), known)


def of_voucher(book: Book, voucher: VoucherId, known: Offices) -> Written | None:
    """Return who wrote the current version of a voucher, None where there is none."""
    stored = book.voucher(voucher)
    return _at(book, None if stored is None else stored.position, known)


def _position(book: Book, body: Body) -> int | None:
    """Return where the log gives what an event is about its present state, where that is no voucher."""
    masters = earlier_states.masters_of(body)
    if masters:
        return master_store.position_of(book.connection, masters[0]) if masters[0] in book.chart.masters else None
    key = earlier_states.key_of(body)
    return None if key is None else earlier_states.position_of(book.connection, key)


def _at(book: Book, position: int | None, known: Offices) -> Written | None:
    if position is None:
        return None
    return of_event(book, decode_event(log_store.read(book.connection, position)), known)
