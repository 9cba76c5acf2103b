"""What a process knows of a log is no more than the beacon says, which other processes of the server write too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from builders import a_receipt, a_sale
from ledgerflow_core.identifiers import CompanyId, DeviceId
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import read_receipt
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.keys.beacon import Beacon, Beacons
from ledgerflow_server.ledger.repository.heads import CompanyHead
from ledgerflow_server.ledger.service.ledger import Ledger
from ledgerflow_server.tenancy.session import TenantSession
from sync_server.ledger.nights import put_back, rows_of
from sync_server.ledger.office import Branch, compress, desk_of, outcomes, restarted, verified
from sync_server.ledger.test_recovery import hand_back
from sync_server.ledger.test_registers import AskedTheDatabase, SilentSession
from sync_server.people_app import code_of, ids

pytestmark = pytest.mark.anyio


def beacon_file(branch: Branch) -> Path:
    folder = branch.world.services.beacons.of(branch.tenant.tenant_no).folder
    return folder / f"{branch.company}.json"


@asynccontextmanager
async def second_process(branch: Branch) -> AsyncIterator[Branch]:
    """The branch as it speaks to another process of the server, while the first one goes on."""
    other = replace(branch, events=list(branch.events))
    async with restarted(other):
        yield other


@pytest.mark.parametrize("first", ["hello", "batch"])
async def test_a_process_that_saw_less_notices_that_the_log_lost_what_another_acknowledged(
    pune: Branch, as_administrator: Connection, first: str
) -> None:
    born, tenant_no = pune.sent, pune.tenant.tenant_no
    assert (await pune.hello()).state == "normal"
    night = rows_of(as_administrator, tenant_no)
    async with second_process(pune) as through_the_other:
        through_the_other.post(a_sale("one", number="1"))
        acknowledged = await through_the_other.send()
        piece = (await through_the_other.get("/log", params={"after": born})).content
    put_back(as_administrator, tenant_no, night)
    if first == "hello":
        assert (await pune.hello()).state == "recovering"
    pune.post(a_receipt("two", number="2"))
    assert code_of(await pune.send_wire(to_wire(pune.batch(), compress))) == (503, "recovering")
    assert await hand_back(pune, piece) == (200, {"size": acknowledged.size})
    assert (await pune.hello()).state == "normal"


async def test_a_log_as_long_as_its_beacon_says_and_another_is_noticed_by_who_saw_it_shorter(
    pune: Branch, as_administrator: Connection
) -> None:
    tenant_no = pune.tenant.tenant_no
    night, beacon = rows_of(as_administrator, tenant_no), beacon_file(pune).read_bytes()
    async with second_process(pune) as through_the_other:
        through_the_other.post(a_sale("one", number="1"))
        await through_the_other.send()
    evening = beacon_file(pune).read_bytes()
    put_back(as_administrator, tenant_no, night)
    beacon_file(pune).write_bytes(beacon)
    pune.post(a_receipt("two", number="2"))
    await pune.send()
    beacon_file(pune).write_bytes(evening)
    assert (await pune.hello()).state == "recovering"


async def test_a_log_is_compared_with_its_beacon_without_the_database_but_for_one_not_seen_before(pune: Branch) -> None:
    desk, silent, life = desk_of(pune.world), cast("TenantSession", SilentSession()), pune.incarnation
    logs = [Frontier.empty().extend([bytes([n]) * 32 for n in range(size)]) for size in range(4)]
    heads = [CompanyHead(tree, 0, "normal", life) for tree in logs]
    company = CompanyId(ids.new())
    beacons = desk.beacons.of(silent.tenant_no)
    beacons.write(company, Beacon(incarnation=life, size=1, root=logs[1].root().hex()))
    # As long as the beacon says, then a batch further whose beacon is not written yet.
    assert [(await desk.checked(silent, company, 1, head)).state for head in heads[1:]] == ["normal"] * 3
    assert (await desk.checked(silent, company, 1, heads[0])).state == "recovering"
    beacons.write(company, Beacon(incarnation=life, size=2, root=logs[2].root().hex()))
    with pytest.raises(AskedTheDatabase):
        await desk.checked(silent, company, 1, heads[3])
    other = CompanyHead(Frontier.empty().extend([b"x" * 32] * 2), 0, "normal", life)
    assert (await desk.checked(silent, company, 1, other)).state == "recovering"


class DamagedOnceRead(Beacons):
    """Beacons that somebody damages as soon as they were looked at."""

    def of(self, tenant_no: int) -> Beacons:
        return DamagedOnceRead(self.folder / str(tenant_no))

    def read(self, company: CompanyId) -> Beacon | None:
        found = super().read(company)
        (self.folder / f"{company}.json").write_text("no beacon")
        return found


async def test_what_is_committed_is_acknowledged_though_its_beacon_was_damaged_meanwhile(pune: Branch) -> None:
    kept, services = beacon_file(pune).read_bytes(), pune.world.services
    desk = desk_of(pune.world)
    desk.beacons = DamagedOnceRead(services.beacons.folder)
    async with desk.tenants.session(pune.tenant) as session:
        device = await devices.device_by_id(session, DeviceId(pune.laptop.device))
    assert device is not None
    principal = replace(pune.tenant, device_no=device.device_no, role=Role.OWNER)
    pune.post(a_sale("one", number="1"))
    wire = to_wire(pune.batch(), compress)
    receipt = await Ledger(desk).take(principal, pune.company, wire)
    assert read_receipt(services.keys.log.public_key(), Signed.from_bytes(receipt, "receipt")).size == pune.head.seq
    # From then on nobody knows how far the log was: nothing new is taken until somebody looks.
    assert (await pune.send_wire(wire)).content == receipt
    pune.sent = pune.head.seq
    pune.post(a_sale("two", number="2"))
    refused = await pune.send_wire(to_wire(pune.batch(), compress))
    assert code_of(refused) == (500, "keys-damaged")
    assert str(services.beacons.folder) not in refused.text
    beacon_file(pune).write_bytes(kept)
    assert outcomes(await pune.send()) == ["accepted"]
    assert (await verified(pune)).findings == []


async def test_a_beacon_of_before_lives_were_named_is_of_the_life_the_log_is_of(
    pune: Branch, as_administrator: Connection
) -> None:
    born, tenant_no, night = pune.sent, pune.tenant.tenant_no, rows_of(as_administrator, pune.tenant.tenant_no)
    pune.post(a_sale("one", number="1"))
    await pune.send()
    piece = (await pune.get("/log", params={"after": born})).content
    named = f'"incarnation":"{pune.incarnation}",'
    nameless = beacon_file(pune).read_text("utf-8").replace(named, "")
    beacon_file(pune).write_text(nameless, "utf-8")
    assert (await pune.hello()).state == "normal"
    put_back(as_administrator, tenant_no, night)
    assert (await pune.hello()).state == "recovering"
    assert await hand_back(pune, piece) == (200, {"size": pune.sent})
    assert (await pune.hello()).state == "normal"
    pune.post(a_sale("two", number="2"))
    await pune.send()
    assert named in beacon_file(pune).read_text("utf-8")
