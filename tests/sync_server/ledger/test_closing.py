"""The barrier before a lock, and events the server writes through a replica of its own."""

from datetime import date

import pytest

from builders import RENT, SUPPLIER, a_sale, a_voucher
from ledgerflow_core.events.event import (
    CloseAcknowledged,
    CloseRequested,
    KeyRevoked,
    PeriodLocked,
    ReplicaClosed,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.log import ACCEPTED
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.ledger.service import closing, own_replica
from ledgerflow_server.ledger.service.revoking import revoke_keys
from ledgerflow_server.tenancy.principal import Principal
from sync_server.ledger.office import Branch, Office, compress, desk_of, outcomes, verified
from sync_server.people_app import code_of, ids

pytestmark = pytest.mark.anyio

UNTIL = date(2026, 4, 30)


async def last_bodies(branch: Branch, count: int) -> list[object]:
    return [decode_event(raw).body for raw, _ in (await branch.entries())[-count:]]


async def test_the_books_are_locked_once_every_branch_has_sent_what_it_had(office: Office, pune: Branch) -> None:
    dubai, request = await office.branch(), ids.new()
    pune.write(CloseRequested(until=UNTIL), event_ids=[request])
    await pune.send()
    dubai.post(a_sale("the last of April", day=UNTIL))
    assert outcomes(await dubai.send()) == ["accepted"]
    dubai.write(CloseAcknowledged(request=EventId(request), until=UNTIL))
    await dubai.send()
    [lock] = await last_bodies(pune, 1)
    assert lock == PeriodLocked(until=UNTIL)
    dubai.post(a_sale("too late", day=UNTIL))
    assert outcomes(await dubai.send()) == ["period-locked"]
    assert not await closing.finish(desk_of(pune.world), pune.tenant.tenant_no, pune.company)
    assert (await verified(pune)).findings == []


async def test_a_branch_that_has_not_spoken_keeps_the_books_open(office: Office, pune: Branch) -> None:
    await office.branch()
    request = ids.new()
    pune.write(CloseRequested(until=UNTIL), event_ids=[request])
    await pune.send()
    assert (await pune.entries())[-1][0] == pune.events[-1]


async def test_a_branch_whose_book_is_gone_keeps_nobody_waiting_once_it_is_closed(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    dubai.post(a_sale("before"))
    await dubai.send()
    pune.write(CloseRequested(until=UNTIL))
    await pune.send()
    pune.write(ReplicaClosed(replica=dubai.replica, reason="restored from a backup"))
    await pune.send()
    assert await last_bodies(pune, 1) == [PeriodLocked(until=UNTIL)]
    dubai.post(a_sale("after"))
    assert code_of(await dubai.send_wire(to_wire(dubai.batch(), compress))) == (403, "device-revoked")
    assert (await verified(pune)).findings == []


async def test_the_server_posts_as_a_replica_like_any_other(pune: Branch) -> None:
    desk, owner = desk_of(pune.world), Principal(pune.tenant.tenant_no, 1, role=Role.OWNER)
    voucher = a_voucher(VoucherNature.JOURNAL, (RENT, 5), (SUPPLIER, -5), name="by the server", number="X/1")
    for number in range(2):
        body = VoucherPosted(voucher=voucher)
        verdicts = await own_replica.post_events(desk, owner, pune.company, [body], pune.user)
        assert verdicts[0].reason == ("" if number == 0 else "voucher-exists")
    assert verdicts != [ACCEPTED]
    entries = await pune.entries()
    assert [said for _, said in entries[len(pune.events) :]] == ["accepted", "accepted", "voucher-exists"]
    assert (await verified(pune)).findings == []


async def test_a_revoked_key_signs_no_more(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    dubai.post(a_sale("before"))
    await dubai.send()
    pune.write(KeyRevoked(key=dubai.laptop.public, replica=dubai.replica, last_seq=1))
    await pune.send()
    dubai.post(a_sale("after"))
    assert code_of(await dubai.send_wire(to_wire(dubai.batch(), compress))) == (403, "device-revoked")


async def test_shutting_a_device_out_is_said_in_the_books(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    dubai.post(a_sale("before"))
    await dubai.send()
    desk = desk_of(pune.world)
    async with desk.tenants.session(office.tenant) as session:
        device = await devices.device_by_id(session, dubai.laptop.device)
        assert device is not None
        assert await revoke_keys(desk, session, device.device_no, pune.user, "lost") == 1
    [revoked] = await last_bodies(pune, 1)
    assert revoked == KeyRevoked(key=dubai.laptop.public, replica=dubai.replica, last_seq=1, reason="lost")
    assert (await verified(pune)).findings == []
