"""Draws the core's reports over the books as the server has them, each at one moment of the log."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.reports import catalogue
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import as_json
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import rights
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.registers import Registers
from ledgerflow_server.reports.asking import drawn
from ledgerflow_server.reports.figures import ServerFigures
from ledgerflow_server.reports.repository import Ask, BookRows
from ledgerflow_server.tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class Drawn:
    """A report as JSON bytes, and the log it is of: its size and the hash of its tree (hex)."""

    body: bytes
    log_size: int
    log_root: str


@dataclass(frozen=True, slots=True)
class Reports:
    """Answers for reports. They take at most half of the connections: batches must never wait behind them."""

    desk: Desk
    _at_once: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_at_once", asyncio.Semaphore(max(1, self.desk.settings.pool_size // 2)))

    async def draw(
        self, principal: Principal, company: CompanyId, code: str, options: ReportOptions, today: date | None = None
    ) -> Drawn:
        """Return a report as of `today`, by default the server's day, from which a client's may differ by one.

        Refuses 404 `not-found` and `unknown-report`, 409 `no-books-yet`, `today-too-far` and whatever
        `catalogue.run` refuses.
        """
        rights.require(principal, Permission.READ_BOOKS)
        if code not in catalogue.REPORTS:
            raise Refused(404, "unknown-report", "report", given=code[:60], nearest="; ".join(catalogue.REPORTS))
        day = self._today(today)
        async with self._at_once, self.desk.tenants.session(principal, read_only=True, snapshot=True) as session:
            place = await self.desk.place(session, company)
            head = await heads.head(session, place.company_no)
            registers = await self.desk.registers.of(session, place.company_no, head.incarnation, head.masters_at)

            def draw(ask: Ask) -> bytes:
                rows = BookRows(ask, session.tenant_no, place.company_no)
                return as_json(catalogue.run(code, _figures(rows, registers, day), options))

            body = await drawn(session, draw)
        return Drawn(body, head.log.size, head.log.root().hex())

    def _today(self, asked: date | None) -> date:
        ours = datetime.fromtimestamp(self.desk.milliseconds() // 1000, UTC).date()
        # Office and server may be on either side of midnight, and no further apart.
        if asked is not None and abs(asked - ours) > timedelta(days=1):
            raise refuse("today-too-far", "today", given=asked.isoformat(), today=ours.isoformat())
        return asked or ours


def _figures(rows: BookRows, registers: Registers, today: date) -> ServerFigures:
    if registers.company is None:
        raise Refused(409, "no-books-yet")
    return ServerFigures(rows, registers.company, registers.chart, registers.numbers, today)
