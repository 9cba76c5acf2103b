"""One company of several offices at one server, with a proxy of its own between them: begin, break, settle, check."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from end_to_end.checking import Verdict, check, read_journal, root_of
from end_to_end.fault_proxy import FaultProxy, honest
from end_to_end.head_office import FIRST_TENANT, HeadOffice
from end_to_end.office import BOOKS_BEGIN, LAST_DAY, Office
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import enrolling
from simulation.oracle import entries_of

# After the faults stop, every outbox must be empty within this time.
SETTLE_SECONDS = 60


@dataclass
class SharedCompany:
    """A company, its server and its offices; `codes` are left for more of them."""

    place: Path
    head_office: HeadOffice
    proxy: FaultProxy
    tenant: str = FIRST_TENANT
    codes: list[str] = field(default_factory=list)
    offices: list[Office] = field(default_factory=list)

    def open(self, *names: str) -> list[Office]:
        """Found the company in the first office, send it, and let the others join."""
        self.codes = self.head_office.new_company(self.tenant)
        first = Office.founded(self.place / names[0], names[0])
        self.offices.append(first)
        first.enrol(self.proxy.address, self.codes.pop())
        first.drain()
        for name in names[1:]:
            self.join(name)
        return self.offices

    def join(self, name: str) -> Office:
        """Let one more office take part."""
        office = Office.joined(self.place / name, name, self.proxy.address, self.codes.pop())
        self.offices.append(office)
        office.drain()
        return office

    def shut_out(self, office: Office) -> None:
        """Revoke an office's device."""
        self.head_office.revoke(enrolling.require_enrolment(office.book).device)

    def settle(self, offices: Sequence[Office] | None = None) -> None:
        """Stop the faults, and let every office come to the same log in the time that is promised."""
        self.proxy.fault = honest
        self.proxy.upstream = self.head_office.port
        deadline = time.monotonic() + SETTLE_SECONDS
        taking_part = self.offices if offices is None else offices
        while True:
            # In turns: one may wait for what another still holds.
            progress = [office.sync(patience=3) for office in taking_part]
            sizes = {office.log_size() for office in taking_part}
            if len(sizes) == 1 and all(each.status is Status.UP_TO_DATE for each in progress):
                return
            assert time.monotonic() < deadline, [
                (office.name, office.log_size(), office.sync()) for office in taking_part
            ]

    def carry_files(self) -> None:
        """Let every office send and fetch files of vouchers; fails where any still waits."""
        assert self.files_waiting_after(rounds=2) == 0, {office.name: office.files_waiting() for office in self.offices}

    def carry_files_a_week_later(self) -> None:
        """Carry files as `carry_files` does, after the time when each office asks about what it has sent."""
        for office in self.offices:
            office.at_clock_off_by(8 * 86_400_000)
        self.carry_files()
        for office in self.offices:
            office.at_clock_off_by(0)

    def files_waiting_after(self, rounds: int) -> int:
        """Let every office send and fetch files so many times in turns; return how many wait yet."""
        for _ in range(rounds):
            for office in self.offices:
                # A program that is started anew asks at once for what was not there a moment ago.
                office.reopen()
                office.drain()
                office.carry_files()
        return sum(office.files_waiting() for office in self.offices)

    def check(self, offices: Sequence[Office] | None = None, *, gone: frozenset[str] = frozenset()) -> Verdict:
        """Fail where anything is lost, doubled or different; return the figures."""
        return self.found(offices, gone=gone).require()

    def found(self, offices: Sequence[Office] | None = None, *, gone: frozenset[str] = frozenset()) -> Verdict:
        """Hold logs, books, journals, trial balances, the signed root and the server's report against each other."""
        taking_part = self.offices if offices is None else offices
        one = taking_part[0]
        log = one.server_log()
        had = [office.had() for office in taking_part]
        kept = [read_journal(office.journal_file) for office in self.offices]
        verdict = check(log, had, kept, gone=gone)
        checkpoint = json.loads(one.ask("checkpoint").content.partition(b"\n")[0])
        entries = entries_of(log)
        if (checkpoint["size"], checkpoint["root"]) != (len(entries), root_of(entries)):
            verdict.different.append("the server signed another root than that of the bytes it gives")
        days = f"from={BOOKS_BEGIN}&to={LAST_DAY}"
        if json.loads(one.ask(f"reports/trial-balance?{days}").content) != had[0].trial_balance:
            verdict.different.append("the server's trial balance is another one")
        for office in taking_part:
            office.verify()
        return verdict

    def end(self) -> Verdict:
        """Settle, then check."""
        self.settle()
        return self.check()

    def close(self) -> None:
        """Close every book."""
        for office in self.offices:
            office.close()
