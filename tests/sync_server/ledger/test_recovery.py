"""A server restored from a backup notices, takes back what it signed from a replica, and goes on as the same."""

import dataclasses

import pytest

from builders import a_receipt, a_sale
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import VoucherPosted
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.ledger.endpoints import LOG
from ledgerflow_server.ledger.service import recovery
from sync_server.ledger.nights import put_back, rows_of
from sync_server.ledger.office import Branch, Office, an_office, compress, desk_of, outcomes, restarted, verified
from sync_server.people_app import code_of, ids

pytestmark = pytest.mark.anyio

LOST = (
    "log_batch first_gseq", "event_key gseq", "voucher gseq", "voucher_number voucher_no", "posting voucher_no",
    "parked gseq", "voucher_version voucher_no",
)  # fmt: skip


def set_back(branch: Branch, database: Connection, size: int, end: int) -> None:
    """Make the database what it was when the log had `size` entries, of which the branch's own were `end`."""
    own = [branch.tenant.tenant_no]
    for place in LOST:
        table, column = place.split()
        database.execute(f"DELETE FROM lf.{table} WHERE tenant_no = %s AND {column} > {size}", own)
    for table in ("day_total", "month_total", "day_count"):
        database.execute(f"DELETE FROM lf.{table} WHERE tenant_no = %s", own)
    frontier = "(SELECT frontier FROM lf.log_batch WHERE tenant_no = %s ORDER BY first_gseq DESC LIMIT 1)"
    database.execute(
        f"UPDATE lf.company_head SET size = {size}, frontier = {frontier}, root = '' WHERE tenant_no = %s", own * 2
    )
    head = branch.head_at(end)
    database.execute("UPDATE lf.replica SET head_seq = %s, head_hash = %s", [head.seq, head.hash])


async def hand_back(branch: Branch, body: bytes) -> tuple[int, object]:
    headers = {**branch.headers, "Content-Type": LOG}
    answer = await branch.world.client.post(f"{branch.path}/adoptions", content=body, headers=headers)
    return answer.status_code, answer.json()


async def lost_log(pune: Branch, as_administrator: Connection) -> tuple[bytes, int]:
    """Write, pull, and set the server back; return the piece that was lost and the size it led to."""
    born = pune.sent
    pune.post(a_sale("one", number="1"), a_sale("again", number="1"))
    await pune.send()
    pune.post(a_receipt("two", number="2"))
    await pune.send()
    piece = (await pune.get("/log", params={"after": born})).content
    set_back(pune, as_administrator, born, born)
    return piece, pune.sent


async def test_a_log_set_back_is_rebuilt_from_the_servers_own_words(pune: Branch, as_administrator: Connection) -> None:
    piece, size = await lost_log(pune, as_administrator)
    async with restarted(pune):
        hello = await pune.hello()
        assert (hello.state, hello.size < size) == ("recovering", True)
        pune.post(a_sale("three", number="3"))
        assert code_of(await pune.send_wire(to_wire(pune.batch(), compress))) == (503, "recovering")
        assert await hand_back(pune, piece) == (200, {"size": size})
        assert (await pune.hello()).state == "normal"
        assert (await pune.get("/log", params={"after": hello.size})).content == piece
        assert outcomes(await pune.send()) == ["accepted"]
        assert (await verified(pune)).findings == []


async def test_an_alteration_behind_a_posting_that_came_before_is_taken_back_too(
    office: Office, pune: Branch, as_administrator: Connection
) -> None:
    born, event_id, copy = pune.sent, ids.new(), await office.branch()
    copy.user = pune.user
    for branch in (pune, copy):
        (posted,) = branch.write(VoucherPosted(voucher=a_sale("one", number="1")), event_ids=[event_id])
    copy.alter(version_hash(posted).hex(), a_sale("one", 200, number="1"))
    await pune.send()
    assert outcomes(await copy.send()) == [f"duplicate of {born + 1}", "accepted"]
    piece = (await pune.get("/log", params={"after": born})).content
    set_back(pune, as_administrator, born, born)
    as_administrator.execute(
        "UPDATE lf.replica SET head_seq = 0, head_hash = NULL WHERE public_id = %s", [copy.replica]
    )
    async with restarted(pune):
        await pune.hello()
        assert await hand_back(pune, piece) == (200, {"size": born + 3})
        assert (await verified(pune)).findings == []


