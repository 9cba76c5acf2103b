"""The second factor: codes of thirty seconds (RFC 6238), each taken once, and recovery codes for a lost phone."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyotp

from ledgerflow_core.sync.enrolment import SYMBOLS, grouped
from ledgerflow_server.keys.server_keys import ServerKeys
from ledgerflow_server.tenancy.session import TenantSession

ISSUER = "LedgerFlow"
STEP_SECONDS, DRIFT_STEPS, SECRET_BYTES = 30, 1, 20
RECOVERY_CODES, RECOVERY_SYMBOLS = 8, 16

_ROW = "SELECT secret, last_step, confirmed_at, recovery FROM idn.totp WHERE tenant_no = %s AND user_no = %s"
_LOCKED = _ROW + " FOR UPDATE"
_BEGIN = """
    INSERT INTO idn.totp (tenant_no, user_no, secret) VALUES (%s, %s, %s)
    ON CONFLICT (tenant_no, user_no) DO UPDATE SET secret = excluded.secret
    WHERE totp.confirmed_at IS NULL
"""
_TAKE_STEP = "UPDATE idn.totp SET last_step = %s WHERE tenant_no = %s AND user_no = %s"
_TAKE_RECOVERY = "UPDATE idn.totp SET recovery = array_remove(recovery, %s) WHERE tenant_no = %s AND user_no = %s"
_CONFIRM = "UPDATE idn.totp SET confirmed_at = %s, recovery = %s WHERE tenant_no = %s AND user_no = %s"
_REMOVE = "DELETE FROM idn.totp WHERE tenant_no = %s AND user_no = %s"


@dataclass(frozen=True, slots=True)
class _Row:
    secret: bytes
    last_step: int
    confirmed_at: datetime | None
    recovery: list[bytes]


class SecondFactor:
    """Keeps secrets sealed. Every method works inside the caller's transaction, as lf_auth."""

    def __init__(self, keys: ServerKeys, random_bytes: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._random_bytes = random_bytes

    async def begin(self, session: TenantSession, user_no: int, login: str) -> str | None:
        """Make a new secret; return it as the URI that a phone scans. None where one is confirmed already."""
        secret = self._random_bytes(SECRET_BYTES)
        sealed = self._keys.sealed(secret, _owner(session, user_no), self._random_bytes)
        if not await session.execute(_BEGIN, [session.tenant_no, user_no, sealed]):
            return None
        return pyotp.TOTP(base64.b32encode(secret).decode()).provisioning_uri(name=login, issuer_name=ISSUER)

    async def confirm(self, session: TenantSession, user_no: int, code: str, now: datetime) -> list[str] | None:
        """Turn the second factor on with a first code; return recovery codes, None for a wrong code."""
        row = await self._locked(session, user_no)
        if row is None or row.confirmed_at is not None or not await self._take_step(session, user_no, row, code, now):
            return None
        codes = [self._recovery_code() for _ in range(RECOVERY_CODES)]
        await session.execute(_CONFIRM, [now, [_hash(code) for code in codes], session.tenant_no, user_no])
        return codes

    async def required(self, session: TenantSession, user_no: int) -> bool:
        """Whether somebody has a second factor."""
        found = await session.fetch_as(_Row, _ROW, [session.tenant_no, user_no])
        return bool(found) and found[0].confirmed_at is not None

    async def take(self, session: TenantSession, user_no: int, code: str, now: datetime) -> str:
        """Use a code up: return ``totp`` or ``recovery`` for what it was, an empty text where it is not good.

        The row is locked to the end of the transaction: of two that bring the same code, the second finds it used.
        """
        row = await self._locked(session, user_no)
        if row is None or row.confirmed_at is None:
            return ""
        if await self._take_step(session, user_no, row, code, now):
            return "totp"
        hashed = _hash(code)
        if any(hmac.compare_digest(hashed, bytes(kept)) for kept in row.recovery):
            await session.execute(_TAKE_RECOVERY, [hashed, session.tenant_no, user_no])
            return "recovery"
        return ""

    async def remove(self, session: TenantSession, user_no: int) -> bool:
        """Turn the second factor off; return whether there was one."""
        return await session.execute(_REMOVE, [session.tenant_no, user_no]) > 0

    async def _locked(self, session: TenantSession, user_no: int) -> _Row | None:
        found = await session.fetch_as(_Row, _LOCKED, [session.tenant_no, user_no])
        return found[0] if found else None

    async def _take_step(self, session: TenantSession, user_no: int, row: _Row, code: str, now: datetime) -> bool:
        secret = self._keys.unsealed(bytes(row.secret), _owner(session, user_no))
        totp = pyotp.TOTP(base64.b32encode(secret).decode())
        current = int(now.timestamp()) // STEP_SECONDS
        taken = None
        for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()) and step > row.last_step:
                taken = step
        if taken is None:
            return False
        await session.execute(_TAKE_STEP, [taken, session.tenant_no, user_no])
        return True

    def _recovery_code(self) -> str:
        return grouped("".join(SYMBOLS[byte & 31] for byte in self._random_bytes(RECOVERY_SYMBOLS)))


def _hash(code: str) -> bytes:
    """Return the hash of a recovery code. It has eighty random bits, so a plain one will do."""
    return hashlib.sha256(code.strip().upper().encode()).digest()


def _owner(session: TenantSession, user_no: int) -> str:
    return f"totp/{session.tenant_no}/{user_no}"
