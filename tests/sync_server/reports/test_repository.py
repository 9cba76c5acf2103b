"""How PostgreSQL answers reports: sums from kept totals, windows by their key, never by reading all entries."""

import gc
import json
import weakref
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, LiteralString

import pytest

from ledgerflow_core.reports import catalogue
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_server.database.connecting import Connection, Row
from ledgerflow_server.ledger.service.registers import load
from ledgerflow_server.reports.asking import drawn
from ledgerflow_server.reports.figures import ServerFigures
from ledgerflow_server.reports.repository import Ask, BookRows
from ledgerflow_server.tenancy.session import Tenants, TenantSession
from sync_server.reports import many_rows
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio

ODD: dict[str, Any] = {"first": date(2025, 4, 17), "last": date(2026, 2, 11)}


@pytest.fixture(scope="module")
def filled(tenants: TwoTenants, as_administrator: Connection) -> None:
    many_rows.write(as_administrator, 1, 1, 60_000)


class Explaining(TenantSession):
    """A session that keeps the plan of each question it is asked."""

    def __init__(self, session: TenantSession) -> None:
        super().__init__(session._connection, session.principal)
        self.plans: list[dict[str, Any]] = []
        self.questions: list[tuple[str, str]] = []

    async def fetch_all(self, query: Any, parameters: Any = None) -> list[Row]:
        self.questions.append((query, repr(parameters)))
        [(plan,)] = await super().fetch_all("EXPLAIN (FORMAT JSON) " + query, parameters)
        self.plans.append((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"])
        return await super().fetch_all(query, parameters)

    def reads(self) -> list[tuple[str, str, str]]:
        """Return (table, how it is read, by which condition) of every step that reads a table."""
        return [
            (step["Relation Name"], step["Node Type"], step.get("Index Cond") or step.get("Recheck Cond") or "")
            for plan in self.plans
            for step in _steps(plan)
            if "Relation Name" in step
        ]


def _steps(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _steps(below)


async def reads_of(
    sessions: Tenants, tenants: TwoTenants, code: LiteralString, **options: Any
) -> list[tuple[str, str, str]]:
    """Draw a report and return what was read for it."""
    return (await drawn_for(sessions, tenants, code, **options)).reads()


async def drawn_for(sessions: Tenants, tenants: TwoTenants, code: LiteralString, **options: Any) -> Explaining:
    """Draw a report and return the session it asked."""
    async with sessions.session(tenants.first, read_only=True, snapshot=True) as session:
        registers = await load(session, 1, 0)
        explaining = Explaining(session)

        def draw(ask: Ask) -> None:
            assert registers.company is not None
            rows = BookRows(ask, 1, 1)
            figures = ServerFigures(rows, registers.company, registers.chart, registers.numbers, date(2026, 4, 1))
            assert catalogue.run(code, figures, ReportOptions(**options)).rows

        await drawn(explaining, draw)
        return explaining


@pytest.mark.parametrize("code", ["trial-balance", "profit-and-loss", "balance-sheet", "group-summary"])
async def test_sums_are_kept_totals_and_no_entry_is_read(
    filled: None, sessions: Tenants, tenants: TwoTenants, code: LiteralString
) -> None:
    options = ODD | ({"group": "Sundry Debtors"} if code == "group-summary" else {})
    reads = await reads_of(sessions, tenants, code, **options)
    assert {table for table, _, _ in reads} <= {"month_total", "day_total", "day_count", "voucher"}
    # Vouchers are asked for one thing: those dated after today.
    assert all("day >" in by for table, _, by in reads if table == "voucher")
    # Months are few enough to be read whole; days are only those at the edges.
    assert all("day >=" in by and "day <=" in by for table, _, by in reads if table == "day_total")


PAGE: dict[str, Any] = {"offset": 9_000, "limit": 50}


@pytest.mark.parametrize(
    ("code", "options", "questions"),
    [
        ("trial-balance", ODD, 3),
        ("profit-and-loss", ODD, 2),
        ("balance-sheet", ODD, 3),
        ("day-book", PAGE, 3),
        ("account", PAGE | {"account": many_rows.BUSIEST}, 7),
    ],
)
async def test_a_report_asks_few_questions_and_none_twice(
    filled: None, sessions: Tenants, tenants: TwoTenants, code: LiteralString, options: dict[str, Any], questions: int
) -> None:
    asked = (await drawn_for(sessions, tenants, code, **options)).questions
    assert len(asked) == len(set(asked)) == questions


async def test_a_statement_anywhere_reads_its_own_lines(filled: None, sessions: Tenants, tenants: TwoTenants) -> None:
    reads = await reads_of(sessions, tenants, "account", account=many_rows.BUSIEST, offset=9_000, limit=50)
    entries = [by for table, _, by in reads if table == "posting"]
    assert entries and all("account_no =" in by and "day >=" in by for by in entries)
    assert "voucher" not in {table for table, how, _ in reads if how == "Seq Scan"}


async def test_the_day_book_anywhere_reads_its_own_lines(filled: None, sessions: Tenants, tenants: TwoTenants) -> None:
    reads = await reads_of(sessions, tenants, "day-book", offset=31_000, limit=50)
    assert "posting" not in {table for table, _, _ in reads}
    assert all("day" in by for table, _, by in reads if table == "voucher")


async def test_the_sums_are_those_of_the_entries(
    filled: None, sessions: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    said = as_administrator.execute(
        "SELECT sum(amount) FILTER (WHERE amount > 0)::int8 FROM lf.posting WHERE tenant_no = 1 AND company_no = 1"
        " AND day BETWEEN '2025-04-17'::date - date '1970-01-01' AND '2026-02-11'::date - date '1970-01-01'"
    ).fetchall()
    async with sessions.session(tenants.first, read_only=True) as session:
        registers = await load(session, 1, 0)

        def draw(ask: Ask) -> Any:
            assert registers.company is not None
            rows = BookRows(ask, 1, 1)
            figures = ServerFigures(rows, registers.company, registers.chart, registers.numbers, date(2026, 4, 1))
            table = catalogue.run("trial-balance", figures, ReportOptions(**ODD))
            return table.totals[[column.key for column in table.columns].index("debit")]

        assert [(await drawn(session, draw),)] == said


async def test_the_sums_of_a_report_go_with_it_and_wait_for_no_collection(
    filled: None, sessions: Tenants, tenants: TwoTenants
) -> None:
    made: list[weakref.ref[ServerFigures]] = []
    gc.disable()
    try:
        async with sessions.session(tenants.first, read_only=True) as session:
            registers = await load(session, 1, 0)

            def draw(ask: Ask) -> None:
                assert registers.company is not None
                rows = BookRows(ask, 1, 1)
                figures = ServerFigures(rows, registers.company, registers.chart, registers.numbers, date(2026, 4, 1))
                made.append(weakref.ref(figures))
                for code, options in (("trial-balance", ODD), ("day-book", PAGE)):
                    assert catalogue.run(code, figures, ReportOptions(**options)).rows

            await drawn(session, draw)
        assert [figures() for figures in made] == [None]
    finally:
        gc.enable()
