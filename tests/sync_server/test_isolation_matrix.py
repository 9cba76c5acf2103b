"""Every route and every table, asked by those it is not for: what is not theirs is not there.

A new route fails here until it has its line in `CASES`, a new table until a row of it can be made.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest
from fastapi.routing import APIRoute
from msgspec.structs import replace
from psycopg import sql
from starlette.routing import BaseRoute, Route

from builders import a_sale
from ledgerflow_core.events.chain import Author, genesis, next_event
from ledgerflow_core.events.event import ReplicaOpened
from ledgerflow_core.identifiers import CompanyId, DeviceId, EventId, ReplicaId, UserId, VoucherId, named
from ledgerflow_core.sync.batch import Sender, seal, to_wire
from ledgerflow_core.sync.enrolment import rehoming_statement
from ledgerflow_core.sync.log import Outcome, VerdictRun
from ledgerflow_core.sync.messages import LogEnd, LogItem, log_to_wire
from ledgerflow_core.sync.receipts import Checkpoint, sign_checkpoint
from ledgerflow_server.app import create_app
from ledgerflow_server.database.connecting import Connection, Database
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.ledger.endpoints import BATCH, LOG
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants
from sync_server.isolation import Case, Target, two_by_two
from sync_server.ledger.office import AT, compress
from sync_server.people_app import Laptop, ids

pytestmark = pytest.mark.anyio
PASSWORD = "eight little tigers"


def hello(target: Target, laptop: Laptop) -> dict[str, object]:
    none = "00" * 32
    return {
        "v": 1,
        "company": target.book,
        "replica": laptop.replica,
        "incarnation": "",
        "seq": 0,
        "head": none,
        "size": 0,
        "root": none,
        "pending": 0,
        "at": AT,
        "app": "1",
    }


def batch(target: Target, laptop: Laptop) -> bytes:
    """Return a sound batch of the asker's own replica, for the target's company."""
    replica = ReplicaId(laptop.replica)
    opened = ReplicaOpened(
        device=DeviceId(laptop.device), user=UserId(target.user.public_id), user_name="Asha", key=laptop.public
    )
    author = Author(replica, UserId(target.user.public_id))
    raw, _ = next_event(genesis(replica), opened, author=author, event_id=EventId(ids.new()), at=AT)
    sender = Sender(target.tenant_id, CompanyId(target.book), replica, "")
    return to_wire(seal([raw], genesis(replica), sender, laptop.key), compress)


def end_of_a_log(target: Target, laptop: Laptop) -> bytes:
    """Return a log of one batch that the server seems to have signed and lost."""
    wire = batch(target, laptop)
    item = LogItem(gseq=1, known=0, at=AT, verdicts=(VerdictRun(1, Outcome.ACCEPTED),), bytes=len(wire))
    company = CompanyId(target.book)
    checkpoint = Checkpoint(
        tenant=target.tenant_id, company=company, incarnation=target.incarnation, size=1, root="00" * 32, at=AT
    )
    end = LogEnd(size=1, checkpoint=sign_checkpoint(target.log_key, checkpoint).to_bytes().decode())
    return log_to_wire([(item, wire)], end)


def moved_replica(target: Target, laptop: Laptop) -> dict[str, object]:
    moved = Laptop()
    proof = moved.key.sign(rehoming_statement(target.laptop.replica, moved.replica, moved.public)).hex()
    return {
        "replica": moved.replica,
        "key": moved.public,
        "tag": "",
        "proof": proof,
        "former": target.laptop.replica,
    }


def sale(target: Target, laptop: Laptop) -> bytes:
    return msgspec.json.encode(replace(a_sale(), id=VoucherId(VOUCHER["voucher"])))


COMPANY = "/v1/companies/{company}"
JSON = "application/json"
ONCE, BASE = {"Idempotency-Key": "one"}, {"If-Match": f'"{"00" * 32}"'}
VOUCHER, EVENT = {"voucher": named("test-voucher", "sale")}, {"event": named("test-event", "parked")}
FILE = {"sha256": hashlib.sha256(b"a").hexdigest()}
CASES = [
    Case("GET", "/openapi.json", open="describes the program, not its data"),
    Case("GET", "/health/live", open="asked by what watches the server"),
    Case("GET", "/health/ready", open="asked by what watches the server"),
    Case("GET", "/v1/authority", open="the client checks it by the fingerprint it has"),
    Case("GET", "/v1/server", open="says what the program is"),
    Case("POST", "/v1/sessions", open="a password is what it asks for", json=lambda t, a: {}),
    Case("POST", "/v1/sessions/refresh", open="the refresh token is what it asks for", json=lambda t, a: {}),
    Case("POST", "/v1/enrolments", open="the code is what it asks for", json=lambda t, a: {}),
    Case("POST", "/v1/devices/challenge", open="given to anybody"),
    Case("POST", "/v1/devices/token", open="a signature is what it asks for", json=lambda t, a: {}),
    Case("DELETE", "/v1/sessions"),
    Case("GET", "/v1/me"),
    Case("PUT", "/v1/me/password", json=lambda t, a: {"old": PASSWORD, "new": PASSWORD}),
    Case("POST", "/v1/me/totp"),
    Case("POST", "/v1/me/totp/confirmation", json=lambda t, a: {"code": "000000"}),
    Case("POST", "/v1/me/totp/removal", json=lambda t, a: {"code": "000000"}),
    Case("GET", "/v1/users"),
    Case(
        "POST",
        "/v1/users",
        json=lambda t, a: {
            "login": "ravi",
            "name": "Ravi",
            "role": "viewer",
            "companies": [t.company_no],
            "password": PASSWORD,
        },
    ),
    Case("PATCH", "/v1/users/{user}", json=lambda t, a: {"name": "Taken"}),
    Case("PUT", "/v1/users/{user}/password", json=lambda t, a: {"password": PASSWORD}),
    Case("DELETE", "/v1/users/{user}/totp"),
    Case("GET", "/v1/companies"),
    Case("POST", "/v1/companies", json=lambda t, a: {"name": "New"}, headers={"Idempotency-Key": "one"}),
    Case("PATCH", "/v1/companies/{number}", json=lambda t, a: {"name": "Taken"}),
    Case("GET", "/v1/audit"),
    Case("GET", "/v1/audit/verification"),
    Case("GET", "/v1/devices"),
    Case("DELETE", "/v1/devices/{device}"),
    Case("POST", "/v1/enrolment-codes", json=lambda t, a: {"company": t.company_no, "user": t.user.public_id}),
    Case("POST", f"{COMPANY}/replicas", json=moved_replica),
    Case("GET", f"{COMPANY}/replicas"),
    Case("POST", f"{COMPANY}/hello", json=hello),
    Case("POST", f"{COMPANY}/batches", raw=batch, media=BATCH),
    Case("GET", f"{COMPANY}/log"),
    Case("POST", f"{COMPANY}/adoptions", raw=end_of_a_log, media=LOG),
    Case("GET", f"{COMPANY}/feed", streams=True),
    Case("GET", f"{COMPANY}/checkpoint"),
    Case("GET", f"{COMPANY}/proofs/inclusion", query="?entry=1&size=1"),
    Case("GET", f"{COMPANY}/proofs/consistency", query="?first=0&second=0"),
    Case("GET", "/v1/exports"),
    Case("POST", "/v1/exports", headers={"Idempotency-Key": "one"}),
    Case("GET", "/v1/exports/{export}/file", fill={"export": "0198c5f2-7e60-7000-8000-000000000001"}),
    Case("GET", f"{COMPANY}/reports/{{code}}", fill={"code": "trial-balance"}),
    Case("POST", f"{COMPANY}/vouchers", raw=sale, media=JSON, headers=ONCE),
    Case(
        "PUT",
        f"{COMPANY}/vouchers/{{voucher}}",
        raw=sale,
        media=JSON,
        headers=ONCE | BASE,
        fill=VOUCHER,
        below="voucher",
    ),
    Case(
        "DELETE",
        f"{COMPANY}/vouchers/{{voucher}}",
        query="?reason=twice",
        headers=ONCE | BASE,
        fill=VOUCHER,
        below="voucher",
    ),
    Case("GET", f"{COMPANY}/vouchers/{{voucher}}", fill=VOUCHER, below="voucher"),
    Case("GET", f"{COMPANY}/conflicts"),
    Case("GET", f"{COMPANY}/conflicts/{{event}}", fill=EVENT, below="event"),
    Case(
        "POST",
        f"{COMPANY}/conflicts/{{event}}/resolution",
        raw=lambda t, a: b'{"decision":"kept"}',
        media=JSON,
        headers=ONCE,
        fill=EVENT,
        below="event",
    ),
    Case(
        "PUT",
        f"{COMPANY}/attachments/{{sha256}}",
        raw=lambda t, a: b"a",
        headers={"Upload-Length": "1"},
        fill=FILE,
        below="attachment",
    ),
    Case(
        "PATCH",
        f"{COMPANY}/attachments/{{sha256}}",
        raw=lambda t, a: b"a",
        headers={"Upload-Offset": "0"},
        fill=FILE,
        below="attachment",
    ),
    Case("GET", f"{COMPANY}/attachments/{{sha256}}", fill=FILE, below="attachment"),
]
ASKED = [case for case in CASES if not case.open]


def _missing(answer: httpx.Response) -> str:
    """Return what a 404 says is not there: empty for the company itself."""
    place: str = answer.json()["problems"][0]["place"]
    return place


def _of(case: Case) -> str:
    return f"{case.method} {case.path}"


def _routes(found: Sequence[BaseRoute]) -> Iterator[Route | APIRoute]:
    """Yield every route, those of included routers, too; anything else is a hole in this test."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes)
        else:
            assert isinstance(route, Route | APIRoute), route
            yield route


