"""Signing in, going on, and signing out: one refusal for whatever was wrong, after the same work."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ledgerflow_core.errors import Fact
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import repository, session_repository, throttling
from ledgerflow_server.identity.passwords import Checked, Passwords, require_new
from ledgerflow_server.identity.repository import User
from ledgerflow_server.identity.second_factor import SecondFactor
from ledgerflow_server.identity.session_repository import PersonSession
from ledgerflow_server.identity.tokens import Bearer, Tokens, refused
from ledgerflow_server.tenancy.directory import Directory
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession

_REFRESH_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody gives to sign in, and the address it came from.

    `code` is empty without a second factor; `new_password` is None where the password stays as it is.
    """

    tenant: str
    login: str
    password: str
    code: str
    address: str
    new_password: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens of a session. The refresh token is good for one use."""

    access_token: str
    refresh_token: str
    user: User


class _ToBeChanged(Refused):
    """Undoes what a sign-in wrote: the code of the second factor is good for the next request, too."""


class SigningIn:
    """Makes and ends sessions. `people` opens sessions of the database as lf_auth."""

    def __init__(
        self,
        people: Tenants,
        directory: Directory,
        tokens: Tokens,
        passwords: Passwords,
        second_factor: SecondFactor,
        *,
        days: int,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._people = people
        self._directory = directory
        self._tokens = tokens
        self._passwords = passwords
        self._second_factor = second_factor
        self._life = timedelta(days=days)
        self._now = now
        self._random_bytes = random_bytes

    async def sign_in(self, given: SignIn) -> SignedIn:
        """Begin a session. Raises 401 `sign-in-refused` whatever was wrong, 429 `too-many-attempts`, 503 `busy`.

        Who was right, with a password that somebody else gave and no new one: 403 `password-to-be-changed`. A new one
        is refused as `require_new` says, before anything else is looked at.
        """
        login = given.login.casefold()
        if given.new_password is not None:
            require_new(given.new_password, given.password, login)
        tenant = await self._directory.find(given.tenant)
        if tenant is None or tenant.state != "active":
            await self._passwords.check(given.password, None)
            raise refused("sign-in-refused")
        asking = Principal(tenant.tenant_no)
        async with self._people.session(asking) as session:
            before = await throttling.take(session, login, given.address, self._now())
            if before.left == 1:
                # Said once: what is refused from now on writes nothing.
                await record(session, self._now(), Action.SIGN_IN_THROTTLED, "sign-in", {"address": given.address})
            user = await repository.by_login(session, login)
            kept = None if user is None else await repository.password_hash(session, user.user_no)
        if not before.left:
            seconds = int(throttling.WINDOW.total_seconds())
            raise Refused(429, "too-many-attempts", headers={"Retry-After": str(seconds)}, seconds=seconds)
        checked = await self._passwords.check(given.password, kept)
        # Whether or not the password was right: how long an answer takes says nothing.
        hashed = None if given.new_password is None else await self._passwords.hash(given.new_password)
        try:
            async with self._people.session(asking) as session:
                done = await self._finish(session, user, checked, given, hashed)
        except _ToBeChanged:
            async with self._people.session(asking) as session:
                await self._write_down(session, user, given, {"reason": "password-to-be-changed"})
            raise
        if done is None:
            raise refused("sign-in-refused")
        return done

    async def refresh(self, token: str) -> SignedIn:
        """Go on with a session: a new token for the one given, which is used up.

        A token that comes a second time was copied by somebody: its whole family ends, and that is written down.
        Raises 401 `token-wrong`, `token-expired` or `refresh-reused`.
        """
        tenant_no, refresh_hash = _read_refresh(token)
        now = self._now()
        async with self._people.session(Principal(tenant_no)) as session:
            held = await session_repository.by_refresh(session, refresh_hash)
            if held is None or held.revoked_at is not None:
                raise refused("token-wrong")
            reused = held.used_at is not None
            if reused:
                await session_repository.revoke_family(session, held.family, now)
                await record(session, now, Action.REFRESH_REUSED, f"user/{held.user_no}", {"family": held.family})
                done = None
            else:
                done = await self._go_on(session, held, now)
        if done is None:
            raise refused("refresh-reused")
        return done

    async def sign_out(self, asker: Principal, session_id: str) -> None:
        """End the session somebody asks with, and every token of it."""
        async with self._people.session(asker) as session:
            family = await session_repository.family_of(session, session_id)
            if family is not None and await session_repository.revoke_family(session, family, self._now()):
                await record(session, self._now(), Action.SIGNED_OUT, f"user/{asker.user_no}")

    async def _finish(
        self, session: TenantSession, user: User | None, checked: Checked, given: SignIn, hashed: str | None
    ) -> SignedIn | None:
        now = self._now()
        # As it is in this transaction: two may come with one printed password, or it was reset while it was checked.
        must_change = await repository.must_change(session, user.user_no, checked.kept) if user else None
        factor = "" if must_change is None else await self._factor(session, user, checked, given, now)
        if user is None or not factor:
            await self._write_down(session, user, given, {})
            return None
        if hashed is not None:
            await repository.set_password_hash(session, user.user_no, hashed, now, must_change=False)
            await session_repository.revoke_all(session, user.user_no, now)
            await record(session, now, Action.PASSWORD_CHANGED, f"user/{user.user_no}")
        elif must_change:
            raise _ToBeChanged(403, "password-to-be-changed", "new_password")
        elif checked.better is not None:
            await repository.rehash(session, user.user_no, checked.better)
        await throttling.forgive(session, user.login, given.address)
        made = await self._step(session, user, self._random_id(), now)
        facts = {"address": given.address, "factor": factor}
        await record(session, now, Action.SIGNED_IN, f"user/{user.user_no}", facts)
        if factor == "recovery":
            await record(session, now, Action.RECOVERY_CODE_USED, f"user/{user.user_no}")
        return made

    async def _write_down(
        self, session: TenantSession, user: User | None, given: SignIn, facts: dict[str, Fact]
    ) -> None:
        subject = "unknown" if user is None else f"user/{user.user_no}"
        await record(session, self._now(), Action.SIGN_IN_REFUSED, subject, {"address": given.address, **facts})

    async def _factor(
        self, session: TenantSession, user: User | None, checked: Checked, given: SignIn, now: datetime
    ) -> str:
        """Return by what somebody proved to be the user: password, totp or recovery; empty where they did not."""
        if user is None or not checked.right:
            return ""
        # As they are in this transaction: somebody may have been disabled while the password was checked.
        current = await repository.by_no(session, user.user_no)
        if current is None or not current.active:
            return ""
        if not await self._second_factor.required(session, user.user_no):
            return "password"
        return await self._second_factor.take(session, user.user_no, given.code, now)

    async def _go_on(self, session: TenantSession, held: PersonSession, now: datetime) -> SignedIn:
        if held.expires_at <= now:
            raise refused("token-expired")
        user = await repository.by_no(session, held.user_no)
        if user is None or not user.active:
            raise refused("token-wrong")
        await session_repository.use(session, held.session_id, now)
        return await self._step(session, user, held.family, now)

    async def _step(self, session: TenantSession, user: User, family: str, now: datetime) -> SignedIn:
        """Make the next step of a family, with ids and tokens that nobody had before."""
        secret = self._random_bytes(_REFRESH_BYTES)
        made = PersonSession(self._random_id(), user.user_no, family, now + self._life, None, None)
        await session_repository.add(session, made, hashlib.sha256(secret).digest(), now)
        bearer = Bearer(session.tenant_no, user.user_no, user.role, user.companies, session_id=made.session_id)
        refresh = f"{session.tenant_no}.{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"
        return SignedIn(self._tokens.issue(bearer), refresh, user)

    def _random_id(self) -> str:
        """Return an id nobody guesses from another one."""
        return str(UUID(bytes=self._random_bytes(16), version=4))


def _read_refresh(token: str) -> tuple[int, bytes]:
    """Return the tenant and the hash of a refresh token; raise 401 `token-wrong` for what is none."""
    number, _, encoded = token.partition(".")
    try:
        secret = base64.b64decode(encoded + "=", altchars=b"-_", validate=True)
    except ValueError:
        secret = b""
    if not (number.isascii() and number.isdecimal() and 0 < int(number) < 2**31) or len(secret) != _REFRESH_BYTES:
        raise refused("token-wrong")
    return int(number), hashlib.sha256(secret).digest()
