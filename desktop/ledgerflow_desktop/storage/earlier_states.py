"""What a master, the company or the lock was before a given place in the log, found by walking back."""

from collections.abc import Iterable, Mapping

from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    MasterChanged,
    MasterCreated,
    PeriodLocked,
    PeriodUnlocked,
    decode_event,
)
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import Connection

# Events that hold the state of one of these; vouchers are found by their positions instead.
_MARKS = (b'"type":"master.', b'"type":"company.', b'"type":"period.')
_COMPANY, _LOCK = "company", "lock"


def key_of(body: Body) -> str | None:
    """Return what an event holds the state of: a master's id, ``company`` or ``lock``; None for other events."""
    match body:
        case MasterCreated() | MasterChanged():
            return body.master.id
        case CompanyCreated() | CompanyChanged():
            return _COMPANY
        case PeriodLocked() | PeriodUnlocked():
            return _LOCK
        case _:
            return None


def states_at(connection: Connection, keys: Iterable[str], position: int) -> dict[str, object]:
    """Return what each of these things was at the end of `position`, where it was there already."""
    asked = dict(enumerate(sorted(keys), start=position + 1))
    found = _walk_back(connection, asked, before=position + 1)
    return {asked[at]: state for at, state in found.items()}


def states_before(connection: Connection, positions: Mapping[int, str]) -> dict[int, object]:
    """Return the state before each position of the thing it names, where there was one.

    Values are the master, the company, or the day the lock stood at. Costs a walk from the highest position
    back to the oldest of the states, by a search in the bytes that decodes next to nothing.
    """
    return _walk_back(connection, positions, before=max(positions, default=0))


def _walk_back(connection: Connection, positions: Mapping[int, str], *, before: int) -> dict[int, object]:
    found: dict[int, object] = {}
    waiting: dict[str, list[int]] = {}
    for position in sorted(positions):
        waiting.setdefault(positions[position], []).append(position)
    for run in log_store.runs_backwards(connection, before=before):
        if not waiting:
            break
        for position in range(min(run.first + len(run.events), before) - 1, run.first - 1, -1):
            raw = run.events[position - run.first]
            if any(mark in raw for mark in _MARKS):
                body = decode_event(raw).body
                key = key_of(body)
                asking = waiting.get(key, []) if key is not None else []
                while asking and asking[-1] > position:
                    found[asking.pop()] = _state(body)
                if key is not None and not asking:
                    waiting.pop(key, None)
    predefined = predefined_chart().masters
    for key, asking in waiting.items():
        if key in predefined:
            found.update((position, predefined[key]) for position in asking)
    return found


def _state(body: Body) -> object:
    match body:
        case MasterCreated() | MasterChanged():
            return body.master
        case CompanyCreated() | CompanyChanged():
            return body.company
        case PeriodLocked() | PeriodUnlocked():
            return body.until
        case _:
            raise AssertionError("only events that hold a state")
