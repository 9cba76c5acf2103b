"""What can be gone to and how it is found, without Qt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ledgerflow_core.identifiers import AccountId, GroupId
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.reports.catalogue import REPORTS
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_desktop.screens.destinations import Destination, OpenVoucher, ShowReport
from ledgerflow_desktop.screens.entry_fields.matching import Match, NameIndex
from ledgerflow_desktop.storage.finding import FoundVoucher


class Kind(IntEnum):
    """What a place is; of equally near ones the lower comes first."""

    COMMAND = 0
    SCREEN = 1
    REPORT = 2
    VOUCHER_TYPE = 3
    ACCOUNT = 4
    GROUP = 5
    VOUCHER = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Something to go to: a destination, or a command of the window by its key in `command`."""

    kind: Kind
    words: str
    about: str = ""
    keys: str = ""
    destination: Destination | None = None
    command: str = ""
    also: tuple[str, ...] = ()


def report_places() -> list[Place]:
    """Return the reports that need nothing chosen first."""
    return [
        Place(Kind.REPORT, report.title, destination=ShowReport(report.code), also=(report.code,))
        for report in REPORTS.values()
        if not report.required
    ]


def master_places(chart: Chart) -> list[Place]:
    """Return the statement of every account and the summary of every group."""
    found = [
        Place(
            Kind.ACCOUNT,
            account.name,
            about=chart.groups[account.group].name,
            destination=ShowReport("account", ReportOptions(account=AccountId(account.id)), account.name),
            also=(*account.aliases, account.code),
        )
        for account in chart.accounts.values()
        if not account.retired
    ]
    found += [
        Place(
            Kind.GROUP,
            group.name,
            destination=ShowReport("group-summary", ReportOptions(group=GroupId(group.id)), group.name),
        )
        for group in chart.groups.values()
        if not group.retired
    ]
    return found


def voucher_places(found: Iterable[FoundVoucher]) -> list[Place]:
    """Return vouchers found by number."""
    return [
        Place(Kind.VOUCHER, f"{each.type} {each.number}", about=each.day, destination=OpenVoucher(each.id))
        for each in found
    ]


class GoToIndex:
    """All places, ready to be searched. Made once for a state of the masters; a search is one key press long."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        by_kind: dict[Kind, list[tuple[str, Sequence[str]]]] = {}
        for at, place in enumerate(places):
            by_kind.setdefault(place.kind, []).append((str(at), (place.words, *place.also)))
        self._indexes = [(kind, NameIndex(by_kind[kind])) for kind in sorted(by_kind)]

    def find(self, text: str, *, limit: int = 60) -> list[Place]:
        """Return what fits, nearest first; for an empty text what a company opens with most: no masters."""
        if not text.strip():
            return [place for place in self._places if place.kind <= Kind.VOUCHER_TYPE][:limit]
        found: list[tuple[int, int, Match]] = []
        for kind, index in self._indexes:
            found += [(match.nearness, kind, match) for match in index.find(text, limit=limit)]
        found.sort(key=lambda each: each[:2])
        return [self._places[int(match.key)] for _, _, match in found[:limit]]
