"""Events of a person without a replica: decided with the books held, posted through the server's replica, once.

There is no second way into the books: the events are sealed into a batch and taken like any other, in the transaction
that keeps the answer for its Idempotency-Key. What would be parked is refused instead: the person is there to hear it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psycopg
from msgspec.structs import replace
from starlette.responses import Response

from ledgerflow_core.calendar import day_number
from ledgerflow_core.events.event import Body
from ledgerflow_core.identifiers import CompanyId, UserId, VoucherId
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.sync import roles
from ledgerflow_core.sync.facts import Facts, VoucherNow
from ledgerflow_core.sync.log import Outcome, Verdict
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.vouchers.numbering import series_of
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.database.failures import CommitUnknown, DatabaseUnavailable
from ledgerflow_server.edge.idempotency import Call, answer_once
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import repository as users
from ledgerflow_server.identity import rights
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.ledger.repository import books
from ledgerflow_server.ledger.service import own_replica
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.ingest import Done
from ledgerflow_server.ledger.service.ledger import refusal_of
from ledgerflow_server.ledger.service.lookups import vouchers_now
from ledgerflow_server.ledger.service.own_replica import Draft
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession
from ledgerflow_server.vouchers.numbering import next_serial


@dataclass(frozen=True, slots=True)
class Held:
    """The books of a company while nobody else can change them."""

    desk: Desk
    session: TenantSession
    company: CompanyId
    company_no: int
    registers: Registers

    async def vouchers(self, *wanted: VoucherId) -> dict[VoucherId, VoucherNow]:
        """Return those of these vouchers that are in the books, as they stand."""
        return await vouchers_now(self.session, self.company_no, wanted)

    async def facts(self, *wanted: VoucherId) -> Facts:
        """Return the registers with these vouchers. Refuses 409 `no-books-yet` before there is a company."""
        if self.registers.company is None:
            raise Refused(409, "no-books-yet")
        facts = self.registers.facts()
        facts.vouchers.update(await self.vouchers(*wanted))
        return facts

    async def numbered(self, voucher: Voucher) -> Voucher:
        """Return a voucher with the next number of the server's series, where its type is numbered by itself."""
        kind, company = self.registers.chart.voucher_types.get(voucher.type), self.registers.company
        if voucher.number or kind is None or company is None or kind.numbering is not Numbering.AUTOMATIC:
            return voucher
        tag = await own_replica.tag_of(self.desk, self.session, self.company)
        series = series_of(kind, company.financial_year, voucher.date, replica_tag=tag)
        year = day_number(company.financial_year.year_of(voucher.date).first)
        type_no = self.registers.numbers[voucher.type]

        async def taken(serials: Sequence[int]) -> set[int]:
            serial_by_number = {series.number(serial): serial for serial in serials}
            wanted = [(type_no, year, number) for number in serial_by_number]
            found = await books.taken_numbers(self.session, self.company_no, wanted)
            return {serial_by_number[number] for _, _, number in found}

        return replace(voucher, number=series.number(await next_serial(taken)))


Decide = Callable[[Held], Awaitable[Sequence[Draft]]]
Answer = Callable[[Held], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts for people. `people` opens sessions as lf_auth, to know who somebody is in events."""

    desk: Desk
    people: Tenants

    async def once(
        self, principal: Principal, company: CompanyId, call: Call, decide: Decide, answer: Answer
    ) -> Response:
        """Post what `decide` returns, all or nothing, and give `answer`; the same call again gets the same answer.

        Refuses 403 `not-permitted`, 404 `not-found`, 409 with the reason an event would have been parked for, and
        what `decide` refuses. Returning means durable.
        """
        user = await self._user(principal)
        done: Done | None = None
        try:
            async with self.desk.tenants.session(principal) as session:
                place = await self.desk.place(session, company)

                async def act() -> Response:
                    nonlocal done
                    done, after = await self._post(session, company, place.company_no, user, decide)
                    return await answer(after)

                answered = await answer_once(session, call, act, self.desk.now())
        except (DatabaseUnavailable, CommitUnknown, psycopg.Error) as error:
            raise refusal_of(error) from error
        if done is not None:
            self.desk.took(principal.tenant_no, company, place.company_no, done.incarnation, done.log, done.registers)
        return answered

    async def _post(
        self, session: TenantSession, company: CompanyId, company_no: int, user: UserId, decide: Decide
    ) -> tuple[Done, Held]:
        async def bodies_of(within: TenantSession, registers: Registers) -> Sequence[Draft]:
            return await decide(Held(self.desk, within, company, company_no, registers))

        role, cause = Role(session.principal.role), self.desk.identifiers.new()
        done, verdicts = await own_replica.post_in(self.desk, session, company, bodies_of, user, role=role, cause=cause)
        assert done is not None, "a decision posts something"
        _require_accepted(verdicts)
        return done, Held(self.desk, session, company, company_no, done.registers)

    async def _user(self, principal: Principal) -> UserId:
        rights.require(principal, Permission.READ_BOOKS)
        async with self.people.session(principal, read_only=True) as session:
            found = None if principal.user_no is None else await users.by_no(session, principal.user_no)
        if found is None:
            raise Refused(403, "not-permitted", role=principal.role)
        return UserId(found.public_id)


def require_act(principal: Principal, body: Body) -> None:
    """Raise 403 `not-permitted` where a person's role may not make an event with this body."""
    if not roles.may(Role(principal.role), body):
        raise Refused(403, "not-permitted", role=principal.role)


def _require_accepted(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.outcome is not Outcome.ACCEPTED:
            raise Refused(403 if verdict.reason == "not-permitted" else 409, verdict.reason)
