"""Attacks on the whole server that belong to no single room; docs/attacks.md lists them with all the others."""

import ast
import asyncio
import importlib
import inspect
import pkgutil
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import ledgerflow_core
import ledgerflow_server
from builders import a_sale
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Database
from sync_server.isolation import Case, two_by_two
from sync_server.ledger.office import Branch, an_open_office, compress
from sync_server.people_app import World, code_of, ids, world
from sync_server.test_isolation_matrix import CASES

pytestmark = pytest.mark.anyio

ELSEWHERE = "https://elsewhere.example"
# What a program needs to reach another machine by itself. Its own PostgreSQL is reached through psycopg.
DIALS = {
    "aiohttp", "ftplib", "http.client", "httpx", "opentelemetry.exporter", "requests", "smtplib", "urllib.request",
    "urllib3", "xmlrpc",
}  # fmt: skip
# Texts that make a pattern with two ways to match take for ever: much of what matches, then what does not.
ATTACKS = [
    unit * (100_000 // len(unit)) + "\0"
    for unit in (
        "a",
        "0",
        "-",
        "a-",
        "a.",
        "a/",
        ".",
        " ",
        "0.0",
        "\\",
        '"',
        "=:",
        "sha-256=::,",
        "f0-",
        "[",
        "` - at `$",
    )
]


@pytest.fixture
async def w(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as made:
        yield made


@pytest.fixture
async def branch(tmp_path: Path, database: Database) -> AsyncIterator[Branch]:
    async with an_open_office(tmp_path, database) as office:
        yield await office.first_branch()


@pytest.mark.slow
async def test_a_batch_sent_a_thousand_times_at_once_is_in_the_log_once(branch: Branch) -> None:
    branch.post(a_sale())
    wire = to_wire(branch.batch(), compress)
    answers = []
    # As many at once as find a connection in time; those who do not are told to come back, which proves less.
    for _ in range(20):
        answers += await asyncio.gather(*(branch.send_wire(wire) for _ in range(50)))
    assert len(answers) == 1_000
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await branch.entries()) == len(branch.events)


async def test_another_sites_page_has_nothing_to_ride_on(w: World) -> None:
    """No answer gives a cookie or lets another origin read it, and no cookie stands in for a token."""
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    cookie = {"Cookie": f"token={headers['Authorization']}", "Origin": ELSEWHERE, "Content-Type": "text/plain"}
    for case in CASES:
        path = re.sub(r"{\w+}", "018f0000-0000-7000-8000-000000000000", case.path)
        for method in (case.method, "OPTIONS"):
            answer = await w.client.request(method, path, headers=cookie, content=b"{}")
            assert not [name for name in answer.headers if name.startswith(("set-cookie", "access-control-"))], path
            assert answer.status_code == 405 or method != "OPTIONS", path
            assert answer.status_code == 401 or method == "OPTIONS" or case.open, path


def test_the_server_reaches_out_to_nobody() -> None:
    """No address anybody gives is ever fetched: nothing in the program could, but what sends traces."""
    found = {
        (path.stem, name)
        for path in Path(ledgerflow_server.__file__).parent.rglob("*.py")
        for name in _imports(ast.parse(path.read_text("utf-8")))
        if any(name == dialer or name.startswith(f"{dialer}.") for dialer in DIALS)
    }
    # The one that sends traces, loaded late, to a collector that whoever runs the server names in the settings.
    assert found == {("tracing", "opentelemetry.exporter.otlp.proto.http.trace_exporter")}


@pytest.mark.parametrize("case", [case for case in CASES if case.json is not None], ids=lambda case: case.path)
async def test_no_body_takes_a_field_that_is_not_its_own(tmp_path: Path, database: Database, case: Case) -> None:
    """A column beside what is asked for, in a request that is otherwise sound and allowed."""
    async with two_by_two(tmp_path, database) as made:
        for asker, _ in made.strange[:3]:
            assert case.json is not None
            body = case.json(asker.own, asker.own.laptop)
            assert isinstance(body, dict)
            path = case.path.format(**asker.own.ids | case.fill)
            for column in ("tenant_no", "role_of_owner"):
                answer = await made.world.client.request(
                    case.method, path, json=body | {column: 1}, headers=asker.headers | case.headers
                )
                assert code_of(answer)[0] in (401, 403, 422), (column, answer.text)
                assert asker.who != "owner" or answer.status_code != 401, answer.text


async def test_tokens_in_turn_do_not_get_a_device_more_than_its_share(tmp_path: Path, database: Database) -> None:
    async with world(tmp_path, database, rate_device="5/hour") as w:
        tenant, tenant_id = await w.tenant()
        company = await w.company(tenant)
        book = ids.new()
        laptop, _ = await w.enrolled(tenant, company, await w.user(tenant), book)
        tokens = [await w.device_headers(tenant_id, laptop) for _ in range(6)]
        answers = [await w.client.get("/v1/companies", headers=token) for token in tokens]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        other, _ = await w.enrolled(tenant, company, await w.user(tenant), book)
        headers = await w.device_headers(tenant_id, other)
        assert (await w.client.get("/v1/companies", headers=headers)).status_code == 200


async def test_people_in_turn_do_not_get_a_tenant_more_than_its_share(tmp_path: Path, database: Database) -> None:
    async with world(tmp_path, database, rate_tenant="4/hour") as w:
        (tenant, tenant_id), (other, other_id) = await w.tenant(), await w.tenant()
        people = [await w.headers(tenant_id, await w.user(tenant, Role.VIEWER)) for _ in range(5)]
        answers = [await w.client.get("/v1/companies", headers=headers) for headers in people]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        headers = await w.headers(other_id, await w.user(other, Role.VIEWER))
        assert (await w.client.get("/v1/companies", headers=headers)).status_code == 200


def test_no_text_makes_a_pattern_of_the_server_think_for_long() -> None:
    """Asked as the program asks it. One that tries the same text twice would need minutes for a hundred thousand signs
    of the worst kind."""
    asked = list(_asked_patterns())
    assert len(asked) > 15
    for name, pattern, method in asked:
        for text in ATTACKS:
            # The thread's own time: a machine that is busy with something else says nothing of a pattern.
            begun = time.thread_time()
            found = getattr(pattern, method)(text.encode() if isinstance(pattern.pattern, bytes) else text)
            if method == "finditer":
                deque(found, maxlen=0)
            assert time.thread_time() - begun < 1, (name, text[:10])


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (str(ast.literal_eval(argument)) for argument in node.args if isinstance(argument, ast.Constant))
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _asked_patterns() -> "Iterator[tuple[str, re.Pattern[Any], str]]":
    """Yield each pattern of the server and the core with each method it is asked by in its module."""
    for package in (ledgerflow_core, ledgerflow_server):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" in found.name or ".migrations" in found.name:
                continue
            module = importlib.import_module(found.name)
            asks = {
                (node.value.id, node.attr)
                for node in ast.walk(ast.parse(inspect.getsource(module)))
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            }
            for name, method in sorted(asks):
                pattern = getattr(module, name, None)
                if isinstance(pattern, re.Pattern) and method in {"match", "search", "fullmatch", "finditer"}:
                    yield f"{found.name}.{name}", pattern, method
