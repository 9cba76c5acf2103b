"""Who may do what: six roles, and the acts in the books each may perform.

A device posts for the user it was enrolled for. What the role may not do is refused at the desk, before it is saved. An
event that reaches the server all the same, made before the role changed, is parked: someone who may can take it over.
"""

from enum import StrEnum

from ledgerflow_core.events.event import (
    Body,
    CloseRequested,
    CompanyChanged,
    CompanyCreated,
    ConflictResolved,
    KeyAdded,
    KeyRevoked,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    ReplicaClosed,
    SeriesClosed,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)


class Role(StrEnum):
    """What a user of a tenant is; stored by these names."""

    OWNER = "owner"
    ADMIN = "admin"
    ACCOUNTANT = "accountant"
    BRANCH = "branch"
    VIEWER = "viewer"
    AUDITOR = "auditor"


class Act(StrEnum):
    """A kind of change to the books, as far as rights tell them apart."""

    POST = "post"
    ALTER = "alter"
    MASTERS = "masters"
    CLOSE = "close"
    RESOLVE = "resolve"
    ADMINISTER = "administer"


_BOOKKEEPING = frozenset({Act.POST, Act.ALTER, Act.MASTERS})
ACTS_BY_ROLE: dict[Role, frozenset[Act]] = {
    Role.OWNER: frozenset(Act),
    Role.ADMIN: frozenset(Act),
    Role.ACCOUNTANT: _BOOKKEEPING | {Act.CLOSE, Act.RESOLVE},
    Role.BRANCH: _BOOKKEEPING,
    Role.VIEWER: frozenset(),
    Role.AUDITOR: frozenset(),
}

# A body not in the table (a replica that opens, an import's note, an acknowledgement) needs no right.
_ACT_BY_BODY: dict[type, Act] = {
    VoucherPosted: Act.POST,
    VoucherAltered: Act.ALTER,
    VoucherCancelled: Act.ALTER,
    MasterCreated: Act.MASTERS,
    MasterChanged: Act.MASTERS,
    MasterMerged: Act.CLOSE,
    MasterRetired: Act.MASTERS,
    CompanyCreated: Act.ADMINISTER,
    CompanyChanged: Act.CLOSE,
    PeriodLocked: Act.CLOSE,
    PeriodUnlocked: Act.CLOSE,
    CloseRequested: Act.CLOSE,
    ConflictResolved: Act.RESOLVE,
    ReplicaClosed: Act.ADMINISTER,
    SeriesClosed: Act.ADMINISTER,
    KeyAdded: Act.ADMINISTER,
    KeyRevoked: Act.ADMINISTER,
}


def may(role: Role, body: Body) -> bool:
    """Whether a user of this role may make an event with this body."""
    return denied(role, body) is None


def denied(role: Role, body: Body) -> Act | None:
    """Return the act that a user of this role would need a right to and lacks; None where there is nothing against."""
    act = _ACT_BY_BODY.get(type(body))
    return None if act is None or act in ACTS_BY_ROLE[role] else act