async def test_what_the_server_did_not_sign_is_not_adopted(pune: Branch, as_administrator: Connection) -> None:
    piece, _ = await lost_log(pune, as_administrator)
    line, _, rest = piece.partition(b"\n")
    assert b"number-duplicate" in line
    other = line.replace(b"number-duplicate", b"voucher-exists")
    async with restarted(pune):
        await pune.hello()
        for wrong in (other + b"\n" + rest, piece[:-60], line.replace(b'"known":0', b'"known":1') + b"\n" + rest):
            status, said = await hand_back(pune, wrong)
            assert (status, "continuation-wrong" in str(said)) == (422, True)
        assert (await pune.hello()).state == "recovering"


async def test_where_nobody_knows_how_long_the_log_was_recovery_goes_on_though_all_who_are_known_have_come(
    office: Office, pune: Branch, as_administrator: Connection
) -> None:
    born, tenant_no = pune.sent, pune.tenant.tenant_no
    night = rows_of(as_administrator, tenant_no)
    pune.post(a_sale("one", number="1"))
    await pune.send()
    of_pune = (await pune.get("/log", params={"after": born})).content
    goa = await office.branch()
    goa.post(a_sale("two", number="2"))
    await goa.send()
    of_goa = (await pune.get("/log", params={"after": born + 1})).content
    put_back(as_administrator, tenant_no, night)
    desk = desk_of(pune.world)
    (desk.beacons.of(tenant_no).folder / f"{pune.company}.json").unlink()
    async with restarted(pune):
        await recovery.begin_recovery(desk, pune.tenant)
        assert await hand_back(pune, of_pune) == (200, {"size": born + 1})
        assert (await pune.hello()).state == "recovering"
        # The server has forgotten Goa, which had been told that its voucher is in the log.
        assert await hand_back(pune, of_goa) == (200, {"size": born + 2})
        assert (await pune.hello()).state == "recovering"
        assert await recovery.end_recovery(desk_of(pune.world), pune.tenant) == [pune.company]
        assert (await pune.hello()).state == "normal"
        assert (await verified(pune)).findings == []


async def test_two_tenants_with_one_book_do_not_set_each_other_back(office: Office, pune: Branch) -> None:
    elsewhere = dataclasses.replace(await an_office(office.world), details=office.details)
    dubai = await elsewhere.first_branch()
    pune.post(a_sale("one"), a_sale("two"))
    await pune.send()
    assert (await dubai.hello()).state == "normal"
    async with restarted(pune, dubai):
        for branch in (pune, dubai):
            assert (await branch.hello()).state == "normal"
            branch.post(a_sale("three"))
            assert outcomes(await branch.send()) == ["accepted"]


async def test_a_server_that_lacks_nothing_adopts_nothing(pune: Branch) -> None:
    piece = (await pune.get("/log")).content
    status, said = await hand_back(pune, piece)
    assert status == 409
    assert "not-recovering" in str(said)


async def test_recovery_that_is_ended_goes_on_without_what_is_missing(
    office: Office, pune: Branch, as_administrator: Connection
) -> None:
    await lost_log(pune, as_administrator)
    async with restarted(pune):
        assert (await pune.hello()).state == "recovering"
        desk = desk_of(pune.world)
        assert await recovery.end_recovery(desk, pune.tenant) == [pune.company]
        known = desk.beacons.of(pune.tenant.tenant_no).read(pune.company)
        assert known is not None
        assert known.size < pune.sent
    async with restarted(pune):
        assert (await pune.hello()).state == "normal"


async def test_recovery_can_be_begun_by_hand(pune: Branch) -> None:
    assert await recovery.begin_recovery(desk_of(pune.world), pune.tenant) == [pune.company]
    assert (await pune.hello()).state == "recovering"
