"""Companies over HTTP: made once however often it is asked, seen by those they are for."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Connection, Database
from sync_server.people_app import World, code_of, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


async def test_a_company_is_made_and_waits_for_its_book(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN))
    body = {"name": "Sharma Traders"}
    answer = await w.client.post("/v1/companies", json=body, headers=headers | {"Idempotency-Key": "a"})
    wanted = {"number": 1, "id": None, "name": "Sharma Traders", "state": "active"}
    assert (answer.status_code, answer.json()) == (201, wanted)
    assert (await w.client.get("/v1/companies", headers=headers)).json() == [wanted]
    async with w.services.tenants.session(tenant) as session:
        assert await session.fetch_all("SELECT company_no, size FROM lf.company_head") == [(1, 0)]
    assert (await w.audit(tenant))[0].action == "company-created"


async def test_a_request_that_comes_again_makes_no_second_company(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN)) | {"Idempotency-Key": "one"}
    first = await w.client.post("/v1/companies", json={"name": "A"}, headers=headers)
    again = await w.client.post("/v1/companies", json={"name": "A"}, headers=headers)
    assert again.json() == first.json()
    other = await w.client.post("/v1/companies", json={"name": "B"}, headers=headers)
    assert code_of(other) == (422, "idempotency-key-reused")
    del headers["Idempotency-Key"]
    assert code_of(await w.client.post("/v1/companies", json={"name": "A"}, headers=headers)) == (422, "missing-field")
    assert len((await w.client.get("/v1/companies", headers=headers)).json()) == 1


async def test_companies_made_at_once_get_numbers_without_holes(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    answers = await asyncio.gather(
        *(
            w.client.post("/v1/companies", json={"name": f"C {n}"}, headers=headers | {"Idempotency-Key": f"k{n}"})
            for n in range(6)
        )
    )
    assert sorted(answer.json()["number"] for answer in answers) == [1, 2, 3, 4, 5, 6]


async def test_everybody_sees_the_companies_they_are_given(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    for name in ("A", "B", "C"):
        await w.company(tenant, name)
    for companies, seen in (((2,), [2]), ((1, 3), [1, 3]), ((), []), (None, [1, 2, 3])):
        headers = await w.headers(tenant_id, await w.user(tenant, Role.VIEWER, companies))
        listed = (await w.client.get("/v1/companies", headers=headers)).json()
        assert [company["number"] for company in listed] == seen


async def test_a_company_is_renamed_and_archived_by_those_who_may(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    await w.company(tenant, "A")
    owner = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    part = await w.headers(tenant_id, await w.user(tenant, Role.ADMIN, (1,)))
    accountant = await w.headers(tenant_id, await w.user(tenant, Role.ACCOUNTANT))
    for headers in (part, accountant):
        answer = await w.client.patch("/v1/companies/1", json={"name": "B"}, headers=headers)
        assert code_of(answer) == (403, "not-permitted")
    answer = await w.client.patch("/v1/companies/1", json={"name": "B", "state": "archived"}, headers=owner)
    assert answer.json() == {"number": 1, "id": None, "name": "B", "state": "archived"}
    assert code_of(await w.client.patch("/v1/companies/9", json={"name": "B"}, headers=owner)) == (404, "not-found")


async def test_no_column_can_be_set_that_is_not_asked_for(w: World, as_administrator: Connection) -> None:
    tenant, tenant_id = await w.tenant()
    await w.company(tenant)
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER)) | {"Idempotency-Key": "x"}
    rows = as_administrator.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'lf' AND table_name = 'company'"
    )
    columns = {row[0] for row in rows}
    assert columns > {"tenant_no", "company_no", "public_id"}
    for column in columns - {"name"}:
        answer = await w.client.post("/v1/companies", json={"name": "A", column: 1}, headers=headers)
        assert code_of(answer) == (422, "unknown-field"), column
    for column in columns - {"name", "state"}:
        answer = await w.client.patch("/v1/companies/1", json={column: 1}, headers=headers)
        assert code_of(answer) == (422, "unknown-field"), column


@pytest.mark.parametrize("name", ["", " ", " A", "A\n", "A\u0007B", "x" * 201])
async def test_a_name_is_one_line_that_people_read(w: World, name: str) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER)) | {"Idempotency-Key": "x"}
    answer = await w.client.post("/v1/companies", json={"name": name}, headers=headers)
    assert code_of(answer) == (422, "invalid-field")
