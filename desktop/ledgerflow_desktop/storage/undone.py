"""What was recorded after a moment, taken back: the vouchers that were not there yet or said something else.

The log is walked from its end to the first event that was recorded before the moment and stands before whatever was
written here since; what stands before that one counts as known, whatever its own clock said. Costs what was recorded
since, not what the book holds.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    CompanyCreated,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import VoucherId, to_bytes
from ledgerflow_core.masters.chart import Chart, Master, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import log_store, without_effect
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.earlier_states import states_at
from ledgerflow_desktop.storage.merging import vouchers_on


@dataclass(frozen=True, slots=True)
class Undone:
    """The book as it was: its masters, and for each voucher touched since, its rows now and its rows then."""

    company: Company
    chart: Chart
    now: Rows
    then: Rows
    voucher_nos: frozenset[int]


@dataclass(slots=True)
class _Touched:
    """A voucher touched since: what it is now (None until that is seen), and whether it was posted since."""

    now: Voucher | None = None
    is_new: bool = False


@dataclass(slots=True)
class _Since:
    """What was recorded behind position `cut`."""

    cut: int = 0
    vouchers: dict[VoucherId, _Touched] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    merged_into: set[str] = field(default_factory=set)


def undo_since(book: Book, moment: str) -> Undone:
    """Return what differs from the book as it was just before `moment` (UTC, as events carry it)."""
    since = _recorded_since(book, moment)
    company, chart = _masters_before(book, since)
    _touch_merged(book, since)
    now, then = Rows(), Rows()
    of_book = (book.chart.voucher_types, book.no_by_id, book.company.financial_year)
    as_now, as_then = Projector(*of_book, book.chart.merged), Projector(*of_book, chart.merged)
    nos: set[int] = set()
    for voucher_id, touched in since.vouchers.items():
        no, position = book.connection.execute(
            "SELECT no, position FROM voucher WHERE id = ?", (to_bytes(voucher_id),)
        ).fetchone()
        nos.add(no)
        current = touched.now or book.version_at(position)
        as_now.add(now, current, no=no, version=1, position=position)
        if not touched.is_new:
            earlier = max(found for found in book.positions_of(voucher_id) if found <= since.cut)
            as_then.add(then, book.version_at(earlier), no=no, version=1, position=earlier)
    return Undone(company, chart, now, then, frozenset(nos))


def _touch_merged(book: Book, since: _Since) -> None:
    """Take in every voucher that may have stood elsewhere before a merge."""
    for end in {book.chart.counted_on(master) for master in since.merged_into}:
        for found in vouchers_on(book.connection, book.no_by_id[end]):
            since.vouchers.setdefault(found.id, _Touched())


def _recorded_since(book: Book, moment: str) -> _Since:
    since, silent = _Since(), without_effect.positions(book.connection)
    own = _first_own_since(book, moment)
    for run in log_store.runs_backwards(book.connection):
        for position in range(run.first + len(run.events) - 1, run.first - 1, -1):
            event = decode_event(run.events[position - run.first])
            if event.at < moment and position < own:
                since.cut = position
                return since
            if position not in silent:
                _take(since, event.body)
    return since


def _first_own_since(book: Book, moment: str) -> int:
    """Return the position of the first own event recorded at `moment` or later; behind the log's end if there is none.

    What stands behind it came after the moment, though another office may have written it long before.
    """
    connection, no = book.connection, book.replica_no

    def at(seq: int) -> str:
        return decode_event(log_store.chain_events(connection, no, seq, seq)[0]).at

    head = log_store.replica(connection, no).head.seq
    before = bisect_left(range(1, head + 1), moment, key=at)
    if before == head:
        return log_store.last_position(connection) + 1
    run = next(log_store.chain_runs(connection, no, after_seq=before))
    return run.first + before + 1 - run.first_seq


def _take(since: _Since, body: Body) -> None:
    match body:
        case VoucherPosted() | VoucherAltered():
            touched = since.vouchers.get(body.voucher.id)
            if touched is None:
                touched = since.vouchers[body.voucher.id] = _Touched(body.voucher)
            elif touched.now is None:
                touched.now = cancelled(body.voucher)
            touched.is_new = isinstance(body, VoucherPosted)
        case VoucherCancelled():
            since.vouchers.setdefault(body.voucher, _Touched())
        case MasterCreated():
            since.created.add(body.master.id)
        case MasterChanged():
            since.changed.add(body.master.id)
        case MasterMerged():
            since.changed |= {body.merged, body.into}
            since.merged_into.add(body.into)
        case MasterRetired():
            since.changed.add(body.master)
        case CompanyCreated() | CompanyChanged():
            since.changed.add("company")
        case _:
            pass


def _masters_before(book: Book, since: _Since) -> tuple[Company, Chart]:
    if since.cut == 0:
        # Before the company was made there is nothing but what every company is born with.
        return book.company, predefined_chart()
    changed = since.changed - since.created
    state_by_key = states_at(book.connection, changed, since.cut)
    company = state_by_key.get("company", book.company)
    assert isinstance(company, Company)
    chart = Chart()
    for master_id, master in book.chart.masters.items():
        if master_id in since.created:
            continue
        earlier = state_by_key.get(master_id) if master_id in changed else master
        if isinstance(earlier, Master):
            chart.put(earlier)
    return company, chart
