"""The rows of a tenant's users. Sessions, second factors and attempts to sign in have files of their own."""

from dataclasses import dataclass
from datetime import datetime

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.tenancy.session import TenantSession

_COLUMNS = "user_no, public_id::text AS public_id, login, name, role, state, companies"
_BY_NO = f"SELECT {_COLUMNS} FROM idn.user WHERE tenant_no = %s AND user_no = %s"  # noqa: S608 - constants
_BY_ID = f"SELECT {_COLUMNS} FROM idn.user WHERE tenant_no = %s AND public_id = %s"  # noqa: S608
_BY_LOGIN = f"SELECT {_COLUMNS} FROM idn.user WHERE tenant_no = %s AND login = %s"  # noqa: S608
_ALL = f"SELECT {_COLUMNS} FROM idn.user WHERE tenant_no = %s ORDER BY user_no"  # noqa: S608
# One writer of a tenant's users at a time: numbers without holes, and an owner always left.
_LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
_LOCK_OF_USERS = 0x7573
_ADD = """
    INSERT INTO idn.user (tenant_no, user_no, public_id, login, name, role, companies)
    SELECT %(tenant)s, coalesce(max(user_no), 0) + 1, %(id)s, %(login)s, %(name)s, %(role)s, %(companies)s
    FROM idn.user WHERE tenant_no = %(tenant)s
    RETURNING user_no
"""
_CHANGE = "UPDATE idn.user SET name = %s, role = %s, state = %s, companies = %s WHERE tenant_no = %s AND user_no = %s"
_OWNERS = """
    SELECT count(*) FROM idn.user
    WHERE tenant_no = %s AND role = 'owner' AND state = 'active' AND companies IS NULL
"""
_HASH = "SELECT password_hash FROM idn.credential WHERE tenant_no = %s AND user_no = %s"
_SET_HASH = """
    INSERT INTO idn.credential (tenant_no, user_no, password_hash, changed_at, must_change)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (tenant_no, user_no) DO UPDATE SET
        password_hash = excluded.password_hash, changed_at = excluded.changed_at, must_change = excluded.must_change
"""
_REHASH = "UPDATE idn.credential SET password_hash = %s WHERE tenant_no = %s AND user_no = %s"
# Whoever else changes the password waits for the end of the transaction, or was first: then the hash is another one.
_MUST_CHANGE = """
    SELECT must_change FROM idn.credential WHERE tenant_no = %s AND user_no = %s AND password_hash = %s FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class User:
    """A person of a tenant. `companies` None means all of them, those of later, too; `state` is active or disabled."""

    user_no: int
    public_id: str
    login: str
    name: str
    role: Role
    state: str
    companies: tuple[int, ...] | None

    def __post_init__(self) -> None:
        # The driver gives text and a list.
        object.__setattr__(self, "role", Role(self.role))
        object.__setattr__(self, "companies", None if self.companies is None else tuple(self.companies))

    @property
    def active(self) -> bool:
        """Whether the person may sign in."""
        return self.state == "active"


async def by_no(session: TenantSession, user_no: int) -> User | None:
    """Return a user by number."""
    return _first(await session.fetch_as(User, _BY_NO, [session.tenant_no, user_no]))


async def by_id(session: TenantSession, public_id: str) -> User | None:
    """Return a user by public id."""
    return _first(await session.fetch_as(User, _BY_ID, [session.tenant_no, public_id]))


async def by_login(session: TenantSession, login: str) -> User | None:
    """Return the user who signs in by this name, which is given folded."""
    return _first(await session.fetch_as(User, _BY_LOGIN, [session.tenant_no, login]))


async def every(session: TenantSession) -> list[User]:
    """Return the tenant's users in the order they came."""
    return await session.fetch_as(User, _ALL, [session.tenant_no])


async def lock(session: TenantSession) -> None:
    """Wait until no other transaction changes the tenant's users."""
    await session.execute(_LOCK, [_LOCK_OF_USERS, session.tenant_no])


async def add(
    session: TenantSession, public_id: str, login: str, name: str, role: Role, companies: tuple[int, ...] | None
) -> int:
    """Add a user and return the number; under `lock`."""
    given = {"id": public_id, "login": login, "name": name, "role": role, "companies": _list(companies)}
    return int(await session.fetch_value(_ADD, {"tenant": session.tenant_no, **given}))


async def change(session: TenantSession, user: User) -> None:
    """Write name, role, state and companies of a user; under `lock`."""
    values = [user.name, user.role, user.state, _list(user.companies)]
    await session.execute(_CHANGE, [*values, session.tenant_no, user.user_no])


async def owners(session: TenantSession) -> int:
    """Return how many active owners of all companies there are."""
    return int(await session.fetch_value(_OWNERS, [session.tenant_no]))


async def password_hash(session: TenantSession, user_no: int) -> str | None:
    """Return the hash of a user's password; None where none was set."""
    found: str | None = await session.fetch_value(_HASH, [session.tenant_no, user_no])
    return found


async def set_password_hash(
    session: TenantSession, user_no: int, hashed: str, at: datetime, *, must_change: bool
) -> None:
    """Keep the hash of a user's new password; `must_change` says that somebody else knows it."""
    await session.execute(_SET_HASH, [session.tenant_no, user_no, hashed, at, must_change])


async def rehash(session: TenantSession, user_no: int, hashed: str) -> None:
    """Keep a stronger hash of the same password."""
    await session.execute(_REHASH, [hashed, session.tenant_no, user_no])


async def must_change(session: TenantSession, user_no: int, hashed: str) -> bool | None:
    """Whether a user's password is one that somebody else knows; None where it has another hash than this by now.

    Nobody changes it before the end of the transaction.
    """
    found: bool | None = await session.fetch_value(_MUST_CHANGE, [session.tenant_no, user_no, hashed])
    return found


def _first(found: list[User]) -> User | None:
    return found[0] if found else None


def _list(companies: tuple[int, ...] | None) -> list[int] | None:
    return None if companies is None else list(companies)
