"""Hello, the log on its way out, checkpoints and proofs, over HTTP."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from builders import a_receipt, a_sale
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.merkle import Frontier, root_of, verify_consistency, verify_inclusion
from ledgerflow_core.sync.receipts import read_checkpoint
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.database.connecting import Connection, Row
from ledgerflow_server.edge.problems import Refused as EdgeRefused
from ledgerflow_server.ledger import endpoints
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.service import hello, ingest
from ledgerflow_server.ledger.service.feed import STREAMS_MOST, Feed
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Parameters, Query, Tenants, TenantSession
from sync_server.ledger.office import Branch, Office, compress, desk_of, leaves_of_batches, tree_of
from sync_server.people_app import code_of

pytestmark = pytest.mark.anyio


async def test_hello_says_where_both_ends_are(office: Office, pune: Branch) -> None:
    pune.post(a_sale())
    answer = await pune.hello()
    assert (answer.state, answer.seq, answer.consistent) == ("normal", pune.sent, True)
    assert answer.head == pune.head_at(pune.sent).hash.hex()
    assert answer.size == pune.sent
    assert pune.checkpoint_of(answer.checkpoint).size == answer.size
    newcomer = await (await office.branch()).hello()
    assert (newcomer.seq, newcomer.head, newcomer.size) == (0, "", answer.size)


async def test_hello_says_what_the_user_is_by_now(office: Office) -> None:
    till = await office.branch(Role.BRANCH)
    assert (await till.hello()).role == "branch"


async def test_hello_finds_the_root_at_any_size_and_no_other(pune: Branch) -> None:
    pune.post(a_sale("one"), a_sale("two"), a_sale("three"))
    await pune.send()
    batches, _ = await pune.pull()
    for size in (0, batches[0].last, batches[-1].last):
        root = tree_of([batch for batch in batches if batch.last <= size]).root().hex()
        assert (await pune.hello(size=size, root=root)).consistent
        assert not (await pune.hello(size=size, root="ab" * 32)).consistent
    assert not (await pune.hello(size=batches[-1].last + 1, root="ab" * 32)).consistent


async def test_hello_remembers_what_waits_and_how_wrong_the_clock_is(
    pune: Branch, as_administrator: Connection
) -> None:
    pune.post(a_sale())
    ahead = pune.world.services.now().replace(year=pune.world.services.now().year + 10)
    await pune.hello(at=ahead.isoformat())
    kept = as_administrator.execute(
        "SELECT outbox_count, clock_skew > 300000000, last_hello IS NOT NULL FROM lf.replica WHERE public_id = %s",
        [pune.replica],
    )
    assert kept.fetchall() == [(1, True, True)]
    assert (await pune.hello(at="no time at all")).state == "normal"


class _Overtaken(Tenants):
    """Sessions of a process in which another request is done each time the head of the log was just read."""

    def __init__(self, tenants: Tenants, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._tenants, self._meanwhile = tenants, meanwhile

    @asynccontextmanager
    async def session(self, principal: Principal, **options: Any) -> AsyncIterator[TenantSession]:
        async with self._tenants.session(principal, **options) as session:
            yield _OvertakenSession(session, self._meanwhile)


class _OvertakenSession(TenantSession):
    def __init__(self, session: TenantSession, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(session._connection, session.principal)
        self._meanwhile = meanwhile

    async def fetch_one(self, query: Query, parameters: Parameters | None = None) -> Row | None:
        found = await super().fetch_one(query, parameters)
        if "FROM lf.company_head" in str(query) and "FOR NO KEY UPDATE" not in str(query):
            await self._meanwhile()
        return found


async def test_a_batch_that_comes_while_hello_is_answered_is_no_loss(pune: Branch) -> None:
    desk = desk_of(pune.world)
    async with desk.tenants.session(pune.tenant) as session:
        known = await heads.replica(session, pune.company_no, pune.replica)
    assert known is not None
    device = Principal(pune.tenant.tenant_no, device_no=known.device_no, role=Role.OWNER)
    pune.post(a_sale())

    async def a_batch_comes() -> None:
        await ingest.take_batch(desk, device, pune.company, ingest.read(to_wire(pune.batch(), compress), desk))

    overtaken = replace(desk, tenants=_Overtaken(desk.tenants, a_batch_comes))
    answer = await hello.answer(overtaken, device, pune.company, pune.a_hello())
    assert answer.state == "normal"
    assert (await pune.hello()).state == "normal"


async def test_hello_of_a_stranger_is_refused(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    assert code_of(await dubai.hello_response(replica=pune.replica)) == (403, "signer-unknown")
    assert code_of(await pune.hello_response(v=2)) == (426, "client-too-old")
    answer = await pune.world.client.post(f"{pune.path}/hello", json={"v": 1}, headers=pune.headers)
    assert code_of(answer) == (422, "invalid-field")


async def test_the_log_comes_in_pieces_of_whole_batches(pune: Branch) -> None:
    for number in range(5):
        pune.post(a_sale(f"sale {number}"), a_receipt(f"receipt {number}"))
        await pune.send()
    whole, end = await pune.pull()
    assert (len(whole), end.size) == (6, len(pune.events))
    pieces, after = [], 0
    while after < end.size:
        piece, said = await pune.pull(after, most=1)
        assert len(piece) == 1
        assert pune.checkpoint_of(said.checkpoint).size == piece[-1].last
        assert pune.checkpoint_of(said.checkpoint).root == tree_of([*pieces, *piece]).root().hex()
        pieces += piece
        after = piece[-1].last
    assert pieces == whole
    assert (await pune.pull(end.size))[0] == []


async def test_whoever_asks_for_everything_at_once_gets_no_more_than_a_piece(
    pune: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    pune.post(a_sale("one"))
    await pune.send()
    monkeypatch.setattr(endpoints, "PIECE_BYTES_MOST", 1)
    piece, said = await pune.pull(0, most=2**40)
    assert (len(piece), piece[0].last < said.size) == (1, True)


async def test_the_same_piece_is_not_sent_again(pune: Branch) -> None:
    first = await pune.get("/log")
    again = await pune.get("/log", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    pune.post(a_sale())
    await pune.send()
    assert (await pune.get("/log", headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_the_log_is_cut_nowhere_but_between_batches(pune: Branch) -> None:
    assert code_of(await pune.get("/log", params={"after": 3})) == (422, "not-a-boundary")
    assert code_of(await pune.get("/log", params={"after": 300})) == (422, "not-a-boundary")


async def test_a_checkpoint_of_one_size_is_always_the_same(pune: Branch) -> None:
    first, again = await pune.get("/checkpoint"), await pune.get("/checkpoint")
    assert first.content == again.content
    key = pune.world.services.keys.log.public_key()
    checkpoint = read_checkpoint(key, Signed.from_bytes(first.content, "checkpoint"))
    assert checkpoint.root == tree_of((await pune.pull())[0]).root().hex()


async def test_proofs_hold_against_the_checkpoint(pune: Branch) -> None:
    for number in range(3):
        pune.post(a_sale(f"sale {number}"))
        await pune.send()
    tree = tree_of((await pune.pull())[0])
    leaves = await leaves_of_log(pune)
    for entry in (1, 5, tree.size):
        answer = await pune.get("/proofs/inclusion", params={"entry": entry, "size": tree.size})
        assert verify_inclusion(leaves[entry - 1], entry - 1, tree.size, hashes(answer.content), tree.root())
    answer = await pune.get("/proofs/consistency", params={"first": 9, "second": tree.size})
    first = root_of(leaves[:9])
    assert verify_consistency(9, first, tree.size, tree.root(), hashes(answer.content))
    for wrong in ({"entry": 0, "size": 3}, {"entry": 4, "size": 3}, {"entry": 1, "size": tree.size + 1}):
        assert code_of(await pune.get("/proofs/inclusion", params=wrong)) == (422, "no-such-proof")


async def test_a_proof_costs_each_stretch_of_leaves_once_and_never_holds_up_the_server(
    pune: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        pune.post(a_sale(f"sale {number}"))
        await pune.send()
    leaves, at_once, threads = await leaves_of_log(pune), 8, []
    extend = Frontier.extend

    def counted(tree: Frontier, more: Sequence[bytes]) -> Frontier:
        threads.append(threading.current_thread())
        return extend(tree, more)

    monkeypatch.setattr(log, "LEAVES_AT_ONCE", at_once)
    monkeypatch.setattr(Frontier, "extend", counted)
    for size in (len(leaves), 32, 33):
        root = root_of(leaves[:size])
        threads.clear()
        answer = await pune.get("/proofs/inclusion", params={"entry": 20, "size": size})
        proof = hashes(answer.content)
        # What is read at once lies in one range, or holds the end of one and the beginning of the next.
        assert 0 < len(threads) <= size // at_once + 1 + len(proof)
        assert threading.main_thread() not in threads
        assert verify_inclusion(leaves[19], 19, size, proof, root)


def hashes(raw: bytes) -> list[bytes]:
    return [bytes.fromhex(one) for one in msgspec.json.decode(raw)["hashes"]]


async def leaves_of_log(branch: Branch) -> list[bytes]:
    return leaves_of_batches((await branch.pull())[0])


async def test_the_feed_says_how_long_the_log_is_and_when_it_grows(pune: Branch) -> None:
    feed = Feed(desk_of(pune.world))
    stream = await feed.follow(pune.tenant, pune.company)
    assert await anext(stream) == f"id: {pune.sent}\nevent: head\ndata:\n\n".encode()
    waiting = asyncio.ensure_future(anext(stream))
    pune.post(a_sale())
    await pune.send()
    assert await asyncio.wait_for(waiting, 10) == f"id: {pune.sent}\nevent: head\ndata:\n\n".encode()
    await stream.aclose()


async def test_a_tenant_has_so_many_feeds_and_no_more(pune: Branch) -> None:
    feed = Feed(desk_of(pune.world))
    streams = [await feed.follow(pune.tenant, pune.company) for _ in range(STREAMS_MOST)]
    for stream in streams:
        await anext(stream)
    with pytest.raises(EdgeRefused) as refused:
        await feed.follow(pune.tenant, pune.company)
    assert refused.value.problems[0].code == "rate-limited"
    for stream in streams:
        await stream.aclose()
    assert await feed.follow(pune.tenant, pune.company)
