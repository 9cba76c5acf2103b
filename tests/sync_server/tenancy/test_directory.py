"""The directory of tenants: made once, found by id, and made by nobody but the role for it."""

import psycopg
import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.identifiers import IdentifierSource
from ledgerflow_server.database.connecting import Database, pool_of
from ledgerflow_server.tenancy.directory import Directory, Tenant

pytestmark = pytest.mark.anyio


async def test_a_tenant_is_made_once_and_found(database: Database, identifiers: IdentifierSource) -> None:
    first, second = identifiers.many(2)
    async with pool_of(database, "lf_auth") as pool:
        directory = Directory(pool)
        assert await directory.create(first, " First ") == Tenant(1, first, "First", "active")
        assert await directory.create(first, "First again") == Tenant(1, first, "First", "active")
        assert (await directory.create(second, "Second")).tenant_no == 2
        assert await directory.find(identifiers.new()) is None
        assert await directory.set_state(second, "suspended")
        assert not await directory.set_state(identifiers.new(), "suspended")
    async with pool_of(database, "lf_app") as pool:
        assert await Directory(pool).find(second) == Tenant(2, second, "Second", "suspended")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await Directory(pool).create(identifiers.new(), "Third")


@pytest.mark.parametrize(("public_id", "name"), [("x", "Name"), ("", "Name"), (None, " "), (None, "n" * 201)])
async def test_what_is_no_id_or_no_name_is_refused(
    database: Database, identifiers: IdentifierSource, public_id: str | None, name: str
) -> None:
    async with pool_of(database, "lf_auth") as pool:
        with pytest.raises(InvalidInput):
            await Directory(pool).create(identifiers.new() if public_id is None else public_id, name)
