"""What decided events do to the rows: the net change of each voucher, of the masters and of what was parked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ledgerflow_core.events.event import (
    CloseAcknowledged,
    CloseRequested,
    CompanyChanged,
    CompanyCreated,
    ConflictResolved,
    Event,
    KeyRevoked,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    ReplicaClosed,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import ReplicaId, VoucherId
from ledgerflow_core.posting.projection import Rows
from ledgerflow_core.sync.admission import ReadEvent
from ledgerflow_core.sync.deciding import Decision
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import Outcome
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.ledger.repository import books, closing, heads
from ledgerflow_server.ledger.repository import registers as register_rows
from ledgerflow_server.ledger.repository.books import ParkedRow, StoredVoucher
from ledgerflow_server.ledger.repository.closing import Acknowledgement, Request
from ledgerflow_server.ledger.repository.registers import MasterRow
from ledgerflow_server.ledger.service.registers import ENCODE, Registers, counted_numbers, numbered
from ledgerflow_server.tenancy.session import TenantSession

_TOUCH_REGISTERS = (
    CompanyCreated,
    CompanyChanged,
    MasterCreated,
    MasterChanged,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
)


@dataclass(slots=True)
class VoucherChange:
    """All that a batch did to one voucher: before (None: it was not there), after, and (entry, version) on the way.

    `is_unique` is whether it took its number for itself when it was posted, where that was in this batch.
    """

    before: Voucher | None
    after: Voucher
    versions: list[tuple[int, str]]
    is_unique: bool


@dataclass(slots=True)
class Changes:
    """What the accepted events of a batch do, by what they do it to. `masters_at` is 0 where no register changed."""

    vouchers: dict[VoucherId, VoucherChange] = field(default_factory=dict)
    keys: list[tuple[str, int]] = field(default_factory=list)
    parked: list[ParkedRow] = field(default_factory=list)
    resolved: dict[str, int] = field(default_factory=dict)
    merges: list[MasterMerged] = field(default_factory=list)
    closed: list[ReplicaId] = field(default_factory=list)
    close_requests: list[Request] = field(default_factory=list)
    close_acks: list[Acknowledgement] = field(default_factory=list)
    company_changed: bool = False
    masters_at: int = 0
    gseq_of_version: dict[str, int] = field(default_factory=dict)

    @property
    def may_close(self) -> bool:
        """Whether a period that is to be closed may have become ready for it."""
        return bool(self.close_requests or self.close_acks or self.closed)


def changes_of(events: Sequence[ReadEvent], decisions: Sequence[Decision], first_gseq: int) -> Changes:
    """Collect what new events do; the first of them is entry `first_gseq`."""
    changes = Changes()
    for gseq, (read, decision) in enumerate(zip(events, decisions, strict=True), start=first_gseq):
        verdict = decision.verdict
        if verdict.outcome is Outcome.DUPLICATE:
            continue
        changes.keys.append((read.id, gseq))
        if verdict.outcome is Outcome.PARKED:
            changes.parked.append(ParkedRow(gseq, read.id, verdict.reason, _voucher_of(read.event)))
        elif decision.replaced is not None:
            before, after, is_unique = decision.replaced
            change = changes.vouchers.get(after.id)
            if change is None:
                changes.vouchers[after.id] = VoucherChange(before, after, [(gseq, read.version)], is_unique)
            else:
                change.after = after
                change.versions.append((gseq, read.version))
        elif read.event is not None:
            _collect_other(changes, read.event, read.version, gseq)
    return changes


def _collect_other(changes: Changes, event: Event, version: str, gseq: int) -> None:
    body = event.body
    if isinstance(body, _TOUCH_REGISTERS):
        changes.masters_at = gseq
        changes.gseq_of_version[version] = gseq
    match body:
        case ConflictResolved(event=parked):
            changes.resolved[parked] = gseq
        case MasterMerged():
            changes.merges.append(body)
        case CompanyCreated() | CompanyChanged():
            changes.company_changed = True
        case CloseRequested(until=until):
            changes.close_requests.append(Request(event.id, gseq, until, event.user))
        case CloseAcknowledged(request=request, until=until):
            changes.close_acks.append(Acknowledgement(request, gseq, until))
        case ReplicaClosed(replica=replica) | KeyRevoked(replica=replica):
            changes.closed.append(replica)
        case _:
            pass


def _voucher_of(event: Event | None) -> str | None:
    match event.body if event is not None else None:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return voucher.id
        case VoucherCancelled(voucher=voucher_id):
            return voucher_id
        case _:
            return None


async def write(
    session: TenantSession,
    place: tuple[int, int],
    changes: Changes,
    before: Registers,
    facts: Facts,
    stored: dict[str, StoredVoucher],
) -> Registers:
    """Write all changes of a batch; return the registers after it. `place` is (company, replica)."""
    company_no, replica_no = place
    await books.add_keys(session, company_no, changes.keys)
    if changes.parked:
        await books.add_parked(session, company_no, replica_no, changes.parked)
    if changes.resolved:
        await books.resolve(session, company_no, changes.resolved)
    if changes.close_requests or changes.close_acks:
        await closing.add(session, company_no, replica_no, changes.close_requests, changes.close_acks)
    if changes.closed:
        await heads.close_replicas(session, company_no, changes.closed)
    # Versions that end here go before accounts are merged, new ones come after: no total is larger on the way.
    gone = _gone(changes, before, stored)
    if gone.vouchers:
        await books.take_back_rows(session, company_no, gone)
    registers = before
    if changes.masters_at:
        registers = await _write_registers(session, company_no, changes, before, facts)
    if changes.vouchers:
        await _write_vouchers(session, company_no, changes, registers, stored)
    return registers


async def _write_registers(
    session: TenantSession, company_no: int, changes: Changes, before: Registers, facts: Facts
) -> Registers:
    numbers = numbered(facts.chart, before.numbers)
    changed = [
        MasterRow(
            numbers[master.id],
            master.id,
            bytes.fromhex(version) if version else None,
            changes.gseq_of_version.get(version, 0),
            ENCODE(master),
        )
        for master in facts.chart.masters.values()
        if (version := facts.master_versions.get(master.id, "")) != before.master_versions.get(master.id, "")
        or master.id not in before.numbers
    ]
    if changed:
        await register_rows.put_masters(session, company_no, changed)
    if changes.company_changed and facts.company is not None:
        await register_rows.set_details(session, company_no, ENCODE(facts.company), facts.company.name)
    counted = counted_numbers(facts.chart, numbers)
    for merge in changes.merges:
        await register_rows.merge(session, company_no, numbers[merge.merged], counted[merge.into])
    return before.after(facts, changes.masters_at, numbers)


def _gone(changes: Changes, before: Registers, stored: dict[str, StoredVoucher]) -> Rows:
    """Return the rows of the versions that a batch found and replaced."""
    gone = Rows()
    replaced = {voucher: change.before for voucher, change in changes.vouchers.items() if change.before is not None}
    if replaced:
        projector = before.projector()
        for voucher, version in replaced.items():
            row = stored[voucher]
            projector.add(gone, version, no=row.voucher_no, version=row.version, position=0)
    return gone


async def _write_vouchers(
    session: TenantSession, company_no: int, changes: Changes, registers: Registers, stored: dict[str, StoredVoucher]
) -> None:
    """Write the vouchers' net changes: replaced ones as they stand now, and new rows."""
    projector = registers.projector()
    posted, altered = Rows(), Rows()
    posted_hashes: list[bytes] = []
    altered_hashes: list[bytes] = []
    replaced: list[tuple[int, int, int]] = []
    for voucher_id, change in changes.vouchers.items():
        gseq, version = change.versions[-1]
        row = stored.get(voucher_id) if change.before is not None else None
        no, earlier = (row.voucher_no, row.version) if row else (change.versions[0][0], 0)
        if row is not None:
            replaced.append((no, earlier, row.gseq))
        replaced += [(no, earlier + at, old) for at, (old, _) in enumerate(change.versions[:-1], start=1)]
        rows, hashes = (altered, altered_hashes) if row is not None else (posted, posted_hashes)
        made = earlier + len(change.versions)
        projector.add(rows, change.after, no=no, version=made, position=gseq, is_unique=change.is_unique)
        hashes.append(bytes.fromhex(version))
    if altered.vouchers:
        await books.replace_vouchers(session, company_no, altered, altered_hashes)
    if posted.vouchers:
        await books.add_vouchers(session, company_no, posted, posted_hashes)
    if replaced:
        await books.keep_versions(session, company_no, replaced)
    for rows in (posted, altered):
        if rows.vouchers:
            await books.add_rows(session, company_no, rows)
