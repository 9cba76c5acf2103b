"""The application as it is put together: it answers, says whether it is ready, and describes itself truly."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ledgerflow_server.app import create_app
from ledgerflow_server.database.connecting import Connection, Database
from ledgerflow_server.database.failures import SchemaBehind
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.settings.settings import Settings
from sync_server.serving import served

pytestmark = pytest.mark.anyio

# Those that ask whether what came back is what the description says, and that nothing broke.
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def app_of(folder: Path, database: Database) -> FastAPI:
    settings = Settings(data_folder=folder, rate_address="")
    keys = server_keys.create(settings.key_folder, os.urandom)
    return create_app(settings, keys, incarnation.renew(folder, os.urandom), database)


@pytest.fixture
def app(tmp_path: Path, database: Database) -> FastAPI:
    return app_of(tmp_path, database)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="https://a") as found:
        yield found


async def test_it_lives_and_is_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {"status": "ready"}


async def test_it_is_not_ready_when_tables_or_guards_change_under_it(
    client: httpx.AsyncClient, as_administrator: Connection
) -> None:
    as_administrator.execute("ALTER TABLE lf.company DISABLE ROW LEVEL SECURITY")
    try:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["failing"]) == (503, {"tenancy": "tenancy-unsafe"})
    finally:
        as_administrator.execute("ALTER TABLE lf.company ENABLE ROW LEVEL SECURITY")
    assert (await client.get("/health/ready")).status_code == 200


async def test_it_does_not_start_on_tables_of_another_version(app: FastAPI, as_administrator: Connection) -> None:
    [(revision,)] = as_administrator.execute("SELECT version_num FROM lf.schema_version").fetchall()
    as_administrator.execute("UPDATE lf.schema_version SET version_num = '0000'")
    try:
        with pytest.raises(SchemaBehind):
            async with app.router.lifespan_context(app):
                pass
    finally:
        as_administrator.execute("UPDATE lf.schema_version SET version_num = %s", [revision])


async def test_every_operation_has_a_name_of_its_own_and_documents_its_problems(app: FastAPI) -> None:
    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names)) > 1
    for operation in operations:
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]


async def test_there_are_no_pages_to_try_it_unless_they_are_asked_for(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 404
    assert (await client.get("/redoc")).status_code == 404


def test_schemathesis_finds_no_answer_the_description_does_not_know(app: FastAPI) -> None:
    """Whatever is sent to any operation, without a token: the answer is described, and none is a 500."""
    with served(app) as port:
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
        for found in schema.get_all_operations():
            operation = found.ok()

            @hypothesis.settings(max_examples=5, deadline=None, database=None, derandomize=True)
            @hypothesis.given(case=operation.as_strategy())
            def described(case: schemathesis.Case) -> None:
                answer = case.call()
                case.validate_response(answer, checks=CHECKS)

            described()