def test_every_route_has_its_case(tmp_path: Path, database: Database) -> None:
    settings = Settings(data_folder=tmp_path, docs=False)
    keys = server_keys.create(settings.key_folder, os.urandom)
    app = create_app(settings, keys, incarnation.renew(tmp_path, os.urandom), database)
    there = {
        f"{method} {route.path}"
        for route in _routes(app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    cases = Counter(map(_of, CASES))
    assert there == set(cases), "add a line to CASES for each new route"
    assert max(cases.values()) == 1


@pytest.mark.parametrize("case", ASKED, ids=_of)
async def test_what_is_not_theirs_is_not_there(tmp_path: Path, database: Database, case: Case) -> None:
    async with two_by_two(tmp_path, database) as made:
        client = made.world.client
        theirs = set()
        for asker, target in made.strange:
            nobody = await case.ask(client, None, target)
            assert (nobody.status_code, nobody.json()["problems"][0]["code"]) == (401, "token-wrong")
            answer = await case.ask(client, asker, target)
            leaked = [marker for marker in target.markers if marker in answer.text]
            assert not leaked, (asker.who, leaked)
            if case.names_something:
                # 403 says only what the role is; which is right is seen below.
                assert answer.status_code in (403, 404), (asker.who, answer.text)
                assert not case.below or answer.status_code == 403 or _missing(answer) == "", (asker.who, answer.text)
                theirs.add(answer.status_code)
        if not case.names_something or case.streams:
            return
        # Asked by those whose it is, the same request is let through, so the refusals above were about isolation.
        statuses = {}
        for asker, _ in made.strange:
            answer = await case.ask(client, asker, asker.own)
            statuses[asker.who] = answer.status_code
            if answer.status_code not in (401, 403):
                # Of a company it sees, the asker hears that nothing there has this name; of others, that they are not.
                assert answer.status_code != 404 or _missing(answer) == case.below != "", (asker.who, answer.text)
        assert set(statuses.values()) - {401, 403}, statuses
        assert 404 in theirs


# --- tables ---------------------------------------------------------------------------------------

_TABLES = """
    SELECT n.nspname, c.relname, EXISTS (
        SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'company_no' AND a.attnotnull) AS company
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('lf', 'idn') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'tenant_no')
    ORDER BY 1, 2
"""
_COLUMNS = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL
"""
_VALUES: dict[str, object] = {
    "integer": 1,
    "bigint": 1,
    "smallint": 1,
    "text": "x",
    "bytea": b"\0" * 32,
    "uuid": "018f0000-0000-7000-8000-000000000000",
    "timestamp with time zone": "2026-04-01T00:00:00Z",
    "date": "2026-04-01",
    "boolean": False,
    "jsonb": "{}",
}


def _fill(admin: Connection, schema: str, table: str, tenant_no: int, company_no: int) -> None:
    """Put a row of a tenant and company into a table, past keys that refer to others."""
    columns = {name: _VALUES[kind] for name, kind in admin.execute(_COLUMNS, [schema, table]).fetchall()}
    known = {"tenant_no": tenant_no, "company_no": company_no, "credit": 0, "public_id": ids.new()}
    columns |= {name: value for name, value in known.items() if name in columns}
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
        sql.Identifier(schema, table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    admin.execute(statement, list(columns.values()))


async def test_no_table_shows_or_gives_a_row_of_another_tenant_or_company(
    tmp_path: Path, database: Database, as_administrator: Connection
) -> None:
    async with two_by_two(tmp_path, database) as made:
        services = made.world.services
        as_administrator.execute("SET session_replication_role = replica")
        tables = as_administrator.execute(_TABLES).fetchall()
        assert len(tables) > 30
        for schema, table, of_company in tables:
            for tenant_no in (101, 102):
                for company_no in (1, 2) if of_company else (1,):
                    _fill(as_administrator, schema, table, tenant_no, company_no)
            name = sql.Identifier(schema, table)
            sessions = services.people if schema == "idn" else services.tenants
            count = sql.SQL("SELECT tenant_no, count(*) FROM {} GROUP BY 1").format(name)
            everything = dict(as_administrator.execute(count).fetchall())
            rows = 2 if of_company else 1
            assert (everything[101], everything[102]) == (rows, rows), name
            assert await _seen(sessions, Principal(101), count) == {101: rows}, name
            if of_company:
                one = Principal(102, companies=(2,))
                assert await _seen(sessions, one, count) == {102: 1}, name
                assert await _seen(sessions, Principal(102, companies=()), count) == {}, name
            await _change_nothing(sessions, name)
        as_administrator.execute("SET session_replication_role = origin")


async def _seen(sessions: Tenants, principal: Principal, count: sql.Composed) -> dict[int, int]:
    async with sessions.session(principal, read_only=True) as session:
        return dict(await session.fetch_all(count))


async def _change_nothing(sessions: Tenants, table: sql.Identifier) -> None:
    """Try to change and delete what is another tenant's: refused, or nothing is found."""
    for statement in ("UPDATE {} SET tenant_no = 101 WHERE tenant_no = 102", "DELETE FROM {} WHERE tenant_no = 102"):
        try:
            async with sessions.session(Principal(101)) as session:
                assert await session.execute(sql.SQL(statement).format(table)) == 0
        except psycopg.errors.InsufficientPrivilege:
            continue
