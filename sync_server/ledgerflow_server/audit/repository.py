"""The rows of the audit log. There is no statement here that changes or deletes a line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from ledgerflow_core.errors import Fact
from ledgerflow_server.audit.chain import AuditEvent
from ledgerflow_server.tenancy.session import TenantSession

# Locks the tenant's head to the end of the transaction: lines are numbered in the order of commits.
_NEXT = """
    INSERT INTO lf.audit_head AS head (tenant_no, seq) VALUES (%s, 1)
    ON CONFLICT (tenant_no) DO UPDATE SET seq = head.seq + 1
    RETURNING seq, hash
"""
_ADD = """
    INSERT INTO lf.audit_event (tenant_no, at, seq, actor, action, subject, facts, prev, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_SET_HEAD = "UPDATE lf.audit_head SET hash = %s WHERE tenant_no = %s"
_HEAD = "SELECT seq, hash FROM lf.audit_head WHERE tenant_no = %s"
_COLUMNS = "SELECT seq, at, actor, action, subject, facts, prev, hash FROM lf.audit_event WHERE tenant_no = %s"
_PAGE = _COLUMNS + " AND seq < %s AND (%s::text IS NULL OR action = %s) ORDER BY seq DESC LIMIT %s"
_AFTER = _COLUMNS + " AND seq > %s ORDER BY seq LIMIT %s"
_MAKE_MONTHS = "SELECT lf.make_audit_month(%s), lf.make_audit_month(%s::timestamptz + interval '1 month')"


async def next_line(session: TenantSession) -> tuple[int, bytes]:
    """Return the number of the next line and the hash of the last one; holds the tenant's head from then on."""
    row = await session.fetch_one(_NEXT, [session.tenant_no])
    assert row is not None, "an upsert returns its row"
    return int(row[0]), bytes(row[1])


async def add(session: TenantSession, event: AuditEvent) -> None:
    """Write a line and make it the last one."""
    facts = Jsonb(dict[str, Fact](event.facts))
    row = [event.at, event.seq, event.actor, event.action, event.subject, facts, event.prev, event.hash]
    await session.execute(_ADD, [session.tenant_no, *row])
    await session.execute(_SET_HEAD, [event.hash, session.tenant_no])


async def head(session: TenantSession) -> tuple[int, bytes]:
    """Return number and hash of the last line; 0 and empty where there is none."""
    row = await session.fetch_one(_HEAD, [session.tenant_no])
    return (0, b"") if row is None else (int(row[0]), bytes(row[1]))


async def page(session: TenantSession, before: int, action: str | None, most: int) -> list[AuditEvent]:
    """Return the newest lines numbered below `before`, newest first."""
    rows = await session.fetch_all(_PAGE, [session.tenant_no, before, action, action, most])
    return [_event(row) for row in rows]


async def after(session: TenantSession, seq: int, most: int) -> list[AuditEvent]:
    """Return the lines that follow number `seq`, in their order."""
    return [_event(row) for row in await session.fetch_all(_AFTER, [session.tenant_no, seq, most])]


async def make_months(session: TenantSession, at: datetime) -> None:
    """Make the partitions of the month of `at` and of the next one, where there are none."""
    await session.execute(_MAKE_MONTHS, [at, at])


def _event(row: tuple[Any, ...]) -> AuditEvent:
    facts: Mapping[str, Fact] = row[5]
    return AuditEvent(int(row[0]), row[1], row[2], row[3], row[4], facts, bytes(row[6]), bytes(row[7]))
