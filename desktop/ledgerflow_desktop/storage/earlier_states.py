"""What a master, the company or the lock was before a given place in the log, found by walking back."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    decode_event,
)
from ledgerflow_core.identifiers import MasterId
from ledgerflow_core.masters.chart import Master, merged_states, predefined_chart
from ledgerflow_desktop.storage import log_store, without_effect
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


def masters_of(body: Body) -> tuple[MasterId, ...]:
    """Return the masters an event makes a version of, the one that gives it its name first."""
    match body:
        case MasterCreated() | MasterChanged():
            return (body.master.id,)
        case MasterMerged():
            return (body.merged, body.into)
        case MasterRetired():
            return (body.master,)
        case _:
            return ()


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


def position_of(connection: Connection, key: str) -> int | None:
    """Return where the log says last what something is; `key` is one of `key_of`. Costs a walk back to there."""
    silent = without_effect.positions(connection)
    for run in log_store.runs_backwards(connection):
        for position in range(run.first + len(run.events) - 1, run.first - 1, -1):
            raw = run.events[position - run.first]
            is_candidate = position not in silent and any(mark in raw for mark in _MARKS)
            if is_candidate and key_of(decode_event(raw).body) == key:
                return position
    return None


def _walk_back(connection: Connection, positions: Mapping[int, str], *, before: int) -> dict[int, object]:
    found: dict[int, object] = {}
    silent = without_effect.positions(connection)
    derived: list[tuple[int, str, int, MasterMerged | MasterRetired]] = []
    waiting: dict[str, list[int]] = {}
    for position in sorted(positions):
        waiting.setdefault(positions[position], []).append(position)
    for run in log_store.runs_backwards(connection, before=before):
        if not waiting:
            break
        for position in range(min(run.first + len(run.events), before) - 1, run.first - 1, -1):
            raw = run.events[position - run.first]
            if position not in silent and any(mark in raw for mark in _MARKS):
                body = decode_event(raw).body
                if isinstance(body, MasterMerged | MasterRetired):
                    for master in masters_of(body):
                        asking = waiting.get(master, [])
                        while asking and asking[-1] > position:
                            derived.append((asking.pop(), master, position, body))
                        if not asking:
                            waiting.pop(master, None)
                    continue
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
    for asked, key, at, body in derived:
        found[asked] = _derived(connection, key, at, body)
    return found


def _derived(connection: Connection, key: str, at: int, body: MasterMerged | MasterRetired) -> object:
    """Return what a master became by an event that says only what was done to it."""
    before: dict[str, Master] = {}
    for master in masters_of(body):
        found = _walk_back(connection, {at: master}, before=at).get(at)
        if not isinstance(found, Master):
            return None
        before[master] = found
    if isinstance(body, MasterRetired):
        return replace(before[key], retired=True)
    gone, kept = merged_states(before[body.merged], before[body.into])
    return gone if key == body.merged else kept


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
