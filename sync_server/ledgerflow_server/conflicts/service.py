"""Shows what waits for a decision, and records decisions through the path every batch takes."""

from dataclasses import dataclass
from datetime import date

import msgspec
from starlette.responses import Response

from ledgerflow_core.events.event import (
    Body,
    ConflictResolved,
    Event,
    EventTooNew,
    MasterChanged,
    MasterCreated,
    PeriodLocked,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import CompanyId, EventId, VoucherId
from ledgerflow_core.masters.chart import Master
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.resolution import Decision, Resolution, effects, resolution_of, sides, voucher_of
from ledgerflow_server.conflicts import repository
from ledgerflow_server.conflicts.repository import ParkedEvent
from ledgerflow_server.conflicts.schemas import ConflictLine, ConflictPage, ConflictSides, EffectLine, Resolved
from ledgerflow_server.edge.idempotency import Call
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import rights
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.ledger.service.lookups import events_at
from ledgerflow_server.ledger.service.own_replica import Draft
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession
from ledgerflow_server.vouchers.posting import Held, Posting, require_act


@dataclass(frozen=True, slots=True)
class Conflicts:
    """The desk at which parked events are decided about."""

    posting: Posting

    async def page(self, asker: Principal, company: CompanyId, after: int, limit: int) -> ConflictPage:
        """Return what waits behind entry `after`; refuses 404 `not-found`."""
        rights.require(asker, Permission.READ_BOOKS)
        desk = self.posting.desk
        async with desk.tenants.session(asker, read_only=True, snapshot=True) as session:
            company_no = (await desk.place(session, company)).company_no
            waiting = await repository.count(session, company_no)
            found = await repository.waiting(session, company_no, after, limit + 1)
            raws = await events_at(session, company_no, [row.gseq for row in found[:limit]])
        lines = [_line(row, raws[row.gseq]) for row in found[:limit]]
        return ConflictPage(waiting=waiting, conflicts=lines, next=lines[-1].entry if len(found) > limit else None)

    async def sides(self, asker: Principal, company: CompanyId, event: EventId) -> ConflictSides:
        """Return both sides of a conflict, decided or not, as the books are now.

        Refuses 404 `not-found` and 409 `unsupported-version` of an event this server cannot read.
        """
        rights.require(asker, Permission.READ_BOOKS)
        desk = self.posting.desk
        async with desk.tenants.session(asker, read_only=True, snapshot=True) as session:
            company_no = (await desk.place(session, company)).company_no
            head = await heads.head(session, company_no)
            registers = await desk.registers.of(session, company_no, head.incarnation, head.masters_at)
            row, raw = await _parked(session, company_no, event)
            parked = _readable(raw)
            held = Held(desk, session, company, company_no, registers)
            facts = await held.facts(*_subjects(parked.body))
        stands, wanted = sides(parked.body, facts)
        return ConflictSides(
            conflict=_line(row, raw),
            version=_version(parked.body, facts),
            stands=stands or _master(parked.body, facts),
            parked=wanted or _master_in(parked.body),
            effects=[
                EffectLine(account=one.account, name=_name(one.account, facts), stands=one.stands, parked=one.parked)
                for one in effects(stands, wanted, facts.chart)
            ],
            body=parked.body,
        )

    async def resolve(
        self, asker: Principal, company: CompanyId, call: Call, event: EventId, decision: Decision
    ) -> Response:
        """Record a decision and what it brings: one cause, one batch, all or nothing.

        Refuses 403 `not-permitted`, 404 `not-found`, 409 `already-resolved` where somebody decided meanwhile, and
        what `resolution_of` refuses.
        """
        rights.require(asker, Permission.RESOLVE)
        require_act(asker, ConflictResolved(event=event, decision=decision.kind))

        async def decide(held: Held) -> list[Draft]:
            row, raw = await _parked(held.session, held.company_no, event)
            if row.resolved_gseq is not None:
                raise Refused(409, "already-resolved", "event", entry=row.resolved_gseq)
            parked = _readable(raw)
            facts = await held.facts(*_subjects(parked.body))
            return await _drafts(held, resolution_of(parked, row.reason, decision, facts))

        async def answer(held: Held) -> Response:
            row, raw = await _parked(held.session, held.company_no, event)
            assert row.resolved_gseq is not None, "the decision is recorded"
            now = next(iter((await held.vouchers(*_subjects(_readable(raw).body))).values()), None)
            said = Resolved(
                event=event,
                decision=decision.kind,
                entry=row.resolved_gseq,
                voucher=None if now is None else now.voucher,
                version="" if now is None else now.version,
            )
            return Response(msgspec.json.encode(said), 201, media_type="application/json")

        return await self.posting.once(asker, company, call, decide, answer)


async def _drafts(held: Held, resolution: Resolution) -> list[Draft]:
    drafts: list[Draft] = [] if resolution.reopened is None else [resolution.reopened]
    change = resolution.change
    if isinstance(change, VoucherPosted):
        change = VoucherPosted(voucher=await held.numbered(change.voucher))
    if change is not None:
        drafts.append(change)
    if resolution.lock_again is not None:
        # The lock to replace is the one the reopening leaves, two events before.
        drafts.append(_locked_again(resolution.lock_again))
    return [*drafts, resolution.resolved]


def _locked_again(until: date) -> Draft:
    return lambda versions: PeriodLocked(until=until, base=versions[-2])


async def _parked(session: TenantSession, company_no: int, event: EventId) -> tuple[ParkedEvent, bytes]:
    row = await repository.one(session, company_no, event)
    if row is None:
        raise Refused(404, "not-found", "event")
    return row, (await events_at(session, company_no, [row.gseq]))[row.gseq]


def _readable(raw: bytes) -> Event:
    try:
        return decode_event(raw)
    except EventTooNew:
        raise Refused(409, "unsupported-version", "event") from None


def _subjects(body: Body) -> list[VoucherId]:
    voucher = voucher_of(body)
    return [] if voucher is None else [voucher]


# --- how it is shown ------------------------------------------------------------------------------


def _line(row: ParkedEvent, raw: bytes) -> ConflictLine:
    try:
        event = decode_event(raw)
    except EventTooNew:
        return ConflictLine(
            event=row.event_id, entry=row.gseq, reason=row.reason, kind="", replica=row.replica, user="", at=""
        )
    voucher = sides(event.body, Facts())[1]
    return ConflictLine(
        event=row.event_id,
        entry=row.gseq,
        reason=row.reason,
        kind=str(event.body.__struct_config__.tag),
        replica=row.replica,
        user=event.user,
        at=event.at,
        voucher=voucher_of(event.body) or "",
        number=voucher.number if voucher else "",
        date=voucher.date if voucher else None,
        amount=voucher.debit_total if voucher else None,
        decided=row.resolved_gseq,
    )


def _version(body: Body, facts: Facts) -> str:
    voucher = voucher_of(body)
    if voucher is not None:
        now = facts.vouchers.get(voucher)
        return "" if now is None else now.version
    master = _master_in(body)
    return "" if master is None else facts.master_version(master.id) or ""


def _master(body: Body, facts: Facts) -> Master | None:
    wanted = _master_in(body)
    return None if wanted is None else facts.chart.masters.get(wanted.id)


def _master_in(body: Body) -> Master | None:
    return body.master if isinstance(body, MasterCreated | MasterChanged) else None


def _name(account: str, facts: Facts) -> str:
    found = facts.chart.masters.get(account)
    return "" if found is None else found.name
