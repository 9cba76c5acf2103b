"""The users of a tenant: made and changed by those who may, never above themselves, with an owner always left."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ledgerflow_core.errors import Fact
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import repository, rights, session_repository
from ledgerflow_server.identity.passwords import Passwords, require_strong
from ledgerflow_server.identity.repository import User
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.identity.second_factor import SecondFactor
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession

# Returns the numbers of the companies a tenant has.
CompanyNumbers = Callable[[Principal], Awaitable[frozenset[int]]]


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be made. `companies` None means all of the tenant."""

    login: str
    name: str
    role: Role
    companies: tuple[int, ...] | None
    password: str


class People:
    """The users of all tenants. `people` opens sessions as lf_auth, `new_id` makes UUIDs."""

    def __init__(
        self,
        people: Tenants,
        passwords: Passwords,
        second_factor: SecondFactor,
        company_numbers: CompanyNumbers,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._people = people
        self._passwords = passwords
        self._second_factor = second_factor
        self._company_numbers = company_numbers
        self._now = now
        self._new_id = new_id

    async def all(self, asker: Principal) -> list[User]:
        """Return the tenant's users; raises `Refused` 403."""
        rights.require(asker, Permission.MANAGE_PEOPLE)
        async with self._people.session(asker, read_only=True) as session:
            return await repository.every(session)

    async def me(self, asker: Principal) -> tuple[User, bool]:
        """Return the person who asks, and whether a second factor is on."""
        user_no = rights.require_person(asker)
        async with self._people.session(asker, read_only=True) as session:
            user = await repository.by_no(session, user_no)
            if user is None:
                raise Refused(404, "not-found")
            return user, await self._second_factor.required(session, user_no)

    async def create(self, asker: Principal, new: NewUser) -> User:
        """Make a user. Raises `Refused` 403, 404 for a company that is not there, 409 `login-taken`."""
        rights.require(asker, Permission.MANAGE_PEOPLE)
        _require_not_above(asker, new.role)
        login = new.login.casefold()
        require_strong(new.password, login)
        await self._require_companies(asker, new.companies)
        hashed = await self._passwords.hash(new.password)
        async with self._people.session(asker) as session:
            return await self._add(session, replace(new, login=login), hashed)

    async def create_first_owner(self, tenant_no: int, login: str, name: str, password: str) -> User:
        """Make the first user of a tenant, for the command line. Raises 409 `tenant-has-users` where there is one."""
        new = NewUser(login.casefold(), name, Role.OWNER, None, password)
        require_strong(password, new.login)
        hashed = await self._passwords.hash(password)
        async with self._people.session(Principal(tenant_no)) as session:
            await repository.lock(session)
            if await repository.every(session):
                raise Refused(409, "tenant-has-users")
            return await self._add(session, new, hashed)

    async def change(self, asker: Principal, public_id: str, edited: Callable[[User], User]) -> User:
        """Change a user to what `edited` makes of them: name, role, state and companies may differ.

        Raises `Refused`: 403 for who stands above the asker, or would; 404; 409 `last-owner`.
        """
        rights.require(asker, Permission.MANAGE_PEOPLE)
        async with self._people.session(asker) as session:
            await repository.lock(session)
            user = await self._target(session, public_id)
            changed = edited(user)
            _require_not_above(asker, changed.role)
            if changed.companies != user.companies:
                await self._require_companies(asker, changed.companies)
            await repository.change(session, changed)
            if user.role is Role.OWNER and await repository.owners(session) == 0:
                raise Refused(409, "last-owner")
            if not changed.active:
                await session_repository.revoke_all(session, user.user_no, self._now())
            facts: dict[str, Fact] = {"role": changed.role, "state": changed.state, "companies": _said(changed)}
            await record(session, self._now(), Action.USER_CHANGED, f"user/{user.user_no}", facts)
            return changed

    async def reset_password(self, asker: Principal, public_id: str, password: str) -> None:
        """Give a user a new password; all their sessions end. Raises as `change`."""
        rights.require(asker, Permission.MANAGE_PEOPLE)
        hashed = await self._passwords.hash(password)
        async with self._people.session(asker) as session:
            user = await self._target(session, public_id)
            require_strong(password, user.login)
            await repository.set_password_hash(session, user.user_no, hashed, self._now(), must_change=True)
            await session_repository.revoke_all(session, user.user_no, self._now())
            await record(session, self._now(), Action.PASSWORD_CHANGED, f"user/{user.user_no}", {"reset": 1})

    async def remove_second_factor(self, asker: Principal, public_id: str) -> None:
        """Turn off the second factor of a user who lost it; all their sessions end. Raises as `change`."""
        rights.require(asker, Permission.MANAGE_PEOPLE)
        async with self._people.session(asker) as session:
            user = await self._target(session, public_id)
            if await self._second_factor.remove(session, user.user_no):
                await session_repository.revoke_all(session, user.user_no, self._now())
                await record(session, self._now(), Action.TOTP_REMOVED, f"user/{user.user_no}", {"reset": 1})

    async def _add(self, session: TenantSession, new: NewUser, hashed: str) -> User:
        await repository.lock(session)
        if await repository.by_login(session, new.login) is not None:
            raise Refused(409, "login-taken", "login")
        public_id = self._new_id()
        number = await repository.add(session, public_id, new.login, new.name, new.role, new.companies)
        await repository.set_password_hash(session, number, hashed, self._now(), must_change=True)
        user = User(number, public_id, new.login, new.name, new.role, "active", new.companies)
        facts: dict[str, Fact] = {"role": new.role, "companies": _said(user)}
        await record(session, self._now(), Action.USER_CREATED, f"user/{number}", facts)
        return user

    async def _target(self, session: TenantSession, public_id: str) -> User:
        """Return a user somebody may change: one who does not stand above them."""
        user = await repository.by_id(session, public_id)
        if user is None:
            raise Refused(404, "not-found")
        _require_not_above(session.principal, user.role)
        return user

    async def _require_companies(self, asker: Principal, companies: tuple[int, ...] | None) -> None:
        # A number without a company would be a right to one that is made later.
        if companies is not None and not set(companies) <= await self._company_numbers(asker):
            raise Refused(404, "not-found", "companies")


def _require_not_above(asker: Principal, role: Role) -> None:
    if rights.outranks(role, Role(asker.role)):
        raise Refused(403, "not-permitted", "role", role=asker.role)


def _said(user: User) -> str:
    return "all" if user.companies is None else ",".join(map(str, user.companies))
