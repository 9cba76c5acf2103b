"""What can be chosen for a report, checked when it is chosen."""

from dataclasses import dataclass, fields
from datetime import date

from ledgerflow_core.calendar import problems_in_day
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.reports.account_tree import Outline
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.outstanding import USUAL_AGEING
from ledgerflow_core.reports.two_sided import Layout
from ledgerflow_core.reports.window import Window

# What every report takes.
OF_EVERY_REPORT = frozenset({"first", "last", "as_known"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """The choices of a report; one left at its default is not chosen.

    `first` and `last` are both inside; without them a report covers the whole books. `account`, `group` and
    `centre` are names or ids. `as_known` names on the report the day whose knowledge the figures hold: the
    figures given must already be of that day. The other fields are those of the reports that take them.
    Refuses `day-out-of-range`, `period-ends-before-it-begins`, `bad-depth`, `bad-window` and `bad-ageing`, all
    at once.
    """

    first: date | None = None
    last: date | None = None
    as_known: date | None = None
    account: str | None = None
    group: str | None = None
    centre: str | None = None
    zero_rows: bool = False
    depth: int | None = None
    flat: bool = False
    layout: Layout = Layout.VERTICAL
    compare: Comparison | None = None
    monthly: bool = False
    offset: int = 0
    limit: int | None = None
    ageing: tuple[int, ...] = USUAL_AGEING

    def __post_init__(self) -> None:
        problems = []
        for place, day in (("first", self.first), ("last", self.last)):
            problems += problems_in_day(day, place)
        if self.first is not None and self.last is not None and self.last < self.first:
            facts = {"first": self.first.isoformat(), "last": self.last.isoformat()}
            problems.append(Problem("period-ends-before-it-begins", "last", {**facts}))
        if self.depth is not None and self.depth < 0:
            problems.append(Problem("bad-depth", "depth", {"given": self.depth}))
        if self.offset < 0:
            problems.append(Problem("bad-window", "offset", {"given": self.offset}))
        if self.limit is not None and self.limit < 1:
            problems.append(Problem("bad-window", "limit", {"given": self.limit}))
        if not self.ageing or any(high <= low for low, high in zip((0, *self.ageing), self.ageing, strict=False)):
            problems.append(Problem("bad-ageing", "ageing", {"given": ",".join(map(str, self.ageing))}))
        if problems:
            raise InvalidInput(problems)

    @property
    def chosen(self) -> list[str]:
        """The names of the options that are not at their default, in their fixed order."""
        return [field.name for field in fields(self) if getattr(self, field.name) != field.default]

    @property
    def outline(self) -> Outline:
        """How much of a tree to show."""
        return Outline(zero_rows=self.zero_rows, depth=self.depth, flat=self.flat)

    @property
    def window(self) -> Window:
        """Which lines of a long report to read."""
        return Window(self.offset, self.limit)
