"""What the menu offers, without Qt: only what works."""

from dataclasses import dataclass

from ledgerflow_core.reports.catalogue import REPORTS
from ledgerflow_desktop.screens.destinations import Destination, ShowReport


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the menu. `letter` opens it from anywhere in the menu."""

    words: str
    letter: str
    destination: Destination


# The reports people open most, each under a letter of its name that no other line has.
_REPORTS = (
    ("day-book", "D"),
    ("trial-balance", "T"),
    ("balance-sheet", "B"),
    ("profit-and-loss", "L"),
    ("cash-flow", "C"),
    ("receivables", "R"),
    ("payables", "P"),
    ("cost-centres", "O"),
    ("ratios", "A"),
)


def report_lines() -> list[Line]:
    """Return the reports of the menu."""
    return [Line(REPORTS[code].title, letter, ShowReport(code)) for code, letter in _REPORTS]
