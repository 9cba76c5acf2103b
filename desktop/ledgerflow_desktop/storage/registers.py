"""Masters, company and lock folded anew from the log: what they are when some events are left out.

Costs a pass over the log by a search in its bytes that decodes next to nothing.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date

from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    EventTooNew,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    decode_event,
)
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import COMPANY_CREATED_AT

# In a text inside an event the quotes are escaped, so it cannot look like this.
_MARKS = (b'"type":"master.', b'"type":"company.', b'"type":"period.')


@dataclass(slots=True)
class Registers:
    """What the log says of everything but vouchers; versions are hashes (hex), empty where the company's creation
    is the only one."""

    company: Company | None = None
    company_version: str = ""
    chart: Chart = field(default_factory=predefined_chart)
    position_by_id: dict[str, int] = field(default_factory=dict)
    locked_until: date | None = None
    lock_version: str = ""

    def take(self, body: Body, version: str, position: int) -> None:
        """Take an event with effect in."""
        match body:
            case MasterCreated(master=master) | MasterChanged(master=master):
                self.chart.put(master)
                self.position_by_id[master.id] = position
            case MasterRetired(master=master_id):
                self.chart.retire(master_id)
                self.position_by_id[master_id] = position
            case MasterMerged(merged=merged, into=into):
                self.chart.merge(merged, into)
                self.position_by_id[merged] = self.position_by_id[into] = position
            case CompanyCreated(company=company):
                # In a file that was made anew without its beginning, a change may stand before it.
                self.company = self.company if self.company_version else company
            case CompanyChanged(company=company):
                self.company, self.company_version = company, version
            case PeriodLocked(until=until) | PeriodUnlocked(until=until):
                self.locked_until, self.lock_version = until, version
            case _:
                pass


def registers_without(connection: Connection, left_out: Container[int], *, last: int) -> Registers:
    """Return what the log up to position `last` says when the events at some positions are left out."""
    registers = Registers()
    registers.position_by_id = dict.fromkeys(registers.chart.masters, COMPANY_CREATED_AT)
    for run in log_store.runs(connection):
        for position, raw in enumerate(run.events, start=run.first):
            if position > last:
                return registers
            if position in left_out or not any(mark in raw for mark in _MARKS):
                continue
            try:
                body = decode_event(raw).body
            except EventTooNew:
                continue
            registers.take(body, version_hash(raw).hex(), position)
    return registers
