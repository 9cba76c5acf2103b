"""Sessions of tenants: what they see, what outlives them, and what becomes of a transaction that goes wrong."""

import pytest

from ledgerflow_server.tenancy.session import Tenants
from sync_server.two_tenants import TwoTenants

pytestmark = pytest.mark.anyio

NAMES = "SELECT name FROM lf.company ORDER BY company_no"


async def test_a_tenant_sees_its_own_rows_and_no_others(sessions: Tenants, tenants: TwoTenants) -> None:
    async with sessions.session(tenants.first) as session:
        assert await session.fetch_all(NAMES) == [("Company 1 of 1",), ("Company 2 of 1",)]
    async with sessions.session(tenants.second) as session:
        assert await session.fetch_all(NAMES) == [("Company 1 of 2",), ("Company 2 of 2",)]
