"""Whether a token still holds: state, role and companies of its user, its session or device, at this moment."""

from dataclasses import dataclass

from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants

_USER = "u.user_no, u.role, u.companies, u.state = 'active' AS user_active, t.state = 'active' AS tenant_active"
_TENANT = "JOIN lf.tenant AS t ON t.tenant_no = u.tenant_no"
_OF_SESSION = f"""
    SELECT {_USER}, s.revoked_at IS NULL AS alive, NULL::int4[] AS enrolled_in
    FROM idn.session AS s JOIN idn.user AS u ON (u.tenant_no, u.user_no) = (s.tenant_no, s.user_no) {_TENANT}
    WHERE s.tenant_no = %s AND s.session_id = %s AND s.user_no = %s
"""  # noqa: S608 - put together from constants
_OF_DEVICE = f"""
    SELECT {_USER}, d.state = 'active' AS alive, ARRAY(
        SELECT DISTINCT r.company_no FROM lf.replica AS r
        WHERE r.tenant_no = d.tenant_no AND r.device_no = d.device_no AND r.state <> 'revoked') AS enrolled_in
    FROM lf.device AS d JOIN idn.user AS u ON (u.tenant_no, u.user_no) = (d.tenant_no, d.user_no) {_TENANT}
    WHERE d.tenant_no = %s AND d.device_no = %s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands. `alive` is their session or device; `enrolled_in` a device's companies, None for a person.

    `companies` None means all of the tenant.
    """

    user_no: int
    role: str
    companies: tuple[int, ...] | None
    user_active: bool
    tenant_active: bool
    alive: bool
    enrolled_in: tuple[int, ...] | None

    @property
    def seen(self) -> tuple[int, ...] | None:
        """The companies somebody sees: a device those it has a book of, as far as its user sees them."""
        if self.enrolled_in is None:
            return None if self.companies is None else tuple(self.companies)
        own = set(self.enrolled_in)
        return tuple(sorted(own if self.companies is None else own & set(self.companies)))


async def of_session(people: Tenants, asking: Principal, session_id: str) -> Standing | None:
    """Return the standing of a person's session; None where the tenant has none such."""
    found = await people.answer(asking, Standing, _OF_SESSION, [asking.tenant_no, session_id, asking.user_no])
    return found[0] if found else None


async def of_device(people: Tenants, asking: Principal, device_no: int) -> Standing | None:
    """Return the standing of a device; None where the tenant has none such."""
    found = await people.answer(asking, Standing, _OF_DEVICE, [asking.tenant_no, device_no])
    return found[0] if found else None
