"""What people do with their own account: the password, and the second factor. Guessing at either is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import repository, rights, session_repository, throttling
from ledgerflow_server.identity.passwords import Passwords, require_strong
from ledgerflow_server.identity.repository import User
from ledgerflow_server.identity.second_factor import SecondFactor
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody at their own account: with which session, from which address."""

    principal: Principal
    session_id: str
    address: str


class OwnAccount:
    """The accounts of people, changed by themselves. `people` opens sessions as lf_auth."""

    def __init__(
        self, people: Tenants, passwords: Passwords, second_factor: SecondFactor, now: Callable[[], datetime]
    ) -> None:
        self._people = people
        self._passwords = passwords
        self._second_factor = second_factor
        self._now = now

    async def change_password(self, asking: Asking, old: str, new: str) -> None:
        """Change the password; every other session of the person ends.

        Raises `password-too-short` or -simple; 403 `wrong-password`; 429.
        """
        user = await self._attempt(asking)
        require_strong(new, user.login)
        async with self._people.session(asking.principal, read_only=True) as session:
            kept = await repository.password_hash(session, user.user_no)
        checked = await self._passwords.check(old, kept)
        if not checked.right:
            raise Refused(403, "wrong-password", "old")
        hashed = await self._passwords.hash(new)
        async with self._people.session(asking.principal) as session:
            if await repository.must_change(session, user.user_no, checked.kept) is None:
                # Reset, or changed by another request, while this one checked it.
                raise Refused(403, "wrong-password", "old")
            await repository.set_password_hash(session, user.user_no, hashed, self._now(), must_change=False)
            await self._done(session, asking, user, Action.PASSWORD_CHANGED)

    async def begin_totp(self, asking: Asking) -> str:
        """Return the URI of a new secret, to be scanned. Raises 409 `totp-is-on`."""
        user_no = rights.require_person(asking.principal)
        async with self._people.session(asking.principal) as session:
            user = await repository.by_no(session, user_no)
            assert user is not None, "who asks is a user"
            uri = await self._second_factor.begin(session, user_no, user.login)
            if uri is None:
                raise Refused(409, "totp-is-on")
            await record(session, self._now(), Action.TOTP_BEGUN, f"user/{user_no}")
        return uri

    async def confirm_totp(self, asking: Asking, code: str) -> list[str]:
        """Turn the second factor on; return the recovery codes, shown this once. Raises 403 `wrong-code`, 429."""
        user = await self._attempt(asking)
        async with self._people.session(asking.principal) as session:
            codes = await self._second_factor.confirm(session, user.user_no, code, self._now())
            if codes is None:
                raise Refused(403, "wrong-code", "code")
            await self._done(session, asking, user, Action.TOTP_CONFIRMED)
        return codes

    async def remove_totp(self, asking: Asking, code: str) -> None:
        """Turn the second factor off with a code of it. Raises 403 `wrong-code`, 429 `too-many-attempts`."""
        user = await self._attempt(asking)
        async with self._people.session(asking.principal) as session:
            if not await self._second_factor.take(session, user.user_no, code, self._now()):
                raise Refused(403, "wrong-code", "code")
            await self._second_factor.remove(session, user.user_no)
            await self._done(session, asking, user, Action.TOTP_REMOVED)

    async def _attempt(self, asking: Asking) -> User:
        """Count an attempt, as one to sign in, before anything is checked."""
        user_no = rights.require_person(asking.principal)
        async with self._people.session(asking.principal) as session:
            user = await repository.by_no(session, user_no)
            assert user is not None, "who asks is a user"
            before = await throttling.take(session, user.login, asking.address, self._now())
        if not before.left:
            seconds = int(throttling.WINDOW.total_seconds())
            raise Refused(429, "too-many-attempts", headers={"Retry-After": str(seconds)}, seconds=seconds)
        return user

    async def _done(self, session: TenantSession, asking: Asking, user: User, action: Action) -> None:
        """End the other sessions: whoever had the account before does not keep it."""
        family = await session_repository.family_of(session, asking.session_id)
        await session_repository.revoke_all(session, user.user_no, self._now(), family)
        await throttling.forgive(session, user.login, asking.address)
        await record(session, self._now(), action, f"user/{user.user_no}")
