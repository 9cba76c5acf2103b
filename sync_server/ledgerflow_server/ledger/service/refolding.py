"""The books made anew from the log alone, as the rows they should be: what `verifying` compares the tables with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from ledgerflow_core.calendar import day_number, day_of, month_number
from ledgerflow_core.identifiers import VoucherId, to_text
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import Facts
from ledgerflow_server.ledger.service.registers import ENCODE, counted_numbers
from ledgerflow_server.ledger.service.writing import Changes

Row = tuple[object, ...]
Expected = dict[str, list[Row]]


@dataclass(slots=True)
class _Line:
    """A voucher's versions in order, each with its entry and version hash; `year` is that of its number, if unique."""

    versions: list[tuple[int, str]] = field(default_factory=list)
    year: int | None = None

    @property
    def no(self) -> int:
        """The voucher's number in the rows: the entry that posted it."""
        return self.versions[0][0]


@dataclass(slots=True)
class Refolding:
    """Follows the log from its first entry on; `decider` takes the events in, `note` what they changed."""

    decider: Decider = field(default_factory=lambda: Decider(Facts()))
    lines: dict[VoucherId, _Line] = field(default_factory=dict)
    keys: list[Row] = field(default_factory=list)
    parked: dict[str, list[object]] = field(default_factory=dict)

    def note(self, changes: Changes) -> None:
        """Remember what a batch changed."""
        for voucher_id, change in changes.vouchers.items():
            line = self.lines.setdefault(voucher_id, _Line())
            if not line.versions:
                key = self.decider.facts.number_key(change.after)
                line.year = None if key is None else day_number(key[1])
            line.versions += change.versions
        self.keys += [(gseq, event_id) for event_id, gseq in changes.keys]
        for row in changes.parked:
            self.parked[row.event_id] = [row.gseq, row.event_id, row.reason, row.voucher_id, None]
        for event_id, gseq in changes.resolved.items():
            self.parked[event_id][-1] = gseq

    def expected(self, numbers: Mapping[str, int]) -> Expected:
        """Return the rows every table should hold, in any order; `numbers` are the masters' in the rows."""
        facts = self.decider.facts
        tables: Expected = {
            "event_key": self.keys,
            "parked": [tuple(row) for row in self.parked.values()],
            "master": [
                (master.id, facts.master_versions.get(master.id, ""), ENCODE(master))
                for master in facts.chart.masters.values()
                if numbers
            ],
        }
        if facts.company is None:
            return tables
        counted = counted_numbers(facts.chart, dict(numbers))
        projector = Projector(facts.chart.voucher_types, counted, facts.company.financial_year)
        rows = Rows()
        for voucher_id, line in self.lines.items():
            voucher = facts.vouchers[voucher_id].voucher
            projector.add(rows, voucher, no=line.no, version=len(line.versions), position=line.versions[-1][0])
        return tables | self._vouchers(rows) | _entries(rows)

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


def _entries(rows: Rows) -> Expected:
    by_day = cast("Mapping[tuple[int, int], list[int]]", rows.totals)
    by_month: dict[tuple[int, int], list[int]] = {}
    for (account, day), sums in by_day.items():
        kept = by_month.setdefault((month_number(day_of(day)), account), [0, 0, 0])
        by_month[month_number(day_of(day)), account] = [one + other for one, other in zip(kept, sums, strict=True)]
    return {
        "posting": list(rows.entries),
        "bill_entry": list(rows.bills),
        "cost_entry": list(rows.costs),
        "foreign_entry": list(rows.foreign),
        "day_total": [(day, account, *sums) for (account, day), sums in by_day.items()],
        "month_total": [(month, account, *sums) for (month, account), sums in by_month.items()],
        "day_count": list(rows.day_counts.items()),
    }
