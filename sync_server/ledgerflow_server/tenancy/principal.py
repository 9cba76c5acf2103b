"""Who asks: the tenant, the person or device, and what of the tenant they may see. Made by authentication alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who is known to belong to a tenant.

    `companies` None means all of the tenant, those of later, too; an empty tuple means none. `user_no` is the person,
    for a device the one it was enrolled by; None for the server's own work.
    """

    tenant_no: int
    user_no: int | None = None
    device_no: int | None = None
    role: str = ""
    companies: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        assert self.tenant_no > 0, "tenants are numbered from 1"
        assert self.companies is None or all(no > 0 for no in self.companies), "companies are numbered from 1"
