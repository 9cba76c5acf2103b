"""Jobs on a real queue: proofs, exports and clean-up are done once they are due, and poison is given up."""

import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate import App
from prometheus_client import generate_latest

from builders import a_sale
from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_core.sync.receipts import read_receipt
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.app import attachments_of, ledger_of, people_of
from ledgerflow_server.attachments.store import Place
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.database.connecting import Connection, Database, connect
from ledgerflow_server.jobs import cleaning, queue_repository, tasks
from ledgerflow_server.jobs.tasks import JobServices, findings_gauge, queue_of, rescue_stalled
from sync_server.ledger.office import Branch, Office, an_office, expand
from sync_server.people_app import code_of, ids

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pune(office: Office) -> Branch:
    branch = await office.first_branch()
    branch.post(a_sale(number="1"))
    await branch.send()
    return branch


@pytest.fixture
def services(office: Office) -> JobServices:
    made = office.world.services
    desk = ledger_of(made).desk
    files = attachments_of(made, desk).store
    return JobServices(desk, made.people, made.directory, findings_gauge(made.metrics), files)


@asynccontextmanager
async def queue(database: Database, services: JobServices) -> AsyncIterator[App]:
    async with queue_of(database, services).open_async() as opened:
        yield opened


@pytest.fixture
def as_queue(database: Database) -> Iterator[Connection]:
    """Gives a connection of the queue's own role, each statement committed."""
    with connect(database, "lf_queue", autocommit=True) as connection:
        yield connection


async def work(opened: App) -> None:
    """Do everything that waits, one after another: a job that makes others ends before the next is looked for."""
    await opened.run_worker_async(
        wait=False, listen_notify=False, delete_jobs="successful", install_signal_handlers=False, concurrency=1
    )


async def owner_headers(branch: Branch, role: Role = Role.OWNER) -> dict[str, str]:
    """Return the headers of a person who has signed in with a new password."""
    user, given = await branch.world.user(branch.tenant, role), "a long password of 2026"
    people = people_of(branch.world.services)
    await people.reset_password(replace(branch.tenant, role=Role.OWNER), user.public_id, given)
    body = {"tenant": branch.tenant_id, "login": user.login, "password": given, "new_password": given[::-1]}
    answer = await branch.world.client.post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_the_nightly_round_proves_every_company_and_keeps_what_it_finds(
    pune: Branch, services: JobServices, database: Database, as_administrator: Connection
) -> None:
    metrics = pune.world.services.metrics
    async with queue(database, services) as opened:
        await opened.configure_task("nightly-verification").defer_async(timestamp=0)
        await work(opened)
        assert b"ledgerflow_verification_findings 0.0" in generate_latest(metrics.registry)
        as_administrator.execute(
            "UPDATE lf.posting SET amount = amount + 1 WHERE tenant_no = %s", [pune.tenant.tenant_no]
        )
        await opened.configure_task("nightly-verification").defer_async(timestamp=1)
        await work(opened)
    kept = as_administrator.execute(
        "SELECT findings->0->>'code', findings->0->'gseq' FROM lf.verification WHERE tenant_no = %s",
        [pune.tenant.tenant_no],
    ).fetchall()
    assert kept == [("row-differs", len(pune.events))]
    assert b"ledgerflow_verification_findings 0.0" not in generate_latest(metrics.registry)
    newest = (await pune.world.audit(pune.tenant))[0]
    assert (newest.action, newest.actor) == (Action.VERIFICATION_FAILED, "server")
    assert newest.facts["gseq"] == len(pune.events)
    as_administrator.execute("UPDATE lf.posting SET amount = amount - 1 WHERE tenant_no = %s", [pune.tenant.tenant_no])


async def test_an_owner_gets_everything_of_the_tenant_as_one_file(
    pune: Branch, services: JobServices, database: Database
) -> None:
    client, headers = pune.world.client, await owner_headers(pune)
    asked = await client.post("/v1/exports", headers=headers | {"Idempotency-Key": "one"})
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    again = await client.post("/v1/exports", headers=headers | {"Idempotency-Key": "one"})
    assert again.json() == asked.json()
    path = f"/v1/exports/{asked.json()['id']}/file"
    assert code_of(await client.get(path, headers=headers)) == (404, "not-found")
    async with queue(database, services) as opened:
        await work(opened)
    assert [one["state"] for one in (await client.get("/v1/exports", headers=headers)).json()] == ["ready"]
    file = await client.get(path, headers=headers)
    assert file.status_code == 200
    stranger = await (await an_office(pune.world)).branch()
    assert code_of(await client.get(path, headers=await owner_headers(stranger))) == (404, "not-found")
    with zipfile.ZipFile(io.BytesIO(file.content)) as held:
        batches, _ = log_from_wire(held.read(f"companies/{pune.company}/log/000000000000.log"), expand)
        assert [raw for batch in batches for _, _, raw, _ in batch.entries()] == pune.events
        about = json.loads(held.read("export.json"))
        key = pune.world.services.keys.log.public_key()
        assert about["server_key"] == key.public_bytes_raw().hex()
        receipts = [name for name in held.namelist() if name.endswith(".receipt")]
        assert read_receipt(key, Signed.from_bytes(held.read(receipts[0]), "receipt")).company == pune.company
        [replica] = json.loads(held.read("replicas.json"))
        assert replica["replica"] == pune.replica
        assert json.loads(held.read("attachments.json")) == []


