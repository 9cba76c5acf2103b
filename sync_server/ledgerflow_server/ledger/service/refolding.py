"""The books made anew from the log alone, a stretch of vouchers at a time: what `comparing` holds the tables against.

Masters, lock and company are followed through the whole log and kept; of vouchers only those posted in one stretch, to
the version the end of the log leaves them in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledgerflow_core.calendar import day_number
from ledgerflow_core.events.event import Body, ConflictResolved, VoucherAltered, VoucherCancelled, VoucherPosted
from ledgerflow_core.identifiers import VoucherId, to_text
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_core.sync.admission import ReadEvent
from ledgerflow_core.sync.deciding import Decider, Decision
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import ACCEPTED, Verdict
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.ledger.service.registers import counted_numbers
from ledgerflow_server.ledger.service.writing import changes_of

Row = tuple[object, ...]
Expected = dict[str, list[Row]]


@dataclass(slots=True)
class Registers:
    """Masters, lock and company as the log leaves them so far; of vouchers just how many were posted and changed.

    `years` is, of each entry of the last batch that posted, the first day of the financial year in which no other
    voucher of its type may have that number: None where it may repeat, by the type as it was at that entry.
    """

    decider: Decider = field(default_factory=lambda: Decider(Facts()))
    posted: int = 0
    changed: int = 0
    years: dict[int, int | None] = field(default_factory=dict)

    @property
    def facts(self) -> Facts:
        """What the registers are now; it knows no voucher."""
        return self.decider.facts

    def take(self, events: Sequence[ReadEvent], verdicts: Sequence[Verdict], first_gseq: int) -> None:
        """Take in the new events of a batch. `KeyError` or `AssertionError` for one that cannot have had effect."""
        self.years.clear()
        for gseq, (read, verdict) in enumerate(zip(events, verdicts, strict=True), start=first_gseq):
            if verdict != ACCEPTED or read.event is None:
                continue
            match read.event.body:
                case VoucherPosted(voucher=voucher):
                    self.posted += 1
                    if voucher.type in self.facts.chart.voucher_types:
                        key = self.facts.number_key(voucher)
                        self.years[gseq] = None if key is None else day_number(key[1])
                case VoucherAltered() | VoucherCancelled():
                    self.changed += 1
                case ConflictResolved():
                    pass
                case _:
                    self.decider.follow(read.event, read.version, gseq, verdict)
                    self.facts.events.clear()


@dataclass(slots=True)
class _Line:
    """A voucher with its versions in order, each with its entry and version hash; `year` is that of a unique number."""

    voucher: Voucher
    year: int | None
    versions: list[tuple[int, str]]

    @property
    def no(self) -> int:
        """The voucher's number in the rows: the entry that posted it."""
        return self.versions[0][0]


@dataclass(slots=True)
class Stretch:
    """What the entries `first` .. `last` brought; `take` reads them, `follow` what later entries change of it.

    `changed` counts the changes of its vouchers, `broken` are entries that cannot have had effect.
    """

    first: int
    last: int = 0
    lines: dict[VoucherId, _Line] = field(default_factory=dict)
    keys: list[Row] = field(default_factory=list)
    parked: dict[str, list[object]] = field(default_factory=dict)
    changed: int = 0
    broken: list[int] = field(default_factory=list)

    def take(
        self, events: Sequence[ReadEvent], verdicts: Sequence[Verdict], first_gseq: int, registers: Registers
    ) -> None:
        """Take in the new events of a batch, which `registers` took in last."""
        changes = changes_of(events, [Decision(verdict) for verdict in verdicts], first_gseq)
        self.keys += [(gseq, event_id) for event_id, gseq in changes.keys]
        for row in changes.parked:
            self.parked[row.event_id] = [row.gseq, row.event_id, row.reason, row.voucher_id, None]
        for gseq, (read, verdict) in enumerate(zip(events, verdicts, strict=True), start=first_gseq):
            self.last = gseq
            if verdict != ACCEPTED or read.event is None:
                continue
            if isinstance(read.event.body, VoucherPosted):
                self._post(read.event.body.voucher, gseq, read.version, registers.years)
            else:
                self.follow(read.event.body, gseq, read.version)

    def follow(self, body: Body, gseq: int, version: str) -> None:
        """Take in what an accepted event does to the vouchers and parked events of this stretch, if anything."""
        match body:
            case VoucherAltered(voucher=after, base=base) if line := self.lines.get(after.id):
                self._change(line, after, base, (gseq, version))
            case VoucherCancelled(voucher=voucher_id, base=base) if line := self.lines.get(voucher_id):
                self._change(line, cancelled(line.voucher), base, (gseq, version))
            case ConflictResolved(event=event_id) if event_id in self.parked:
                self.parked[event_id][-1] = gseq
            case _:
                pass

    def _post(self, voucher: Voucher, gseq: int, version: str, years: Mapping[int, int | None]) -> None:
        if voucher.id in self.lines or gseq not in years:
            self.broken.append(gseq)
            return
        self.lines[voucher.id] = _Line(voucher, years[gseq], [(gseq, version)])

    def _change(self, line: _Line, after: Voucher, base: str, version: tuple[int, str]) -> None:
        self.changed += 1
        if base != line.versions[-1][1]:
            self.broken.append(version[0])
        line.voucher = after
        line.versions.append(version)

    def expected(self, facts: Facts, numbers: Mapping[str, int]) -> Expected:
        """Return the rows that the tables should hold of this stretch, in any order.

        `facts` are the registers at the end of the log, `numbers` the masters' in the rows. `KeyError` where a voucher
        or a master names one that is not there.
        """
        tables: Expected = {"event_key": self.keys, "parked": [tuple(row) for row in self.parked.values()]}
        if facts.company is None:
            return tables
        counted = counted_numbers(facts.chart, dict(numbers))
        projector = Projector(facts.chart.voucher_types, counted, facts.company.financial_year)
        rows = Rows()
        for line in self.lines.values():
            projector.add(rows, line.voucher, no=line.no, version=len(line.versions), position=line.versions[-1][0])
        details: Expected = {
            "posting": list(rows.entries),
            "bill_entry": list(rows.bills),
            "cost_entry": list(rows.costs),
            "foreign_entry": list(rows.foreign),
        }
        return tables | self._vouchers(rows) | details

    def _vouchers(self, rows: Rows) -> Expected:
        vouchers: list[Row] = []
        for row, line in zip(rows.vouchers, self.lines.values(), strict=True):
            day, no, public_id, kind, _, number, account, amount, state, version, gseq, told = row
            hashed, year = line.versions[-1][1], line.year
            vouchers.append(
                (no, to_text(public_id), day, kind, year, number, account, amount, state, version, hashed, gseq, told)
            )
        versions: list[Row] = [
            (line.no, version, gseq)
            for line in self.lines.values()
            for version, (gseq, _) in enumerate(line.versions[:-1], start=1)
        ]
        numbers: list[Row] = [(row[3], row[4], row[5], row[0]) for row in vouchers if row[4] is not None]
        return {"voucher": vouchers, "voucher_number": numbers, "voucher_version": versions}
