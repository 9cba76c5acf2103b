"""Batches over HTTP: taken once, in order, with a receipt that says what became of each event."""

import asyncio

import pytest

from builders import a_receipt, a_sale
from ledgerflow_core.sync.batch import to_wire
from sync_server.ledger.office import Branch, Office, compress, outcomes

pytestmark = pytest.mark.anyio


async def test_a_batch_is_in_the_log_when_its_receipt_comes(pune: Branch) -> None:
    pune.post(a_sale("first", number="S/1"), a_receipt("second", number="R/1"))
    receipt = await pune.send()
    assert outcomes(receipt) == ["accepted", "accepted"]
    assert [raw for raw, _ in await pune.entries()] == pune.events
    assert receipt.size == len(pune.events)


async def test_the_same_batch_again_gets_the_same_receipt(pune: Branch) -> None:
    pune.post(a_sale())
    wire = to_wire(pune.batch(), compress)
    first, second = await pune.send_wire(wire), await pune.send_wire(wire)
    assert first.content == second.content
    assert len(await pune.entries()) == len(pune.events)


async def test_twins_sent_at_once_get_one_place_and_one_receipt(pune: Branch) -> None:
    pune.post(a_sale())
    wire = to_wire(pune.batch(), compress)
    answers = await asyncio.gather(*(pune.send_wire(wire) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await pune.entries()) == len(pune.events)


async def test_two_branches_write_into_one_log(office: Office, pune: Branch) -> None:
    dubai = await office.branch()
    pune.post(a_sale("of Pune", number="S/1"))
    dubai.post(a_sale("of Dubai", number="D/1"), a_sale("of Pune", number="S/1"))
    assert outcomes(await pune.send()) == ["accepted"]
    assert outcomes(await dubai.send()) == ["accepted", "voucher-exists"]