async def test_who_is_no_owner_of_the_whole_tenant_takes_nothing_away(pune: Branch) -> None:
    client = pune.world.client
    for role in (Role.ACCOUNTANT, Role.AUDITOR, Role.VIEWER):
        answer = await client.get("/v1/exports", headers=await owner_headers(pune, role))
        assert code_of(answer) == (403, "not-permitted")
    assert code_of(await client.get("/v1/exports", headers=pune.headers)) == (403, "not-permitted")


async def test_what_had_its_time_goes_and_the_rest_stays(
    pune: Branch, services: JobServices, database: Database, as_administrator: Connection
) -> None:
    tenant_no = pune.tenant.tenant_no
    for days, key in ((91, "old"), (1, "new")):
        as_administrator.execute(
            "INSERT INTO lf.refused_request VALUES (%s, %s, now() - %s * interval '1 day', %s, 'chain-wrong', '')",
            [tenant_no, pune.company_no, days, ids.new()],
        )
        as_administrator.execute(
            "INSERT INTO lf.idempotency_key VALUES (%s, %s, %s, 200, '', now() - %s * interval '1 day')",
            [tenant_no, key, b"s" * 32, days],
        )
        as_administrator.execute(
            "INSERT INTO lf.attachment (tenant_no, company_no, sha256, size, media_type, begun_at)"
            " VALUES (%s, %s, sha256(%s), 5, 'text/plain', now() - %s * interval '1 day')",
            [tenant_no, pune.company_no, key.encode(), days],
        )
        place = Place(tenant_no, pune.company_no, hashlib.sha256(key.encode()).hexdigest())
        services.files.append(place, 0, b"")
        part = services.files.folder_of(place) / f".{place.sha256}"
        os.utime(part, (time.time() - days * 86_400,) * 2)
    await pune.world.code(pune.tenant, pune.company_no, await pune.world.user(pune.tenant), timedelta(days=-8))
    async with queue(database, services) as opened:
        await opened.configure_task("hourly-clean-up").defer_async(timestamp=0)
        await work(opened)
    for table in ("refused_request", "idempotency_key", "attachment"):
        left = as_administrator.execute(f"SELECT count(*) FROM lf.{table} WHERE tenant_no = {tenant_no}".encode())
        assert left.fetchone() == (1,), table
    half = [path.name for path in services.files.folder_of(Place(tenant_no, pune.company_no, "")).iterdir()]
    assert half == [f".{hashlib.sha256(b'new').hexdigest()}"]
    late = "SELECT count(*) FROM lf.enrolment_code WHERE expires_at < now() - interval '7 days'"
    codes = as_administrator.execute(late)
    assert codes.fetchone() == (0,)
    assert await cleaning.clean_up(services.desk, services.people, services.files, tenant_no) == 0


async def test_the_audit_log_has_its_months_before_they_come(
    pune: Branch, services: JobServices, as_administrator: Connection
) -> None:
    await cleaning.make_audit_months(services.desk, pune.tenant.tenant_no)
    months = as_administrator.execute(
        "SELECT count(*) FROM pg_class WHERE relname IN (SELECT 'audit_event_' || to_char(date_trunc('month', now()"
        " AT TIME ZONE 'UTC') + n * interval '1 month', 'YYYYMM') FROM generate_series(0, 2) AS n)"
    ).fetchone()
    assert months is not None and months[0] >= 2


async def test_poison_is_tried_a_few_times_then_failed_and_shown(
    pune: Branch, services: JobServices, database: Database, as_queue: Connection
) -> None:
    async with queue(database, services) as opened:
        await opened.configure_task(tasks.VERIFY).defer_async(tenant=pune.tenant.tenant_no, company=ids.new())
        for _ in range(tasks.ATTEMPTS + 1):
            as_queue.execute("UPDATE jobs.procrastinate_jobs SET scheduled_at = NULL")
            await work(opened)
    [failed] = queue_repository.failed(database)
    assert (failed.task, failed.attempts) == (tasks.VERIFY, tasks.ATTEMPTS)
    assert queue_repository.retry(database, failed.number) == 1
    assert queue_repository.waiting(database) == 1
    as_queue.execute("UPDATE jobs.procrastinate_jobs SET status = 'failed'")
    assert queue_repository.forget(database) == 1
    assert queue_repository.failed(database) == []


async def test_a_job_of_a_worker_that_died_is_done_by_another_but_not_for_ever(
    pune: Branch, services: JobServices, database: Database, as_queue: Connection
) -> None:
    async with queue(database, services) as opened:
        await opened.configure_task(tasks.CLEAN).defer_async(tenant=pune.tenant.tenant_no)
        for _ in range(tasks.ATTEMPTS):
            as_queue.execute("UPDATE jobs.procrastinate_jobs SET status = 'doing', worker_id = NULL")
            await rescue_stalled(opened, 0)
        assert [job.task for job in queue_repository.failed(database)] == [tasks.CLEAN]
    assert queue_repository.forget(database) == 1
