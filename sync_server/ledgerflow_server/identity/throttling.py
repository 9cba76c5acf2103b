"""Guessing is slow: attempts are counted by name and address before anything is checked.

An attempt is written down, committed, before the password is looked at, so guessing in parallel gains nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgerflow_server.tenancy.session import TenantSession

WINDOW = timedelta(minutes=15)
# Somebody at one address, all addresses together (so that many of them cannot guess one name), one address at all.
MOST_OF_BOTH, MOST_OF_LOGIN, MOST_OF_ADDRESS = 10, 50, 100

_LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
_LOCK_OF_ATTEMPTS = 0x6C67
_COUNT = """
    SELECT count(*) FILTER (WHERE login = %(login)s AND address = %(address)s) AS both,
           count(*) FILTER (WHERE login = %(login)s) AS of_login,
           count(*) FILTER (WHERE address = %(address)s) AS of_address
    FROM idn.login_attempt WHERE tenant_no = %(tenant)s AND at > %(since)s
"""
_ADD = """
    INSERT INTO idn.login_attempt (tenant_no, at, attempt_id, login, address, outcome)
    VALUES (%s, %s, gen_random_uuid(), %s, %s, 'tried')
"""
_FORGET = "DELETE FROM idn.login_attempt WHERE tenant_no = %s AND login = %s AND address = %s"
_FORGET_OLD = "DELETE FROM idn.login_attempt WHERE tenant_no = %s AND at < %s"


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many attempts there were in the window, the new one not counted."""

    both: int
    of_login: int
    of_address: int

    @property
    def left(self) -> int:
        """How many more are taken until some are old enough."""
        return max(
            0,
            min(MOST_OF_BOTH - self.both, MOST_OF_LOGIN - self.of_login, MOST_OF_ADDRESS - self.of_address),
        )


async def take(session: TenantSession, login: str, address: str, now: datetime) -> Attempts:
    """Count an attempt, unless there are too many; return how many there were before."""
    await session.execute(_LOCK, [_LOCK_OF_ATTEMPTS, session.tenant_no])
    given = {"tenant": session.tenant_no, "login": _hidden(login), "address": address, "since": now - WINDOW}
    [before] = await session.fetch_as(Attempts, _COUNT, given)
    if before.left:
        await session.execute(_ADD, [session.tenant_no, now, _hidden(login), address])
    return before


async def forgive(session: TenantSession, login: str, address: str) -> None:
    """Forget the attempts at a name from the address it was signed in from."""
    await session.execute(_FORGET, [session.tenant_no, _hidden(login), address])


async def forget_before(session: TenantSession, before: datetime) -> int:
    """Delete attempts made before a time; return how many. For the clean-up job."""
    return await session.execute(_FORGET_OLD, [session.tenant_no, before])


def _hidden(login: str) -> str:
    """Return what stands for a name: people type their password into the wrong field."""
    return hashlib.sha256(login.encode()).hexdigest()
