"""The rows behind `idempotency`: answers kept for requests that come twice."""

from dataclasses import dataclass
from datetime import datetime

from ledgerflow_server.tenancy.session import TenantSession

# Asks without waiting: whoever holds the lock is doing the same work at this moment.
_TAKE = "SELECT pg_try_advisory_xact_lock(%s)"
_KNOWN = "SELECT request_sha256, status, response FROM lf.idempotency_key WHERE tenant_no = %s AND key = %s"
_KEEP = """
    INSERT INTO lf.idempotency_key (tenant_no, key, request_sha256, status, response, at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
_FORGET = "DELETE FROM lf.idempotency_key WHERE tenant_no = %s AND at < %s"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to which request (SHA-256 of it)."""

    request_sha256: bytes
    status: int
    body: bytes


async def take(session: TenantSession, lock: int) -> bool:
    """Hold a lock until the transaction's end; return False where another transaction holds it."""
    return bool(await session.fetch_value(_TAKE, [lock]))


async def known(session: TenantSession, key: str) -> KeptAnswer | None:
    """Return the answer kept under a key."""
    row = await session.fetch_one(_KNOWN, [session.tenant_no, key])
    return None if row is None else KeptAnswer(bytes(row[0]), int(row[1]), bytes(row[2]))


async def keep(session: TenantSession, key: str, answer: KeptAnswer, at: datetime) -> None:
    """Keep an answer with the rest of the transaction."""
    row = [session.tenant_no, key, answer.request_sha256, answer.status, answer.body, at]
    await session.execute(_KEEP, row)


async def forget_before(session: TenantSession, before: datetime) -> int:
    """Delete a tenant's answers kept before a time; return how many. For the clean-up job."""
    return await session.execute(_FORGET, [session.tenant_no, before])
