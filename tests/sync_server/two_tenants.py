"""What the fixture `tenants` gives."""

from dataclasses import dataclass

from ledgerflow_server.tenancy.principal import Principal


@dataclass(frozen=True)
class TwoTenants:
    """Two tenants that must never see each other's rows."""

    first: Principal
    second: Principal
    first_id: str
    second_id: str
