"""Number series: one writer each, consecutive from 1, final the moment they are given.

A series belongs to one replica, one voucher type and one financial year, which CGST Rules 2017, rule 46(b)
allows ("one or multiple series"); so two offices never need a line to number a voucher.
"""

from dataclasses import dataclass
from datetime import date

from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.masters.voucher_type import VoucherType

# No series gets as far; a longer number is text that happens to begin like one.
SERIAL_DIGITS_MAX = 10


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """The numbers ``head`` + serial, the serial padded to `width`."""

    head: str
    width: int

    def number(self, serial: int) -> str:
        """Return the number text of a serial, 1 for the first."""
        return f"{self.head}{serial:0{self.width}d}"

    def serial(self, number: str) -> int | None:
        """Return the serial of a number of this series, None for any other text."""
        tail = number.removeprefix(self.head)
        if len(tail) == len(number) or not (tail.isascii() and tail.isdigit()) or len(tail) > SERIAL_DIGITS_MAX:
            return None
        return int(tail)


def series_of(voucher_type: VoucherType, year: FinancialYear, day: date, *, replica_tag: str) -> NumberSeries:
    """Return the automatic series for vouchers of a type dated `day`.

    `replica_tag` sets the series of a company's second and later replicas apart; it is empty for the first.
    """
    prefix = f"{voucher_type.prefix}{replica_tag}"
    return NumberSeries(f"{prefix}/{year.label(day)}/" if prefix else f"{year.label(day)}/", voucher_type.width)
