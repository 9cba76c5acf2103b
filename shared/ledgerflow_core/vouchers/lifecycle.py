"""What may become of a posted voucher: altered under its own number, cancelled, never deleted."""

from msgspec.structs import replace

from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.errors import Problem
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState


def cancelled(voucher: Voucher) -> Voucher:
    """Return the voucher as it stands after cancelling: everything as it was, moving nothing."""
    return replace(voucher, state=VoucherState.CANCELLED)


def problems_in_alteration(before: Voucher, after: Voucher, year: FinancialYear) -> list[Problem]:
    """Return why `after` may not replace `before`.

    Identity, type and number are kept for good, and the date stays in the financial year of the number's
    series: a voucher that belongs to another type or year is cancelled and entered anew.
    """
    problems: list[Problem] = []
    assert before.id == after.id, "an alteration keeps the voucher's id"
    if before.state is VoucherState.CANCELLED:
        problems.append(Problem("voucher-cancelled", "", {"number": before.number}))
    elif after.state is VoucherState.CANCELLED:
        problems.append(Problem("cancel-it-instead", "state", {"number": before.number}))
    if before.type != after.type:
        problems.append(Problem("type-cannot-change", "type", {"number": before.number}))
    if before.number != after.number:
        problems.append(Problem("number-cannot-change", "number", {"number": before.number}))
    if before.number and year.year_of(before.date) != year.year_of(after.date):
        problems.append(Problem("leaves-its-year", "date", {"number": before.number, "year": year.label(before.date)}))
    return problems
