"""What may be asked of a report in an address: the options of the core, by the names the command line has."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.outstanding import USUAL_AGEING
from ledgerflow_core.reports.two_sided import Layout

# Lines of a day book or statement in one answer: unless said otherwise, and at most.
LINES, LINES_MOST = 1_000, 10_000
_WINDOWED = ("day-book", "account")

_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Name = Annotated[str, StringConstraints(max_length=200)]


class ReportQuery(BaseModel):
    """The options of a report; both days are inside. `today` is the day of the office, for what is not due yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: _Day | None = Field(None, alias="from")
    last: _Day | None = Field(None, alias="to")
    today: _Day | None = None
    account: _Name | None = None
    group: _Name | None = None
    centre: _Name | None = None
    zero_rows: bool = False
    depth: int | None = Field(None, ge=0, le=100)
    flat: bool = False
    layout: Layout = Layout.VERTICAL
    compare: Comparison | None = None
    monthly: bool = False
    offset: int = Field(0, ge=0, le=2**53)
    limit: int | None = Field(None, ge=1, le=LINES_MOST)
    ageing: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}(,[0-9]{1,5}){0,11}$")] | None = None

    def options(self, code: str) -> ReportOptions:
        """Return the options of a report. Refuses `bad-date` and what `ReportOptions` refuses."""
        windowed = code in _WINDOWED and not self.monthly
        return ReportOptions(
            first=_day(self.first, "from"),
            last=_day(self.last, "to"),
            account=self.account,
            group=self.group,
            centre=self.centre,
            zero_rows=self.zero_rows,
            depth=self.depth,
            flat=self.flat,
            layout=self.layout,
            compare=self.compare,
            monthly=self.monthly,
            offset=self.offset,
            limit=self.limit or (LINES if windowed else None),
            ageing=tuple(map(int, self.ageing.split(","))) if self.ageing else USUAL_AGEING,
        )

    def office_day(self) -> date | None:
        """Return the day of the office, where it was said. Refuses `bad-date`."""
        return _day(self.today, "today")


def _day(text: str | None, place: str) -> date | None:
    try:
        return None if text is None else parse_date(text)
    except InvalidInput as error:
        raise InvalidInput([problem.at(place) for problem in error.problems]) from None
