"""The rows of people's sessions. A refresh token is kept as its hash; each use makes the next row of its family."""

from dataclasses import dataclass
from datetime import datetime

from ledgerflow_server.tenancy.session import TenantSession

_ADD = """
    INSERT INTO idn.session (tenant_no, session_id, user_no, family, refresh_hash, created_at, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
# Two uses of one token at once: the second waits, and then finds it used.
_BY_REFRESH = """
    SELECT session_id::text AS session_id, user_no, family::text AS family, expires_at, used_at, revoked_at
    FROM idn.session WHERE tenant_no = %s AND refresh_hash = %s FOR UPDATE
"""
_USE = "UPDATE idn.session SET used_at = %s WHERE tenant_no = %s AND session_id = %s"
_FAMILY = "SELECT family::text FROM idn.session WHERE tenant_no = %s AND session_id = %s"
_REVOKE_FAMILY = """
    UPDATE idn.session SET revoked_at = %s WHERE tenant_no = %s AND family = %s AND revoked_at IS NULL
"""
_REVOKE_OTHERS = """
    UPDATE idn.session SET revoked_at = %s
    WHERE tenant_no = %s AND user_no = %s AND family IS DISTINCT FROM %s::uuid AND revoked_at IS NULL
"""
_FORGET = "DELETE FROM idn.session WHERE tenant_no = %s AND expires_at < %s"


@dataclass(frozen=True, slots=True)
class PersonSession:
    """One step of a session: `used_at` once its refresh token was used, `revoked_at` once its family has ended."""

    session_id: str
    user_no: int
    family: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


async def add(session: TenantSession, made: PersonSession, refresh_hash: bytes, created_at: datetime) -> None:
    """Write a step of a session."""
    row = [made.session_id, made.user_no, made.family, refresh_hash, created_at, made.expires_at]
    await session.execute(_ADD, [session.tenant_no, *row])


async def by_refresh(session: TenantSession, refresh_hash: bytes) -> PersonSession | None:
    """Return the step a refresh token belongs to and hold it until the transaction's end."""
    found = await session.fetch_as(PersonSession, _BY_REFRESH, [session.tenant_no, refresh_hash])
    return found[0] if found else None


async def use(session: TenantSession, session_id: str, at: datetime) -> None:
    """Say that a step's refresh token was used."""
    await session.execute(_USE, [at, session.tenant_no, session_id])


async def family_of(session: TenantSession, session_id: str) -> str | None:
    """Return the family of a session."""
    found: str | None = await session.fetch_value(_FAMILY, [session.tenant_no, session_id])
    return found


async def revoke_family(session: TenantSession, family: str, at: datetime) -> int:
    """End a family; return how many of its steps had not ended yet."""
    return await session.execute(_REVOKE_FAMILY, [at, session.tenant_no, family])


async def revoke_all(session: TenantSession, user_no: int, at: datetime, but: str | None = None) -> int:
    """End every session of a user, but for one family."""
    return await session.execute(_REVOKE_OTHERS, [at, session.tenant_no, user_no, but])


async def forget_before(session: TenantSession, before: datetime) -> int:
    """Delete sessions that ended before a time; return how many. For the clean-up job."""
    return await session.execute(_FORGET, [session.tenant_no, before])
