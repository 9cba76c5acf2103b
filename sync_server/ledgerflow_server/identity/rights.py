"""What each role may ask of the server, and the one check every endpoint makes.

What a role may change in the books is another table (`ledgerflow_core.sync.roles`): such an event is parked, not
refused, so handing in batches (`SYNC`) is open to every role.
"""

from enum import StrEnum

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.tenancy.principal import Principal


class Permission(StrEnum):
    """One kind of request, as far as roles tell them apart."""

    SYNC = "sync"
    READ_BOOKS = "read-books"
    RESOLVE = "resolve"
    EXPORT = "export"
    SEE_DEVICES = "see-devices"
    MANAGE_DEVICES = "manage-devices"
    MANAGE_PEOPLE = "manage-people"
    MANAGE_COMPANIES = "manage-companies"
    READ_AUDIT = "read-audit"
    EXPORT_TENANT = "export-tenant"


_EVERYBODY = frozenset({Permission.SYNC, Permission.READ_BOOKS})
PERMISSIONS_BY_ROLE: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.ACCOUNTANT: _EVERYBODY | {Permission.RESOLVE, Permission.EXPORT},
    Role.BRANCH: _EVERYBODY,
    Role.VIEWER: _EVERYBODY,
    Role.AUDITOR: _EVERYBODY | {Permission.EXPORT, Permission.SEE_DEVICES, Permission.READ_AUDIT},
}

# These are about the tenant as a whole: somebody who sees some of its companies only has no say in them.
_OF_THE_TENANT = frozenset(
    {Permission.MANAGE_PEOPLE, Permission.MANAGE_COMPANIES, Permission.READ_AUDIT, Permission.EXPORT_TENANT}
)

# What a device does by itself. People, devices and companies are managed by a person who has signed in.
_OF_DEVICES = frozenset({Permission.SYNC, Permission.READ_BOOKS, Permission.RESOLVE, Permission.EXPORT})
_OF_PEOPLE = frozenset(Permission) - {Permission.SYNC}

# Who may change people may not make or change anybody above themselves.
_RANK = {Role.OWNER: 2, Role.ADMIN: 1}


def may(principal: Principal, permission: Permission, company_no: int | None = None) -> bool:
    """Whether somebody may do this, in a company where one is named."""
    if permission not in (_OF_PEOPLE if principal.device_no is None else _OF_DEVICES):
        return False
    if permission in _OF_THE_TENANT and principal.companies is not None:
        return False
    return permission in PERMISSIONS_BY_ROLE[Role(principal.role)] and sees(principal, company_no)


def sees(principal: Principal, company_no: int | None) -> bool:
    """Whether a company is one of theirs; true where none is named."""
    return company_no is None or principal.companies is None or company_no in principal.companies


def require(principal: Principal, permission: Permission, company_no: int | None = None) -> None:
    """Raise 404 `not-found` for a company that is not theirs, 403 `not-permitted` for what their role may not do."""
    if not sees(principal, company_no):
        raise Refused(404, "not-found")
    if not may(principal, permission, company_no):
        raise Refused(403, "not-permitted", role=principal.role)


def require_person(principal: Principal) -> int:
    """Return the user's number of a signed-in person; raise 403 `not-permitted` for a device, which manages nothing."""
    if principal.user_no is None or principal.device_no is not None:
        raise Refused(403, "not-permitted", role=principal.role)
    return principal.user_no


def outranks(one: Role, other: Role) -> bool:
    """Whether `one` stands above `other`."""
    return _RANK.get(one, 0) > _RANK.get(other, 0)
