"""Fetches what deciding a batch needs, in a number of questions that does not depend on its size."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ledgerflow_core.calendar import day_number, day_of
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import VoucherAltered, VoucherCancelled, VoucherPosted, decode_event
from ledgerflow_core.identifiers import EventId, MasterId, VoucherId, VoucherTypeId
from ledgerflow_core.posting.month_totals import MonthTotals
from ledgerflow_core.sync.admission import ReadEvent
from ledgerflow_core.sync.deciding import Needs, needs_of, totals_needed
from ledgerflow_core.sync.facts import Facts, KnownEvent, VoucherNow
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.ledger.repository import books, log, totals
from ledgerflow_server.ledger.repository.books import StoredVoucher
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.ledger.service.wire import events_in
from ledgerflow_server.tenancy.session import TenantSession

# So many batches are expanded at a time where events from all over the log are needed.
_ENTRIES_AT_ONCE = 50


class Found(NamedTuple):
    """What the log says of what a batch speaks of, and the rows of the vouchers among it."""

    facts: Facts
    vouchers: dict[str, StoredVoucher]


async def look_up(
    session: TenantSession, company_no: int, registers: Registers, events: Sequence[ReadEvent], *, careful: bool
) -> Found:
    """Return what is needed to decide these events. The company's head is held.

    Unless `careful`, ids and numbers that an event is the first to bring are taken to be new, and totals to have room.
    Nearly always that is so, and where not, the keys and checks of the tables say so when the rows are written.
    """
    facts = registers.facts()
    needs = needs_of(read.event for read in events if read.event is not None)
    needs.events = [read.id for read in events]
    if not careful:
        needs.events, needs.numbers, needs.vouchers = [], [], _changed_here(events)
    places = await books.event_places(session, company_no, needs.events) if needs.events else {}
    rows = await books.vouchers(session, company_no, needs.vouchers) if needs.vouchers else {}
    # Of a voucher that is only posted again nothing is asked but whether it is there, and that is rare.
    contents = {row.content_gseq for row in rows.values()}
    raws = await events_at(session, company_no, contents | set(places.values()))
    for event_id, gseq in places.items():
        facts.events[EventId(event_id)] = KnownEvent(gseq, version_hash(raws[gseq]).hex())
    for public_id, row in rows.items():
        facts.vouchers[VoucherId(public_id)] = VoucherNow(
            row.version_hash.hex(), content_of(row, raws[row.content_gseq])
        )
    await _look_up_numbers(session, company_no, registers, needs, facts)
    if needs.conflicts:
        waiting = await books.parked(session, company_no, needs.conflicts)
        facts.open_conflicts.update((EventId(event), waits) for event, waits in waiting.items())
    if careful:
        facts.totals = await _totals(session, company_no, registers, events)
    return Found(facts, rows)


async def vouchers_now(
    session: TenantSession, company_no: int, ids: Sequence[VoucherId]
) -> dict[VoucherId, VoucherNow]:
    """Return those of these vouchers that are in the books, as they stand."""
    rows = await books.vouchers(session, company_no, ids)
    raws = await events_at(session, company_no, {row.content_gseq for row in rows.values()})
    return {
        VoucherId(public_id): VoucherNow(row.version_hash.hex(), content_of(row, raws[row.content_gseq]))
        for public_id, row in rows.items()
    }


def _changed_here(events: Sequence[ReadEvent]) -> list[VoucherId]:
    """Return the vouchers these events alter or cancel without posting them."""
    posted, changed = set(), []
    for read in events:
        match read.event.body if read.event is not None else None:
            case VoucherPosted(voucher=voucher):
                posted.add(voucher.id)
            case VoucherAltered(voucher=voucher):
                changed.append(voucher.id)
            case VoucherCancelled(voucher=voucher_id):
                changed.append(voucher_id)
            case _:
                pass
    return [voucher_id for voucher_id in changed if voucher_id not in posted]


async def events_at(session: TenantSession, company_no: int, gseqs: Collection[int]) -> dict[int, bytes]:
    """Return the bytes of the events at these entries."""
    wanted, found = sorted(gseqs), {}
    for at in range(0, len(wanted), _ENTRIES_AT_ONCE):
        some = wanted[at : at + _ENTRIES_AT_ONCE]
        batches = [
            (first - known, events_in(sealed)) for first, known, sealed in await log.holding(session, company_no, some)
        ]
        for gseq in some:
            # The last batch that begins at or before an entry holds it.
            begin, events = next(batch for batch in reversed(batches) if batch[0] <= gseq)
            found[gseq] = events[gseq - begin]
    return found


async def _look_up_numbers(
    session: TenantSession, company_no: int, registers: Registers, needs: Needs, facts: Facts
) -> None:
    """Put the numbers that are taken into the facts. A type or company without rows has no numbers yet."""
    if registers.company is None:
        return
    year, number_of = registers.company.financial_year, registers.numbers
    wanted = {
        (number_of[kind], day_number(year.year_of(day).first), number)
        for kind, day, number in needs.numbers
        # PostgreSQL has no text with this sign, and no voucher with it was ever accepted.
        if kind in number_of and "\0" not in number
    }
    if not wanted:
        return
    type_of = {number_of[kind]: VoucherTypeId(MasterId(kind)) for kind, _, _ in needs.numbers if kind in number_of}
    for type_no, first, number in await books.taken_numbers(session, company_no, wanted):
        facts.numbers.add((type_of[type_no], day_of(first), number))


async def _totals(
    session: TenantSession, company_no: int, registers: Registers, events: Sequence[ReadEvent]
) -> MonthTotals:
    """Return the totals these events may make too large. An account without a row has none yet."""
    number_of = registers.numbers
    needed = totals_needed((read.event for read in events if read.event is not None), registers.chart)
    months = {(number_of[account], month) for account, month in needed.months if account in number_of}
    whole = {number_of[account] for account in needed.accounts if account in number_of}
    kept = await totals.months(session, company_no, months, whole)
    id_of = {number: account for account, number in number_of.items()}
    return MonthTotals({(id_of[number], month): total for (number, month), total in kept.items()})


def content_of(row: StoredVoucher, raw: bytes) -> Voucher:
    """Return a voucher as it stands, of its row and the event that holds its content."""
    match decode_event(raw).body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return cancelled(voucher) if row.cancelled else voucher
        case _:
            raise Damaged(f"log entry {row.content_gseq}", reason="not a voucher's", voucher=row.public_id)
