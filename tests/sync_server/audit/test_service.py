"""The audit log: written with the act, chained without holes, and any change to it named."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledgerflow_server.audit import repository
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import Verification, record, verify
from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 4, 1, 10, 30, 0, 123000, tzinfo=UTC)
LINES = 12


@pytest.fixture
async def written(sessions: Tenants, tenants: TwoTenants, as_administrator: Connection) -> Tenants:
    """Gives a log of `LINES` lines over three months in the first tenant, another in the second."""
    as_administrator.execute("DELETE FROM lf.audit_event; DELETE FROM lf.audit_head")
    for n in range(LINES):
        async with sessions.session(Principal(1, user_no=7)) as session:
            await record(session, NOW + timedelta(days=9 * n), Action.EXPORTED, f"company/{n}", {"n": n, "to": None})
    async with sessions.session(tenants.second) as session:
        await record(session, NOW, Action.SIGNED_IN, "user/1")
    return sessions


async def proven(sessions: Tenants, tenant: Principal) -> Verification:
    async with sessions.session(tenant, read_only=True) as session:
        return await verify(session)


async def test_what_was_written_is_there_in_order_and_proven(written: Tenants, tenants: TwoTenants) -> None:
    async with written.session(tenants.first, read_only=True) as session:
        newest = await repository.page(session, 2**62, None, 5)
        assert [line.seq for line in newest] == [12, 11, 10, 9, 8]
        assert [line.seq for line in await repository.page(session, 8, "exported", 100)] == [7, 6, 5, 4, 3, 2, 1]
        assert await repository.page(session, 8, "signed-in", 100) == []
    assert (newest[0].actor, newest[0].subject, newest[0].facts) == ("user/7", "company/11", {"n": 11, "to": None})
    found = await proven(written, tenants.first)
    assert (found.lines, found.fault, found.head) == (12, "", newest[0].hash)


async def test_a_line_is_undone_with_its_act(written: Tenants, tenants: TwoTenants) -> None:
    async def fail_afterwards() -> None:
        async with written.session(tenants.first) as session:
            await record(session, NOW, Action.EXPORTED, "company/1")
            raise RuntimeError("afterwards")

    with pytest.raises(RuntimeError, match="afterwards"):
        await fail_afterwards()
    assert (await proven(written, tenants.first)).lines == LINES


async def test_writers_at_once_leave_no_hole_and_no_fork(written: Tenants, tenants: TwoTenants) -> None:
    async def write(n: int) -> None:
        async with written.session(tenants.first) as session:
            await record(session, NOW, Action.EXPORTED, f"company/{n}")

    await asyncio.gather(*(write(n) for n in range(20)))
    found = await proven(written, tenants.first)
    assert (found.lines, found.fault) == (LINES + 20, "")


@pytest.mark.parametrize(
    ("change", "fault", "seq"),
    [
        ("UPDATE lf.audit_event SET facts = '{\"n\": 9}' WHERE tenant_no = 1 AND seq = 4", "line-altered", 4),
        ("UPDATE lf.audit_event SET actor = 'user/8' WHERE tenant_no = 1 AND seq = 5", "line-altered", 5),
        ("UPDATE lf.audit_event SET at = at + interval '1 us' WHERE tenant_no = 1 AND seq = 1", "line-altered", 1),
        ("UPDATE lf.audit_event SET hash = sha256('') WHERE tenant_no = 1 AND seq = 6", "line-altered", 6),
        ("DELETE FROM lf.audit_event WHERE tenant_no = 1 AND seq = 3", "line-missing", 3),
        ("DELETE FROM lf.audit_event WHERE tenant_no = 1 AND seq = 12", "line-missing", 12),
        ("UPDATE lf.audit_event SET prev = sha256('') WHERE tenant_no = 1 AND seq = 2", "chain-broken", 2),
        ("UPDATE lf.audit_head SET hash = sha256('') WHERE tenant_no = 1", "head-differs", 12),
        ("UPDATE lf.audit_event SET seq = 40 WHERE tenant_no = 1 AND seq = 12", "line-missing", 12),
    ],
)
async def test_a_change_by_whoever_can_is_named(
    written: Tenants, tenants: TwoTenants, as_administrator: Connection, change: str, fault: str, seq: int
) -> None:
    as_administrator.execute(change.encode())
    found = await proven(written, tenants.first)
    assert (found.fault, found.fault_seq) == (fault, seq)
    assert (await proven(written, tenants.second)).fault == ""


@pytest.mark.parametrize("verb", ["UPDATE lf.audit_event SET actor = 'x'", "DELETE FROM lf.audit_event"])
async def test_the_server_itself_cannot_change_a_line(written: Tenants, tenants: TwoTenants, verb: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with written.session(tenants.first) as session:
            await session.execute(verb)  # type: ignore[arg-type]  # the test's own statement


async def test_each_month_lies_in_a_partition_of_its_own(
    written: Tenants, tenants: TwoTenants, as_administrator: Connection
) -> None:
    async with written.session(tenants.first) as session:
        await repository.make_months(session, datetime(2031, 12, 5, tzinfo=UTC))
        await repository.make_months(session, datetime(2031, 12, 5, tzinfo=UTC))
        await record(session, datetime(2032, 1, 1, tzinfo=UTC), Action.EXPORTED, "company/1")
    row = as_administrator.execute("SELECT tableoid::regclass::text FROM lf.audit_event WHERE at > '2031-01-01'")
    assert row.fetchall() == [("lf.audit_event_203201",)]
