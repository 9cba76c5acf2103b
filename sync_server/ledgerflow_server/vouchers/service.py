"""Posting, altering, cancelling and reading vouchers on the server."""

from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response

from ledgerflow_core.errors import Damaged, InvalidInput, Problem
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import VoucherAltered, VoucherCancelled, VoucherPosted, decode_event
from ledgerflow_core.identifiers import CompanyId, VoucherId
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.sync.facts import Facts, VoucherNow
from ledgerflow_core.sync.resolution import problems_of_leaving
from ledgerflow_core.text_rules import REASON_LENGTH_MAX, problems_in_text
from ledgerflow_core.vouchers.lifecycle import cancelled, problems_in_alteration
from ledgerflow_core.vouchers.validation import PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_server.edge.idempotency import Call
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import rights
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.ledger.repository import books
from ledgerflow_server.ledger.service.lookups import events_at
from ledgerflow_server.ledger.service.own_replica import Draft
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.vouchers import repository
from ledgerflow_server.vouchers.posting import Answer, Held, Posting, require_act


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What a signed-in person does with vouchers. Versions are named by their hash (hex)."""

    posting: Posting

    async def post(self, asker: Principal, company: CompanyId, call: Call, voucher: Voucher) -> Response:
        """Post a voucher, which gets the next number of the server's series where its type is numbered by itself.

        Refuses `number-given-by-the-server`, 409 `voucher-exists` and every problem of the voucher, by its place.
        """
        _require_person(asker)
        require_act(asker, VoucherPosted(voucher=voucher))

        async def decide(held: Held) -> list[Draft]:
            facts = await held.facts(voucher.id)
            if voucher.id in facts.vouchers:
                raise Refused(409, "voucher-exists", "id")
            _require(_problems_of_given_number(voucher, facts) + problems_in_voucher(voucher, _rules(facts)))
            return [VoucherPosted(voucher=await held.numbered(voucher))]

        return await self.posting.once(asker, company, call, decide, _stands(voucher.id, 201))

    async def alter(self, asker: Principal, company: CompanyId, call: Call, base: str, voucher: Voucher) -> Response:
        """Replace version `base` of a voucher; refuses 404 `not-found`, 412 `stale-version` and every problem."""
        _require_person(asker)
        require_act(asker, VoucherAltered(base=base, voucher=voucher))

        async def decide(held: Held) -> list[Draft]:
            facts = await held.facts(voucher.id)
            now, company_now = _standing(facts, voucher.id, base), facts.company
            assert company_now is not None, "facts are of a company"
            # Whoever leaves the number out means the one the voucher has.
            after = msgspec.structs.replace(voucher, number=voucher.number or now.voucher.number)
            rules = _rules(facts)
            _require(
                problems_in_alteration(now.voucher, after, company_now.financial_year)
                + problems_in_voucher(after, rules)
                + problems_of_leaving(now.voucher.date, after.date, rules)
            )
            return [VoucherAltered(base=base, voucher=after)]

        return await self.posting.once(asker, company, call, decide, _stands(voucher.id, 200))

    async def cancel(
        self, asker: Principal, company: CompanyId, call: Call, base: str, voucher: VoucherId, reason: str
    ) -> Response:
        """Cancel version `base` of a voucher; refuses as `alter` does, and `voucher-cancelled`."""
        _require_person(asker)
        body = VoucherCancelled(base=base, voucher=voucher, reason=reason)
        require_act(asker, body)
        _require(problems_in_text(reason, "reason", length_max=REASON_LENGTH_MAX))

        async def decide(held: Held) -> list[Draft]:
            facts = await held.facts(voucher)
            before = _standing(facts, voucher, base).voucher
            problems = problems_of_leaving(before.date, None, _rules(facts))
            if before.state is VoucherState.CANCELLED:
                problems.append(Problem("voucher-cancelled", "", {"number": before.number}))
            _require(problems)
            return [body]

        return await self.posting.once(asker, company, call, decide, _stands(voucher, 200))

    async def read(self, asker: Principal, company: CompanyId, voucher: VoucherId) -> Response:
        """Return a voucher with all its versions, each with the event that made it; refuses 404 `not-found`."""
        rights.require(asker, Permission.READ_BOOKS)
        desk = self.posting.desk
        async with desk.tenants.session(asker, read_only=True, snapshot=True) as session:
            company_no = (await desk.place(session, company)).company_no
            row = (await books.vouchers(session, company_no, [voucher])).get(voucher)
            if row is None:
                raise Refused(404, "not-found", "voucher")
            places = await repository.versions(session, company_no, row.voucher_no)
            raws = await events_at(session, company_no, [gseq for _, gseq in places])
        return _versions_answer([(gseq, raws[gseq]) for _, gseq in places])


def _require_person(asker: Principal) -> None:
    # A device has a replica of its own, whose chain says what it did.
    rights.require_person(asker)


def _rules(facts: Facts) -> PostingRules:
    assert facts.company is not None, "facts are of a company"
    return PostingRules(facts.chart, facts.company.books_begin, facts.locked_until)


def _problems_of_given_number(voucher: Voucher, facts: Facts) -> list[Problem]:
    kind = facts.chart.voucher_types.get(voucher.type)
    if voucher.number and kind is not None and kind.numbering is Numbering.AUTOMATIC:
        return [Problem("number-given-by-the-server", "number", {"given": voucher.number})]
    return []


def _standing(facts: Facts, voucher: VoucherId, base: str) -> VoucherNow:
    now = facts.vouchers.get(voucher)
    if now is None:
        raise Refused(404, "not-found", "voucher")
    if now.version != base:
        raise Refused(412, "stale-version", "If-Match", number=now.voucher.number)
    return now


def _require(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(problems)


# --- answers --------------------------------------------------------------------------------------


def _stands(voucher: VoucherId, status: int) -> Answer:
    async def answer(held: Held) -> Response:
        now = (await held.vouchers(voucher))[voucher]
        return _answer({"voucher": now.voucher, "version": now.version}, status)

    return answer


def _answer(said: dict[str, Any], status: int = 200) -> Response:
    headers = {"ETag": f'"{said["version"]}"', "Cache-Control": "private, no-cache"}
    return Response(msgspec.json.encode(said), status, headers, media_type="application/json")


def _versions_answer(events: list[tuple[int, bytes]]) -> Response:
    versions: list[dict[str, Any]] = []
    content: Voucher | None = None
    for gseq, raw in events:
        event = decode_event(raw)
        reason = ""
        match event.body:
            case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
                content = voucher
            case VoucherCancelled(reason=reason):
                content = None if content is None else cancelled(content)
            case _:
                raise Damaged(f"log entry {gseq}", reason="not a voucher's")
        versions.append(
            {
                "version": version_hash(raw).hex(),
                "entry": gseq,
                "event": event.id,
                "replica": event.replica,
                "user": event.user,
                "at": event.at,
                "reason": reason,
                "voucher": content,
            }
        )
    return _answer({"voucher": content, "version": versions[-1]["version"], "versions": versions})
