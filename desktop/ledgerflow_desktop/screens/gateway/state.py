"""What the menu offers, without Qt: only what works."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledgerflow_core.masters.voucher_type import VoucherNature, predefined_voucher_types
from ledgerflow_core.reports.catalogue import REPORTS
from ledgerflow_desktop.screens.destinations import Destination, EnterVoucher, ShowReport


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


def voucher_lines(key_by_nature: Mapping[VoucherNature, str]) -> list[Line]:
    """Return the vouchers that have a key, with it."""
    types = {voucher_type.nature: voucher_type for voucher_type in predefined_voucher_types()}
    return [Line(types[nature].name, key, EnterVoucher(types[nature].id)) for nature, key in key_by_nature.items()]


def report_lines() -> list[Line]:
    """Return the reports of the menu."""
    return [Line(REPORTS[code].title, letter, ShowReport(code)) for code, letter in _REPORTS]
