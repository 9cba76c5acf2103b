"""The audit log over HTTP: for those who may read it, in pages, with its proof."""

import hashlib
import json
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


@pytest.mark.parametrize("role", list(Role))
async def test_owner_admin_and_auditor_read_it_and_nobody_else(w: World, role: Role) -> None:
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, role))
    for path in ("/v1/audit", "/v1/audit/verification"):
        status = (await w.client.get(path, headers=headers)).status_code
        assert status == (200 if role in (Role.OWNER, Role.ADMIN, Role.AUDITOR) else 403)


async def test_it_is_read_in_pages_and_by_action(w: World) -> None:
    tenant, tenant_id = await w.tenant()
    auditor = await w.user(tenant, Role.AUDITOR)
    for _ in range(3):
        await w.sign_in(tenant_id, "nobody")
    headers = await w.headers(tenant_id, auditor)
    page = (await w.client.get("/v1/audit?most=2", headers=headers)).json()
    assert [line["seq"] for line in page] == [4, 3]
    page = (await w.client.get("/v1/audit?before=3", headers=headers)).json()
    assert [(line["seq"], line["action"]) for line in page] == [(2, "sign-in-refused"), (1, "sign-in-refused")]
    page = (await w.client.get("/v1/audit?action=signed-in", headers=headers)).json()
    assert [(line["seq"], line["subject"]) for line in page] == [(4, f"user/{auditor.user_no}")]
    for query in ("most=501", "before=0", "action=' OR 1=1", "before=x"):
        assert code_of(await w.client.get(f"/v1/audit?{query}", headers=headers)) == (422, "invalid-field")


async def test_a_reader_can_work_the_hashes_out(w: World, as_administrator: Connection) -> None:
    """By the description in `audit.chain`, with no code of the server."""
    tenant, tenant_id = await w.tenant()
    headers = await w.headers(tenant_id, await w.user(tenant, Role.OWNER))
    await w.sign_in(tenant_id, "nobody")
    lines = (await w.client.get("/v1/audit", headers=headers)).json()[::-1]
    prev = ""
    for line in lines:
        row = as_administrator.execute(
            "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') FROM lf.audit_event "
            "WHERE tenant_no = %s AND seq = %s",
            [tenant.tenant_no, line["seq"]],
        ).fetchone()
        assert row is not None
        said = [
            tenant.tenant_no, line["seq"], f"{row[0]}+00:00", line["actor"], line["action"], line["subject"],
            line["facts"], prev,
        ]  # fmt: skip
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        prev = hashlib.sha256(b"ledgerflow/audit/v1\n" + text.encode()).hexdigest()
        assert line["hash"] == prev
    verified = (await w.client.get("/v1/audit/verification", headers=headers)).json()
    assert verified == {"lines": len(lines), "head": prev, "fault": "", "fault_seq": None}
