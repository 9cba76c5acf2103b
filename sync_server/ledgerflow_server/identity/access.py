"""From a request to whoever asks: the token is checked, and then the database is asked whether it still holds.

A token lives for minutes, but who was revoked, disabled or given another role feels it at the next request.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from ledgerflow_server.edge import request_context
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.rate_limits import RateLimits
from ledgerflow_server.identity import rights, standing
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.identity.standing import Standing
from ledgerflow_server.identity.tokens import Claims, Tokens, refused
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants

_SCHEME = "bearer "


class Access:
    """Answers who sent a request. `people` opens sessions as lf_auth."""

    def __init__(self, tokens: Tokens, people: Tenants, limits: RateLimits) -> None:
        self._tokens = tokens
        self._people = people
        self._limits = limits

    def claims(self, request: Request) -> Claims:
        """Return what the request's token says, counted against the limits of its device and tenant.

        Nothing is asked of the database: for the path of batches, which checks the device in its own transaction.
        """
        said = request.headers.getlist("authorization")
        if len(said) != 1 or not said[0][: len(_SCHEME)].lower() == _SCHEME:
            raise refused("token-wrong")
        claims = self._tokens.read(said[0][len(_SCHEME) :].strip())
        request_context.note(tenant=claims.tenant)
        if claims.device is not None:
            request_context.note(device=claims.device)
            self._limits.take_device(claims.tenant, claims.device)
        self._limits.take_tenant(claims.tenant)
        return claims

    async def principal(self, request: Request) -> Principal:
        """Return who asks, with role and companies as they are now.

        Raises 401 `token-wrong` or `token-expired`, 403 `device-revoked` or `tenant-suspended`.
        """
        claims = self.claims(request)
        asking = Principal(claims.tenant, claims.user, claims.device)
        if claims.session is not None:
            found = await standing.of_session(self._people, asking, claims.session)
        else:
            assert claims.device is not None, "claims are a device's or a session's"
            found = await standing.of_device(self._people, asking, claims.device)
        sound = _sound(found, claims)
        return replace(asking, role=sound.role, companies=sound.seen)

    def session_id(self, request: Request) -> str:
        """Return the session of a signed-in person's request; raises 403 `not-permitted` for a device."""
        session_id = self.claims(request).session
        if session_id is None:
            raise Refused(403, "not-permitted")
        return session_id


def _sound(found: Standing | None, claims: Claims) -> Standing:
    if found is None or found.user_no != claims.user:
        raise refused("token-wrong")
    if not found.tenant_active:
        raise Refused(403, "tenant-suspended")
    if not found.user_active or not found.alive:
        raise Refused(403, "device-revoked") if claims.device is not None else refused("token-wrong")
    return found


async def principal(request: Request) -> Principal:
    """Return who sent a request: the dependency of every endpoint but those of signing in and enrolment."""
    access: Access = request.app.state.access
    return await access.principal(request)


Asker = Annotated[Principal, Depends(principal)]


def asking(permission: Permission) -> Callable[[Principal], Awaitable[Principal]]:
    """Return the dependency of an endpoint only some roles may use; for rooms below, which know no roles."""

    async def allowed(asker: Asker) -> Principal:
        rights.require(asker, permission)
        return asker

    return allowed
