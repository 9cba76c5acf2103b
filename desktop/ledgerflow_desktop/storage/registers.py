"""Masters, company and lock folded anew from the log: what they are when some events are left out.

Costs a pass over the log by a search in its bytes that decodes next to nothing.
"""

from collections.abc import Container
from typing import NamedTuple

from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import EventTooNew, decode_event
from ledgerflow_core.sync.facts import Facts
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.earlier_states import masters_of
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import COMPANY_CREATED_AT

# In a text inside an event the quotes are escaped, so it cannot look like this.
_MARKS = (b'"type":"master.', b'"type":"company.', b'"type":"period.')


class Registers(NamedTuple):
    """What the log says of everything but vouchers, and at which position each master got its version."""

    facts: Facts
    position_by_id: dict[str, int]


def registers_without(connection: Connection, left_out: Container[int], *, last: int) -> Registers:
    """Return what the log up to position `last` says when the events at some positions are left out."""
    facts = Facts()
    position_by_id: dict[str, int] = dict.fromkeys(facts.chart.masters, COMPANY_CREATED_AT)
    for run in log_store.runs(connection):
        for position, raw in enumerate(run.events, start=run.first):
            if position > last:
                return Registers(facts, position_by_id)
            if position in left_out or not any(mark in raw for mark in _MARKS):
                continue
            try:
                event = decode_event(raw)
            except EventTooNew:
                continue
            facts.apply(event, version_hash(raw).hex())
            position_by_id |= dict.fromkeys(masters_of(event.body), position)
    return Registers(facts, position_by_id)
