"""Check, post, alter and cancel vouchers."""

from collections.abc import Sequence
from datetime import date

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.identifiers import VoucherId, VoucherTypeId
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.text_rules import REASON_LENGTH_MAX, problems_in_text
from ledgerflow_core.vouchers.lifecycle import problems_in_alteration
from ledgerflow_core.vouchers.numbering import series_of
from ledgerflow_core.vouchers.validation import problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.writing import StoredVoucher


def check(book: Book, voucher: Voucher) -> list[Problem]:
    """Return everything that keeps a new voucher from being posted, but what only posting finds (its number)."""
    return problems_in_voucher(voucher, book.rules()) + _problems_of_new(book, voucher, {})


def post(book: Book, vouchers: Sequence[Voucher], *, strict: bool = True, cause: str = "") -> Outcome[list[Voucher]]:
    """Post vouchers, all or none; return them with their numbers. On return they are on the disk.

    Raises `InvalidInput` with every problem of every voucher, placed ``vouchers[i]`` when there are several.
    """
    rules = book.rules(strict=strict)
    problems: list[Problem] = []
    given: dict[tuple[str, date], int] = {}
    for at, voucher in enumerate(vouchers):
        found = problems_in_voucher(voucher, rules)
        if strict and not found:
            found = _problems_of_new(book, voucher, given)
        problems += [problem.at(f"vouchers[{at}]") for problem in found] if len(vouchers) > 1 else found
    if problems:
        raise InvalidInput(problems)
    with book.writing(cause=cause) as unit:
        posted = unit.post(vouchers).vouchers
    return Outcome(posted, Changed.VOUCHERS)


def load(book: Book, voucher_id: VoucherId) -> StoredVoucher:
    """Return a voucher's current version; refuses `unknown-voucher`."""
    with book.reading():
        stored = book.voucher(voucher_id)
    if stored is None:
        raise refuse("unknown-voucher", given=voucher_id)
    return stored


def problems_of_alteration(book: Book, before: StoredVoucher, after: Voucher) -> list[Problem]:
    """Return everything that keeps `after` from replacing the version that was loaded as `before`."""
    problems = problems_in_alteration(before.voucher, after, book.company.financial_year)
    problems += problems_in_voucher(after, book.rules())
    problems += _lock_problems(book, before.voucher.date, after.date)
    return problems


def alter(book: Book, before: StoredVoucher, after: Voucher) -> Outcome[Voucher]:
    """Replace a voucher's version; `stale-version` when somebody altered it since it was loaded."""
    problems = problems_of_alteration(book, before, after)
    if problems:
        raise InvalidInput(problems)
    with book.writing() as unit:
        unit.alter(before, after)
    return Outcome(after, Changed.VOUCHERS)


def cancel(book: Book, before: StoredVoucher, reason: str = "") -> Outcome[None]:
    """Cancel a voucher: it keeps its number and moves nothing any more."""
    voucher = before.voucher
    problems = problems_in_text(reason, "reason", length_max=REASON_LENGTH_MAX)
    problems += _lock_problems(book, voucher.date, None)
    if voucher.state is VoucherState.CANCELLED:
        problems.append(Problem("voucher-cancelled", "", {"number": voucher.number}))
    if problems:
        raise InvalidInput(problems)
    with book.writing() as unit:
        unit.cancel(before, reason)
    return Outcome(None, Changed.VOUCHERS)


def next_number(book: Book, voucher_type: VoucherTypeId, day: date) -> str:
    """Return the number a new voucher will most likely get, for showing; empty where it is typed."""
    master = book.chart.voucher_types[voucher_type]
    if master.numbering is not Numbering.AUTOMATIC:
        return ""
    series = series_of(master, book.company.financial_year, day, replica_tag=book.replica_tag)
    return series.number(book.next_serial(voucher_type, day, series, book.last_serial(voucher_type, day)))


def versions(book: Book, voucher_id: VoucherId) -> list[Voucher]:
    """Return every version of a voucher, oldest first."""
    with book.reading():
        return [book.version_at(position) for position in book.positions_of(voucher_id)]


def _problems_of_new(book: Book, voucher: Voucher, given: dict[tuple[str, date], int]) -> list[Problem]:
    """What is asked of a person beyond the rules of a voucher; `given` counts serials of the same posting."""
    if voucher.state is VoucherState.CANCELLED:
        return [Problem("born-cancelled", "state")]
    kind = book.chart.voucher_types.get(voucher.type)
    if kind is None or kind.numbering is not Numbering.AUTOMATIC:
        return []
    year = book.company.financial_year
    key = (voucher.type, year.year_of(voucher.date).first)
    last = given.get(key, book.last_serial(voucher.type, voucher.date))
    series = series_of(kind, year, voucher.date, replica_tag=book.replica_tag)
    following = book.next_serial(voucher.type, voucher.date, series, last)
    serial = series.serial(voucher.number) if voucher.number else following
    if serial is not None and serial > following:
        return [Problem("number-skips-ahead", "number", {"number": voucher.number, "next": series.number(following)})]
    given[key] = max(last, serial or 0)
    return []


def _lock_problems(book: Book, before: date, after: date | None) -> list[Problem]:
    """A locked day keeps what it has: nothing leaves it. (That nothing enters it, voucher validation says.)"""
    locked = book.locked_until
    if locked is None or before > locked or (after is not None and after <= locked):
        return []
    return [Problem("period-locked", "date", {"date": before.isoformat(), "locked_until": locked.isoformat()})]
